import { ClientError, isClientError } from "../client/client-error.js";
import {
  checkHistory,
  type HistoryClient,
  type HistoryItem,
  type HistoryScope,
  isInScope,
} from "../client/history-item.js";
import { interruptible } from "../client/interruptible.js";
import { pages } from "../client/pages.js";
import type { VerifiedDelivery } from "../delivery.js";
import { type Now, readNow } from "../internal/clock.js";
import { checkTexts, wholeNumber } from "../internal/options.js";
import { unlessAborted } from "./abort.js";
import { type EventContent, eventContent, knownEvents } from "./known-events.js";

/** Options of {@link confirmWithHistory}. */
export interface ConfirmWithHistoryOptions extends HistoryScope {
  /** The id of the event after which to begin; what is older is not confirmed. @default the start of the history */
  readonly after?: string | undefined;
  /** How many of the newest events are remembered; a retry of an older one is not confirmed. @default 50_000 */
  readonly remember?: number | undefined;
  /** The shortest time from the beginning of one look at the history to that of the next, in milliseconds. @default 1000 */
  readonly minIntervalMs?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

/** A message that is to be confirmed; of any receiver's messages, what is looked at. */
export interface ConfirmableMessage {
  readonly provider: string;
  readonly delivery: Pick<VerifiedDelivery, "json">;
}

/** Somebody who wants to know about an event. */
interface Waiter {
  readonly content: EventContent;
  readonly settle: (answer: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Far beyond what a client takes that has limits of its own, and waits as long as it is asked to: one without any must not
 * have everybody wait for ever.
 */
const longestCallMs = 600_000;

/** Reads what is new in a history, to its end, and knows how far it has come, however it ends. */
function newsReader(
  client: HistoryClient,
  { after: begin, webhook, sandbox }: ConfirmWithHistoryOptions,
): (provider: string, see: (item: HistoryItem) => void) => Promise<void> {
  let after = begin;
  return async (provider, see) => {
    const call = { provider, operation: "history" };
    const fetchPage = async (position: string | undefined) => {
      const late = (): ClientError => new ClientError("timed_out", call);
      const { data, has_next } = await interruptible(longestCallMs, undefined, late, (signal) =>
        client.history.page({ after: position, webhook, signal }),
      );
      return { items: data, last: data.at(-1)?.id, hasNext: has_next ?? false };
    };
    try {
      for await (const { items, last } of pages(fetchPage, { ...call, after })) {
        for (const item of items) if (isInScope(item, { webhook, sandbox })) see(item);
        after = last ?? after;
      }
    } catch (error) {
      // A place that the history has forgotten meanwhile would be asked for in vain for ever.
      if (isClientError(error, "not_found")) after = begin;
      throw error;
    }
  };
}

/**
 * Makes a `confirm` for receivers whose transport does not bind the body: a message is confirmed when the provider's own
 * history holds an event with its id and the same content, field by field, which is read from the delivered bytes. Only
 * what the history alone says does not count: `attempts`, `response_code`, `last_attempt_at`, and `is_sandbox` where the
 * delivery does not say it.
 *
 * The history is read forward once, and its newest events are remembered, as hashes. For an id that is not among them,
 * what is new is read once more, after the message has come; if the event is not there, the answer is `false`. All that
 * wait share one reading, and there is one in each `minIntervalMs` at most, so that a flood of forged messages costs no
 * more. When the history is out of reach the message is neither confirmed nor refused: the sender should retry. One that
 * does not know the place any more up to which it was read (`not_found`) is read again from where it began.
 *
 * Nothing says that a delivery is new: a genuine one that is sent again is confirmed again, and it is for the receiver's
 * store to know it. Give `webhook`, as with `dataspikeHistory`. Make one for each process, and give `after` where the
 * history is long: the first message waits until it has been read.
 *
 * Exported from `countersign/catch-up`.
 *
 * @example
 * ```ts
 * const receiver = createReceiver(dataspike({ unsigned: "i-accept-forged-events" }), {
 *   on: { DOCVER: approve },
 *   confirm: confirmWithHistory(client, { webhook }),
 * });
 * ```
 *
 * @returns A function that resolves to whether the provider has sent the message, and rejects with what the client throws,
 * or with a `ClientError`: `aborted` when `signal` is, `timed_out`, `cursor_stuck`, `page_repeated`, `page_limit`.
 * @throws {WebhookError} `option_invalid`
 */
export function confirmWithHistory(
  client: HistoryClient,
  options: ConfirmWithHistoryOptions = {},
): (message: ConfirmableMessage, context: { readonly signal: AbortSignal }) => Promise<boolean> {
  checkHistory(client, options, ["after", "remember", "minIntervalMs", "now"]);
  checkTexts({ after: options.after });
  const known = knownEvents(wholeNumber("remember", options.remember, 50_000, 1, 10_000_000));
  const minIntervalMs = wholeNumber("minIntervalMs", options.minIntervalMs, 1000, 0, 3_600_000);
  const now = readNow(options.now);
  const readNews = newsReader(client, options);
  const waiting = new Map<string, Set<Waiter>>();
  /** A reading is going on, or has its time. */
  let isSet = false;
  let begun = Number.NEGATIVE_INFINITY;

  const see = (item: HistoryItem): void => {
    const content = eventContent(item);
    if (content === undefined) return;
    known.add(content);
    for (const { content: asked, settle } of [...(waiting.get(content.id) ?? [])]) {
      settle(known.compare(asked) === true);
    }
  };

  const read = async (provider: string): Promise<void> => {
    // Not those who come from here on: their event may be on a page that has been read.
    const present = [...waiting.values()].flatMap((some) => [...some]);
    if (present.length > 0) {
      begun = now();
      try {
        await readNews(provider, see);
        for (const { settle } of present) settle(false);
      } catch (error) {
        for (const some of [...waiting.values()]) for (const { fail } of [...some]) fail(error);
      }
    }
    isSet = false;
    if (waiting.size > 0) arrange(provider);
  };

  const arrange = (provider: string): void => {
    if (isSet) return;
    isSet = true;
    // Not longer than that, also with a clock that was put back.
    const wait = Math.min(minIntervalMs, Math.max(0, begun + minIntervalMs - now()));
    setTimeout(() => read(provider), wait);
  };

  return async ({ provider, delivery }, { signal }) => {
    const content = eventContent(delivery.json());
    if (content === undefined) return false;
    const answer = known.compare(content);
    if (answer !== undefined) return answer;
    const { id } = content;
    let leave = (): void => undefined;
    const wait = (): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const same = waiting.get(id) ?? new Set();
        const waiter: Waiter = {
          content,
          settle: (given) => {
            leave();
            resolve(given);
          },
          fail: (error) => {
            leave();
            reject(error);
          },
        };
        leave = () => {
          same.delete(waiter);
          if (same.size === 0) waiting.delete(id);
          leave = () => undefined;
        };
        waiting.set(id, same.add(waiter));
        arrange(provider);
      });
    const aborted = (): ClientError =>
      new ClientError("aborted", { provider, operation: "history" });
    return unlessAborted(signal, aborted, wait).finally(() => leave());
  };
}
