import fc from "fast-check";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { statements } from "../../src/internal/postgres-statements.js";
import { postgresTable } from "../../src/internal/postgres-table.js";
import type { Claim, ClaimOrder, Store } from "../../src/store.js";
import { memoryStore } from "../../src/stores/memory.js";
import { postgresStore, postgresStoreDdl } from "../../src/stores/postgres.js";
import { countRoundTrips, postgresResources, quoted, randomName } from "./helpers/postgres.js";
import { postgresUrl } from "./helpers/services.js";

const { admin, openPool, newTable, dropAtEnd } = postgresResources();
const table = newTable();
const pool = openPool();
const store = postgresStore(pool, { table });

beforeAll(() => store.migrate());

const lease = { leaseMs: 60_000 };
const ttl = { ttlMs: 60_000 };
const key = () => randomName("key");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function tokenOf(claim: Claim): string {
  if (claim.state !== "claimed") throw new Error(claim.state);
  return claim.token;
}

const statesOf = (claims: readonly Claim[]) => {
  const count = (state: string) => claims.filter((claim) => claim.state === state).length;
  return { claimed: count("claimed"), busy: count("busy"), done: count("done") };
};

const rowsOf = async (name: string): Promise<number> =>
  (await admin.query(`select from ${quoted(name)}`)).rowCount ?? 0;

describe("a claim", () => {
  it("is won by one of 200 at once, over several pools", async () => {
    const stores = [1, 2, 3, 4].map(() => postgresStore(openPool({ max: 10 }), { table }));
    for (let round = 0; round < 5; round += 1) {
      const k = key();
      const claims = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          (stores[index % 4] as Store).claim(k, { ...lease, order: { subject: k, at: index } }),
        ),
      );
      expect(statesOf(claims)).toEqual({ claimed: 1, busy: 199, done: 0 });
    }
  });

  it("that has expired is won by one of 200 at once, over several pools", async () => {
    const stores = [1, 2, 3, 4].map(() => postgresStore(openPool({ max: 10 }), { table }));
    for (let round = 0; round < 5; round += 1) {
      const k = key();
      await store.claim(k, { leaseMs: 0 });
      const claims = await Promise.all(
        Array.from({ length: 200 }, (_, index) => (stores[index % 4] as Store).claim(k, lease)),
      );
      expect(statesOf(claims)).toEqual({ claimed: 1, busy: 199, done: 0 });
    }
  });

  it("has a token of its own each time", async () => {
    const k = key();
    const tokens: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const token = tokenOf(await store.claim(k, lease));
      tokens.push(token);
      await store.release(k, token);
    }
    expect(new Set(tokens).size).toBe(3);
  });

  it("is done once it is completed, for as long as it was told", async () => {
    const k = key();
    await store.complete(k, tokenOf(await store.claim(k, lease)), { ttlMs: 1000 });
    expect(await store.claim(k, lease)).toEqual({ state: "done" });
    await sleep(1050);
    expect((await store.claim(k, lease)).state).toBe("claimed");
  });

  it("expires with its lease, to be taken over by one", async () => {
    const k = key();
    const late = tokenOf(await store.claim(k, { leaseMs: 1000 }));
    expect(await store.claim(k, lease)).toEqual({ state: "busy" });
    await sleep(1050);
    const current = tokenOf(await store.claim(k, lease));

    expect(await store.renew(k, late, lease)).toBe(false);
    await store.complete(k, late, ttl);
    await store.release(k, late);
    expect(await store.claim(k, lease)).toEqual({ state: "busy" });

    expect(await store.renew(k, current, lease)).toBe(true);
    await store.complete(k, current, ttl);
    expect(await store.claim(k, lease)).toEqual({ state: "done" });
  });

  it("that has expired can be neither renewed nor completed, though nobody has taken it over", async () => {
    const k = key();
    const late = tokenOf(await store.claim(k, { leaseMs: 0 }));
    expect(await store.renew(k, late, lease)).toBe(false);
    await store.complete(k, late, ttl);
    expect((await store.claim(k, lease)).state).toBe("claimed");
  });

  it("is kept by renewing it", async () => {
    const k = key();
    const token = tokenOf(await store.claim(k, { leaseMs: 1500 }));
    for (let turn = 0; turn < 4; turn += 1) {
      await sleep(500);
      expect(await store.renew(k, token, { leaseMs: 1500 })).toBe(true);
    }
    expect(await store.claim(k, lease)).toEqual({ state: "busy" });
  });

  it("that was completed or released can be neither renewed, completed nor released", async () => {
    const k = key();
    const released = tokenOf(await store.claim(k, lease));
    await store.release(k, released);
    expect(await store.renew(k, released, lease)).toBe(false);
    await store.complete(k, released, ttl);
    const completed = tokenOf(await store.claim(k, lease));
    await store.complete(k, completed, ttl);
    expect(await store.renew(k, completed, lease)).toBe(false);
    await store.release(k, completed);
    expect(await store.claim(k, lease)).toEqual({ state: "done" });
  });

  it.each(["", "another", "a\0b", "' or true --", "00000000-0000-0000-0000-000000000000", "{"])(
    "is not held by the token %j",
    async (token) => {
      const k = key();
      await store.claim(k, lease);
      expect(await store.renew(k, token, lease)).toBe(false);
      await store.complete(k, token, ttl);
      await store.release(k, token);
      expect(await store.claim(k, lease)).toEqual({ state: "busy" });
    },
  );
});

