import { cursorText, readCursorText } from "../internal/cursor-text.js";
import { claimLost, requireClaim, settledClaims } from "../internal/held-claims.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import { ddl, migration, statements } from "../internal/postgres-statements.js";
import { postgresTable } from "../internal/postgres-table.js";
import { postgresText } from "../internal/postgres-text.js";
import type { Claim, HeldClaim, Store } from "../store.js";

/** What runs statements: a `Pool` or `Client` of `pg`, or what makes another client look like one. */
export interface PostgresQueryable {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
}

/** What a statement has come to. */
export interface PostgresResult {
  readonly rows: readonly unknown[];
  /** What PostgreSQL says that it has done: `ROLLBACK` where a `commit` could not be. */
  readonly command?: string;
}

/** A client that a pool has lent. */
export interface PostgresPoolClient extends PostgresQueryable {
  release(destroy?: boolean): void;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}

/** The type of the clients that a pool lends. `pg` declares its `connect` twice, wrappers once. */
export type PostgresClientOf<Pool> = Pool extends {
  connect: { (): Promise<infer Client>; (callback: never): unknown };
}
  ? unknown extends Client
    ? Pool extends { connect(): Promise<infer Only> }
      ? Only
      : PostgresQueryable
    : Client
  : PostgresQueryable;

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /**
   * The table, or schema and table with a dot between; exactly as written, so that case counts. Without a schema, the
   * connection's `search_path` decides. Cursors are in a second one, whose name has `_cursors` at the end, or, where that
   * would be longer than 63 bytes, a hash in it. @default "countersign_claims"
   */
  readonly table?: string | undefined;
}

/** Options of {@link PostgresStore.prune}. */
export interface PruneOptions {
  /** The most rows that one statement deletes. @default 1000 */
  readonly batchSize?: number | undefined;
  /** Ends it after the batch at hand. */
  readonly signal?: AbortSignal | undefined;
}

/** A store in PostgreSQL. */
export interface PostgresStore<Client = PostgresQueryable> extends Required<Store> {
  /**
   * Creates the tables and their indexes where they are missing, in one transaction; several processes may do so at once.
   * The role needs to be allowed to create in the schema, which has to exist, and to own the table where that is there.
   * For a role that may do less, run {@link postgresStoreDdl} in your migrations, grant `select`, `insert`, `update` and
   * `delete`, and do not call this.
   *
   * A table of a version without cursors is left as it is, with all that is in it, and gets the one of cursors beside it.
   * Until then, claims go on, and only `readCursor` and `writeCursor` throw.
   *
   * @throws what the database throws
   */
  migrate(): Promise<void>;
  /**
   * Deletes what has expired, in batches of one short transaction each, and returns how many rows that were. Claims and
   * messages that have not expired, and cursors, are never deleted. Rows that are locked are left for the next time, so that several
   * processes may do this at once.
   *
   * Nothing else deletes handled messages: call it from a cron job or `setInterval`, about every hour.
   *
   * @throws what the database throws; batches before that stay deleted
   * @throws {WebhookError} `option_invalid`
   */
  prune(options?: PruneOptions): Promise<number>;
  /**
   * Runs a handler's own writes and the completion of its claim in one transaction: either both are there, or neither
   * is. That holds when the handler throws, when the claim was lost and somebody else may be handling the message, and
   * when the process or the database dies at any moment.
   *
   * `work` gets a client of the pool, in an open transaction, and must do all its writes through it, await them, and not
   * end the transaction itself. What it returns is returned once the transaction is committed. When anything throws, the
   * transaction is rolled back and the error is thrown on; have the handler throw it too, so that the sender retries.
   *
   * The handler's `work` has a connection while it runs, and the renewal of its claim needs another for a moment: make the
   * pool larger than the number of handlers at once. Where none is free for as long as the lease, the claim runs out,
   * and the transaction is rolled back.
   *
   * @example
   * ```ts
   * "idv.successful": (event, message, { claim }) =>
   *   store.transaction(claim, async (client) => {
   *     await client.query("update users set verified = true where ref = $1", [event.refId]);
   *   }),
   * ```
   *
   * @throws what `work` throws, and what the database throws. When the connection fails during COMMIT, it is not known
   * whether it was done; either way both are there or neither is, and the sender's retry finds out.
   * @throws {Error} named `ClaimLostError` when the claim is no longer held
   * @throws {WebhookError} `option_invalid` when the store has a single client, which handlers would share, or there is no
   * claim, because the receiver has another store
   */
  transaction<Result>(
    claim: HeldClaim | undefined,
    work: (client: Client) => Promise<Result> | Result,
  ): Promise<Result>;
  /**
   * Completes a claim in a transaction of yours, through whatever runs a statement in it, and takes effect when you commit.
   * Make it the last statement: the claim's row is locked from here to the end.
   *
   * When the transaction is not committed, the handler has to throw: one that returns is believed.
   *
   * @throws {Error} named `ClaimLostError` when the claim is no longer held; roll back then
   * @throws what the database throws
   * @throws {WebhookError} `option_invalid` when given a pool, where no transaction is, or no claim
   */
  completeIn(client: PostgresQueryable, claim: HeldClaim | undefined): Promise<void>;
}

