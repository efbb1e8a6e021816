import { isWebhookError, type WebhookErrorCode } from "../../src/errors.js";

/** The code of what a call throws or rejects with; `"none"` when it does neither, the raw error's text for any other. */
export async function codeOf(
  call: () => unknown,
): Promise<WebhookErrorCode | "none" | `raw ${string}`> {
  try {
    await call();
    return "none";
  } catch (error) {
    return isWebhookError(error) ? error.code : `raw ${String(error)}`;
  }
}
