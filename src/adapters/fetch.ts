import { readWebBody } from "../internal/read-web-body.js";
import { responseHeaders } from "../outcome.js";
import { type Receiver, requireReceiver } from "../receiver.js";

/** A handler of the fetch API. What a framework passes besides the request is not used. */
export type FetchHandler = (request: Request, ...rest: readonly unknown[]) => Promise<Response>;

/**
 * Makes a handler for everything that speaks the fetch API: Cloudflare Workers, Deno, Bun, Next, Hono. Give it the
 * `Request` before anything reads it.
 *
 * Exported from `countersign/fetch`.
 *
 * @example
 * ```ts
 * export const POST = toFetchHandler(receiver);
 * ```
 *
 * @throws {WebhookError} `option_invalid` for what is no receiver.
 */
export function toFetchHandler<Events>(receiver: Receiver<Events>): FetchHandler {
  requireReceiver(receiver as Pick<Receiver, "receive">);
  return async (request) => {
    const outcome = await receiver.receive({
      method: request.method,
      headers: request.headers,
      body: (limit) => readWebBody(request, limit),
    });
    return new Response(null, {
      status: outcome.status,
      headers: responseHeaders(outcome as never),
    });
  };
}