/**
 * The DDL of {@link postgresStore}, for those who have their own migrations: two tables and two indexes, each only where it
 * does not exist. It is safe to run again, though not from several connections at once; `store.migrate()` is.
 *
 * Exported from `countersign/stores/postgres`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function postgresStoreDdl(table?: string): string {
  return ddl(postgresTable(table));
}

/** A client has no count of clients, which is how the two are told apart. */
function isPool(
  client: unknown,
): client is { readonly connect: () => Promise<PostgresPoolClient> } {
  const { connect, totalCount } = client as { connect?: unknown; totalCount?: unknown };
  return typeof connect === "function" && typeof totalCount === "number";
}

/** Recognises what `claim` gives out; PostgreSQL would refuse to compare anything else. */
const isToken = (token: unknown): token is string =>
  typeof token === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(token);

/**
 * Makes a store in PostgreSQL: for any number of processes that share the database, and for handlers whose own writes go
 * there too. `pool` is a `Pool` of `pg`; or a single `Client` that nothing else uses, for scripts: it runs one statement at
 * a time, and a receiver needs several. `migrate()` or {@link postgresStoreDdl} creates the tables.
 *
 * Of any number of claims at once one wins, by the database's clock. Each operation is one statement and one round trip,
 * without prepared statements, so that poolers such as PgBouncer may be between. A duplicate only reads. No operation but
 * `complete` and `release` waits for a lock that a transaction of yours holds. Of two that write a cursor at once, one
 * waits for the other.
 *
 * A message is handled at least once. With `transaction` or `completeIn` its effect in this database is there exactly
 * once. With an order, the newer message is found in the same statement; of two that claim at the same instant the older
 * counts as the first.
 *
 * It is as durable as the database: a completion that a crash takes back, with `synchronous_commit` off or a failover to
 * a replica that is behind, has the message handled again when it is sent again, and takes along what was written in the
 * same transaction. Under REPEATABLE READ or SERIALIZABLE as the role's default, claims of one message at once can fail
 * (`40001`); that is an error like others, and the sender retries.
 *
 * All that fails in the database is thrown, as it is: an unreachable database means `store_unavailable`, and no handler
 * is called. A pool that loses idle connections emits `error`, which ends the process where nobody listens: that listener
 * is yours. After a restart of the database the same pool goes on.
 *
 * Receivers that share a table are one consumer: what one has handled is a duplicate for all. Another application, or
 * another stage, needs a table of its own.
 *
 * The table has keys (provider and message id) and, with an order, subjects; that of cursors has their names and texts.
 * Long and unusual keys, subjects and names are hashed.
 *
 * Exported from `countersign/stores/postgres`.
 *
 * @example
 * ```ts
 * const pool = new Pool({ connectionString, connectionTimeoutMillis: 5000 });
 * pool.on("error", (error) => log.warn(error));
 * const store = postgresStore(pool);
 * await store.migrate();
 * setInterval(() => store.prune().catch(log.warn), 3_600_000).unref();
 * ```
 *
 * @throws {WebhookError} `option_invalid`
 */
