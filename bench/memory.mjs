// What a million messages cost the memory store, which remembers 100,000 of them.
import { memoryStore } from "countersign";

if (globalThis.gc === undefined) throw new Error("node --expose-gc bench/memory.mjs");

const messages = 1_000_000;
const megabyte = 1_000_000;

async function fill(store, ordered) {
  for (let index = 0; index < messages; index += 1) {
    const key = `vove:msg_${String(index).padStart(27, "0")}`;
    const order = ordered ? { subject: `vove:user-${index}`, at: index } : undefined;
    const { token } = await store.claim(key, { leaseMs: 60_000, order });
    await store.complete(key, token, { ttlMs: 172_800_000, order });
    if ((index + 1) % (messages / 5) === 0) report(index + 1);
  }
}

let before = 0;
function used() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
function report(count) {
  const grown = (used() - before) / megabyte;
  console.log(`${String(count).padStart(9)} ids: ${grown.toFixed(1).padStart(5)} MB of heap`);
}

async function run(ordered) {
  before = used();
  const store = memoryStore();
  await fill(store, ordered);
  await store.release("the store is alive until here", "");
}

console.log("without an order:");
await run(false);
// The store before is gone by the next turn.
await new Promise((resolve) => setTimeout(resolve));
console.log("each about a subject of its own, in order:");
await run(true);
