import {
  claimMessage,
  type Grant,
  type Granted,
  type HandlerContext,
  keyOf,
  unclaimed,
} from "./claims.js";
import {
  type Delivery,
  type HeadersInput,
  type MatchedSecret,
  type VerifiedDelivery,
  verifiedDelivery,
} from "./delivery.js";
import { driftObserver } from "./drift/observer.js";
import {
  bodyTooLarge,
  bodyUnreadable,
  confirmationUnavailable,
  encodingUnsupported,
  eventUnconfirmed,
  handlerFailed,
  handlerTimeout,
  keyUnavailable,
  methodNotAllowed,
  payloadNotJson,
  storeUnavailable,
} from "./error-kinds.js";
import { type ErrorKind, isWebhookError, WebhookError } from "./errors.js";
import { bodyBytes } from "./internal/body.js";
import { utf8Bytes } from "./internal/bytes.js";
import { readNow } from "./internal/clock.js";
import { type Deadline, expired, startDeadline } from "./internal/deadline.js";
import { headerReader, settledHeaders } from "./internal/headers.js";
import { isLate } from "./internal/late.js";
import { invalidOption, wholeNumber } from "./internal/options.js";
import type { MessageOf } from "./message.js";
import type { Outcome, RejectedOutcome } from "./outcome.js";
import type { Provider } from "./provider.js";
import {
  checkReceiver,
  type OrderOptions,
  type OutcomeContext,
  type ReceiverOptions,
  usualLease,
} from "./receiver-options.js";
import type { ClaimOrder } from "./store.js";
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

/** An event that the application has fetched itself from the provider's API. */
export interface RecoveredEvent {
  /** The event as JSON, in the form in which a delivery's body holds it. */
  readonly event: unknown;
  /** Where it comes from, such as `history`: what `message.delivery.scheme` says. */
  readonly source: string;
  /** The message id, for schemes that send it in a header. */
  readonly messageId?: string | undefined;
  /** Headers, for providers that read the type or the id from one. */
  readonly headers?: HeadersInput | undefined;
  /** Whose secret a delivery would have fitted, for providers that read the type from it. */
  readonly secret?: MatchedSecret | undefined;
}

/** The pipeline for one provider. */
export interface Receiver<Events = Record<string, unknown>> {
  /** Name of the provider. */
  readonly provider: string;
  /** Receives one delivery. Never throws: whatever happens is an outcome. */
  receive(delivery: Delivery | IncomingDelivery): Promise<Outcome<Events>>;
  /**
   * Handles an event that was fetched from the provider's API, as if it had been delivered: schema, claim, handler. One
   * that was delivered before is a duplicate, and the reverse. That the event is genuine is the caller's word, and the
   * message says so (`delivery.scheme` is the `source`, `delivery.body` the event written again as JSON): **never pass on
   * what came by a request**. `catchUp` of `countersign/catch-up` is what calls it. Never throws.
   */
  recover(event: RecoveredEvent): Promise<Outcome<Events>>;
}

const assumedTimeoutMs = 10_000;
const hour = 3_600_000;
/** How far ahead of this clock an event may be dated and still count in the order of its subject. */
const hastyMs = 300_000;

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

