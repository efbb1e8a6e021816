/**
 * Screver's API: webhooks with their secrets.
 *
 * Source: github.com/CoRMapp/screver-api-docs, `source/includes/webhooks.md` (2019-10-09, current in 2026), read
 * 2026-11-20. How `sort` is written into an address is not documented; neither is what a refusal holds.
 */
import * as z from "zod/mini";
import { jsonOf, unread } from "../client/answers.js";
import { callOptions, createApi } from "../client/api.js";
import { ensure } from "../client/ensure.js";
import { pages } from "../client/pages.js";
import { idInPath } from "../client/path.js";
import {
  type CallOptions,
  type ClientOptions,
  isVisibleAscii,
  readKey,
  readSettings,
} from "../client/settings.js";
import { notEmpty } from "../internal/not-empty.js";
import type { Open } from "../internal/open.js";
import { checkOptions, checkTexts, invalidOption, wholeNumber } from "../internal/options.js";

export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorDetails,
  isClientError,
} from "../client/client-error.js";
export type { CallOptions, ClientOptions } from "../client/settings.js";

const text = z.string();
const filled = text.check(notEmpty);
const type = text as unknown as z.ZodMiniType<Open<"optionSelected" | "surveyCompleted" | "*">>;

const webhook = z.looseObject({
  _id: filled,
  type: z.nullish(type),
  url: z.nullish(text),
  secret: filled,
  createdAt: z.nullish(text),
  updatedAt: z.nullish(text),
});

const webhookList = z.looseObject({ resources: z.array(webhook), total: z.number() });

/** A webhook, with the secret that signs what is sent to it. */
export type ScreverWebhook = z.infer<typeof webhook>;

/** One part of the list of webhooks. */
export type ScreverWebhookList = z.infer<typeof webhookList>;

/** What a webhook is for. The documentation says that it must have both, and that neither is required. */
export interface ScreverWebhookFields {
  /** The events that are sent; `*` for all. */
  readonly type?: Open<"optionSelected" | "surveyCompleted" | "*"> | undefined;
  /** Where they are sent. */
  readonly url?: string | undefined;
}

/** By what a list is sorted: one field, and 1 for ascending or -1 for descending. */
export type ScreverSort = { readonly createdAt: 1 | -1 } | { readonly updatedAt: 1 | -1 };

/** What is asked of the whole list. */
export interface ScreverAllOptions extends CallOptions {
  /** How many webhooks are asked for at a time. @default 100 */
  readonly limit?: 5 | 10 | 25 | 50 | 100 | undefined;
  /**
   * The order. Sent as JSON: the documentation prints `{ createdAt: -1 }` and does not say how that goes into an address.
   *
   * @default the vendor's
   */
  readonly sort?: ScreverSort | undefined;
}

/** What is asked of one part of the list. */
export interface ScreverListOptions extends ScreverAllOptions {
  /** How many webhooks are left out before it. @default 0 */
  readonly skip?: number | undefined;
}

/** Options of {@link screverClient}. */
export interface ScreverClientOptions extends ClientOptions {
  /**
   * The access token, sent as `Authorization: Bearer`; or a function that gives one and is asked before each attempt, for
   * tokens that expire. What it throws is thrown as it is; where it gives no token that can be sent, the call ends with
   * `unauthorized`.
   */
  readonly token: string | (() => string | Promise<string>);
}

/** Screver's API. Each call rejects with a {@link ClientError}. */
export interface ScreverClient {
  readonly provider: "screver";
  readonly webhooks: {
    /**
     * Creates a webhook. Not made again where it may have been carried out: such an error has `retryable: false`, and the
     * list says whether it was.
     */
    create(fields: ScreverWebhookFields, options?: CallOptions): Promise<ScreverWebhook>;
    /** Changes a webhook; its secret stays. */
    update(
      id: string,
      fields: ScreverWebhookFields,
      options?: CallOptions,
    ): Promise<ScreverWebhook>;
    /** Gets one webhook. */
    get(id: string, options?: CallOptions): Promise<ScreverWebhook>;
    /** Deletes a webhook. */
    delete(id: string, options?: CallOptions): Promise<void>;
    /** Lists one part of the webhooks, and how many there are. */
    list(options?: ScreverListOptions): Promise<ScreverWebhookList>;
    /**
     * Goes through all webhooks, each of them once. One that is deleted meanwhile may hide another. Iterate once.
     *
     * @throws {ClientError} also `page_repeated`, `cursor_stuck` and `page_limit`, where the pages lead nowhere
     */
    all(options?: ScreverAllOptions): AsyncIterable<ScreverWebhook>;
    /**
     * Gets the webhook of this type and URL: the oldest of those that exist, or a new one. It can be called at every
     * start, also by several processes at once, which then end with the same one: whoever has created one looks again,
     * keeps the oldest, and deletes its own where that is another. This goes by the vendor's `createdAt` and `_id`. Where
     * the answer to a creation was lost while others created one as well, there may be one too many, which nobody uses.
     *
     * Can be called again after any failure that says so in `retryable`.
     */
    ensure(
      fields: { readonly type: NonNullable<ScreverWebhookFields["type"]>; readonly url: string },
      options?: CallOptions,
    ): Promise<ScreverWebhook>;
  };
}