describe("a key", () => {
  const long = "k".repeat(4096);
  const odd = [
    "",
    " ",
    "\0",
    "\0\0",
    "a\0b",
    "a\\0b",
    "a\nb",
    "'; drop table x; --",
    "$1",
    "\ud800",
    "\udfff",
    "\ufffd",
    "é",
    "e\u0301",
    "ß",
    "SS",
    "ss",
    "مرحبا",
    "👩‍🚀",
    long,
    `${long}a`,
    `${long.slice(1)}K`,
    "k".repeat(512),
    "k".repeat(513),
    "sha256:",
    `sha256:${"0".repeat(64)}`,
    "SHA256:",
  ];

  it("may be any text, and stays apart from every other", async () => {
    const own = newTable("odd");
    const odder = postgresStore(pool, { table: own });
    await odder.migrate();
    for (const k of odd) {
      expect((await odder.claim(k, lease)).state, JSON.stringify(k).slice(0, 40)).toBe("claimed");
    }
    for (const k of odd) expect(await odder.claim(k, lease)).toEqual({ state: "busy" });
    expect(await rowsOf(own)).toBe(odd.length);
  });

  it("is known again by every operation, whatever it is", async () => {
    for (const part of odd) {
      const k = `${part}${key()}`;
      const token = tokenOf(await store.claim(k, { ...lease, order: { subject: k, at: 1 } }));
      expect(await store.renew(k, token, lease)).toBe(true);
      await store.release(k, token);
      await store.complete(k, tokenOf(await store.claim(k, lease)), ttl);
      expect(await store.claim(k, lease)).toEqual({ state: "done" });
    }
  });

  it("that looks like another's hash is not taken for it", async () => {
    const own = newTable("hashes");
    const hashes = postgresStore(pool, { table: own });
    await hashes.migrate();
    await hashes.claim("\0", lease);
    const { rows } = await admin.query(`select key from ${quoted(own)}`);
    expect(rows[0].key).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await hashes.claim(rows[0].key, lease)).state).toBe("claimed");
  });

  it("is readable in the table where it is plain", async () => {
    const k = `vove:${key()}`;
    await store.claim(k, lease);
    const { rows } = await admin.query(`select token from ${quoted(table)} where key = $1`, [k]);
    expect(rows).toHaveLength(1);
  });
});

