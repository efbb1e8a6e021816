// Whole servers: every way to verify is a route of one process, short bursts in rotation; the load comes from here.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { makeDeliveries, makeSecrets, spoilt } from "../verify/deliveries.mjs";
import { burst, requestBytes } from "./load.mjs";
import { names } from "./modes.mjs";

const sizes = [1024, 65_536];
const frameworks = ["fastify", "express", "hono"];
const modes = [...names, "receiver"];

const pathOf = (mode) => `/${mode.replaceAll(" ", "-")}`;
const formatOf = (mode) => (mode === "stripe" ? "stamp" : "svix");

async function ask(child, message) {
  child.send(message);
  return (await once(child, "message"))[0];
}

/** Nothing is timed that accepts a forgery, or refuses what is right. */
async function assertCorrect(port, mode, deliveries) {
  const bytes = requestBytes(pathOf(mode), deliveries[0]);
  await burst(port, [bytes], { ms: 30, connections: 1 });
  if (mode === "none") return;
  for (const forged of spoilt(deliveries[0])) {
    const expected = (status) => status >= 400;
    const forgery = requestBytes(pathOf(mode), forged);
    await burst(port, [forgery], { ms: 5, connections: 1, expected });
  }
}

async function measureOne(child, port, secrets, size, { cycles, burstMs }) {
  const samples = Object.fromEntries(modes.map((mode) => [mode, { cpu: [], rate: [] }]));
  for (let cycle = -1; cycle < cycles; cycle += 1) {
    // Made anew, since what is older than five minutes is refused.
    const deliveries = await makeDeliveries(secrets, size);
    const order = modes.map((_mode, index) => modes[(index + cycle + modes.length) % modes.length]);
    for (const mode of order) {
      const list = deliveries[formatOf(mode)];
      if (cycle === -1) await assertCorrect(port, mode, list);
      const requests = list.map((delivery) => requestBytes(pathOf(mode), delivery));
      const before = await ask(child, "collect");
      const { count, ms } = await burst(port, requests, { ms: burstMs });
      const after = await ask(child, "cpu");
      // The first cycle is the warm-up.
      if (cycle === -1) continue;
      samples[mode].cpu.push((after.cpuMicroseconds - before.cpuMicroseconds) / count);
      samples[mode].rate.push((1000 * count) / ms);
    }
  }
  return samples;
}

async function measureFramework(framework, secrets, settings) {
  const given = JSON.stringify({ whsec: secrets.whsec, text: secrets.text });
  const child = spawn(
    process.execPath,
    ["--expose-gc", new URL("app.mjs", import.meta.url).pathname, framework, given],
    { stdio: ["ignore", "ignore", "inherit", "ipc"], env: process.env },
  );
  try {
    const [{ port }] = await once(child, "message");
    const samples = {};
    for (const size of sizes) {
      samples[size] = await measureOne(child, port, secrets, size, settings);
    }
    return samples;
  } finally {
    child.kill();
  }
}

const settings = JSON.parse(process.argv[2]);
const secrets = await makeSecrets();
const results = {};
for (const framework of frameworks) {
  results[framework] = await measureFramework(framework, secrets, settings);
}
console.log(JSON.stringify(results));
process.exit(0);