const path = "/api/v2/webhooks";
const limits: readonly unknown[] = [5, 10, 25, 50, 100];

function sortText(sort: unknown): string | undefined {
  if (sort === undefined) return undefined;
  const [[field, order] = [], ...more] = Object.entries(Object(sort));
  const known = field === "createdAt" || field === "updatedAt";
  if (!known || more.length > 0 || (order !== 1 && order !== -1)) {
    invalidOption("sort", "createdAt or updatedAt, with 1 or -1");
  }
  return JSON.stringify({ [field]: order });
}

function fieldsOf(fields: ScreverWebhookFields): ScreverWebhookFields {
  checkOptions(fields, ["type", "url"]);
  checkTexts({ type: fields.type, url: fields.url });
  return fields;
}

/** An address in the form in which the other side may have written it down. */
function addressOf(url: unknown): unknown {
  return typeof url === "string" && URL.canParse(url) ? new URL(url).href : url;
}

function authorization(token: ScreverClientOptions["token"]) {
  const headersOf = (given: string) => ({ authorization: `Bearer ${given}` });
  if (typeof token !== "function") {
    const headers = headersOf(readKey("token", token));
    return async () => headers;
  }
  return async () => {
    const given: unknown = await token();
    return isVisibleAscii(given) ? headersOf(given) : undefined;
  };
}

/**
 * Makes a client of Screver's API.
 *
 * Calls that fail for a moment are made again (429, 5xx, the network, time-outs, answers that are cut or not as
 * documented), and never before `Retry-After` allows it. Nothing that this client throws holds the token, an address, or
 * anything that was sent or received.
 *
 * Exported from `countersign/clients/screver`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `option_invalid`
 */
export function screverClient(options: ScreverClientOptions): ScreverClient {
  const settings = readSettings(options, ["token"], "https://go.screver.com");
  const api = createApi("screver", settings, authorization(options.token));
  // The documentation's examples all name it, also without a body.
  const shared = { alwaysJson: true } as const;
  const one = { ...shared, read: jsonOf(webhook) } as const;

  const list: ScreverClient["webhooks"]["list"] = async (asked = {}) => {
    checkOptions(asked, ["limit", "skip", "sort", "signal", "timeoutMs"]);
    const { limit = 100, skip = 0 } = asked;
    if (!limits.includes(limit)) invalidOption("limit", limits.map(String));
    wholeNumber("skip", skip, 0, 0, Number.MAX_SAFE_INTEGER);
    const query = {
      limit: String(limit),
      skip: skip === 0 ? undefined : String(skip),
      sort: sortText(asked.sort),
    };
    const call = { operation: "webhooks.list", method: "GET", path, query } as const;
    return api({ ...shared, ...call, read: jsonOf(webhookList) }, callOptions(asked));
  };

  async function* all(asked: ScreverAllOptions = {}) {
    checkOptions(asked, ["limit", "sort", "signal", "timeoutMs"]);
    const seen = new Set<string>();
    let skip = 0;
    const fetchPage = async () => {
      const { resources, total } = await list({ ...asked, skip });
      skip += resources.length;
      return { items: resources, last: resources.at(-1)?._id, hasNext: skip < total };
    };
    const call = { provider: "screver", operation: "webhooks.list" };
    for await (const { items } of pages(fetchPage, call)) {
      for (const item of items) {
        // One that is created meanwhile moves the others on, and some into the next part.
        if (!seen.has(item._id)) yield item;
        seen.add(item._id);
      }
    }
  }

  const create: ScreverClient["webhooks"]["create"] = async (fields, asked) => {
    const call = { operation: "webhooks.create", method: "POST", path, once: true } as const;
    return api({ ...one, ...call, body: fieldsOf(fields) }, asked);
  };

  const remove: ScreverClient["webhooks"]["delete"] = async (id, asked) => {
    const call = { operation: "webhooks.delete", method: "DELETE", read: unread } as const;
    return api({ ...shared, ...call, path: `${path}/${idInPath(id)}` }, asked);
  };

  return {
    provider: "screver",
    webhooks: {
      create,
      update: async (id, fields, asked) => {
        const call = { operation: "webhooks.update", method: "PUT" } as const;
        const body = fieldsOf(fields);
        return api({ ...one, ...call, path: `${path}/${idInPath(id)}`, body }, asked);
      },
      get: async (id, asked) => {
        const call = { operation: "webhooks.get", method: "GET" } as const;
        return api({ ...one, ...call, path: `${path}/${idInPath(id)}` }, asked);
      },
      delete: remove,
      list,
      all,
      ensure: async (fields, asked = {}) => {
        const { type, url } = fieldsOf(fields);
        checkTexts({ type: type ?? "", url: url ?? "" });
        const wanted = addressOf(url);
        return ensure({
          call: { provider: "screver", operation: "webhooks.ensure" },
          find: async () => {
            const found: ScreverWebhook[] = [];
            for await (const item of all(asked)) {
              if (item.type === type && addressOf(item.url) === wanted) found.push(item);
            }
            return found;
          },
          create: () => create(fields, asked),
          remove: ({ _id }) => remove(_id, asked),
          ageOf: ({ createdAt, _id }) => `${createdAt ?? ""} ${_id}`,
          signal: asked.signal,
        });
      },
    },
  };
}
