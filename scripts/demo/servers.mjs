// Three real servers on loopback, each with every provider mounted.

import { once } from "node:events";
import { createServer } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { createReceiver } from "countersign";
import { toExpressHandler } from "countersign/express";
import { toFastifyPlugin } from "countersign/fastify";
import { toFetchHandler } from "countersign/fetch";
import express from "express";
import fastify from "fastify";
import { mounts } from "./mounts.mjs";
import { post } from "./post.mjs";
import { watchedReceivers } from "./watch.mjs";

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { port: server.address().port, close };
}

async function startExpress(routes) {
  const app = express();
  for (const { path, receiver } of routes) app.all(path, toExpressHandler(receiver));
  app.use(express.json());
  return listen(createServer(app));
}

async function startFastify(routes) {
  const app = fastify({ forceCloseConnections: true });
  for (const { path, receiver } of routes) app.register(toFastifyPlugin(receiver, { path }));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: app.server.address().port, close: () => app.close() };
}

async function startFetch(routes) {
  const handlers = new Map(routes.map(({ path, receiver }) => [path, toFetchHandler(receiver)]));
  const fetch = async (request) =>
    (await handlers.get(new URL(request.url).pathname)?.(request)) ??
    new Response(null, { status: 404 });
  return listen(createAdaptorServer({ fetch }));
}

/** Starts all servers. Every receiver reads the time from `clock.now`. */
export async function startServers(clock) {
  const starts = { express: startExpress, fastify: startFastify, fetch: startFetch };
  return Promise.all(
    Object.entries(starts).map(async ([name, start]) => {
      const { seen, routes } = watchedReceivers(createReceiver, mounts, clock);
      const { port, close } = await start(routes);
      return { name, seen, close, send: (path, request) => post(port, path, request) };
    }),
  );
}
