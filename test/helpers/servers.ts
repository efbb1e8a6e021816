import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import express4 from "express4";
import fastify from "fastify";
import { toExpressHandler } from "../../src/adapters/express.js";
import { toFastifyPlugin } from "../../src/adapters/fastify.js";
import { toFetchHandler } from "../../src/adapters/fetch.js";
import type { Receiver } from "../../src/receiver.js";

/** A real server on a loopback port, with a receiver at /hook. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<RunningServer> {
  if (!server.listening) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const startExpress = (receiver: Receiver<never>) => {
  const app = express();
  app.all("/hook", toExpressHandler(receiver));
  return listening(createServer(app));
};

export const startExpress4 = (receiver: Receiver<never>) => {
  const app = express4();
  app.all("/hook", toExpressHandler(receiver));
  return listening(createServer(app));
};

export const startNodeHttp = (receiver: Receiver<never>) =>
  listening(createServer(toExpressHandler(receiver)));

export const startFastify = async (receiver: Receiver<never>) => {
  const app = fastify();
  await app.register(toFastifyPlugin(receiver, { path: "/hook" }));
  await app.ready();
  return listening(app.server);
};

export const startFetch = async (receiver: Receiver<never>) => {
  const handler = toFetchHandler(receiver);
  const server = await new Promise<Server>((resolve) => {
    const started = serve({ fetch: handler, port: 0, hostname: "127.0.0.1" }, () =>
      resolve(started as Server),
    );
  });
  return listening(server);
};

/** Every adapter, each behind a real server. */
export const adapters = [
  ["Express 5", startExpress],
  ["Express 4", startExpress4],
  ["node:http", startNodeHttp],
  ["Fastify 5", startFastify],
  ["fetch", startFetch],
] as const;

export { listening };
