// A fresh server for one measurement of its peak:  app.mjs <kind> <secret>

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createReceiver, defineProvider, svix } from "countersign";
import { toExpressHandler } from "countersign/express";
import { toFastifyPlugin } from "countersign/fastify";
import express from "express";
import { fastify as createFastify } from "fastify";

const mebibyte = 1_048_576;
const [, , kind, secret] = process.argv;

const schema = { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } };
const provider = defineProvider({ name: "bench", scheme: svix({ secret }), schema });
const receiver = createReceiver(provider, {
  ...{ store: false, maxBodyBytes: mebibyte },
  on: { event: () => undefined },
});

/** Nothing but the body, in the shortest way there is: what no receiver can do without. */
function bare(request, response) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200).end();
  });
}

const starters = {
  "node:http, body and JSON.parse alone": () => createServer(bare).listen(0, "127.0.0.1"),
  "node:http": () => createServer(toExpressHandler(receiver)).listen(0, "127.0.0.1"),
  express: () => {
    const app = express();
    app.post("/", toExpressHandler(receiver));
    return app.listen(0, "127.0.0.1");
  },
  fastify: async () => {
    const app = createFastify();
    await app.register(toFastifyPlugin(receiver, { path: "/" }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
};

const residentBytes = (line) => {
  const status = readFileSync("/proc/self/status", "utf8");
  return 1024 * Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(status)?.[1]);
};

const server = await starters[kind]();
if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
process.on("message", () => {
  globalThis.gc?.();
  process.send({ now: residentBytes("VmRSS"), peak: residentBytes("VmHWM") });
});
process.on("disconnect", () => process.exit(0));
process.send({ port: server.address().port });
