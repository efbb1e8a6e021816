import type { HandlerContext } from "./claims.js";
import type { Delivery, VerifiedDelivery } from "./delivery.js";
import type { Drift } from "./drift/drift.js";
import type { WebhookError } from "./errors.js";
import type { Now } from "./internal/clock.js";
import { checkOptions, invalidOption, oneOf } from "./internal/options.js";
import type { KnownMessage, MessageOf, UnknownMessage } from "./message.js";
import type { Outcome } from "./outcome.js";
import type { Provider } from "./provider.js";
import type { Store } from "./store.js";

/** An authentic delivery whose event could not be read. */
export interface InvalidDelivery {
  /** `payload_invalid`, `payload_not_json` or `payload_not_utf8`. */
  readonly error: WebhookError;
  /** The proof and the proven bytes. */
  readonly delivery: VerifiedDelivery;
}

/** Handlers by message type. */
export type Handlers<Events> = {
  readonly [Type in keyof Events & string]?: (
    event: Events[Type],
    message: KnownMessage<Events[Type], Type>,
    context: HandlerContext,
  ) => unknown;
};

/** What becomes of a message that comes after a newer one about its subject. */
export interface OrderOptions<Events = Record<string, unknown>> {
  /**
   * `skip`: the handler is not called, and the outcome is `stale`; while the newer one is still being handled, it is
   * `in_progress`, so that a sender that retries does not lose the older one if the newer one fails. `flag`: the handler is called, and the message
   * has the flag `stale`.
   */
  readonly onStale: "skip" | "flag";
  /** What a message is about, where that is not its `subject`. Messages for which it is `undefined` have no order. @default message.subject */
  readonly subject?: ((message: MessageOf<Events>) => string | undefined) | undefined;
}

/**
 * What an observer gets beside the outcome; `countersign/diagnose` takes it as it is. It is apart from the outcome, which
 * is logged whole.
 */
export interface OutcomeContext {
  /** The receiver's provider. */
  readonly provider: Pick<Provider, "name" | "scheme">;
  /** The receiver's clock. */
  readonly now: Now;
  /**
   * What came, exactly as received and **not proven**: anybody may have sent it, and it holds personal data. Nothing but
   * a diagnosis should look at it. Absent where the body could not be read. Not enumerable, so that it stays out of a log
   * that prints all that it is given.
   */
  readonly delivery?: Delivery;
}

