/** A server of the tests' own, beside those that all tests share. */
export interface Engine {
  readonly url: string;
  readonly port: number;
  /** In order. */
  stop(): Promise<void>;
  /** At once, as a crash does. */
  kill(): Promise<void>;
  /** At the same port, with the same data; resolves when it answers. */
  restart(): Promise<void>;
  /** Stops it, and deletes its data. */
  remove(): Promise<void>;
}

type Start = (options?: { readonly args?: readonly string[] }) => Promise<Engine>;

const scripts = new URL("../../../scripts/services/", import.meta.url);
// Imported by address, since the scripts have no declarations.
const redis = (await import(new URL("redis.mjs", scripts).href)) as { startRedis: Start };
const postgres = (await import(new URL("postgres.mjs", scripts).href)) as { startPostgres: Start };

/** Starts a Redis for one test, which may stop it and kill it. */
export const { startRedis } = redis;

/** Starts a PostgreSQL for one test, which may stop it and kill it. */
export const { startPostgres } = postgres;

function fromEnvironment(name: string): string {
  const url = process.env[name];
  if (!url) throw new Error(`${name} is not set: npm run test:services sets it.`);
  return url;
}

/** The Redis that all tests share: each needs keys of its own, and none may stop it. */
export const redisUrl = fromEnvironment("COUNTERSIGN_REDIS_URL");

/** The PostgreSQL that all tests share: each needs tables of its own, and none may stop it. */
export const postgresUrl = fromEnvironment("COUNTERSIGN_POSTGRES_URL");
