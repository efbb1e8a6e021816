import {
  claimMessage,
  type Grant,
  type Granted,
  type HandlerContext,
  keyOf,
  unclaimed,
} from "./claims.js";
import type { Delivery, HeadersInput, VerifiedDelivery } from "./delivery.js";
import {
  bodyTooLarge,
  bodyUnreadable,
  encodingUnsupported,
  handlerFailed,
  handlerTimeout,
  keyUnavailable,
  methodNotAllowed,
  storeUnavailable,
} from "./error-kinds.js";
import { type ErrorKind, isWebhookError, WebhookError } from "./errors.js";
import { bodyBytes } from "./internal/body.js";
import { type Now, readNow } from "./internal/clock.js";
import { type Deadline, expired, startDeadline } from "./internal/deadline.js";
import { headerReader, settledHeaders } from "./internal/headers.js";
import { isLate } from "./internal/late.js";
import { checkOptions, invalidOption, oneOf, wholeNumber } from "./internal/options.js";
import type { KnownMessage, MessageOf, UnknownMessage } from "./message.js";
import type { Outcome, RejectedOutcome } from "./outcome.js";
import type { Provider } from "./provider.js";
import type { ClaimOrder, Store } from "./store.js";
import { memoryStore } from "./stores/memory.js";

/** A delivery whose body is still to be read; what adapters hand over. */
export interface IncomingDelivery {
  /** The request's method. */
  readonly method: string;
  readonly headers: HeadersInput;
  /**
   * Reads the body.
   *
   * @throws {WebhookError} `body_too_large` beyond `limit` bytes, `body_unreadable`, `body_already_parsed`
   */
  readonly body: (limit: number) => Promise<string | Uint8Array>;
  /** Keeps the runtime alive for work that goes on after the answer, where it would otherwise be cut off. */
  readonly waitUntil?: ((work: Promise<unknown>) => unknown) | undefined;
}

/** An authentic delivery whose event could not be read. */
export interface InvalidDelivery {
  /** `payload_invalid`, `payload_not_json` or `payload_not_utf8`. */
  readonly error: WebhookError;
  /** The proof and the proven bytes. */
  readonly delivery: VerifiedDelivery;
}

export type { HandlerContext } from "./claims.js";

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

/** Options of {@link createReceiver}. */
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

/** The pipeline for one provider. */
export interface Receiver<Events = Record<string, unknown>> {
  /** Name of the provider. */
  readonly provider: string;
  /** Receives one delivery. Never throws: whatever happens is an outcome. */
  receive(delivery: Delivery | IncomingDelivery): Promise<Outcome<Events>>;
}

const assumedTimeoutMs = 10_000;
const hour = 3_600_000;
/** How far ahead of this clock an event may be dated and still count in the order of its subject. */
const hastyMs = 300_000;

