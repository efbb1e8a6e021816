// Measures in workerd, from outside.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { bundle } from "../lib/bundle.mjs";
import { measureRounds } from "../lib/rounds.mjs";
import { median } from "../lib/statistics.mjs";

const config = (port, flags) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
  v8Flags = ["--expose-gc"],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "verify.workerd.mjs")],
  compatibilityDate = "2026-07-01",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function ask(agent, port, path) {
  return new Promise((resolve, reject) => {
    const request = get({ agent, host: "127.0.0.1", port, path }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`workerd answered ${response.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    request.on("error", reject);
  });
}

async function untilUp(agent, port) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(agent, port, "/left-out");
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** @param flags Compatibility flags: `nodejs_compat` brings node:crypto. */
export async function measureWorkerd(binary, flags, folder, { sizes, rounds, batchMs }) {
  const outfile = join(folder, "verify.workerd.mjs");
  await bundle(folder, "bench/verify/worker.mjs", outfile, ["workerd", "worker", "browser"]);
  const port = await freePort();
  const file = join(folder, `workerd.${flags.join(".") || "plain"}.capnp`);
  writeFileSync(file, config(port, flags));
  const child = spawn(binary, ["serve", file], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await untilUp(agent, port);
    const timeOf = async (name, iterations) => {
      const begin = performance.now();
      await ask(agent, port, `/run?name=${encodeURIComponent(name)}&iterations=${iterations}`);
      return performance.now() - begin;
    };
    const samples = {};
    for (const size of sizes) {
      const names = await ask(agent, port, `/prepare?size=${size}`);
      // The question itself is not what is measured.
      const overheads = [];
      for (let index = 0; index < 50; index += 1) overheads.push(await timeOf(names[0], 0));
      const overhead = median(overheads);
      const time = async (name, iterations) =>
        Math.max(0, (await timeOf(name, iterations)) - overhead);
      const collect = () => ask(agent, port, "/collect");
      samples[size] = await measureRounds({ names, time, rounds, batchMs, collect });
    }
    return { samples, leftOut: await ask(agent, port, "/left-out") };
  } catch (error) {
    throw new Error(`${error.message}\n${errors}`.trim());
  } finally {
    agent.destroy();
    child.kill();
  }
}