/** What {@link ReceiverOptions.confirm} gets beside the message. */
export interface ConfirmContext {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Options of `createReceiver`. */
export interface ReceiverOptions<Events> {
  /** What to do with each type of message. A handler that throws has the sender retry. */
  readonly on?: Handlers<Events> | undefined;
  /** Takes authentic messages of types that the schemas do not know. Their outcome is `ignored`, unless this throws. */
  readonly onUnknown?: ((message: UnknownMessage, context: HandlerContext) => unknown) | undefined;
  /**
   * Takes authentic deliveries whose event does not fit its schema. The sender gets the error's status and may retry;
   * return `"acknowledge"` once the event is kept elsewhere, and it gets 200.
   */
  readonly onInvalid?: ((invalid: InvalidDelivery) => unknown) | undefined;
  /** Sees every outcome, for logs and metrics. What it throws is dropped. */
  readonly onOutcome?: ((outcome: Outcome<Events>, context: OutcomeContext) => unknown) | undefined;
  /**
   * Hears of keys, values and message types that the provider's schemas do not know: where, and never what stands there.
   * Each kind once for each such function in a process, and at most a thousand kinds. Only of messages that are proven
   * and, where `confirm` has to answer for them, confirmed. Changes no outcome: what it throws is dropped.
   */
  readonly onDrift?: ((drift: Drift) => unknown) | undefined;
  /**
   * Asks the provider whether it sent a message that its transport does not bind: one proven by a header secret or a token,
   * or not at all (`message.delivery.bindsBody` is `false`). No handler is called, and nothing is claimed, before this
   * resolves to `true`. With `false` the outcome is `event_unconfirmed`, 401; when it throws, answers anything else, or not
   * before the deadline, `confirmation_unavailable`, 503, so that the sender retries. An event that does not fit its schema
   * cannot be confirmed: `onInvalid` does not get it.
   */
  readonly confirm?:
    | ((message: MessageOf<Events>, context: ConfirmContext) => boolean | Promise<boolean>)
    | undefined;
  /** Where claims live; `false` for no deduplication. @default memoryStore() */
  readonly store?: Store | false | undefined;
  /**
   * Keeps an older message about a subject from being handled as if it were the latest. It goes by `occurredAt`;
   * messages without one, and those dated more than five minutes ahead of the clock, have no order.
   */
  readonly order?: OrderOptions<Events> | undefined;
  /**
   * How long a claim outlives its process, in milliseconds, up to an hour; with a store that cannot renew, longer than the
   * deadline. @default 60_000, or half the time for which the provider
   * retries where that is less; with a store that cannot renew, 300_000 or twice the deadline
   */
  readonly leaseMs?: number | undefined;
  /** How long a handled message is remembered, in milliseconds. @default 172_800_000 (48 h) */
  readonly ttlMs?: number | undefined;
  /** When the sender is told to retry, in milliseconds from receipt. @default the provider's time-out less a second, or 9000 */
  readonly deadlineMs?: number | undefined;
  /** The largest body, in bytes. @default 1_048_576 */
  readonly maxBodyBytes?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

/** An object literal, of any realm. The methods of a class instance would not be found among its keys. */
function isPlain(value: unknown): value is object {
  if (value === null) return false;
  // That of text or a function has one of its own as well.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Refuses what is no set-up of a receiver. */
export function checkReceiver(provider: Provider, options: ReceiverOptions<never>): void {
  if (typeof provider?.read !== "function") {
    invalidOption("provider", "a provider");
  }
  checkOptions(options, [
    ...["on", "onUnknown", "onInvalid", "onOutcome", "onDrift", "confirm", "store", "order"],
    ...["leaseMs", "ttlMs", "deadlineMs", "maxBodyBytes", "now"],
  ]);
  const { on = {}, store, order } = options;
  if (!isPlain(on)) invalidOption("on", "an object of handlers");
  for (const [type, handler] of Object.entries(on)) {
    if (provider.types.length > 0 && !provider.types.includes(type)) {
      invalidOption(`on.${type}`, provider.types);
    }
    // Not even undefined: a handler that went missing would have its messages acknowledged and forgotten.
    if (typeof handler !== "function") invalidOption(`on.${type}`, "a function");
  }
  for (const name of ["onUnknown", "onInvalid", "onOutcome", "onDrift", "confirm"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      invalidOption(name, "a function");
    }
  }
  const isStore = (["claim", "complete", "release"] as const).every(
    (name) => store && typeof store[name] === "function",
  );
  const renew = store ? store.renew : undefined;
  const renews = renew === undefined || typeof renew === "function";
  if (store !== undefined && store !== false && !(isStore && renews))
    invalidOption("store", "a store, or false");
  if (order === undefined) return;
  checkOptions(order, ["onStale", "subject"]);
  oneOf("order.onStale", order.onStale ?? null, ["skip", "flag"]);
  if (order.subject !== undefined && typeof order.subject !== "function")
    invalidOption("order.subject", "a function");
  if (store === false || (store !== undefined && store.ordered !== true))
    invalidOption("order", "a store that keeps it");
}

/**
 * Long enough that a pause of the process does not lose the claim. Short enough that, when a process dies, the sender
 * has not given up before its message can be claimed again.
 */
export function usualLease(
  { retry }: Pick<Provider, "retry">,
  store: Store | undefined,
  deadlineMs: number,
): number {
  if (store?.renew === undefined) return Math.max(300_000, 2 * deadlineMs);
  const retries = (retry?.delaysSeconds ?? []).reduce((sum, delay) => sum + delay, 0);
  return Math.max(5000, Math.min(60_000, retries * 500 || 60_000));
}
