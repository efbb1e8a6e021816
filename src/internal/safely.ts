import { isWebhookError, type WebhookError } from "../errors.js";

/** The outcome of a check as data. */
export type SafeResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: WebhookError };

/** Turns a thrown {@link WebhookError} into data. */
export function safely<Value>(check: () => Value): SafeResult<Value> {
  try {
    return { ok: true, value: check() };
  } catch (error) {
    if (isWebhookError(error)) return { ok: false, error };
    throw error;
  }
}
