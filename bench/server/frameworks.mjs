// One application of each framework, with a route for each mode.

import { serve } from "@hono/node-server";
import { toExpressHandler } from "countersign/express";
import { toFastifyPlugin } from "countersign/fastify";
import { toFetchHandler } from "countersign/fetch";
import express from "express";
import { fastify as createFastify } from "fastify";
import { Hono } from "hono";

const limit = 2_097_152;
const pathOf = (name) => `/${name.replaceAll(" ", "-")}`;

async function fastify(modes, receiver) {
  const app = createFastify({ bodyLimit: limit });
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  for (const [name, mode] of Object.entries(modes)) {
    app.post(pathOf(name), async ({ headers, body }, reply) => {
      mode(headers, body);
      return reply.code(200).send();
    });
  }
  await app.register(toFastifyPlugin(receiver, { path: "/receiver" }));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server.address().port;
}

function listening(server) {
  return new Promise((resolve) => {
    if (server.listening) resolve(server.address().port);
    else server.once("listening", () => resolve(server.address().port));
  });
}

async function expressApp(modes, receiver) {
  const app = express();
  app.post("/receiver", toExpressHandler(receiver));
  const raw = express.raw({ type: "*/*", limit });
  for (const [name, mode] of Object.entries(modes)) {
    app.post(pathOf(name), raw, (request, response) => {
      mode(request.headers, request.body);
      response.status(200).end();
    });
  }
  app.use((_error, _request, response, _next) => response.status(401).end());
  return listening(app.listen(0, "127.0.0.1"));
}

async function hono(modes, receiver) {
  const app = new Hono();
  const handler = toFetchHandler(receiver);
  app.post("/receiver", ({ req }) => handler(req.raw));
  for (const [name, mode] of Object.entries(modes)) {
    app.post(pathOf(name), async (context) => {
      const body = Buffer.from(await context.req.arrayBuffer());
      mode(context.req.header(), body);
      return context.body(null, 200);
    });
  }
  app.onError((_error, context) => context.body(null, 401));
  return listening(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }));
}

export const frameworks = { fastify, express: expressApp, hono };