describe("the order of messages about a subject", () => {
  const at = (subject: string, time: number) => ({ ...lease, order: { subject, at: time } });
  const claimAt = (subject: string, time: number) => store.claim(key(), at(subject, time));
  const done = async (subject: string, time: number, ttlMs = 60_000) => {
    const k = key();
    await store.complete(k, tokenOf(await store.claim(k, at(subject, time))), { ttlMs });
  };

  it("says that a newer one is done, before that another is being handled", async () => {
    const subject = key();
    await claimAt(subject, 9);
    await done(subject, 5);
    expect(await claimAt(subject, 4)).toMatchObject({ state: "claimed", newer: "done" });
    expect(await claimAt(subject, 5)).toMatchObject({ state: "claimed", newer: "busy" });
    expect(await claimAt(subject, 6)).toMatchObject({ state: "claimed", newer: "busy" });
  });

  it("says nothing where there is none, only older ones, as old ones, or those about others", async () => {
    const subject = key();
    const nothing = { state: "claimed", token: expect.any(String), newer: undefined };
    await done(key(), 9);
    await claimAt(key(), 9);
    expect(await claimAt(subject, 1)).toEqual(nothing);
    await done(subject, 2);
    expect(await claimAt(subject, 2)).toEqual(nothing);
    expect(await claimAt(subject, 3)).toEqual(nothing);
    expect(await claimAt(subject, 3)).toEqual(nothing);
  });

  it("forgets claims that were released or have expired, and what is no longer remembered", async () => {
    const subject = key();
    const k = key();
    await store.release(k, tokenOf(await store.claim(k, at(subject, 9))));
    await store.claim(key(), { leaseMs: 0, order: { subject, at: 9 } });
    await done(subject, 9, 0);
    expect(await claimAt(subject, 1)).toEqual({
      state: "claimed",
      token: expect.any(String),
      newer: undefined,
    });
  });

  it("is that of the claim that took a message over", async () => {
    const [subject, other, k] = [key(), key(), key()];
    await store.claim(k, { leaseMs: 0, order: { subject, at: 9 } });
    await store.claim(k, at(other, 5));
    expect(await claimAt(subject, 1)).toMatchObject({ newer: undefined });
    expect(await claimAt(other, 1)).toMatchObject({ newer: "busy" });
  });

  it("is not asked about, and not answered, without an order", async () => {
    await expect(store.claim(key(), lease)).resolves.toEqual({
      state: "claimed",
      token: expect.any(String),
    });
  });

  it.each([
    [-1, 0],
    [0.25, 0.5],
    [1_774_000_000_000, 1_774_000_000_001],
    [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
    [1e300, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, -1e300],
  ])("puts %d before %d", async (before, after) => {
    const subject = key();
    await done(subject, after);
    expect(await claimAt(subject, before)).toMatchObject({ newer: "done" });
    expect(await claimAt(subject, after)).toMatchObject({ newer: undefined });
  });

  it("leaves out a time that is none", async () => {
    const subject = key();
    await done(subject, Number.NaN);
    expect(await claimAt(subject, 1)).toMatchObject({ state: "claimed", newer: undefined });
    expect(await claimAt(subject, Number.NaN)).toMatchObject({ newer: undefined });
  });

  it("keeps odd subjects apart", async () => {
    const subjects = ["", "\0", "\ud800", "\udfff", "s".repeat(4096), "é"];
    for (const subject of subjects) await done(subject, 2);
    for (const subject of subjects) {
      expect(await claimAt(subject, 1)).toMatchObject({ newer: "done" });
    }
    expect(await claimAt("\udffe", 1)).toMatchObject({ newer: undefined });
  });
});

describe("a cursor", () => {
  it("is kept to the character, whatever it is and is called", async () => {
    const texts = [
      ...[
        '{"after":"9b27","failed":["é"]}',
        "",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\ud800",
        "json:",
        "null",
      ],
      ...[
        "sha256:",
        "😀 ключ",
        "'; drop table x; --",
        "$1",
        "\\",
        "x".repeat(65_536),
        "😀".repeat(16_384),
      ],
    ];
    const own = newTable("cursors");
    const kept = postgresStore(pool, { table: own });
    await kept.migrate();
    for (const [index, text] of texts.entries()) await kept.writeCursor(text, `${index}${text}`);
    for (const [index, text] of texts.entries()) {
      expect(await kept.readCursor(text)).toBe(`${index}${text}`);
      await kept.writeCursor(text, text);
      expect(await kept.readCursor(text)).toBe(text);
    }
    expect(await rowsOf(`${own}_cursors`)).toBe(texts.length);
    expect(await rowsOf(own)).toBe(0);
  });

  it("is readable in the table where it is plain", async () => {
    const name = key();
    await store.writeCursor(name, '{"after":"9b27"}');
    const { rows } = await admin.query(
      `select value from ${quoted(`${table}_cursors`)} where name = $1`,
      [name],
    );
    expect(rows).toEqual([{ value: '{"after":"9b27"}' }]);
  });

  it("is never pruned", async () => {
    const own = newTable("cursors");
    const kept = postgresStore(pool, { table: own });
    await kept.migrate();
    await kept.claim("c", { leaseMs: 0 });
    await kept.writeCursor("c", "1");
    expect(await kept.prune()).toBe(1);
    expect(await kept.readCursor("c")).toBe("1");
  });

  it("is written by many at once, over several pools, and is always one of theirs", async () => {
    const stores = [1, 2, 3, 4].map(() => postgresStore(openPool({ max: 10 }), { table }));
    for (let round = 0; round < 5; round += 1) {
      const name = key();
      const texts = Array.from({ length: 50 }, (_, index) => `${index}`);
      const read = await Promise.all(
        texts.map(async (text, index) => {
          const own = stores[index % 4] as Required<Store>;
          await own.writeCursor(name, text);
          return own.readCursor(name);
        }),
      );
      for (const text of read) expect(texts).toContain(text);
    }
  });

  it("can be in an encoding that has few characters", async () => {
    const encoded = randomName("latin");
    await admin.query(`create database ${encoded} encoding latin1 locale 'C' template template0`);
    const connectionString = postgresUrl?.replace(/\/[^/?]*(\?|$)/, `/${encoded}$1`);
    const latin = new pg.Pool({ connectionString });
    try {
      const own = postgresStore(latin);
      await own.migrate();
      await own.writeCursor("ключ", "é 😀");
      expect(await own.readCursor("ключ")).toBe("é 😀");
      expect(await own.readCursor("клич")).toBeUndefined();
    } finally {
      await latin.end();
      await admin.query(`drop database ${encoded}`);
    }
  });

  it("is not written where the database does not write, and not missing where it does not read", async () => {
    const name = key();
    await store.writeCursor(name, "1");
    const reader = openPool({ max: 1, options: "-c default_transaction_read_only=on" });
    const own = postgresStore(reader, { table });
    await expect(own.writeCursor(name, "2")).rejects.toMatchObject({ code: "25006" });
    expect(await own.readCursor(name)).toBe("1");
    const nowhere = postgresStore(pool, { table: randomName() });
    await expect(nowhere.readCursor(name)).rejects.toMatchObject({ code: "42P01" });
    await expect(nowhere.writeCursor(name, "2")).rejects.toMatchObject({ code: "42P01" });
  });
});

describe("a table of a version without cursors", () => {
  /** As 0.1 and the versions before this one made it. */
  const earlierDdl = (name: string) => `create table if not exists ${quoted(name)} (
  key text collate "C" primary key,
  token uuid,
  expires_at timestamptz not null,
  subject text collate "C",
  at_ms float8
);
create index if not exists ${quoted(`${name}_expiry_idx`)} on ${quoted(name)} (expires_at);
create index if not exists ${quoted(`${name}_order_idx`)} on ${quoted(name)} (subject, at_ms) where subject is not null;
`;

  it("goes on as it is, but for cursors", async () => {
    const own = newTable("earlier");
    await admin.query(earlierDdl(own));
    const earlier = postgresStore(pool, { table: own });
    const order = { subject: "s", at: 2 };
    const token = tokenOf(await earlier.claim("k", { ...lease, order }));
    expect(await earlier.renew("k", token, lease)).toBe(true);
    await earlier.complete("k", token, ttl);
    await earlier.release("r", tokenOf(await earlier.claim("r", lease)));
    expect(await earlier.claim("k", lease)).toEqual({ state: "done" });
    const held = tokenOf(await earlier.claim("t", lease));
    expect(await earlier.transaction({ key: "t", token: held, ...ttl }, () => 7)).toBe(7);
    expect(await earlier.prune()).toBe(0);
    await expect(earlier.readCursor("c")).rejects.toMatchObject({ code: "42P01" });
    await expect(earlier.writeCursor("c", "1")).rejects.toMatchObject({ code: "42P01" });
  });

  it("gets them by migrating, from eight connections at once, and keeps what is in it", async () => {
    for (let round = 0; round < 4; round += 1) {
      const own = newTable("earlier");
      await admin.query(earlierDdl(own));
      const earlier = postgresStore(pool, { table: own });
      await earlier.complete("done", tokenOf(await earlier.claim("done", lease)), ttl);
      await earlier.claim("held", lease);
      const stores = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const single = openPool({ max: 1 });
          await single.query("select 1");
          return postgresStore(single, { table: own });
        }),
      );
      await Promise.all(stores.map((each) => each.migrate()));
      await earlier.writeCursor("c", "1");
      await earlier.migrate();
      await admin.query(postgresStoreDdl(own));
      expect(await earlier.readCursor("c")).toBe("1");
      expect(await earlier.claim("done", lease)).toEqual({ state: "done" });
      expect(await earlier.claim("held", lease)).toEqual({ state: "busy" });
    }
  });

  it("is migrated while a transaction has the table, without waiting for it", async () => {
    const own = newTable("earlier");
    await admin.query(earlierDdl(own));
    const earlier = postgresStore(pool, { table: own });
    const token = tokenOf(await earlier.claim("k", lease));
    await earlier.transaction({ key: "k", token, ...ttl }, async (client) => {
      await client.query(`select * from ${quoted(own)} for update`);
      const impatient = openPool({ max: 1, options: "-c lock_timeout=5s" });
      await postgresStore(impatient, { table: own }).migrate();
      await postgresStore(impatient, { table: own }).writeCursor("k", "1");
    });
    expect(await earlier.readCursor("k")).toBe("1");
  });
});