export function postgresStore<Pool extends PostgresQueryable>(
  pool: Pool,
  options: PostgresStoreOptions = {},
): PostgresStore<PostgresClientOf<Pool>> {
  if (typeof pool?.query !== "function") invalidOption("pool", "a Pool or Client of pg");
  checkOptions(options, ["table"]);
  const names = postgresTable(options.table);
  const sql = statements(names);
  const settled = settledClaims(pool);

  const first = async (
    client: PostgresQueryable,
    text: string,
    values: unknown[],
  ): Promise<Readonly<Record<string, unknown>>> =>
    ((await client.query(text, values)).rows[0] ?? {}) as Readonly<Record<string, unknown>>;

  const isHeld = async (
    client: PostgresQueryable,
    text: string,
    { key, token }: { readonly key: string; readonly token: string },
    milliseconds: number,
  ): Promise<boolean> =>
    isToken(token) &&
    (await first(client, text, [postgresText(key), token, milliseconds])).state === "held";

  const completeIn = async (client: PostgresQueryable, claim: HeldClaim): Promise<void> => {
    if (!(await isHeld(client, sql.complete, claim, claim.ttlMs))) throw claimLost();
  };

  /** A client for a transaction, which a single client is not. */
  const lend = async (): Promise<PostgresPoolClient> =>
    isPool(pool) ? pool.connect() : invalidOption("pool", "a Pool of pg");

  return {
    ordered: true,
    claim: async (key, { leaseMs, order }) => {
      const token = globalThis.crypto.randomUUID();
      // NaN is the time of an invalid date, and to PostgreSQL later than any other.
      const place = order === undefined || Number.isNaN(order.at) ? undefined : order;
      const { state, newer } = await first(pool, sql.claim, [
        ...[postgresText(key), token, leaseMs],
        ...(place === undefined ? [null, null] : [postgresText(place.subject), place.at]),
      ]);
      if (state !== "claimed") return { state } as Claim;
      return {
        state,
        token,
        ...(order !== undefined && { newer: (newer ?? undefined) as "busy" | "done" | undefined }),
      };
    },
    renew: async (key, token, { leaseMs }) =>
      // Completed in a transaction is not lost. Asked in this order, since the one may become the other meanwhile.
      (await isHeld(pool, sql.renew, { key, token }, leaseMs)) || settled.has(token),
    complete: async (key, token, { ttlMs }) => {
      if (!settled.delete(token)) await isHeld(pool, sql.complete, { key, token }, ttlMs);
    },
    release: async (key, token) => {
      // It may have been completed in a transaction that was not committed.
      settled.delete(token);
      if (isToken(token)) await pool.query(sql.release, [postgresText(key), token]);
    },
    readCursor: async (name) => {
      const { rows } = await pool.query(sql.readCursor, [postgresText(name)]);
      return rows.length === 0
        ? undefined
        : readCursorText((rows[0] as { readonly value?: unknown }).value);
    },
    writeCursor: async (name, value) => {
      await pool.query(sql.writeCursor, [postgresText(name), cursorText(value)]);
    },
    migrate: async () => {
      await pool.query(migration(names));
    },
    prune: async (given = {}) => {
      checkOptions(given, ["batchSize", "signal"]);
      const batchSize = wholeNumber("batchSize", given.batchSize, 1000, 1, 100_000);
      const { signal } = given;
      if (signal !== undefined && typeof signal?.aborted !== "boolean")
        invalidOption("signal", "an AbortSignal");
      let pruned = 0;
      while (!signal?.aborted) {
        const count = Number((await first(pool, sql.prune, [batchSize])).count);
        pruned += count;
        if (!(count >= batchSize)) break;
      }
      return pruned;
    },
    transaction: async (given, work) => {
      const claim = requireClaim(given);
      const client = await lend();
      // A connection that is lost while no statement runs is told by an event, which ends the process if nobody listens.
      const ignore = (): void => undefined;
      client.on?.("error", ignore);
      let isBroken = false;
      const attempt = async <Value>(step: () => Promise<Value>): Promise<Value> => {
        try {
          return await step();
        } catch (error) {
          isBroken = true;
          throw error;
        }
      };
      try {
        await attempt(() => client.query("begin"));
        let value: Awaited<ReturnType<typeof work>>;
        try {
          value = await work(client as PostgresClientOf<Pool>);
          await completeIn(client, claim);
        } catch (error) {
          await attempt(() => client.query("rollback")).catch(() => undefined);
          throw error;
        }
        // A statement that nobody waited for may have failed since. PostgreSQL then rolls back, and does not call it an error.
        const { command } = await attempt<PostgresResult>(() => client.query("commit"));
        if (command === "ROLLBACK") throw new Error("The transaction was rolled back.");
        settled.add(claim.token);
        return value;
      } finally {
        client.removeListener?.("error", ignore);
        client.release(isBroken);
      }
    },
    completeIn: async (client, given) => {
      const claim = requireClaim(given);
      if (isPool(client)) invalidOption("client", "a client in your transaction");
      await completeIn(client, claim);
      settled.add(claim.token);
    },
  };
}
