// The peak of resident memory while many bodies arrive at once:  peak.mjs <settings as JSON>

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { requestBytes } from "../server/load.mjs";
import { makeDeliveries, makeSecrets } from "../verify/deliveries.mjs";

const mebibyte = 1_048_576;
const bare = "node:http, body and JSON.parse alone";

/**
 * All but the last byte of every body, then the last ones: so that all bodies are there at once.
 *
 * @param expected The status of every answer; nothing, for requests that never end.
 */
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
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (expected === undefined) {
    for (const socket of sockets) socket.destroy();
    return 0;
  }
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

/** @param chunkBytes The size of the chunks that it is sent in. */
const chunked = (path, { headers, body }, chunkBytes = body.length) => {
  const { "content-length": _length, ...rest } = headers;
  const head = Object.entries({ ...rest, "transfer-encoding": "chunked" })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const parts = [Buffer.from(`POST ${path} HTTP/1.1\r\n${head}`)];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    parts.push(Buffer.from(`\r\n${chunk.length.toString(16)}\r\n`), chunk);
  }
  return Buffer.concat([...parts, Buffer.from("\r\n0\r\n\r\n")]);
};

/** What whoever wants to waste memory sends: a body of which little comes, and one of which each byte costs most. */
const startedBytes = 1024;
const tinyBytes = 16;

const { requests } = JSON.parse(process.argv[2]);
const secrets = await makeSecrets();
const repeat = (bytes, count = requests) => Array.from({ length: count }, () => bytes);
const [whole] = (await makeDeliveries(secrets, mebibyte)).svix;
const [over] = (await makeDeliveries(secrets, 2 * mebibyte)).svix;

const results = [];
if (existsSync("/proc/self/status")) {
  const within = repeat(requestBytes("/", whole));
  for (const kind of [bare, "node:http", "express", "fastify"]) {
    const peak = await measurePeak(kind, secrets, within, 200);
    results.push({ kind, what: `${requests} bodies of 1 MiB`, ...peak });
  }
  const started = requestBytes("/", whole).subarray(0, startedBytes - mebibyte);
  const peak = await measurePeak("node:http", secrets, repeat(started), undefined);
  results.push({
    kind: "node:http",
    what: `${requests} that announce 1 MiB and send 1 KiB`,
    ...peak,
  });
  const fewer = Math.ceil(requests / 10);
  const trickled = repeat(chunked("/", whole, tinyBytes), fewer);
  for (const kind of [bare, "node:http"]) {
    const peak = await measurePeak(kind, secrets, trickled, 200);
    results.push({
      kind,
      what: `${fewer} bodies of 1 MiB in chunks of ${tinyBytes} bytes`,
      ...peak,
    });
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
