import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import pg from "pg";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Engine,
  postgresUrl,
  redisUrl,
  startPostgres,
  startRedis,
} from "./helpers/services.js";

// What the other suites here build upon: both engines answer every client, and keep what they have acknowledged.

const key = () => `engines:${randomUUID()}`;

/** Connects once, without a second try. */
async function connectedTo(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => null, lazyConnect: true });
  // It rejects as well.
  client.on("error", () => {});
  await client.connect();
  client.disconnect();
}

async function statement(url: string, text: string, values: string[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // A connection that its server breaks off says so a second time.
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe("a round trip with", () => {
  it.each([
    ["redis", createClient],
    ["redis5", createClient5 as unknown as typeof createClient],
  ])("%s", async (_name, create) => {
    const client = create({ url: redisUrl });
    await client.connect();
    const name = key();

    await client.set(name, "kept", { expiration: { type: "EX", value: 60 } });

    expect(await client.get(name)).toBe("kept");
    await client.close();
  });

  it.each([
    ["ioredis", Redis],
    ["ioredis5", Redis5 as unknown as typeof Redis],
  ])("%s", async (_name, Client) => {
    const client = new Client(redisUrl);
    const name = key();

    await client.set(name, "kept", "EX", 60);

    expect(await client.get(name)).toBe("kept");
    await client.quit();
  });

  it("pg", async () => {
    expect(await statement(postgresUrl, "select $1::text as sent", ["round"])).toEqual([
      { sent: "round" },
    ]);
  });
});

describe("after a kill in the middle of writing, and a restart", () => {
  let redis: Engine;
  let postgres: Engine;
  beforeAll(async () => {
    redis = await startRedis();
    postgres = await startPostgres();
  });
  afterAll(async () => {
    await redis?.remove();
    await postgres?.remove();
  });

  /** Writes until the server is gone, and gives back what was acknowledged. */
  async function writeUntilKilled(engine: Engine, write: (n: number) => Promise<unknown>) {
    const acknowledged: number[] = [];
    let killed: Promise<void> | undefined;
    for (let n = 0; ; n++) {
      if (n === 100) killed = engine.kill();
      try {
        await write(n);
      } catch {
        break;
      }
      acknowledged.push(n);
    }
    await killed;
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    return acknowledged;
  }

  it("Redis has every write that it has acknowledged", async () => {
    const options = { retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const before = new Redis(redis.url, options);
    before.on("error", () => {});
    const acknowledged = await writeUntilKilled(redis, (n) => before.set(`n:${n}`, n));
    before.disconnect();
    await expect(connectedTo(redis.url)).rejects.toThrow();

    await redis.restart();

    const after = new Redis(redis.url, options);
    const kept = await after.mget(acknowledged.map((n) => `n:${n}`));
    expect(kept).toEqual(acknowledged.map(String));
    await after.quit();
  });

  it("PostgreSQL has every row that it has acknowledged", async () => {
    await statement(postgres.url, "create table kept (n int primary key)");
    const before = new pg.Client({ connectionString: postgres.url });
    before.on("error", () => {});
    await before.connect();
    const acknowledged = await writeUntilKilled(postgres, (n) =>
      before.query("insert into kept values ($1)", [n]),
    );
    await expect(statement(postgres.url, "select 1")).rejects.toThrow();

    await postgres.restart();

    const rows = await statement(postgres.url, "select n from kept order by n");
    expect(rows).toEqual(expect.arrayContaining(acknowledged.map((n) => ({ n }))));
  });

  it("both write to the disk before they acknowledge", async () => {
    const client = new Redis(redis.url);
    expect(await client.config("GET", "appendfsync")).toEqual(["appendfsync", "always"]);
    await client.quit();
    const [settings] = await statement(
      postgres.url,
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    expect(settings).toEqual({ fsync: "on", commit: "on" });
  });
});

describe("an engine", () => {
  it.each([
    ["Redis", startRedis, connectedTo],
    ["PostgreSQL", startPostgres, (url: string) => statement(url, "select 1")],
  ])(
    "%s starts again after an orderly end, and is gone when removed",
    async (_name, start, use) => {
      const engine = await start();
      await engine.stop();
      await expect(use(engine.url)).rejects.toThrow();

      await engine.restart();
      await use(engine.url);

      await engine.remove();
      await expect(use(engine.url)).rejects.toThrow();
      await expect(engine.restart()).rejects.toThrow("has been removed");
    },
  );
});
