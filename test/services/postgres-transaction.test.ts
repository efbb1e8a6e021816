import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HandlerContext } from "../../src/claims.js";
import type { Outcome } from "../../src/outcome.js";
import { createReceiver } from "../../src/receiver.js";
import type { HeldClaim } from "../../src/store.js";
import { type PostgresStore, postgresStore } from "../../src/stores/postgres.js";
import { codeOf } from "../helpers/code-of.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";
import { countRoundTrips, postgresResources, quoted, randomName } from "./helpers/postgres.js";
import { postgresUrl } from "./helpers/services.js";

const { admin, openPool, newTable } = postgresResources();
const table = newTable();
const effectsName = newTable("effects");
const effects = quoted(effectsName);
const pool = openPool();
const store = postgresStore(pool, { table });

beforeAll(async () => {
  await store.migrate();
  // No constraint: what is written twice is there twice.
  await admin.query(`create table ${effects} (id text)`);
});

const lease = { leaseMs: 60_000 };
const ttl = { ttlMs: 60_000 };
const key = () => randomName("key");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const effectsOf = async (id: string): Promise<number> =>
  (await admin.query(`select from ${effects} where id = $1`, [id])).rowCount ?? 0;
const write = (client: Pick<pg.ClientBase, "query">, id: string) =>
  client.query(`insert into ${effects} (id) values ($1)`, [id]);

async function held(k: string, leaseMs = 60_000): Promise<HeldClaim> {
  const claim = await store.claim(k, { leaseMs });
  if (claim.state !== "claimed") throw new Error(claim.state);
  return { key: k, token: claim.token, ...ttl };
}
const stateOf = async (k: string) => (await store.claim(k, lease)).state;

/** What a promise has become by a moment from now. */
const within = <Value>(ms: number, promise: Promise<Value>): Promise<Value | "waits"> =>
  Promise.race([promise, sleep(ms).then(() => "waits" as const)]);

const lost = { name: "ClaimLostError", message: "The claim is no longer held." };

type Kind = Outcome["kind"];
const delivery = (id: string) => specDelivery({ type: "created", id, name: "Ada" });

function receiverOf(
  target: PostgresStore<pg.PoolClient>,
  handler: (id: string, context: HandlerContext) => unknown,
  options: { readonly leaseMs?: number } = {},
) {
  const receiver = createReceiver(specProvider(), {
    store: target,
    ...options,
    on: { created: ({ id }, _message, context) => handler(id, context) },
  });
  return async (id: string): Promise<Outcome> => receiver.receive(delivery(id));
}

