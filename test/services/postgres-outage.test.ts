import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createReceiver } from "../../src/receiver.js";
import { type PostgresStore, postgresStore } from "../../src/stores/postgres.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";
import { type Engine, startPostgres } from "./helpers/services.js";

// A server of its own, which is killed and started again.

let engine: Engine;
let pool: pg.Pool;
let store: PostgresStore<pg.PoolClient>;
let client: pg.Client;

beforeAll(async () => {
  engine = await startPostgres();
  pool = new pg.Pool({ connectionString: engine.url, max: 5 });
  pool.on("error", () => undefined);
  store = postgresStore(pool);
  await store.migrate();
  await pool.query("create table effects (id text)");
});
afterAll(async () => {
  await pool?.end();
  await engine?.remove();
});
beforeEach(() => pool.query("truncate countersign_claims, effects"));

const lease = { leaseMs: 60_000 };
const effects = async () => (await pool.query("select from effects")).rowCount;

function receiverOf(target = store) {
  const handled: string[] = [];
  const receiver = createReceiver(specProvider(), {
    store: target,
    on: {
      created: ({ id }, _message, { claim }) =>
        target.transaction(claim, async (lent) => {
          handled.push(id);
          await lent.query("insert into effects values ($1)", [id]);
        }),
    },
  });
  const send = (id: string) => receiver.receive(specDelivery({ type: "created", id, name: "Ada" }));
  return { handled, send };
}

const unavailable = { kind: "rejected", status: 503, error: { code: "store_unavailable" } };

describe("a server that is killed", () => {
  it("has deliveries retried and no handler called, and the same pool works after its restart", async () => {
    const { handled, send } = receiverOf();
    expect((await send("a")).kind).toBe("handled");

    await engine.kill();
    for (const id of ["a", "b"]) expect(await send(id)).toMatchObject(unavailable);
    await expect(store.prune()).rejects.toThrow();
    await expect(store.migrate()).rejects.toThrow();
    expect(handled).toEqual(["a"]);

    await engine.restart();
    // What was acknowledged before the crash is known after it.
    expect((await send("a")).kind).toBe("duplicate");
    expect((await send("b")).kind).toBe("handled");
    expect(handled).toEqual(["a", "b"]);
    expect(await effects()).toBe(2);
  });

  it("rejects whatever waits for it", async () => {
    const claim = await store.claim("k", lease);
    if (claim.state !== "claimed") throw new Error(claim.state);
    client = new pg.Client({ connectionString: engine.url });
    client.on("error", () => undefined);
    await client.connect();
    await client.query("begin; lock table countersign_claims in access exclusive mode");
    const waiting = Promise.allSettled([
      store.claim("other", lease),
      store.renew("k", claim.token, lease),
      store.complete("k", claim.token, { ttlMs: 1000 }),
      store.release("k", claim.token),
    ]);
    await expect
      .poll(
        async () =>
          (
            await client.query(
              "select count(*)::int as waiting from pg_locks where not granted and relation = 'countersign_claims'::regclass",
            )
          ).rows[0].waiting,
      )
      .toBe(4);
    await engine.kill();
    expect((await waiting).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    await engine.restart();
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
  });

  it("in the middle of a transaction leaves neither effect nor completion, and the process lives", async () => {
    const receiver = createReceiver(specProvider(), {
      store,
      on: {
        created: ({ id }, _message, { claim }) =>
          store.transaction(claim, async (lent) => {
            await lent.query("insert into effects values ($1)", [id]);
            await engine.kill();
            await engine.restart();
          }),
      },
    });
    const delivery = specDelivery({ type: "created", id: "c", name: "Ada" });
    const outcome = await receiver.receive(delivery);
    expect(outcome).toMatchObject({ kind: "rejected", error: { code: "handler_failed" } });
    expect(await effects()).toBe(0);

    const { send } = receiverOf();
    expect((await send("c")).kind).toBe("handled");
    expect(await effects()).toBe(1);
  });

  it("that nobody can connect to has deliveries retried, too", async () => {
    const elsewhere = new pg.Pool({ connectionString: engine.url.replace(/:\d+\//, ":1/") });
    const { handled, send } = receiverOf(postgresStore(elsewhere));
    expect(await send("d")).toMatchObject(unavailable);
    expect(handled).toEqual([]);
    await elsewhere.end();
  });
});
