import { bodyAlreadyParsed, bodyTooLarge } from "../error-kinds.js";
import { WebhookError } from "../errors.js";

/**
 * Gets the exact bytes of a `Request`.
 *
 * @throws {WebhookError} `body_already_parsed` when it has been read, `body_too_large`. What a broken stream throws is
 * its own; the receiver makes `body_unreadable` of it.
 */
export async function readWebBody(request: Request, limit: number): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) throw new WebhookError(bodyAlreadyParsed);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      // Not awaited: a sender that does not stop must not hold the answer up.
      reader.cancel().catch(() => undefined);
      throw new WebhookError(bodyTooLarge, { maxBodyBytes: limit });
    }
    chunks.push(value);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