describe("whatever is done one after the other", () => {
  type Step = readonly ["claim" | "renew" | "complete" | "release", number, number];

  /** What each step answers. Tokens are named by the claim that gave them out. */
  async function play(target: Required<Store>, run: string, steps: readonly Step[]) {
    const tokens: string[] = [];
    const answers: unknown[] = [];
    const token = (which: number) => tokens[which % (tokens.length || 1)] ?? "none";
    for (const [step, which, more] of steps) {
      const k = `${run} ${which % 4}`;
      const order: ClaimOrder | undefined =
        more % 5 === 0 ? undefined : { subject: `${run} ${more % 2}`, at: more % 7 };
      const leaseMs = more % 3 === 0 ? 0 : 3_600_000;
      if (step === "claim") {
        const claim = await target.claim(k, { leaseMs, order });
        if (claim.state === "claimed") tokens.push(claim.token);
        answers.push({ ...claim, token: undefined });
      } else if (step === "renew") {
        answers.push(await target.renew(k, token(more), { leaseMs, order }));
      } else if (step === "complete") {
        await target.complete(k, token(more), { ttlMs: 3_600_000, order });
      } else {
        await target.release(k, token(more), { order });
      }
    }
    return answers;
  }

  it("is answered as by the store in memory", async () => {
    const step = fc.tuple(
      fc.constantFrom(
        "claim" as const,
        "claim" as const,
        "renew" as const,
        "complete" as const,
        "release" as const,
      ),
      fc.nat(7),
      fc.nat(40),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const run = key();
        expect(await play(store, run, steps)).toEqual(await play(memoryStore(), run, steps));
      }),
      { numRuns: 150 },
    );
  });
});

