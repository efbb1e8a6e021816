import { checkOptions, checkTexts, invalidOption } from "../internal/options.js";

/** An event of a webhook history, as far as anybody but its schema looks at it. */
export interface HistoryItem {
  readonly id: string;
  readonly webhook_id?: unknown;
  readonly is_sandbox?: unknown;
  readonly timestamp?: unknown;
}

/** A client of an API that has a webhook history. */
export interface HistoryClient {
  readonly history: {
    /** Reads the page after an event; oldest first. */
    page(options: {
      readonly after?: string | undefined;
      readonly webhook?: string | undefined;
      readonly signal?: AbortSignal | undefined;
    }): Promise<{
      readonly data: readonly HistoryItem[];
      readonly has_next?: boolean | null | undefined;
    }>;
  };
}

/** Which part of a history is meant. */
export interface HistoryScope {
  /**
   * Only the events of this webhook, by its id. Without it, an organisation with two webhooks has two events, with two
   * ids, for each thing that happens.
   */
  readonly webhook?: string | undefined;
  /**
   * `true`: only the sandbox's events; `false`: only those that are not. @default false without `webhook`; with it, whatever
   * the webhook's events are
   */
  readonly sandbox?: boolean | undefined;
}

/** Whether an event is meant. The API was asked for one webhook's, and is not trusted to have listened. */
export function isInScope(item: HistoryItem, { webhook, sandbox }: HistoryScope): boolean {
  if (webhook !== undefined && item.webhook_id !== webhook) return false;
  // Neither the one nor the other, as far as anybody can tell.
  const isOdd = ![true, false, null, undefined].includes(item.is_sandbox as boolean);
  if (webhook !== undefined && sandbox === undefined) return true;
  return !isOdd && (item.is_sandbox === true) === (sandbox ?? false);
}

/**
 * Refuses what is no history, or no part of one.
 *
 * @param more Options that there are beside those of the scope.
 * @throws {WebhookError} `option_invalid`
 */
export function checkHistory(
  client: HistoryClient,
  options: HistoryScope,
  more: readonly string[] = [],
): void {
  if (typeof client?.history?.page !== "function") {
    invalidOption("client", "a client with a history");
  }
  checkOptions(options, ["webhook", "sandbox", ...more]);
  const { webhook, sandbox } = options;
  checkTexts({ webhook });
  if (sandbox !== undefined && typeof sandbox !== "boolean") {
    invalidOption("sandbox", "true or false");
  }
}