/** The proof that an event has by being the answer to a call of ours. */
function answered(recovered: RecoveredEvent): VerifiedDelivery {
  const { event, source, messageId: id, secret = { index: 0 } } = recovered;
  const text: unknown = JSON.stringify(event);
  if (typeof text !== "string" || typeof source !== "string") {
    throw new TypeError("A recovered event is JSON, and has a source.");
  }
  const body = utf8Bytes(text);
  const proof = { scheme: source, secret, bindsBody: true, body };
  return verifiedDelivery(id === undefined ? proof : { ...proof, id });
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
  const { onUnknown, onInvalid, onOutcome, onDrift, confirm, order } = options;
  const driftOf = onDrift && driftObserver(provider, onDrift);
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

  /** Looks for what the schemas do not know. Nobody waits for it, but for a runtime that would stop. */
  const watch = (message: MessageOf<Events>, deadline: Deadline): void => {
    if (driftOf) deadline.beside(driftOf(message));
  };

  /** Whether it is for `confirm` to say that the provider has sent this. */
  const isDoubtful = (delivery: VerifiedDelivery): boolean =>
    confirm !== undefined && !delivery.bindsBody;

  const confirmed = async (message: MessageOf<Events>, deadline: Deadline): Promise<void> => {
    const control = new AbortController();
    try {
      const answer = await step(
        deadline,
        confirmationUnavailable,
        async () => {
          const given: unknown = await confirm?.(message, { signal: control.signal });
          if (typeof given !== "boolean") throw new TypeError("confirm answers true or false.");
          return given;
        },
        { foreign: true },
      );
      if (!answer) throw new StepFailure(new WebhookError(eventUnconfirmed));
    } finally {
      control.abort();
    }
  };

  const invalid = async (
    error: WebhookError,
    delivery: VerifiedDelivery,
    deadline: Deadline,
  ): Promise<Outcome<Events>> => {
    // Nobody knows whose it is, and there is no message that could be asked about.
    if (isDoubtful(delivery)) return rejected(error);
    const answer = await step(deadline, handlerFailed, () => onInvalid?.({ error, delivery }), {
      foreign: true,
      lateKind: handlerTimeout,
    });
    return answer === "acknowledge"
      ? { kind: "ignored", status: 200, reason: "acknowledged" }
      : rejected(error);
  };

  type Proven = readonly [verified: VerifiedDelivery, headers: HeadersInput];

  /** Reads a delivery and proves its sender. */
  const prove = async (
    incoming: Delivery | IncomingDelivery,
    deadline: Deadline,
    context: OutcomeContext,
  ): Promise<Proven> => {
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
    return [verified, delivery.headers];
  };

  /** Reads the message of what is proven, and has it handled. */
  const proceed = async (
    [verified, headers]: Proven,
    deadline: Deadline,
    context: OutcomeContext,
  ): Promise<Outcome<Events>> => {
    let message: MessageOf<Events>;
    try {
      message = await step(deadline, handlerTimeout, () => provider.read(verified, headers));
    } catch (failure) {
      if (failure instanceof StepFailure && failure.error.stage === "payload") {
        return await invalid(failure.error, verified, deadline);
      }
      throw failure;
    }
    const isConfirmed = !isDoubtful(verified);
    if (isConfirmed) watch(message, deadline);
    const handler = handlerFor(message);
    if (handler === undefined) {
      const reason = message.known ? "no_handler" : "unknown_type";
      return { kind: "ignored", status: 200, reason, message };
    }
    if (!isConfirmed) {
      await confirmed(message, deadline);
      watch(message, deadline);
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

  /** @param incoming Whose runtime is kept alive: once the sender is proven there may be work that outlives the answer. */
  const conclude = async (
    proven: (deadline: Deadline, context: OutcomeContext) => Promise<Proven>,
    incoming?: Delivery | IncomingDelivery,
  ): Promise<Outcome<Events>> => {
    const deadline = startDeadline(deadlineMs);
    const context: OutcomeContext = { provider, now };
    let outcome: Outcome<Events>;
    let finish: ((rest: Promise<unknown>) => void) | undefined;
    try {
      const proof = await proven(deadline, context);
      if (incoming !== undefined && "waitUntil" in incoming) {
        const whole = new Promise<unknown>((resolve) => {
          finish = resolve;
        });
        keepAlive(incoming, whole);
      }
      outcome = await proceed(proof, deadline, context);
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
  };

  return {
    provider: provider.name,
    receive: (incoming) =>
      conclude((deadline, context) => prove(incoming, deadline, context), incoming),
    recover: (recovered) =>
      conclude((deadline) =>
        step(deadline, payloadNotJson, () => [
          answered(recovered),
          settledHeaders(recovered.headers ?? {}),
        ]),
      ),
  };
}