describe("each operation", () => {
  it("is one round trip, and prepares nothing", async () => {
    const counted = openPool({ max: 1 });
    const trips = countRoundTrips(counted);
    const own = postgresStore(counted, { table });
    await counted.query("select 1");
    const k = key();
    const costs = async (work: () => Promise<unknown>) => {
      const before = trips();
      await work();
      return trips() - before;
    };
    let token = "";
    const order = { subject: k, at: 1 };
    expect(
      await costs(async () => {
        token = tokenOf(await own.claim(k, { ...lease, order }));
      }),
    ).toBe(1);
    expect(await costs(() => own.claim(k, { ...lease, order }))).toBe(1);
    expect(await costs(() => own.renew(k, token, lease))).toBe(1);
    expect(await costs(() => own.complete(k, token, ttl))).toBe(1);
    expect(await costs(() => own.claim(k, lease))).toBe(1);
    expect(await costs(() => own.release(k, token))).toBe(1);
    expect(await costs(() => own.writeCursor(k, "1"))).toBe(1);
    expect(await costs(() => own.writeCursor(k, "2"))).toBe(1);
    expect(await costs(() => own.readCursor(k))).toBe(1);
    expect(await costs(() => own.prune())).toBe(1);
    expect(await costs(() => own.migrate())).toBe(1);
    const { rows } = await counted.query("select name from pg_prepared_statements");
    expect(rows).toEqual([]);
  });

  it("only reads when the message is a duplicate", async () => {
    const single = openPool({ max: 1 });
    const own = postgresStore(single, { table });
    const [doneKey, busyKey] = [key(), key()];
    await own.complete(doneKey, tokenOf(await own.claim(doneKey, lease)), ttl);
    await own.claim(busyKey, lease);
    await single.query("begin");
    expect(await own.claim(doneKey, lease)).toEqual({ state: "done" });
    expect(await own.claim(busyKey, lease)).toEqual({ state: "busy" });
    const { rows } = await single.query("select pg_current_xact_id_if_assigned() as id");
    await single.query("rollback");
    // A transaction gets an id with the first thing that it writes, a lock on a row included.
    expect(rows).toEqual([{ id: null }]);
  });

  it("goes by the database's clock, also where a transaction has stopped its own", async () => {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      const own = postgresStore(client, { table });
      const k = key();
      await client.query("begin");
      await sleep(1050);
      const token = tokenOf(await own.claim(k, { leaseMs: 1000 }));
      expect(await own.renew(k, token, { leaseMs: 1000 })).toBe(true);
      await sleep(1050);
      expect(await own.renew(k, token, lease)).toBe(false);
      expect((await own.claim(k, lease)).state).toBe("claimed");
      await client.query("rollback");
    } finally {
      await client.end();
    }
  });

  it("works through a single client", async () => {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      const own = postgresStore(client, { table });
      const k = key();
      const token = tokenOf(await own.claim(k, lease));
      expect(await own.claim(k, lease)).toEqual({ state: "busy" });
      expect(await own.renew(k, token, lease)).toBe(true);
      await own.complete(k, token, ttl);
      expect(await store.claim(k, lease)).toEqual({ state: "done" });
    } finally {
      await client.end();
    }
  });

  it("throws where the table is missing", async () => {
    const nowhere = postgresStore(pool, { table: randomName() });
    await expect(nowhere.claim("k", lease)).rejects.toMatchObject({ code: "42P01" });
    await expect(nowhere.prune()).rejects.toMatchObject({ code: "42P01" });
  });

  it("throws where nothing can be written, also for what has been handled", async () => {
    const k = key();
    await store.complete(k, tokenOf(await store.claim(k, lease)), ttl);
    const reader = openPool({ max: 1, options: "-c default_transaction_read_only=on" });
    const own = postgresStore(reader, { table });
    await expect(own.claim(k, lease)).rejects.toMatchObject({ code: "25006" });
    await expect(own.claim(key(), lease)).rejects.toMatchObject({ code: "25006" });
  });
});

