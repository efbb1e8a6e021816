// How much one verification allocates:  node --expose-gc --max-semi-space-size=256 heap.mjs
// The young generation is large enough to hold all of a batch, so that nothing is collected while it runs.

import { PerformanceObserver } from "node:perf_hooks";
import { median } from "../lib/statistics.mjs";
import { openSession } from "../verify/session.mjs";

const rounds = 9;
const attempts = 30;
const observer = new PerformanceObserver(() => undefined);
observer.observe({ entryTypes: ["gc"] });

/** How often garbage was collected since the last question. Entries arrive a turn later. */
async function collections() {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return observer.takeRecords().length;
}

/** @returns Bytes per call on V8's heap and outside of it; nothing when garbage was collected meanwhile. */
async function allocated(session, name, iterations) {
  globalThis.gc();
  await collections();
  const before = process.memoryUsage();
  await session.run(name, iterations);
  const after = process.memoryUsage();
  if ((await collections()) > 0) return undefined;
  return ["heapUsed", "external"].map((kind) => (after[kind] - before[kind]) / iterations);
}

const session = await openSession();
const results = {};
for (const [size, iterations] of [
  [1024, 1000],
  [65_536, 50],
]) {
  results[size] = {};
  for (const name of await session.prepare(size)) {
    if (name.includes("Asymmetric")) continue;
    for (let round = 0; round < 5; round += 1) await session.run(name, iterations);
    const samples = [];
    for (let attempt = 0; attempt < attempts && samples.length < rounds; attempt += 1) {
      const sample = await allocated(session, name, iterations);
      if (sample !== undefined) samples.push(sample);
    }
    if (samples.length === 0) continue;
    results[size][name] = {
      heap: median(samples.map(([heap]) => heap)),
      external: median(samples.map(([, external]) => external)),
    };
  }
}
console.log(JSON.stringify(results));
process.exit(0);
