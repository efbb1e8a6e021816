import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeEach } from "vitest";
import { postgresUrl } from "./services.js";

/** A table's name as SQL has it, by PostgreSQL's own rules and without the code that is tested. */
export const quoted = (name: string): string => pg.escapeIdentifier(name);

export const randomName = (prefix = "claims"): string =>
  `${prefix}_${randomUUID().replaceAll("-", "")}`;

/** What a test file has made. Tables are gone with the file; pools too, or with the test that opened them. */
export function postgresResources() {
  let pools: pg.Pool[] = [];
  let lasting = 0;
  const tables: string[] = [];

  const openPool = (config: pg.PoolConfig = {}): pg.Pool => {
    const pool = new pg.Pool({ connectionString: postgresUrl, ...config });
    pool.on("error", () => undefined);
    pools.push(pool);
    return pool;
  };
  const end = async (from: number): Promise<void> => {
    const ending = pools.slice(from);
    pools = pools.slice(0, from);
    await Promise.all(ending.map((pool) => pool.end()));
  };
  const admin = openPool({ max: 2 });

  beforeEach(() => {
    lasting = pools.length;
  });
  // The server has not many connections for all that share it.
  afterEach(() => end(lasting));
  afterAll(async () => {
    for (const table of tables) await admin.query(`drop table if exists ${table} cascade`);
    await end(0);
  });

  return {
    admin,
    openPool,
    /** A name of its own, of a table that is dropped at the end. */
    newTable: (prefix?: string): string => {
      const name = randomName(prefix);
      tables.push(quoted(name), quoted(`${name}_cursors`));
      return name;
    },
    /** Drops a table at the end; the name as SQL has it. */
    dropAtEnd: (table: string): void => void tables.push(table),
  };
}

/** Counts the times a pool's connections have waited for the server: each ends with ReadyForQuery. */
export function countRoundTrips(pool: pg.Pool): () => number {
  let trips = 0;
  pool.on("connect", (client) => {
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    connection.on("readyForQuery", () => {
      trips += 1;
    });
  });
  return () => trips;
}