describe.each(["read committed", "repeatable read", "serializable"])("under %s", (level) => {
  const options = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;

  it("a claim is won by one, and what cannot be decided is an error", async () => {
    const own = postgresStore(openPool({ max: 20, options }), { table });
    for (let round = 0; round < 5; round += 1) {
      const k = key();
      const settled = await Promise.allSettled(
        Array.from({ length: 60 }, () => own.claim(k, { ...lease, order: { subject: k, at: 1 } })),
      );
      const codes = settled.flatMap((each) =>
        each.status === "rejected" ? [each.reason.code] : [],
      );
      expect([...new Set(codes)].filter((code) => code !== "40001")).toEqual([]);
      if (level === "read committed") expect(codes).toEqual([]);
      const states = statesOf(
        settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])),
      );
      expect(states).toEqual({ claimed: 1, busy: 59 - codes.length, done: 0 });
    }
  });

  it("one after the other, all is as usual", async () => {
    const single = openPool({ max: 1, options });
    const { rows } = await single.query("show transaction_isolation");
    expect(rows).toEqual([{ transaction_isolation: level }]);
    const own = postgresStore(single, { table });
    await own.migrate();
    const k = key();
    const token = tokenOf(await own.claim(k, lease));
    expect(await own.claim(k, lease)).toEqual({ state: "busy" });
    expect(await own.renew(k, token, lease)).toBe(true);
    await own.release(k, token);
    await own.complete(k, tokenOf(await own.claim(k, lease)), ttl);
    expect(await own.claim(k, lease)).toEqual({ state: "done" });
    const expired = key();
    await own.claim(expired, { leaseMs: 0 });
    expect((await own.claim(expired, lease)).state).toBe("claimed");
  });
});

