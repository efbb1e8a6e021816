import type { IncomingMessage, ServerResponse } from "node:http";
import { headersOf, type NodeRequest, readNodeBody } from "../internal/read-node-body.js";
import { responseHeaders } from "../outcome.js";
import { type Receiver, requireReceiver } from "../receiver.js";

/** A handler for Express, Connect, Nest and plain `node:http`. */
export type ExpressHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>;

/**
 * Makes a handler for Express 4 and 5, Connect, Nest or `http.createServer`. It answers every request itself.
 *
 * Mount it above any body parser. It reads the stream itself, and takes what it needs from `request.rawBody` or from a
 * `request.body` of bytes where something else read it. After it, `request.body` is the bytes.
 *
 * Exported from `countersign/express`.
 *
 * @example
 * ```ts
 * app.post("/webhooks/vove", toExpressHandler(receiver));
 * app.use(express.json());
 * ```
 *
 * @throws {WebhookError} `option_invalid` for what is no receiver.
 */
export function toExpressHandler<Events>(receiver: Receiver<Events>): ExpressHandler {
  requireReceiver(receiver as Pick<Receiver, "receive">);
  return async (incoming, response, next) => {
    const request = incoming as NodeRequest;
    try {
      const outcome = await receiver.receive({
        method: request.method ?? "",
        headers: headersOf(request),
        body: async (limit) => {
          const body = await readNodeBody(request, limit);
          request.body = body;
          // Keeps a body parser further down from reading the stream again, which Express 4 answers with 500.
          request._body = true;
          return body;
        },
      });
      if (response.headersSent) return;
      response.writeHead(outcome.status, responseHeaders(outcome as never)).end();
    } catch (error) {
      // Express 4 leaves a request hanging when a handler rejects.
      if (next === undefined) response.destroy();
      else next(error);
    }
  };
}
