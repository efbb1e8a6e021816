// Bytes that a handled message takes in each store, plain and with an order: each about a subject of its own.
// Redis and PostgreSQL come from the environment: npm run bench:stores
import { postgresStore } from "countersign/stores/postgres";
import { redisStore } from "countersign/stores/redis";
import { sqliteStore } from "countersign/stores/sqlite";
import { Redis } from "ioredis";
import pg from "pg";

const messages = 20_000;
const atOnce = 100;

async function fill(store, ordered) {
  const settle = async (index) => {
    // As long as the ids of Svix.
    const key = `vove:msg_${String(index).padStart(27, "0")}`;
    const order = ordered
      ? { subject: `vove:user-${index}`, at: 1_700_000_000_000 + index }
      : undefined;
    const { token } = await store.claim(key, { leaseMs: 60_000, order });
    await store.complete(key, token, { ttlMs: 172_800_000, order });
  };
  for (let index = 0; index < messages; index += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, lane) => settle(index + lane)));
  }
}

const { COUNTERSIGN_REDIS_URL: redisUrl, COUNTERSIGN_POSTGRES_URL: postgresUrl } = process.env;
const rows = [];

if (redisUrl !== undefined && postgresUrl !== undefined) {
  const redis = new Redis(redisUrl);
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))[1]);
  const redisBytes = async (ordered) => {
    const store = redisStore(redis, { prefix: `sizes-${ordered}` });
    // The scripts are there before the count begins.
    await store.release("none", "none");
    const before = await used();
    await fill(store, ordered);
    return (await used()) - before;
  };
  rows.push(["redis", await redisBytes(false), await redisBytes(true)]);
  await redis.quit();

  const pool = new pg.Pool({ connectionString: postgresUrl, max: 20 });
  const postgresBytes = async (ordered) => {
    const table = `sizes_${ordered}`;
    const store = postgresStore(pool, { table });
    await store.migrate();
    await fill(store, ordered);
    const {
      rows: [{ bytes }],
    } = await pool.query("select pg_total_relation_size($1) as bytes", [table]);
    return Number(bytes);
  };
  rows.push(["postgres", await postgresBytes(false), await postgresBytes(true)]);
  await pool.end();
}

try {
  const { DatabaseSync } = await import("node:sqlite");
  const sqliteBytes = async (ordered) => {
    const database = new DatabaseSync(":memory:");
    await fill(sqliteStore(database), ordered);
    const { page_count: pages } = database.prepare("pragma page_count").get();
    const { page_size: bytes } = database.prepare("pragma page_size").get();
    return pages * bytes;
  };
  rows.push(["sqlite", await sqliteBytes(false), await sqliteBytes(true)]);
} catch {
  console.log(`without SQLite: Node ${process.versions.node} has no node:sqlite`);
}

console.log(`bytes per handled message, of ${messages.toLocaleString("en")}`);
console.log(`${"store".padEnd(22)}${"plain".padStart(14)}${"in order".padStart(10)}`);
for (const [name, plain, ordered] of rows) {
  const each = (bytes) => String(Math.round(bytes / messages));
  console.log(`${name.padEnd(22)}${each(plain).padStart(14)}${each(ordered).padStart(10)}`);
}
