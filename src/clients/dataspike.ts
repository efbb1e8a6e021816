/**
 * Dataspike's API: the history of webhook events, and webhooks with their secrets.
 *
 * Sources: github.com/dataspike-io/docs-public, `source/includes/_webhooks.md` (2022), for the history;
 * docs.dataspike.io/api-reference/webhooks/ for creating a webhook and for its secret;
 * github.com/dataspike-io/docver-sdk-go for listing, deleting and the sandbox; read 2026-11-20.
 */
import * as z from "zod/mini";
import { jsonOf, unread } from "../client/answers.js";
import { type ApiCall, callOptions, createApi } from "../client/api.js";
import { pages } from "../client/pages.js";
import { idInPath } from "../client/path.js";
import { type CallOptions, type ClientOptions, readKey, readSettings } from "../client/settings.js";
import { notEmpty } from "../internal/not-empty.js";
import type { Open } from "../internal/open.js";
import { checkOptions, checkTexts, invalidOption } from "../internal/options.js";

export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorDetails,
  isClientError,
} from "../client/client-error.js";
export type { CallOptions, ClientOptions } from "../client/settings.js";

const filled = z.string().check(notEmpty);
const anything = z.optional(z.unknown());
const boolean = z.literal([true, false]);

/**
 * A list, and nothing for an empty one: the vendor's own programs are in Go by the look of its times, which writes a list
 * that was never begun as null.
 */
const listOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.pipe(
    z.nullable(z.array(item)),
    z.transform((list) => list ?? []),
  );

const historyEvent = z.looseObject({
  id: filled,
  webhook_id: anything,
  event_type: anything,
  payload: anything,
  timestamp: anything,
  is_sandbox: anything,
  attempts: anything,
  response_code: anything,
  last_attempt_at: anything,
});

const historyPage = z.looseObject({
  data: listOf(historyEvent),
  has_next: z.nullish(boolean),
});

const webhookList = z.looseObject({
  webhooks: listOf(
    z.looseObject({
      webhook_id: filled,
      webhook_url: z.nullish(z.string()),
      event_types: z.nullish(z.array(z.string())),
      is_sandbox: z.nullish(boolean),
      enabled: z.nullish(boolean),
    }),
  ),
});

const newWebhook = z.looseObject({ id: filled, hmac_signing_secret: filled });
const newSecret = z.looseObject({ hmac_signing_secret: filled });

/**
 * One event of the history, as sent: a delivery's envelope, and how its delivery went. Only its id is checked; whether
 * the event is what its type should be is for a receiver to say.
 */
export type DataspikeHistoryEvent = z.infer<typeof historyEvent>;

/** One page of the history, as sent. `has_next` says whether there is more. */
export type DataspikeHistoryPage = z.infer<typeof historyPage>;

/** A webhook, as listed: without its secret, which is shown once. */
export type DataspikeWebhook = z.infer<typeof webhookList>["webhooks"][number];

/** What is asked of the history. */
export interface DataspikeHistoryOptions extends CallOptions {
  /** The id of the last event that is known; what comes after it is given. @default from the beginning */
  readonly after?: string | undefined;
  /** Only events of this webhook, by its id. @default those of all */
  readonly webhook?: string | undefined;
}

/** A webhook to be created. */
export interface DataspikeNewWebhook {
  /** Where the events are sent. */
  readonly webhook_url: string;
  /** Which events are sent. */
  readonly event_types: readonly Open<
    "AML_SCREENING" | "DOCVER" | "TRANSACTION_MONITORING" | "KYT_WALLET_CHECK"
  >[];
  /** Whether it is for the sandbox. @default false, by the vendor's documentation */
  readonly is_sandbox?: boolean | undefined;
  /** Whether events are sent from now on. @default true, by the vendor's documentation */
  readonly enabled?: boolean | undefined;
}

/** Options of {@link dataspikeClient}. */
export interface DataspikeClientOptions extends ClientOptions {
  /** The API key, sent as `ds-api-token`. */
  readonly apiKey: string;
}

/** Dataspike's API. Each call rejects with a {@link ClientError}. */
export interface DataspikeClient {
  readonly provider: "dataspike";
  /** The events that were sent, or should have been. */
  readonly history: {
    /**
     * Goes through the events, from page to page. Iterate once.
     *
     * @throws {ClientError} also `page_repeated`, `cursor_stuck` and `page_limit`, where the pages lead nowhere
     */
    events(options?: DataspikeHistoryOptions): AsyncIterable<DataspikeHistoryEvent>;
    /** Goes through the pages; throws as `events` does. Iterate once. */
    pages(options?: DataspikeHistoryOptions): AsyncIterable<DataspikeHistoryPage>;
    /** Asks for one page. */
    page(options?: DataspikeHistoryOptions): Promise<DataspikeHistoryPage>;
  };
  readonly webhooks: {
    /** Lists all webhooks. */
    list(options?: CallOptions): Promise<DataspikeWebhook[]>;
    /**
     * Creates a webhook. Its secret is shown here and never again.
     *
     * Not made again where it may have been carried out: such an error has `retryable: false`, and the list says
     * whether it was.
     */
    create(
      webhook: DataspikeNewWebhook,
      options?: CallOptions,
    ): Promise<{ id: string; hmac_signing_secret: string }>;
    /** Deletes a webhook. */
    delete(id: string, options?: CallOptions): Promise<void>;
    /**
     * Gives a webhook a new secret, which replaces the previous one at once: the receiver refuses deliveries until it
     * knows the new one. After an error the secret may have been replaced already; call again.
     */
    rotateSecret(id: string, options?: CallOptions): Promise<{ hmac_signing_secret: string }>;
  };
}

