import type { IncomingMessage } from "node:http";
import { checkOptions, invalidOption } from "../internal/options.js";
import { headersOf, type NodeRequest, readNodeBody } from "../internal/read-node-body.js";
import { responseHeaders } from "../outcome.js";
import { type Receiver, requireReceiver } from "../receiver.js";

/** Options of {@link toFastifyPlugin}. */
export interface FastifyRouteOptions {
  /** The route's path, below the prefix that the plugin is registered with. */
  readonly path: string;
}

interface FastifyReplyLike {
  code(status: number): FastifyReplyLike;
  headers(headers: Record<string, string>): FastifyReplyLike;
  send(): FastifyReplyLike;
}

type FastifyHookLike = (
  request: { readonly raw: IncomingMessage },
  reply: FastifyReplyLike,
) => Promise<unknown>;

/** What the plugin needs of a Fastify instance; stated here so that the declarations do not need Fastify's. */
export interface FastifyInstanceLike {
  readonly prefix: string;
  hasRoute(route: { url: string; method: "GET" }): boolean;
  route(route: {
    method: ("POST" | "GET" | "PUT" | "PATCH" | "DELETE")[];
    url: string;
    onRequest: FastifyHookLike;
    handler: FastifyHookLike;
  }): unknown;
}

/** A plugin for `fastify.register`. */
export type FastifyWebhookPlugin = (instance: FastifyInstanceLike) => Promise<void>;

/**
 * Makes a plugin for Fastify 5 with one route. It takes the request before Fastify parses anything, so that every
 * content type is received byte for byte and all other routes keep their parsers. Do not wrap it in `fastify-plugin`.
 *
 * Fastify's own `bodyLimit` does not apply to the route; the receiver's `maxBodyBytes` does. GET, PUT, PATCH and
 * DELETE are answered with 405; a GET route of your own at the same path has to be there before the plugin is registered.
 *
 * Exported from `countersign/fastify`.
 *
 * @example
 * ```ts
 * await app.register(toFastifyPlugin(receiver, { path: "/webhooks/vove" }));
 * ```
 *
 * @throws {WebhookError} `option_invalid`
 */
export function toFastifyPlugin<Events>(
  receiver: Receiver<Events>,
  options: FastifyRouteOptions,
): FastifyWebhookPlugin {
  requireReceiver(receiver as Pick<Receiver, "receive">);
  checkOptions(options, ["path"]);
  const { path } = options;
  if (typeof path !== "string" || !path.startsWith("/")) invalidOption("path", "a path, from /");
  // In a hook, not a handler: by then Fastify has parsed the body, or refused its content type.
  const answer: FastifyHookLike = async ({ raw }, reply) => {
    const request = raw as NodeRequest;
    const outcome = await receiver.receive({
      method: request.method ?? "",
      headers: headersOf(request),
      body: (limit) => readNodeBody(request, limit),
    });
    return reply
      .code(outcome.status)
      .headers({ ...responseHeaders(outcome as never) })
      .send();
  };
  return async (instance) => {
    const taken = instance.hasRoute({ url: instance.prefix + path, method: "GET" });
    instance.route({
      method: ["POST", "PUT", "PATCH", "DELETE", ...(taken ? [] : (["GET"] as const))],
      url: path,
      onRequest: answer,
      handler: answer,
    });
  };
}