/** An object literal, of any realm. The methods of a class instance would not be found among its keys. */
function isPlain(value: unknown): value is object {
  if (value === null) return false;
  // That of text or a function has one of its own as well.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function checkReceiver(provider: Provider, options: ReceiverOptions<never>): void {
  if (typeof provider?.read !== "function") {
    invalidOption("provider", "a provider");
  }
  checkOptions(options, [
    ...["on", "onUnknown", "onInvalid", "onOutcome", "store", "order", "leaseMs", "ttlMs"],
    ...["deadlineMs", "maxBodyBytes", "now"],
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
  for (const name of ["onUnknown", "onInvalid", "onOutcome"] as const) {
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
function usualLease(
  { retry }: Pick<Provider, "retry">,
  store: Store | undefined,
  deadlineMs: number,
): number {
  if (store?.renew === undefined) return Math.max(300_000, 2 * deadlineMs);
  const retries = (retry?.delaysSeconds ?? []).reduce((sum, delay) => sum + delay, 0);
  return Math.max(5000, Math.min(60_000, retries * 500 || 60_000));
}

/** Refuses what is no receiver, when an adapter is made; with the first request it would be too late. */
export function requireReceiver(receiver: Pick<Receiver, "receive">): void {
  if (typeof receiver?.receive !== "function") {
    invalidOption("receiver", "what createReceiver returns");
  }
}

const readLimits = /* @__PURE__ */ headerReader(["content-length", "content-encoding"]);

/** Refuses what can be refused before a byte of the body is read. */
function admit(
  incoming: Delivery | IncomingDelivery,
  headers: HeadersInput,
  maxBodyBytes: number,
): void {
  if ("method" in incoming && incoming.method !== "POST") {
    throw new WebhookError(methodNotAllowed);
  }
  const [length, encoding] = readLimits(headers);
  if (Number(length) > maxBodyBytes) throw new WebhookError(bodyTooLarge, { maxBodyBytes });
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    throw new WebhookError(encodingUnsupported);
  }
}

/** The answer may go out before the work is done, and some runtimes then stop. */
function keepAlive(incoming: IncomingDelivery, work: Promise<unknown>): void {
  try {
    incoming.waitUntil?.(work);
  } catch {
    // Only the runtime knows why; the work goes on without it.
  }
}

/** A step's failure on its way to the outcome, with what the application's own code threw. */
class StepFailure {
  readonly error: WebhookError;
  readonly thrown: { readonly cause: unknown } | undefined;

  constructor(error: WebhookError, thrown?: { readonly cause: unknown }) {
    this.error = error;
    this.thrown = thrown;
  }
}

/** Runs one step within the deadline. Whatever is not our own error is of that kind; being late is too, or of its own. */
async function step<Value>(
  deadline: Deadline,
  kind: ErrorKind,
  work: () => Value | Promise<Value>,
  {
    late,
    lateKind = kind,
    foreign = false,
  }: { late?: (value: Value) => unknown; lateKind?: ErrorKind; foreign?: boolean } = {},
): Promise<Value> {
  let value: Value | typeof expired;
  try {
    const begun = work();
    // Made a promise of its own kind: `then` of a query is what runs it, and it must not be called twice.
    value = isLate(begun) ? await deadline.within(Promise.resolve(begun), late) : begun;
  } catch (thrown) {
    // What the application's own code throws says nothing about the delivery, not even an error of ours.
    if (!foreign && isWebhookError(thrown)) throw new StepFailure(thrown);
    throw new StepFailure(new WebhookError(kind), { cause: thrown });
  }
  if (value === expired) throw new StepFailure(new WebhookError(lateKind));
  return value;
}

function rejected<Events>(
  error: WebhookError,
  thrown?: { readonly cause: unknown },
  message?: MessageOf<Events>,
): RejectedOutcome<Events> {
  return {
    kind: "rejected",
    status: error.status,
    error,
    ...(message === undefined ? {} : { message }),
    ...thrown,
  };
}

/**
 * Makes the pipeline for one provider: verify, parse, validate, claim, handle.
 *
 * Guarantees that a handler sees only what is proven and fits its schema, that a message is handled once as far as its
 * store reaches, and that a message whose handler fails is handled again when the sender retries.
 *
 * Exported from `countersign`.
 *
 * @example
 * ```ts
 * const receiver = createReceiver(vove({ secret }), {
 *   on: { "idv.successful": async (event) => onboard(event.refId) },
 * });
 * ```
 *
 * @throws {WebhookError} `option_invalid`
 */
export function createReceiver<Events>(
  provider: Provider<Events>,
  options: ReceiverOptions<Events> = {},
): Receiver<Events> {
  checkReceiver(provider as unknown as Provider, options as ReceiverOptions<never>);
  const { onUnknown, onInvalid, onOutcome, order } = options;
  type Call = (message: MessageOf<Events>, context: HandlerContext) => unknown;
  // A map has no inherited names: a type called “constructor” must find no handler.
  const handlers = new Map<string, Call>();
  for (const [type, given] of Object.entries(options.on ?? {})) {
    const handler = given as (event: unknown, ...rest: Parameters<Call>) => unknown;
    handlers.set(type, (message, context) => handler(message.event, message, context));
  }
  const timeoutMs = provider.timeoutMs ?? assumedTimeoutMs;
  const promptly = Math.max(timeoutMs - 1000, Math.ceil(timeoutMs / 2));
  const deadlineMs = wholeNumber("deadlineMs", options.deadlineMs, promptly, 1, 600_000);
  const maxBodyBytes = wholeNumber("maxBodyBytes", options.maxBodyBytes, 1_048_576, 1, 1 << 30);
  const now = readNow(options.now);
  const ttlMs = wholeNumber("ttlMs", options.ttlMs, 48 * hour, 1000, 366 * 24 * hour);
  const store =
    options.store === false ? undefined : (options.store ?? memoryStore({ now, ttlMs }));
  const lease = usualLease(provider, store, deadlineMs);
  // Nobody keeps a claim that cannot be renewed, so it has to last for as long as the handler may take.
  const shortest = store === undefined || store.renew ? 1000 : deadlineMs + 1000;
  const leaseMs = wholeNumber("leaseMs", options.leaseMs, lease, shortest, hour);

  const observe = async (outcome: Outcome<Events>, context: OutcomeContext): Promise<void> => {
    try {
      await onOutcome?.(outcome, context);
    } catch {
      // Whoever watches must not change what happens.
    }
  };

  const handlerFor = ({ known, type }: MessageOf<Events>): Call | undefined =>
    known ? handlers.get(type) : (onUnknown as Call | undefined);

  const done = (
    message: MessageOf<Events>,
    thrown?: { readonly cause: unknown },
  ): Outcome<Events> =>
    message.known
      ? { kind: "handled", status: 200, message, ...thrown }
      : { kind: "ignored", status: 200, reason: "unknown_type", message, ...thrown };

  /** Calls the handler and settles the claim. */
  const handle = async (grant: Grant<Events>, handler: Call): Promise<Outcome<Events>> => {
    const { message, context } = grant;
    try {
      await handler(message, context);
    } catch (cause) {
      // Given back, so that the sender's retry is handled. Where that fails too, the lease ends by itself.
      await grant.release().catch(() => undefined);
      return rejected(new WebhookError(handlerFailed), { cause }, message);
    }
    try {
      await grant.complete();
    } catch (cause) {
      // The work is done; asking for a retry would have it done twice.
      return done(message, { cause });
    }
    return done(message);
  };

  const orderOf = (
    message: MessageOf<Events>,
    { subject: read }: OrderOptions<Events>,
  ): ClaimOrder | undefined => {
    const subject = read === undefined ? message.subject : read(message);
    const at = message.occurredAt?.getTime();
    if (subject === undefined || at === undefined) return undefined;
    if (typeof subject !== "string") throw new TypeError("A subject is text.");
    // One from the future would make all that follow it stale.
    if (!(at <= now() + hastyMs)) return undefined;
    return { subject: keyOf(message.provider, subject), at };
  };

  /** Claims a message, or says why it is not to be handled. Without a store, every message is the caller's. */
  const claim = async (
    message: MessageOf<Events>,
    deadline: Deadline,
  ): Promise<Granted<Events>> => {
    if (store === undefined) return unclaimed(message);
    const place =
      order &&
      (await step(deadline, handlerFailed, () => orderOf(message, order), { foreign: true }));
    const settings = { leaseMs, ttlMs, onStale: order?.onStale };
    return step(deadline, storeUnavailable, () => claimMessage(store, message, settings, place), {
      foreign: true,
      // A claim that arrives when nobody waits for it any more would keep the retry out.
      late: (granted) => typeof granted === "object" && granted.release(),
    });
  };

  const invalid = async (
    error: WebhookError,
    delivery: VerifiedDelivery,
    deadline: Deadline,
  ): Promise<Outcome<Events>> => {
    const answer = await step(deadline, handlerFailed, () => onInvalid?.({ error, delivery }), {
      foreign: true,
      lateKind: handlerTimeout,
    });
    return answer === "acknowledge"
      ? { kind: "ignored", status: 200, reason: "acknowledged" }
      : rejected(error);
  };

  /** @param begin Told when the sender is proven: from then on there may be work that outlives the answer. */
  const run = async (
    incoming: Delivery | IncomingDelivery,
    deadline: Deadline,
    context: OutcomeContext,
    begin: () => void,
  ): Promise<Outcome<Events>> => {
    const delivery = await step(deadline, bodyUnreadable, () => {
      const { body: source } = incoming;
      const headers = settledHeaders(incoming.headers);
      admit(incoming, headers, maxBodyBytes);
      const readable = (read: Delivery["body"]) => {
        const body = bodyBytes({ headers, body: read });
        if (body.length > maxBodyBytes) throw new WebhookError(bodyTooLarge, { maxBodyBytes });
        return { headers, body };
      };
      return typeof source === "function"
        ? Promise.resolve(source(maxBodyBytes)).then(readable)
        : readable(source);
    });
    if (onOutcome) Object.defineProperty(context, "delivery", { value: delivery });
    const verified = await step(deadline, keyUnavailable, () =>
      provider.scheme.verify(delivery, { now }),
    );
    begin();
    let message: MessageOf<Events>;
    try {
      message = await step(deadline, handlerTimeout, () =>
        provider.read(verified, delivery.headers),
      );
    } catch (failure) {
      if (failure instanceof StepFailure && failure.error.stage === "payload") {
        return await invalid(failure.error, verified, deadline);
      }
      throw failure;
    }
    const handler = handlerFor(message);
    if (handler === undefined) {
      const reason = message.known ? "no_handler" : "unknown_type";
      return { kind: "ignored", status: 200, reason, message };
    }
    const granted = await claim(message, deadline);
    if (granted === "done") return { kind: "duplicate", status: 200, message };
    if (granted === "stale") return { kind: "stale", status: 200, message };
    if (granted === "busy") return { kind: "in_progress", status: 409, message };
    const outcome = await deadline.within(handle(granted, handler), (late) =>
      observe({ ...late, late: true }, context),
    );
    return outcome === expired
      ? rejected(new WebhookError(handlerTimeout, { deadlineMs }), undefined, granted.message)
      : outcome;
  };

  return {
    provider: provider.name,
    receive: async (incoming) => {
      const deadline = startDeadline(deadlineMs);
      const context: OutcomeContext = { provider, now };
      let outcome: Outcome<Events>;
      let finish: ((rest: Promise<unknown>) => void) | undefined;
      const begin = (): void => {
        if (!("waitUntil" in incoming)) return;
        const whole = new Promise<unknown>((resolve) => {
          finish = resolve;
        });
        keepAlive(incoming, whole);
      };
      try {
        outcome = await run(incoming, deadline, context, begin);
      } catch (failure) {
        outcome =
          failure instanceof StepFailure
            ? rejected(failure.error, failure.thrown)
            : rejected(new WebhookError(handlerFailed), { cause: failure });
      } finally {
        deadline.clear();
      }
      const observed = onOutcome && observe(outcome, context);
      finish?.(Promise.all([observed, deadline.rest()]));
      return outcome;
    },
  };
}
