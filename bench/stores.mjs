// Deliveries a second through a receiver with each store beside none, and how often a delivery asks its store.
// Redis and PostgreSQL come from the environment: node scripts/services.mjs node bench/stores.mjs

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReceiver, defineProvider, memoryStore, svix } from "countersign";
import { postgresStore } from "countersign/stores/postgres";
import { redisStore } from "countersign/stores/redis";
import { sqliteStore } from "countersign/stores/sqlite";
import { signDelivery } from "countersign/testing";
import { Redis } from "ioredis";
import pg from "pg";
import { createClient } from "redis";

const rounds = 3;
const roundMs = 1500;
const atOnce = 64;

const provider = defineProvider({
  name: "bench",
  scheme: svix({ secret: "whsec_dGhlIGJlbmNobWFyaydzIHNlY3JldA==" }),
  schema: { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } },
});
let made = 0;
const makeDelivery = () => {
  made += 1;
  return signDelivery(
    provider,
    { type: "event", refId: "user-1" },
    { id: `msg_${process.pid}_${made}` },
  );
};

/** Counts what is asked of a store. */
function counted(store) {
  const calls = { claim: 0, complete: 0, release: 0, renew: 0 };
  const wrapped = Object.fromEntries(
    Object.keys(calls).map((name) => [
      name,
      (...args) => {
        calls[name] += 1;
        return store[name](...args);
      },
    ]),
  );
  return { calls, wrapped };
}

async function round(store) {
  const receiver = createReceiver(provider, { store, on: { event: () => undefined } });
  const deliveries = Array.from({ length: 60_000 }, makeDelivery);
  const end = performance.now() + roundMs;
  let done = 0;
  let next = 0;
  const lane = async () => {
    while (performance.now() < end && next < deliveries.length) {
      const delivery = deliveries[next];
      next += 1;
      const { kind } = await receiver.receive(delivery);
      if (kind !== "handled") throw new Error(kind);
      done += 1;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { rate: (1000 * done) / (performance.now() - began), done };
}

const closers = [];
const stores = { "no store": false, memory: memoryStore({ maxEntries: 1_000_000 }) };

const { COUNTERSIGN_REDIS_URL: redisUrl, COUNTERSIGN_POSTGRES_URL: postgresUrl } = process.env;
if (redisUrl === undefined || postgresUrl === undefined) {
  console.log("without Redis and PostgreSQL: npm run bench:stores starts them");
} else {
  const io = new Redis(redisUrl);
  const node = await createClient({ url: redisUrl }).connect();
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 10 });
  const postgres = postgresStore(pool);
  await postgres.migrate();
  Object.assign(stores, {
    "redis (ioredis)": redisStore(io),
    "redis (node-redis)": redisStore(node),
    postgres,
  });
  closers.push(
    () => io.quit(),
    () => node.close(),
    () => pool.end(),
  );
}

try {
  const { DatabaseSync } = await import("node:sqlite");
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  for (const synchronous of ["FULL", "NORMAL"]) {
    const database = new DatabaseSync(join(folder, `${synchronous}.db`));
    database.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}`);
    stores[`sqlite (${synchronous})`] = sqliteStore(database);
    closers.push(() => database.close());
  }
  closers.push(() => rmSync(folder, { recursive: true }));
} catch {
  console.log(`without SQLite: Node ${process.versions.node} has no node:sqlite`);
}

const rates = Object.fromEntries(Object.keys(stores).map((name) => [name, []]));
const trips = {};
for (let index = 0; index < rounds; index += 1) {
  for (const [name, store] of Object.entries(stores)) {
    const { calls, wrapped } = counted(store);
    const { rate, done } = await round(store && wrapped);
    rates[name].push(rate);
    trips[name] = Object.values(calls).reduce((sum, times) => sum + times, 0) / done;
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const whole = median(rates["no store"]);
console.log(
  `Node ${process.versions.node}, ${atOnce} deliveries at once, median of ${rounds} rounds`,
);
console.log(
  `${"store".padEnd(22)}${"deliveries/s".padStart(14)}${"of none".padStart(10)}${"calls".padStart(8)}`,
);
for (const [name, list] of Object.entries(rates)) {
  const rate = median(list);
  console.log(
    `${name.padEnd(22)}${Math.round(rate).toLocaleString("en").padStart(14)}${`${((100 * rate) / whole).toFixed(1)} %`.padStart(10)}${trips[name].toFixed(2).padStart(8)}`,
  );
}
for (const close of closers) await close();
