import { setTimeout as wait } from "node:timers/promises";
import { createReceiver, memoryStore } from "countersign";
import { postgresStore } from "countersign/stores/postgres";
import pg from "pg";
import { provider } from "./provider.mjs";

/** A dead process's claim is free again after this. */
const leaseMs = 1000;

/** Without a key: what is there twice is to be seen twice. */
export const effectsTable = "create table effects (id text not null, via text not null)";

export function openPool(url) {
  const pool = new pg.Pool({ connectionString: url, max: 24, connectionTimeoutMillis: 5000 });
  pool.on("error", () => undefined);
  return pool;
}

/** Claims and effects in PostgreSQL, each effect in one transaction with the completion of its claim. */
export function postgresReceiver(url, wrong) {
  const pool = openPool(url);
  const store = postgresStore(pool);
  const insert = (client, { id, delivery }) =>
    client.query("insert into effects (id, via) values ($1, $2)", [id, delivery.scheme]);
  const work = (_event, message, { claim }) =>
    wrong === "store"
      ? insert(pool, message)
      : store.transaction(claim, (client) => insert(client, message));
  return { pool, store, receiver: make({ work, store, wrong, leaseMs }) };
}

/** Claims in memory. `effect` is told of each effect before its claim is complete. */
export function memoryReceiver({ effect, wrong, onOutcome }) {
  const store = memoryStore();
  let turn = 0;
  const work = async (_event, { id }) => {
    turn += 1;
    // Some take longer, so that whoever asked may be gone before they are done.
    if (turn % 50 === 0) await wait(20);
    effect(id);
  };
  return { store, receiver: make({ work, store, wrong, ...(onOutcome && { onOutcome }) }) };
}

/** A store that is left out is what shows that the drill notices. */
const make = ({ work, store, wrong, ...options }) =>
  createReceiver(provider, {
    ...options,
    store: wrong === "store" ? false : store,
    on: { DOCVER: work, AML_SCREENING: work },
  });
