import pg from "pg";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { HeldClaim } from "../../src/store.js";
import {
  type PostgresClientOf,
  type PostgresPoolClient,
  type PostgresQueryable,
  type PostgresStore,
  type PostgresStoreOptions,
  postgresStore,
  postgresStoreDdl,
} from "../../src/stores/postgres.js";
import { codeOf } from "../helpers/code-of.js";

// What is refused without a server. All that it takes one for is in test/services/postgres*.test.ts.

/** Connects to nothing before it is asked to. */
const pool = new pg.Pool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
const client = new pg.Client({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
const claim: HeldClaim = { key: "k", token: "9b2762f0-0000-4000-8000-000000000000", ttlMs: 1000 };

const badTables: readonly unknown[] = [
  "",
  ".",
  "a.",
  ".a",
  "a..b",
  "a.b.c",
  "a\0b",
  "schema\0.a",
  "\ud800",
  "schema.\udfff",
  "x".repeat(64),
  `${"x".repeat(64)}.a`,
  "é".repeat(32),
  "🚀".repeat(16),
  null,
  7,
  {},
  ["claims"],
];

describe("postgresStore", () => {
  it.each([undefined, null, {}, "postgres://", { query: "select 1" }, pg])(
    "refuses %j for a pool",
    async (given) => {
      expect(await codeOf(() => postgresStore(given as never))).toBe("option_invalid");
    },
  );

  it.each([null, "claims", { tabel: "claims" }, { table: "claims", ttlMs: 1 }])(
    "refuses the options %j",
    async (options) => {
      expect(await codeOf(() => postgresStore(pool, options as PostgresStoreOptions))).toBe(
        "option_invalid",
      );
    },
  );

  it.each(badTables)("refuses the table %j", async (table) => {
    expect(await codeOf(() => postgresStore(pool, { table: table as string }))).toBe(
      "option_invalid",
    );
    expect(await codeOf(() => postgresStoreDdl(table as string))).toBe("option_invalid");
  });

  it.each([7, "a.b.c"])("names the option when the table is %j", (table) => {
    expect(() => postgresStoreDdl(table as string)).toThrow(
      expect.objectContaining({
        details: { option: "table", expected: expect.stringMatching(/./) },
      }),
    );
  });

  it.each([
    "claims",
    "x".repeat(63),
    "é".repeat(31),
    `${"s".repeat(63)}.${"t".repeat(63)}`,
    'weird"; drop table x; --',
    " ",
    "$1",
  ])("takes the table %j", async (table) => {
    expect(await codeOf(() => postgresStore(pool, { table }))).toBe("none");
  });

  it.each([
    { batchSize: 0 },
    { batchSize: 100_001 },
    { batchSize: 1.5 },
    { batchSize: "10" },
    { signal: {} },
    { signal: null },
    { batch: 10 },
    null,
  ])("refuses to prune with %j", async (options) => {
    expect(await codeOf(() => postgresStore(pool).prune(options as never))).toBe("option_invalid");
  });

  it("refuses a transaction with a single client, without connecting it", async () => {
    let worked = false;
    const transact = () =>
      postgresStore(client).transaction(claim, () => {
        worked = true;
      });
    expect(await codeOf(transact)).toBe("option_invalid");
    expect(worked).toBe(false);
    // A client connects once: it has not been told to.
    await expect(client.connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("refuses a transaction with what lends no clients", async () => {
    const queryable = { query: async () => ({ rows: [] }) };
    for (const one of [queryable, { ...queryable, totalCount: 1 }, { ...queryable, connect: 1 }]) {
      expect(await codeOf(() => postgresStore(one).transaction(claim, () => 1))).toBe(
        "option_invalid",
      );
    }
  });

  it.each([
    undefined,
    null,
    {},
    { ...claim, key: undefined },
    { ...claim, token: 1 },
    { ...claim, ttlMs: "1000" },
  ])("refuses to complete the claim %j in a transaction", async (given) => {
    const store = postgresStore(pool);
    const queryable = { query: async () => ({ rows: [{ state: "held" }] }) };
    expect(await codeOf(() => store.transaction(given as HeldClaim, () => 1))).toBe(
      "option_invalid",
    );
    expect(await codeOf(() => store.completeIn(queryable, given as HeldClaim))).toBe(
      "option_invalid",
    );
  });

  it("refuses to complete a claim in its own pool, where no transaction is", async () => {
    expect(await codeOf(() => postgresStore(pool).completeIn(pool, claim))).toBe("option_invalid");
  });

  it("rejects as the client does where no server is", async () => {
    const store = postgresStore(pool);
    for (const call of [
      () => store.claim("k", { leaseMs: 1000 }),
      () => store.renew("k", claim.token, { leaseMs: 1000 }),
      () => store.complete("k", claim.token, { ttlMs: 1000 }),
      () => store.release("k", claim.token),
      () => store.readCursor("c"),
      () => store.writeCursor("c", "1"),
      () => store.migrate(),
      () => store.prune(),
      () => store.transaction(claim, () => 1),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  it("takes an answer that is none for no claim, and for a claim that is lost", async () => {
    const store = postgresStore({ query: async () => ({ rows: [] }) });
    expect(await store.claim("k", { leaseMs: 1000 })).toEqual({ state: undefined });
    expect(await store.renew("k", claim.token, { leaseMs: 1000 })).toBe(false);
    expect(await store.readCursor("c")).toBeUndefined();
  });

  it.each([{}, { value: null }, { value: 5 }, ["1"]])(
    "takes the row %j for no cursor, and not for none",
    async (row) => {
      const store = postgresStore({ query: async () => ({ rows: [row] }) });
      await expect(store.readCursor("c")).rejects.toThrow(TypeError);
    },
  );
});

describe("postgresStoreDdl", () => {
  it("is what the default table is made of", () => {
    expect(postgresStoreDdl()).toBe(`create table if not exists "countersign_claims" (
  key text collate "C" primary key,
  token uuid,
  expires_at timestamptz not null,
  subject text collate "C",
  at_ms float8
);
create index if not exists "countersign_claims_expiry_idx" on "countersign_claims" (expires_at);
create index if not exists "countersign_claims_order_idx" on "countersign_claims" (subject, at_ms) where subject is not null;
create table if not exists "countersign_claims_cursors" (
  name text collate "C" primary key,
  value text not null
);
`);
  });

  it("quotes every name in it", () => {
    const statements = postgresStoreDdl('a"b.weird"; drop table x; --').split("\n");
    expect(statements[0]).toBe('create table if not exists "a""b"."weird""; drop table x; --" (');
    expect(statements[9]).toBe(
      'create table if not exists "a""b"."weird""; drop table x; --_cursors" (',
    );
    expect(statements[7]).toBe(
      'create index if not exists "weird""; drop table x; --_expiry_idx" on "a""b"."weird""; drop table x; --" (expires_at);',
    );
  });

  it("gives indexes of long names names that fit, and no two tables the same", () => {
    const indexesOf = (table: string) =>
      [...postgresStoreDdl(table).matchAll(/index if not exists "(.+?)" on/g)].map(
        ([, name]) => name as string,
      );
    const [one, other] = [indexesOf("x".repeat(63)), indexesOf(`${"x".repeat(62)}y`)];
    expect(new Set([...one, ...other]).size).toBe(4);
    for (const name of [...one, ...other, ...indexesOf("é".repeat(31))]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    }
    // The longest that needs no other name: 52 and “_expiry_idx” are 63.
    expect(indexesOf("x".repeat(52))).toEqual([
      `${"x".repeat(52)}_expiry_idx`,
      `${"x".repeat(52)}_order_idx`,
    ]);
    expect(indexesOf("x".repeat(53))[0]).toMatch(/^countersign_[0-9a-f]{32}_expiry_idx$/);
  });

  it("gives tables of cursors names that fit, in the same schema, and no two tables the same", () => {
    const cursorsOf = (table: string) =>
      /table if not exists (\S+) \(\n {2}name/.exec(postgresStoreDdl(table))?.[1];
    expect(cursorsOf("webhooks.claims")).toBe('"webhooks"."claims_cursors"');
    // 55 and “_cursors” are 63.
    expect(cursorsOf("x".repeat(55))).toBe(`"${"x".repeat(55)}_cursors"`);
    expect(cursorsOf("é".repeat(28))).toMatch(/^"countersign_[0-9a-f]{32}_cursors"$/);
    expect(cursorsOf(`s.${"x".repeat(56)}`)).toMatch(/^"s"\."countersign_[0-9a-f]{32}_cursors"$/);
    expect(cursorsOf("x".repeat(63))).not.toBe(cursorsOf(`${"x".repeat(62)}y`));
  });
});

describe("the types", () => {
  it("know the client that a pool lends", () => {
    expectTypeOf<PostgresClientOf<pg.Pool>>().toEqualTypeOf<pg.PoolClient>();
    expectTypeOf(postgresStore(pool)).toEqualTypeOf<PostgresStore<pg.PoolClient>>();
    interface Wrapper extends PostgresQueryable {
      connect(): Promise<PostgresPoolClient & { readonly wrapped: true }>;
    }
    expectTypeOf<PostgresClientOf<Wrapper>>().toEqualTypeOf<
      PostgresPoolClient & { readonly wrapped: true }
    >();
    expectTypeOf<PostgresClientOf<PostgresQueryable>>().toEqualTypeOf<PostgresQueryable>();
  });

  it("take a pool, a client and a lent client, and give back what the work returns", () => {
    expectTypeOf(pool).toExtend<PostgresQueryable>();
    expectTypeOf(client).toExtend<PostgresQueryable>();
    expectTypeOf<pg.PoolClient>().toExtend<PostgresPoolClient>();
    const transact = () => postgresStore(pool).transaction(claim, async () => 7);
    expectTypeOf(transact).returns.resolves.toEqualTypeOf<number>();
  });
});