const webhooksPath = "/api/v3/organization/webhooks";

function checkWebhook(webhook: DataspikeNewWebhook): void {
  checkOptions(webhook, ["webhook_url", "event_types", "is_sandbox", "enabled"]);
  const { webhook_url, event_types, is_sandbox, enabled } = webhook;
  checkTexts({ webhook_url: webhook_url ?? "" });
  if (!Array.isArray(event_types) || event_types.length === 0) {
    invalidOption("event_types", "at least one event type");
  }
  for (const type of event_types) checkTexts({ event_types: type ?? "" });
  for (const [option, value] of Object.entries({ is_sandbox, enabled })) {
    if (value !== undefined && typeof value !== "boolean") invalidOption(option, "true or false");
  }
}

function historyCall(options: DataspikeHistoryOptions): ApiCall<DataspikeHistoryPage> {
  checkOptions(options, ["after", "webhook", "signal", "timeoutMs"]);
  const { after, webhook } = options;
  // A blank id would have the history begin anew.
  checkTexts({ after, webhook });
  return {
    operation: "history",
    method: "GET",
    path: "/api/v3/notifications/webhook/history",
    query: { after, webhook },
    // As in the documentation's example.
    alwaysJson: true,
    read: jsonOf(historyPage),
  };
}

/**
 * Makes a client of Dataspike's API. For a sandbox, give the host that your dashboard names as `baseUrl`: the vendor's own
 * SDKs contradict each other (`https://api.dataspike.dev` is the sandbox in Go's and production in JavaScript's, whose
 * sandbox is `https://sandboxapi.dataspike.io`; read 2026-11-21).
 *
 * Calls that fail for a moment are made again (429, 5xx, the network, time-outs, answers that are cut or not as
 * documented), and never before `Retry-After` allows it. Nothing that this client throws holds the key, an address, or
 * anything that was sent or received.
 *
 * Exported from `countersign/clients/dataspike`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `option_invalid`
 */
export function dataspikeClient(options: DataspikeClientOptions): DataspikeClient {
  const settings = readSettings(options, ["apiKey"], "https://api.dataspike.io");
  const authorization = { "ds-api-token": readKey("apiKey", options.apiKey) };
  const api = createApi("dataspike", settings, async () => authorization);

  const page = async (asked: DataspikeHistoryOptions = {}) =>
    api(historyCall(asked), callOptions(asked));

  async function* allPages(asked: DataspikeHistoryOptions = {}) {
    const { after } = asked;
    const call = { provider: "dataspike", operation: "history", after };
    const fetchPage = async (from: string | undefined) => {
      const sent = await page({ ...asked, after: from });
      const { data, has_next } = sent;
      return { sent, items: data, last: data.at(-1)?.id, hasNext: has_next === true };
    };
    for await (const { sent } of pages(fetchPage, call)) yield sent;
  }

  async function* allEvents(asked?: DataspikeHistoryOptions) {
    for await (const { data } of allPages(asked)) yield* data;
  }

  return {
    provider: "dataspike",
    history: { events: allEvents, pages: allPages, page },
    webhooks: {
      list: async (asked) => {
        const call = { operation: "webhooks.list", method: "GET", path: webhooksPath } as const;
        return (await api({ ...call, read: jsonOf(webhookList) }, asked)).webhooks;
      },
      create: async (webhook, asked) => {
        checkWebhook(webhook);
        const call = { operation: "webhooks.create", method: "POST", path: webhooksPath } as const;
        return api({ ...call, body: webhook, once: true, read: jsonOf(newWebhook) }, asked);
      },
      delete: async (id, asked) => {
        const path = `${webhooksPath}/${idInPath(id)}`;
        return api({ operation: "webhooks.delete", method: "DELETE", path, read: unread }, asked);
      },
      rotateSecret: async (id, asked) => {
        const path = `${webhooksPath}/${idInPath(id)}/hmac/rotate`;
        const call = { operation: "webhooks.rotateSecret", method: "POST", path } as const;
        // Made again although it makes another secret each time: where an answer is lost, nobody knows the secret that
        // counts, and the last answer holds the one that counts from then on.
        return api({ ...call, read: jsonOf(newSecret) }, asked);
      },
    },
  };
}