describe("migrate", () => {
  it("creates the table from eight connections at once, and again", async () => {
    for (let round = 0; round < 4; round += 1) {
      const own = newTable("migrated");
      const stores = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const single = openPool({ max: 1 });
          await single.query("select 1");
          return postgresStore(single, { table: own });
        }),
      );
      await Promise.all(stores.map((each) => each.migrate()));
      await stores[0]?.migrate();
      expect((await stores[0]?.claim("k", lease))?.state).toBe("claimed");
    }
  });

  it("is what the DDL says, and changes nothing that is there", async () => {
    const own = newTable("declared");
    await admin.query(postgresStoreDdl(own));
    const declared = postgresStore(pool, { table: own });
    await declared.claim("k", lease);
    await declared.migrate();
    await admin.query(postgresStoreDdl(own));
    expect(await declared.claim("k", lease)).toEqual({ state: "busy" });
  });

  it.each([
    'weird"; drop table x; --',
    "Upper Case",
    "select",
    "naïve ☃ 🚀",
    "'quoted'",
    "back\\slash",
    "$1",
    "new\nline",
    "x".repeat(63),
    `${"x".repeat(62)}y`,
    "é".repeat(31),
  ])("takes the table name %j as it is", async (name) => {
    dropAtEnd(quoted(name));
    await admin.query(`drop table if exists ${quoted(name)}`);
    await admin.query("create table if not exists x (kept int)");
    dropAtEnd("x");
    const own = postgresStore(pool, { table: name });
    await own.migrate();
    const { rows } = await admin.query(
      "select count(*)::int as indexes from pg_indexes where tablename = $1",
      [name],
    );
    expect(rows).toEqual([{ indexes: 3 }]);
    const token = tokenOf(await own.claim("k", { ...lease, order: { subject: "s", at: 1 } }));
    expect(await own.renew("k", token, lease)).toBe(true);
    await own.complete("k", token, { ttlMs: 0 });
    expect(await own.prune()).toBe(1);
    await own.writeCursor("k", name);
    expect(await own.readCursor("k")).toBe(name);
    await expect(admin.query("select kept from x")).resolves.toMatchObject({ rows: [] });
  });

  it("takes a schema, and keeps its tables apart from those of the same name", async () => {
    const schema = randomName('Schema "quoted"');
    await admin.query(`create schema ${quoted(schema)}`);
    try {
      const inside = postgresStore(pool, { table: `${schema}.${table}` });
      await expect(inside.claim("k", lease)).rejects.toMatchObject({ code: "42P01" });
      await inside.migrate();
      const k = key();
      await store.claim(k, lease);
      expect((await inside.claim(k, lease)).state).toBe("claimed");
      await store.writeCursor(k, "outside");
      expect(await inside.readCursor(k)).toBeUndefined();
      await inside.writeCursor(k, "inside");
      expect(await store.readCursor(k)).toBe("outside");
      const { rows } = await admin.query(
        "select distinct schemaname as schema from pg_indexes where tablename = $1 order by 1",
        [table],
      );
      expect(rows.map((row) => row.schema).sort()).toEqual([schema, "public"].sort());
    } finally {
      await admin.query(`drop schema ${quoted(schema)} cascade`);
    }
  });

  it("has a table by default", async () => {
    const schema = randomName("default");
    await admin.query(`create schema ${quoted(schema)}`);
    try {
      const byDefault = postgresStore(openPool({ max: 1, options: `-c search_path=${schema}` }));
      await byDefault.migrate();
      const { rows } = await admin.query(
        "select tablename as name from pg_tables where schemaname = $1 order by 1",
        [schema],
      );
      expect(rows).toEqual([
        { name: "countersign_claims" },
        { name: "countersign_claims_cursors" },
      ]);
    } finally {
      await admin.query(`drop schema ${quoted(schema)} cascade`);
    }
  });
});

