import { bodyAlreadyParsed } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bodyCollector } from "./body-collector.js";

/**
 * Gets the exact bytes of a `Request`.
 *
 * @throws {WebhookError} `body_already_parsed` when it has been read, `body_too_large`, `body_unreadable` for a stream of
 * anything but bytes. What a broken stream throws is its own; the receiver makes `body_unreadable` of it.
 */
export async function readWebBody(request: Request, limit: number): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) throw new WebhookError(bodyAlreadyParsed);
  if (request.body === null) return new Uint8Array();
  const collector = bodyCollector({
    limit,
    contentLength: request.headers.get("content-length"),
    allocate: (bytes) => new Uint8Array(bytes),
    // Streams hand on the very chunks that they were given: a clone of the request, or the code that wrote one, may
    // hold them too, and what was verified must stay as it is.
    ownsChunks: false,
  });
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return collector.finish();
    try {
      collector.add(value);
    } catch (error) {
      // Not awaited: a sender that does not stop must not hold the answer up.
      reader.cancel().catch(() => undefined);
      throw error;
    }
  }
}