describe("transaction", () => {
  it("commits the effect and the completion together, and returns what the work returned", async () => {
    const claim = await held(key());
    let seen = 0;
    const value = await store.transaction(claim, async (client) => {
      await write(client, claim.key);
      seen = await effectsOf(claim.key);
      return { written: true };
    });
    expect(value).toEqual({ written: true });
    expect(seen).toBe(0);
    expect(await effectsOf(claim.key)).toBe(1);
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("remembers the message for as long as the claim says", async () => {
    const claim = { ...(await held(key())), ttlMs: 1000 };
    await store.transaction(claim, () => undefined);
    expect(await stateOf(claim.key)).toBe("done");
    await sleep(1050);
    expect(await stateOf(claim.key)).toBe("claimed");
  });

  it("has neither when the work throws, and throws that", async () => {
    const claim = await held(key());
    const failure = new Error("no");
    await expect(
      store.transaction(claim, async (client) => {
        await write(client, claim.key);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await effectsOf(claim.key)).toBe(0);
    expect(await stateOf(claim.key)).toBe("busy");
    await store.release(claim.key, claim.token);
    expect(await stateOf(claim.key)).toBe("claimed");
  });

  it("has neither when a statement failed, even if the work went on", async () => {
    const claim = await held(key());
    await expect(
      store.transaction(claim, async (client) => {
        await write(client, claim.key);
        await client.query("select 1 / 0").catch(() => undefined);
      }),
    ).rejects.toMatchObject({ code: "25P02" });
    expect(await effectsOf(claim.key)).toBe(0);
    expect(await stateOf(claim.key)).toBe("busy");
  });

  it("has neither when a statement that nobody waited for fails, which PostgreSQL answers with a rollback", async () => {
    const k = key();
    const claim = await held(k);
    const work = async (client: pg.PoolClient) => {
      await write(client, k);
      // It reaches the server when the claim is being completed, before the commit.
      setImmediate(() => client.query("select 1 / 0").catch(() => undefined));
    };
    await expect(store.transaction(claim, work)).rejects.toThrow("rolled back");
    expect(await effectsOf(k)).toBe(0);
    expect(await stateOf(k)).toBe("busy");
    await store.release(k, claim.token);
    expect(await stateOf(k)).toBe("claimed");
  });

  it("has neither when a constraint fails at COMMIT", async () => {
    const deferred = quoted(newTable("deferred"));
    await admin.query(
      `create table ${deferred} (id int primary key, other int references ${deferred} deferrable initially deferred)`,
    );
    const claim = await held(key());
    await expect(
      store.transaction(claim, (client) =>
        client.query(`insert into ${deferred} (id, other) values (1, 2)`),
      ),
    ).rejects.toMatchObject({ code: "23503" });
    expect((await admin.query(`select from ${deferred}`)).rowCount).toBe(0);
    expect(await stateOf(claim.key)).toBe("busy");
    await store.release(claim.key, claim.token);
    expect(await stateOf(claim.key)).toBe("claimed");
  });

  it.each([
    ["has expired", async (k: string) => held(k, 0)],
    [
      "was taken over",
      async (k: string) => {
        const claim = await held(k, 0);
        await held(k);
        return claim;
      },
    ],
    [
      "was released",
      async (k: string) => {
        const claim = await held(k);
        await store.release(k, claim.token);
        return claim;
      },
    ],
    [
      "was completed",
      async (k: string) => {
        const claim = await held(k);
        await store.complete(k, claim.token, ttl);
        return claim;
      },
    ],
    ["another store gave out", async (k: string) => ({ key: k, token: "1", ttlMs: 1000 })],
  ])("has no effect with a claim that %s", async (_what, make) => {
    const claim = await make(key());
    await expect(
      store.transaction(claim, (client) => write(client, claim.key)),
    ).rejects.toMatchObject(lost);
    expect(await effectsOf(claim.key)).toBe(0);
  });

  it("has no effect with a claim that is taken over while it works", async () => {
    const claim = await held(key(), 200);
    let next: HeldClaim | undefined;
    await expect(
      store.transaction(claim, async (client) => {
        await write(client, claim.key);
        await sleep(250);
        next = await held(claim.key);
        await store.transaction(next, (other) => write(other, claim.key));
      }),
    ).rejects.toMatchObject(lost);
    expect(await effectsOf(claim.key)).toBe(1);
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("has neither when the connection is lost, and the process lives", async () => {
    const single = openPool({ max: 1 });
    const own = postgresStore(single, { table });
    const claim = await held(key());
    for (const whileIdle of [false, true]) {
      await expect(
        own.transaction(claim, async (client) => {
          await write(client, claim.key);
          const { rows } = await client.query("select pg_backend_pid() as pid");
          const running = whileIdle ? sleep(200) : client.query("select pg_sleep(20)");
          await Promise.all([
            running,
            admin.query("select pg_terminate_backend($1)", [rows[0].pid]),
          ]);
        }),
      ).rejects.toThrow();
      expect(await effectsOf(claim.key)).toBe(0);
      expect(await stateOf(claim.key)).toBe("busy");
    }
    // The broken connections have left the pool, which has room for one.
    await own.transaction(claim, (client) => write(client, claim.key));
    expect(await effectsOf(claim.key)).toBe(1);
  });

  it("gives its connection back, in no transaction and without a listener, however it ends", async () => {
    const single = openPool({ max: 1 });
    const own = postgresStore(single, { table });
    const listeners = async () => {
      const client = await single.connect();
      const { rows } = await client.query(
        "select pg_current_xact_id_if_assigned() as id, pg_backend_pid() as pid",
      );
      const count = client.listenerCount("error");
      client.release();
      return { ...rows[0], count };
    };
    const before = await listeners();
    await own.transaction(await held(key()), (client) => write(client, "kept"));
    expect(await listeners()).toEqual(before);
    await own
      .transaction(await held(key()), () => Promise.reject(new Error("no")))
      .catch(() => undefined);
    expect(await listeners()).toEqual(before);
    await own.transaction(await held(key(), 0), () => undefined).catch(() => undefined);
    expect(await listeners()).toEqual(before);
  });

  it("gives no connection back of which it is not known what it is doing", async () => {
    const impatient = openPool({ max: 1, query_timeout: 1000 });
    const own = postgresStore(impatient, { table });
    const claim = await held(key());
    const pid = async () => (await impatient.query("select pg_backend_pid() as pid")).rows[0].pid;
    const before = await pid();
    await expect(
      own.transaction(claim, async (client) => {
        await write(client, claim.key);
        // Beyond the time that the client waits, for this and for the end of the transaction.
        await client.query("select pg_sleep(5)");
      }),
    ).rejects.toThrow("timeout");
    expect(await pid()).not.toBe(before);
    await expect.poll(() => effectsOf(claim.key)).toBe(0);
    expect(await stateOf(claim.key)).toBe("busy");
  });

  it("runs with the isolation that the work asks for", async () => {
    const claim = await held(key());
    const level = await store.transaction(claim, async (client) => {
      await client.query("set transaction isolation level serializable");
      return (await client.query("show transaction_isolation")).rows[0].transaction_isolation;
    });
    expect(level).toBe("serializable");
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("is refused with a single client, a lent one, or no claim", async () => {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    const lent = await pool.connect();
    try {
      const claim = await held(key());
      for (const one of [client, lent]) {
        const own = postgresStore(one, { table });
        expect(await codeOf(() => own.transaction(claim, () => undefined))).toBe("option_invalid");
      }
      expect(await codeOf(() => store.transaction(undefined, () => undefined))).toBe(
        "option_invalid",
      );
    } finally {
      lent.release();
      await client.end();
    }
  });
});

describe("completeIn", () => {
  const inTransaction = async (
    work: (client: pg.PoolClient) => Promise<unknown>,
    end: "commit" | "rollback" = "commit",
  ) => {
    const client = await admin.connect();
    try {
      await client.query("begin");
      await work(client);
      await client.query(end);
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  };

  it("takes effect with the commit of another transaction", async () => {
    const claim = await held(key());
    await inTransaction(async (client) => {
      await write(client, claim.key);
      await store.completeIn(client, claim);
      expect(await stateOf(claim.key)).toBe("busy");
    });
    expect(await effectsOf(claim.key)).toBe(1);
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("takes none when that is rolled back, and the claim can be released", async () => {
    const claim = await held(key());
    await inTransaction(async (client) => {
      await write(client, claim.key);
      await store.completeIn(client, claim);
    }, "rollback");
    expect(await effectsOf(claim.key)).toBe(0);
    expect(await stateOf(claim.key)).toBe("busy");
    expect(await store.renew(claim.key, claim.token, lease)).toBe(true);
    await store.release(claim.key, claim.token);
    expect(await store.renew(claim.key, claim.token, lease)).toBe(false);
    expect(await stateOf(claim.key)).toBe("claimed");
  });

  it("throws when the claim is no longer held", async () => {
    const claim = await held(key(), 0);
    await expect(
      inTransaction(async (client) => {
        await write(client, claim.key);
        await store.completeIn(client, claim);
      }),
    ).rejects.toMatchObject(lost);
    expect(await effectsOf(claim.key)).toBe(0);
  });

  it("works through anything that runs a statement and gives back rows", async () => {
    const claim = await held(key());
    const client = await admin.connect();
    try {
      await client.query("begin");
      // As one would wrap an ORM's raw query.
      const raw = async (text: string, values: unknown[]) =>
        (await client.query({ text, values, rowMode: undefined as never })).rows;
      await store.completeIn(
        { query: async (text, values = []) => ({ rows: await raw(text, values) }) },
        claim,
      );
      await client.query("commit");
    } finally {
      client.release();
    }
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("takes what answers nothing for a claim that is lost", async () => {
    const claim = await held(key());
    for (const rows of [[], [{}], [{ state: "lost" }], [{ state: true }]]) {
      await expect(
        store.completeIn({ query: async () => ({ rows }) }, claim),
      ).rejects.toMatchObject(lost);
    }
    expect(await stateOf(claim.key)).toBe("busy");
  });

  it("is refused in the pool, where no transaction is, and without a claim", async () => {
    const claim = await held(key());
    expect(await codeOf(() => store.completeIn(pool, claim))).toBe("option_invalid");
    expect(await codeOf(() => store.completeIn(openPool(), claim))).toBe("option_invalid");
    expect(await codeOf(() => store.completeIn({ query: admin.query }, undefined))).toBe(
      "option_invalid",
    );
    expect(await stateOf(claim.key)).toBe("busy");
  });

  it("works with the single client of a store", async () => {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      const own = postgresStore(client, { table });
      const claim = await held(key());
      await client.query("begin");
      await own.completeIn(client, claim);
      await client.query("commit");
      expect(await stateOf(claim.key)).toBe("done");
    } finally {
      await client.end();
    }
  });

  it("has nobody wait for the transaction it is in", async () => {
    const claim = await held(key(), 1500);
    const other = postgresStore(openPool(), { table });
    const { key: k, token } = claim;
    await inTransaction(async (client) => {
      await store.completeIn(client, claim);
      expect(await within(5000, other.renew(k, token, lease))).toBe(true);
      expect(await within(5000, other.claim(k, lease))).toEqual({ state: "busy" });
      await sleep(1550);
      // Past its lease it is held by the lock.
      expect(await within(5000, other.claim(k, lease))).toEqual({ state: "busy" });
      expect(await within(5000, store.renew(k, token, lease))).toBe(true);
      expect(await within(5000, other.prune())).not.toBe("waits");
    });
    expect(await stateOf(k)).toBe("done");
  });

  it("gives a message whose transaction was rolled back after the lease to somebody else", async () => {
    const claim = await held(key(), 1000);
    await inTransaction(async (client) => {
      await store.completeIn(client, claim);
      await sleep(1050);
    }, "rollback");
    expect(await stateOf(claim.key)).toBe("claimed");
  });
});

describe("a claim that was completed in a transaction", () => {
  const counted = openPool({ max: 1 });
  const trips = countRoundTrips(counted);
  const own = postgresStore(counted, { table });
  const costs = async (work: () => Promise<unknown>) => {
    await counted.query("select 1");
    const before = trips();
    await work();
    return trips() - before;
  };

  it("costs no round trip to be completed by the receiver, once", async () => {
    const first = await held(key());
    // begin, the effect, the completion, commit
    expect(await costs(() => own.transaction(first, (client) => write(client, "x")))).toBe(4);
    expect(await costs(() => own.complete(first.key, first.token, ttl))).toBe(0);
    expect(await costs(() => own.complete(first.key, first.token, ttl))).toBe(1);

    const second = await held(key());
    const client = await admin.connect();
    await own.completeIn(client, second).finally(() => client.release());
    expect(await costs(() => own.complete(second.key, second.token, ttl))).toBe(0);
    expect(await stateOf(second.key)).toBe("done");
  });

  it("is not lost to a renewal that comes after", async () => {
    const claim = await held(key());
    await own.transaction(claim, () => undefined);
    expect(await own.renew(claim.key, claim.token, lease)).toBe(true);
    await own.complete(claim.key, claim.token, ttl);
    expect(await own.renew(claim.key, claim.token, lease)).toBe(false);
  });

  it("stays done when it is released", async () => {
    const claim = await held(key());
    await own.transaction(claim, () => undefined);
    await own.release(claim.key, claim.token);
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("is completed as usual where the transaction failed", async () => {
    const claim = await held(key());
    await own.transaction(claim, () => Promise.reject(new Error("no"))).catch(() => undefined);
    expect(await costs(() => own.complete(claim.key, claim.token, ttl))).toBe(1);
    expect(await stateOf(claim.key)).toBe("done");
  });

  it("is forgotten where ten thousand others were settled since, and asked about again", async () => {
    const claims = await Promise.all(Array.from({ length: 3 }, () => held(key())));
    const [first, second, last] = claims as [HeldClaim, HeldClaim, HeldClaim];
    const settle = (claim: HeldClaim) =>
      own.completeIn({ query: async () => ({ rows: [{ state: "held" }] }) }, claim);
    await settle(first);
    await settle(second);
    for (let index = 0; index < 9_998; index += 1) {
      const token = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      await settle({ key: "k", token, ttlMs: 1000 });
    }
    await settle(last);
    expect(await costs(() => own.complete(first.key, first.token, ttl))).toBe(1);
    expect(await costs(() => own.complete(second.key, second.token, ttl))).toBe(0);
    expect(await costs(() => own.complete(last.key, last.token, ttl))).toBe(0);
  });
});

describe("a receiver", () => {
  it("has each effect exactly once, with duplicates, failures and five processes' worth of pools", async () => {
    const failures = new Map<string, number>();
    const senders = Array.from({ length: 5 }, () => {
      const own = postgresStore(openPool({ max: 4 }), { table });
      return receiverOf(own, (id, { claim }) =>
        own.transaction(claim, async (client) => {
          await write(client, id);
          const before = failures.get(id) ?? 0;
          failures.set(id, before + 1);
          if (before < 2) throw new Error("the first two fail");
        }),
      );
    });
    const ids = Array.from({ length: 40 }, () => key());
    const kinds = new Map<string, Kind[]>();
    await Promise.all(
      ids.flatMap((id) =>
        senders.map(async (send) => {
          // As a sender does: again until it is told that it arrived.
          for (let tries = 0; tries < 200; tries += 1) {
            const outcome = await send(id);
            kinds.set(id, [...(kinds.get(id) ?? []), outcome.kind]);
            if (outcome.status === 200) return;
            await sleep(10);
          }
          throw new Error("never acknowledged");
        }),
      ),
    );
    for (const id of ids) {
      expect(await effectsOf(id)).toBe(1);
      const of = (kind: Kind) => kinds.get(id)?.filter((each) => each === kind).length;
      expect({
        handled: of("handled"),
        duplicate: of("duplicate"),
        rejected: of("rejected"),
      }).toEqual({ handled: 1, duplicate: 4, rejected: 2 });
    }
  });

  it("renews the claim while the transaction is open", async () => {
    const id = key();
    const aborted: boolean[] = [];
    const send = receiverOf(
      store,
      (which, { claim, signal }) =>
        store.transaction(claim, async (client) => {
          await write(client, which);
          await sleep(4200);
          aborted.push(signal.aborted);
        }),
      { leaseMs: 2000 },
    );
    const first = send(id);
    await sleep(3000);
    expect((await send(id)).kind).toBe("in_progress");
    expect((await first).kind).toBe("handled");
    expect(aborted).toEqual([false]);
    expect(await effectsOf(id)).toBe(1);
  });

  it("is not told that the claim is lost when it was completed early in a long transaction", async () => {
    const id = key();
    const aborted: boolean[] = [];
    const send = receiverOf(
      store,
      async (which, { claim, signal }) => {
        const client = await admin.connect();
        try {
          await client.query("begin");
          await write(client, which);
          await store.completeIn(client, claim);
          await sleep(4200);
          await client.query("commit");
          await sleep(1000);
          aborted.push(signal.aborted);
        } finally {
          client.release();
        }
      },
      { leaseMs: 2000 },
    );
    expect((await send(id)).kind).toBe("handled");
    expect(aborted).toEqual([false]);
    expect(await effectsOf(id)).toBe(1);
  });

  it("needs a second connection only to renew: with one, work beyond the lease is rolled back", async () => {
    const single = openPool({ max: 1 });
    const own = postgresStore(single, { table });
    const works = (ms: number) =>
      receiverOf(
        own,
        (which, { claim }) =>
          own.transaction(claim, async (client) => {
            await write(client, which);
            await sleep(ms);
          }),
        { leaseMs: 2000 },
      );
    const quick = key();
    expect((await works(700)(quick)).kind).toBe("handled");
    expect(await effectsOf(quick)).toBe(1);
    const slow = key();
    expect(await works(3000)(slow)).toMatchObject({
      kind: "rejected",
      error: { code: "handler_failed" },
      cause: lost,
    });
    expect(await effectsOf(slow)).toBe(0);
    expect(await stateOf(slow)).toBe("claimed");
  });

  it("handles more at once than its pool has connections", async () => {
    const own = postgresStore(openPool({ max: 2 }), { table });
    const send = receiverOf(own, (which, { claim }) =>
      own.transaction(claim, async (client) => {
        await write(client, which);
        await sleep(20);
      }),
    );
    const ids = Array.from({ length: 30 }, () => key());
    const outcomes = await Promise.all(ids.map(send));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["handled"]));
    for (const id of ids) expect(await effectsOf(id)).toBe(1);
  });
});

describe("a process that is killed between the effect and the commit", () => {
  it("leaves neither behind, and the retry is handled once the lease has ended", async () => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const bundle = await build({
      entryPoints: [`${root}/test/services/helpers/postgres-transaction.ts`],
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      packages: "external",
      alias: { "#hmac": `${root}/src/internal/hmac.node.ts` },
      logLevel: "error",
    });
    const id = key();
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-", postgresUrl, table, effects, id],
      { cwd: root, stdio: ["pipe", "pipe", "inherit"] },
    );
    child.stdin.end(bundle.outputFiles[0]?.text);
    const [printed] = await once(child.stdout, "data");
    expect(String(printed)).toBe("written\n");
    child.kill("SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);

    expect(await effectsOf(id)).toBe(0);
    const send = receiverOf(store, (which, { claim }) =>
      store.transaction(claim, (client) => write(client, which)),
    );
    expect((await send(id)).kind).toBe("in_progress");
    await expect.poll(async () => (await send(id)).kind, { timeout: 5000 }).toBe("handled");
    expect(await effectsOf(id)).toBe(1);
    expect((await send(id)).kind).toBe("duplicate");
  });
});

describe("a connection that is lost during COMMIT", () => {
  let proxy: Server;
  let port: number;
  /** Whether the server still gets to see the COMMIT. */
  let lets = true;
  const sockets = new Set<Socket>();
  const url = new URL(postgresUrl);

  beforeAll(async () => {
    proxy = createServer((client) => {
      const server = connect(Number(url.port), url.hostname);
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.on("error", () => undefined);
      }
      client.on("data", (bytes) => {
        const commits = bytes.includes("commit\0");
        if (!commits || lets) server.write(bytes);
        // The answer is never passed on, but the server has read what it was sent.
        if (commits) setTimeout(() => client.destroy(), 100);
        if (commits) server.removeAllListeners("data");
      });
      server.on("data", (bytes) => client.write(bytes));
      client.on("close", () => server.destroy());
      server.on("close", () => client.destroy());
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    ({ port } = proxy.address() as { port: number });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await once(proxy, "close");
  });

  it.each([
    ["after the server has read it: both are there", true, 1, "duplicate"],
    ["before the server has read it: neither is", false, 0, "handled"],
  ] as const)("%s, and the retry finds out", async (_what, reaches, there, retried) => {
    lets = reaches;
    const through = new URL(postgresUrl);
    through.port = String(port);
    const broken = postgresStore(openPool({ connectionString: through.href }), { table });
    const id = key();
    let on = broken;
    const send = receiverOf(store, (which, { claim }) =>
      on.transaction(claim, (client) => write(client, which)),
    );
    expect(await send(id)).toMatchObject({
      kind: "rejected",
      error: { code: "handler_failed" },
    });
    expect(await effectsOf(id)).toBe(there);
    on = store;
    expect((await send(id)).kind).toBe(retried);
    expect(await effectsOf(id)).toBe(1);
  });
});
