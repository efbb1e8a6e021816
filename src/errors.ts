import type * as kinds from "./error-kinds.js";

/** Where in the pipeline a delivery stopped; answers "whose fault". */
export type WebhookErrorStage = "config" | "request" | "verify" | "payload" | "store" | "handler";

/** Every reason for which countersign refuses something. */
export type WebhookErrorCode = (typeof kinds)[keyof typeof kinds][0];

/** Code, stage, HTTP status and message. */
export type ErrorKind = readonly [
  code: WebhookErrorCode,
  stage: WebhookErrorStage,
  status: number,
  message: string,
];

/** Facts about a failure that are safe to log: option and header names, limits, paths. Never values from a delivery. */
export type WebhookErrorDetails = Readonly<Record<string, unknown>>;

// Recognised across the ESM and CJS copies of this file, which `instanceof` does not manage.
const brand: unique symbol = Symbol.for("countersign.WebhookError") as never;

/**
 * The error that countersign throws, whatever a sender or a set-up does.
 *
 * Holds no secret, signature, token, header value or body byte, in no property and at no depth, so
 * that it can be logged whole. Recognise it with {@link isWebhookError}.
 *
 * Exported from `countersign`.
 */
export class WebhookError extends Error {
  /** What went wrong; stable across releases. */
  readonly code: WebhookErrorCode;
  /** Where in the pipeline it went wrong. */
  readonly stage: WebhookErrorStage;
  /** The HTTP status that the sender gets. */
  readonly status: number;
  /** Safe facts about this occurrence. */
  readonly details: WebhookErrorDetails;
  /** Where the README names the cause and the fix. */
  readonly hint: string;

  constructor([code, stage, status, message]: ErrorKind, details: WebhookErrorDetails = {}) {
    super(message);
    this.name = "WebhookError";
    this.code = code;
    this.stage = stage;
    this.status = status;
    this.details = details;
    this.hint = `countersign README.md#${code}`;
  }

  get [brand](): true {
    return true;
  }

  /** The error as plain data, for structured logs. */
  toJSON(): {
    name: string;
    code: WebhookErrorCode;
    stage: WebhookErrorStage;
    status: number;
    message: string;
    details: WebhookErrorDetails;
    hint: string;
  } {
    return { ...this, message: this.message };
  }
}

/**
 * Tells whether a value is a {@link WebhookError}, also one made by another copy of the package.
 *
 * Exported from `countersign`.
 *
 * @param value Anything that was thrown.
 * @param code Only this code counts.
 */
export function isWebhookError<Code extends WebhookErrorCode = WebhookErrorCode>(
  value: unknown,
  code?: Code,
): value is WebhookError & { readonly code: Code } {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Partial<WebhookError>)[brand] === true &&
    (code === undefined || (value as WebhookError).code === code)
  );
}