describe("prune", () => {
  async function prepared(expired: number) {
    const own = newTable("pruned");
    const pruned = postgresStore(pool, { table: own });
    await pruned.migrate();
    await pruned.claim("live claim", lease);
    await pruned.complete("live", tokenOf(await pruned.claim("live", lease)), ttl);
    await admin.query(
      `insert into ${quoted(own)} (key, token, expires_at)
       select 'expired ' || n, case when n % 2 = 0 then gen_random_uuid() end, now() - n * interval '1 s'
       from generate_series(1, $1) as n`,
      [expired],
    );
    return { own, pruned };
  }

  it("deletes all that has expired, and nothing else", async () => {
    const { own, pruned } = await prepared(2500);
    expect(await pruned.prune()).toBe(2500);
    const { rows } = await admin.query(`select key from ${quoted(own)} order by key`);
    expect(rows).toEqual([{ key: "live" }, { key: "live claim" }]);
    expect(await pruned.prune()).toBe(0);
    expect(await pruned.claim("live", lease)).toEqual({ state: "done" });
    expect(await pruned.claim("live claim", lease)).toEqual({ state: "busy" });
  });

  it("deletes no more than it was told at once, the oldest first", async () => {
    const { own, pruned } = await prepared(25);
    const counted = openPool({ max: 1 });
    const trips = countRoundTrips(counted);
    await counted.query("select 1");
    const before = trips();
    const control = new AbortController();
    const seen: number[] = [];
    const watching = {
      query: async (text: string, values?: unknown[]) => {
        const result = await counted.query(text, values);
        seen.push(await rowsOf(own));
        if (seen.length === 2) control.abort();
        return result;
      },
    };
    const watched = postgresStore(watching, { table: own });
    expect(await watched.prune({ batchSize: 10, signal: control.signal })).toBe(20);
    expect(seen).toEqual([17, 7]);
    expect(trips() - before).toBe(2);
    const { rows } = await admin.query(`select key from ${quoted(own)} where key like 'expired%'`);
    expect(rows.map((row) => row.key).sort()).toEqual([1, 2, 3, 4, 5].map((n) => `expired ${n}`));
    expect(await pruned.prune({ batchSize: 5 })).toBe(5);
  });

  it("does nothing when it was aborted before", async () => {
    const { own, pruned } = await prepared(5);
    expect(await pruned.prune({ signal: AbortSignal.abort() })).toBe(0);
    expect(await rowsOf(own)).toBe(7);
  });

  it("runs in several processes at once, each row counted once", async () => {
    const { own, pruned } = await prepared(3000);
    const counts = await Promise.all([1, 2, 3, 4].map(() => pruned.prune({ batchSize: 50 })));
    // One that met nothing but locked rows has ended early; what it left, the others or the next call find.
    const rest = await pruned.prune();
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(3000);
    expect(await rowsOf(own)).toBe(2);
  });

  it("neither waits for locked rows nor deletes them", async () => {
    const { own, pruned } = await prepared(10);
    const client = await admin.connect();
    try {
      await client.query("begin");
      await client.query(`select from ${quoted(own)} where key = 'expired 3' for update`);
      expect(await pruned.prune()).toBe(9);
      await client.query("rollback");
    } finally {
      client.release();
    }
    expect(await pruned.prune()).toBe(1);
  });

  it("leaves a claim that is taken over at the same time", async () => {
    const { pruned } = await prepared(0);
    const keys = Array.from({ length: 200 }, (_, index) => `contested ${index}`);
    for (const k of keys) await pruned.claim(k, { leaseMs: 0 });
    const [claims] = await Promise.all([
      Promise.all(keys.map((k) => pruned.claim(k, lease))),
      pruned.prune({ batchSize: 7 }),
      pruned.prune({ batchSize: 7 }),
    ]);
    // Whoever was told “claimed” still holds it; whoever met the row as it was deleted was told to come again.
    for (const [index, claim] of claims.entries()) {
      const k = keys[index] as string;
      if (claim.state === "claimed") expect(await pruned.renew(k, claim.token, lease)).toBe(true);
      else expect((await pruned.claim(k, lease)).state).toBe("claimed");
    }
  });

  it("finds the expired by an index, however many others there are", async () => {
    const { own } = await prepared(100);
    await admin.query(
      `insert into ${quoted(own)} (key, expires_at)
       select 'kept ' || n, now() + interval '1 day' from generate_series(1, 20000) as n`,
    );
    await admin.query(`analyze ${quoted(own)}`);
    const { prune } = statements(postgresTable(own));
    const { rows } = await admin.query(`explain ${prune.replace("$1", "1000")}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toMatch(/Index Cond: \(expires_at <= statement_timestamp\(\)\)/);
    expect(plan).not.toMatch(/Seq Scan/);
  });
});
