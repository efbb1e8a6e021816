import type { WebhookError } from "./errors.js";
import type { MessageOf } from "./message.js";

interface OutcomeFacts {
  /**
   * The handler ended after the sender had been told to retry. Such an outcome goes to `onOutcome` only, after the
   * `handler_timeout` of the same delivery.
   */
  readonly late?: true;
  /** What code of the application threw: a handler, a store, a scheme of its own. It may hold personal data. */
  readonly cause?: unknown;
}

/** The handler resolved. With a `cause`, the store could not be told so. */
export interface HandledOutcome<Events> extends OutcomeFacts {
  readonly kind: "handled";
  readonly status: 200;
  readonly message: MessageOf<Events>;
}

/** The message had been handled before; the handler was not called. */
export interface DuplicateOutcome<Events> extends OutcomeFacts {
  readonly kind: "duplicate";
  readonly status: 200;
  readonly message: MessageOf<Events>;
}

/** A newer message about its subject had been handled before; the handler was not called. Only with `order`. */
export interface StaleOutcome<Events> extends OutcomeFacts {
  readonly kind: "stale";
  readonly status: 200;
  readonly message: MessageOf<Events>;
}

/** Authentic, but there is nothing to do. */
export interface IgnoredOutcome<Events> extends OutcomeFacts {
  readonly kind: "ignored";
  readonly status: 200;
  /** A type that the schemas do not know, a type without a handler, or an invalid event that `onInvalid` acknowledged. */
  readonly reason: "unknown_type" | "no_handler" | "acknowledged";
  /** Absent for an invalid event. */
  readonly message?: MessageOf<Events>;
}

/** Another worker is handling the message, or with `order` a newer one about its subject; the sender should retry. */
export interface InProgressOutcome<Events> extends OutcomeFacts {
  readonly kind: "in_progress";
  readonly status: 409;
  readonly message: MessageOf<Events>;
}

/** Refused or failed; `error` says why. */
export interface RejectedOutcome<Events> extends OutcomeFacts {
  readonly kind: "rejected";
  /** `error.status` */
  readonly status: number;
  readonly error: WebhookError;
  /** Present once a handler was chosen for it. */
  readonly message?: MessageOf<Events>;
}

/** What became of a delivery. */
export type Outcome<Events = Record<string, unknown>> =
  | HandledOutcome<Events>
  | DuplicateOutcome<Events>
  | StaleOutcome<Events>
  | IgnoredOutcome<Events>
  | InProgressOutcome<Events>
  | RejectedOutcome<Events>;

/**
 * What a token is asked for with (RFC 6750, section 3), and nothing more: which check failed is not the sender's business,
 * and a request without a token gets no error code. There the realm stands in for the parameter that a challenge has to
 * have; it is the same for everybody. Signatures and header secrets have no registered challenge, and get none.
 */
function challenge(code: string): Readonly<Record<string, string>> {
  if (!code.startsWith("token_")) return {};
  const parameter = code === "token_missing" ? 'realm="webhook"' : 'error="invalid_token"';
  return { "www-authenticate": `Bearer ${parameter}` };
}

/** The headers that an answer needs beside its status. The body stays empty: a sender learns nothing about the reason. */
export function responseHeaders(outcome: Outcome<never>): Readonly<Record<string, string>> {
  const error = outcome.kind === "rejected" ? outcome.error : undefined;
  return {
    "content-length": "0",
    ...(error?.code === "method_not_allowed" ? { allow: "POST" } : {}),
    ...challenge(error?.code ?? ""),
    // The body, or the rest of it, is still on its way, and nobody will read it.
    ...(error?.stage === "request" ? { connection: "close" } : {}),
  };
}
