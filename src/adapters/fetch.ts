import { readWebBody } from "../internal/read-web-body.js";
import { responseHeaders } from "../outcome.js";
import { type Receiver, requireReceiver } from "../receiver.js";

/**
 * A handler of the fetch API. Of what a framework passes besides the request, the first that has a `waitUntil` is told of
 * work that goes on after the answer: the context of Cloudflare Workers and Vercel, the event of a Next middleware.
 */
export type FetchHandler = (request: Request, ...rest: readonly unknown[]) => Promise<Response>;

interface Waiting {
  waitUntil(work: Promise<unknown>): unknown;
}

function canWait(context: unknown): context is Waiting {
  return typeof (context as Partial<Waiting> | null | undefined)?.waitUntil === "function";
}

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
  return async (request, ...rest) => {
    const outcome = await receiver.receive({
      method: request.method,
      headers: request.headers,
      body: (limit) => readWebBody(request, limit),
      waitUntil: (work) => rest.find(canWait)?.waitUntil(work),
    });
    return new Response(null, {
      status: outcome.status,
      headers: responseHeaders(outcome as never),
    });
  };
}
