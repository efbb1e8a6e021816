import type { Delivery } from "../delivery.js";
import { bodyAlreadyParsed, bodyUnreadable } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { isA, isBytes, utf8Bytes } from "./bytes.js";

/**
 * The bytes of a delivery's body. Schemes ask for them first: a body that is gone is the application's fault, and must
 * not be reported as a bad signature.
 *
 * @throws {WebhookError} `body_already_parsed` for an object, `body_unreadable` for anything else that is no body.
 */
export function bodyBytes(delivery: Delivery): Uint8Array {
  let body: unknown;
  try {
    body = delivery.body;
    // Without any, perhaps since its memory was handed elsewhere; then it cannot even be copied.
    if (isBytes(body)) return body.length > 0 ? body : new Uint8Array();
    if (typeof body === "string") return utf8Bytes(body);
    if (isA("ArrayBuffer", body)) return new Uint8Array(body as ArrayBuffer);
  } catch {
    // A buffer that was transferred elsewhere, a getter that throws, no delivery at all.
  }
  throw new WebhookError(
    typeof body === "object" && body !== null ? bodyAlreadyParsed : bodyUnreadable,
  );
}
