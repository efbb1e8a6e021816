// The peak of resident memory while many bodies arrive at once:  peak.mjs <settings as JSON>

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { requestBytes } from "../server/load.mjs";
import { makeDeliveries, makeSecrets } from "../verify/deliveries.mjs";

const mebibyte = 1_048_576;
const bare = "node:http, body and JSON.parse alone";

/** All but the last byte of every body, then the last ones: so that all bodies are there at once. */
async function send(port, all, expected) {
  const sockets = await Promise.all(
    all.map(async () => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const answers = sockets.map(
    (socket) =>
      new Promise((resolve) => {
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk.toString("latin1");
          resolve(Number(text.slice(9, 12)));
        });
        // A server that answers before it has read everything may close while there is more to come.
        socket.on("error", () => resolve(Number(text.slice(9, 12))));
        socket.on("close", () => resolve(Number(text.slice(9, 12))));
      }),
  );
  await Promise.all(
    sockets.map(
      (socket, index) =>
        new Promise((resolve) => {
          socket.on("close", resolve);
          socket.write(all[index].subarray(0, -1), resolve);
        }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const [index, socket] of sockets.entries()) {
    if (socket.writable) socket.write(all[index].subarray(-1));
  }
  const statuses = await Promise.all(answers);
  for (const socket of sockets) socket.destroy();
  const wrong = statuses.filter((status) => status !== expected && status !== 0);
  if (wrong.length > 0) throw new Error(`answered with ${[...new Set(wrong)]}, not ${expected}`);
  return statuses.filter((status) => status === expected).length;
}

async function measurePeak(kind, secrets, all, expected) {
  const child = spawn(
    process.execPath,
    ["--expose-gc", new URL("app.mjs", import.meta.url).pathname, kind, secrets.whsec],
    { stdio: ["ignore", "ignore", "inherit", "ipc"], env: process.env },
  );
  const ask = async () => {
    child.send("memory");
    return (await once(child, "message"))[0];
  };
  try {
    const [{ port }] = await once(child, "message");
    // What is compiled and allocated once is no matter of how many.
    await send(port, all.slice(0, 1), expected);
    const before = await ask();
    const answered = await send(port, all, expected);
    const after = await ask();
    return { answered, baseBytes: before.peak, grownBytes: after.peak - before.peak };
  } finally {
    child.kill();
  }
}

const chunked = (path, { headers, body }) => {
  const { "content-length": _length, ...rest } = headers;
  const head = Object.entries({ ...rest, "transfer-encoding": "chunked" })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n${body.length.toString(16)}\r\n`),
    body,
    Buffer.from("\r\n0\r\n\r\n"),
  ]);
};

const { requests } = JSON.parse(process.argv[2]);
const secrets = await makeSecrets();
const repeat = (bytes) => Array.from({ length: requests }, () => bytes);
const [whole] = (await makeDeliveries(secrets, mebibyte)).svix;
const [over] = (await makeDeliveries(secrets, 2 * mebibyte)).svix;

const results = [];
if (existsSync("/proc/self/status")) {
  const within = repeat(requestBytes("/", whole));
  for (const kind of [bare, "node:http", "express", "fastify"]) {
    const peak = await measurePeak(kind, secrets, within, 200);
    results.push({ kind, what: `${requests} bodies of 1 MiB`, ...peak });
  }
  for (const kind of ["node:http", "express", "fastify"]) {
    const declared = await measurePeak(kind, secrets, repeat(requestBytes("/", over)), 413);
    results.push({
      kind,
      what: `${requests} of 2 MiB over a limit of 1 MiB, declared`,
      ...declared,
    });
    const streamed = await measurePeak(kind, secrets, repeat(chunked("/", over)), 413);
    results.push({
      kind,
      what: `${requests} of 2 MiB over a limit of 1 MiB, chunked`,
      ...streamed,
    });
  }
}
console.log(JSON.stringify({ requests, results }));
process.exit(0);
