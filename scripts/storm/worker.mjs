// One of the processes behind the port. It may be killed at any time, so it keeps nothing, and tells the ledger before it
// goes on.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { createReceiver, memoryStore } from "countersign";
import { toExpressHandler } from "countersign/express";
import { postgresStore } from "countersign/stores/postgres";
import { redisStore } from "countersign/stores/redis";
import { Redis } from "ioredis";
import pg from "pg";
import { createClient } from "redis";
import { modes } from "./modes.mjs";
import { provider } from "./provider.mjs";

const { mode: name, url, port, leaseMs, deadlineMs, number } = JSON.parse(process.env.STORM);
const mode = modes[name];
const ignore = () => undefined;

async function openStore() {
  if (mode.engine === "none") return memoryStore();
  if (mode.engine === "postgres") {
    const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 1000 });
    // Idle connections are cut when the server goes; the pool makes new ones.
    pool.on("error", ignore);
    return postgresStore(pool);
  }
  // Both clients at once, as in a fleet that is being updated.
  if (number % 2 === 0) {
    const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 50 });
    client.on("error", ignore);
    return redisStore(client);
  }
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: () => 50 },
  });
  client.on("error", ignore);
  await client.connect();
  return redisStore(client);
}

const waiting = new Map();
let questions = 0;
process.on("message", (question) => {
  waiting.get(question)?.();
  waiting.delete(question);
});

/** Tells the ledger, and waits until it knows. */
function tell(what, facts) {
  questions += 1;
  const question = questions;
  return new Promise((resolve) => {
    waiting.set(question, resolve);
    process.send({ question, what, ...facts }, (error) => error && process.exit(1));
  });
}

const store = await openStore();

async function work(event, message, { claim }) {
  const { id } = message;
  await tell("start", { id, subject: event.subject, at: Date.parse(event.at) });
  try {
    if (mode.exactly) {
      await store.transaction(claim, async (client) => {
        await client.query("insert into effects (id) values ($1)", [id]);
        await wait(event.takesMs);
      });
    } else {
      await wait(event.takesMs / 2);
      await tell("effect", { id });
      await wait(event.takesMs / 2);
    }
  } finally {
    await tell("end", { id });
  }
}

const receiver = createReceiver(provider, {
  store,
  leaseMs,
  deadlineMs,
  ...(mode.order ? { order: { onStale: "skip" } } : {}),
  on: { event: work },
  onOutcome: (outcome) => {
    if (outcome.kind === "handled" && outcome.cause === undefined) {
      process.send({ what: "complete", id: outcome.message.id });
    }
  },
});

createServer(toExpressHandler(receiver)).listen(port, "127.0.0.1");
