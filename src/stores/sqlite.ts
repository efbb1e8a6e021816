import { type Now, readNow } from "../internal/clock.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import type { ClaimOrder, HeldClaim, Store } from "../store.js";

/** What the store needs of a prepared statement. */
export interface SqliteStatement {
  get(...parameters: (string | number | null)[]): unknown;
}

/** What the store needs of a database: `DatabaseSync` of `node:sqlite` has it. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** The table's name. @default "countersign_claims" */
  readonly table?: string | undefined;
  /** The clock, in milliseconds since the epoch; the same for all processes that share the file. @default Date.now */
  readonly now?: Now | undefined;
}

/** A store that can also complete a claim together with the handler's own writes. */
export interface SqliteStore extends Required<Store> {
  /**
   * Does the handler's writes and completes its claim in one transaction: both are there, or neither is.
   *
   * @param work Writes to the same database. Not asynchronous: whatever else used the connection meanwhile would be in
   * the transaction too.
   * @throws What `work` throws; a plain `Error` when the claim is no longer held, or `work` returns a promise. Nothing
   * has been written then.
   */
  transaction<Value>(claim: HeldClaim, work: () => Value): Value;
}

/** Claims after which some expired rows are deleted, and how many at most: less than come to expire in the long run. */
const claimsPerTidying = 100;
const rowsPerTidying = 500;

function tableName(table: unknown = "countersign_claims"): string {
  if (typeof table !== "string" || !/^[^\0]{1,63}$/.test(table)) {
    invalidOption("table", "a name of 1 to 63 characters");
  }
  return table;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQLite keeps text as UTF-8, in which lone surrogates are all the same. As JSON every text is another. */
const column = (text: string): string => JSON.stringify(text);

/** Two parameters: what a message is about, and when it happened. */
const place = (order: ClaimOrder | undefined): [string | null, number | null] =>
  order === undefined ? [null, null] : [column(order.subject), order.at];

/**
 * Makes a store in an SQLite database: for the processes of one machine, and as durable as the database is told to be.
 * Its table is created when it is missing.
 *
 * Give it a connection of its own, or none that is in a transaction when a delivery comes: the claim would be undone with
 * it. With `journal_mode = wal` and `synchronous = full` a crash of the machine loses nothing; with `normal` only a crash
 * of the process does not. Where several processes share the file, set a busy time-out: a claim that finds the database
 * locked for longer throws, and the sender is asked to retry.
 *
 * Each call is one statement, and takes the event loop for as long. Rows that have expired are deleted as it goes.
 *
 * Exported from `countersign/stores/sqlite`. Takes `DatabaseSync` of `node:sqlite`, which Node has from 22.13 on.
 *
 * @example
 * ```ts
 * const database = new DatabaseSync("claims.db", { timeout: 5000 });
 * database.exec("pragma journal_mode = wal; pragma synchronous = full");
 * const store = sqliteStore(database);
 * ```
 *
 * @throws {WebhookError} `option_invalid`. What the database throws passes through.
 */
export function sqliteStore(
  database: SqliteDatabase,
  options: SqliteStoreOptions = {},
): SqliteStore {
  if (typeof database?.exec !== "function" || typeof database.prepare !== "function") {
    invalidOption("database", "a database of node:sqlite");
  }
  checkOptions(options, ["table", "now"]);
  const name = tableName(options.table);
  const now = readNow(options.now);
  const table = quoted(name);
  database.exec(`
    create table if not exists ${table} (
      key text primary key,
      token text, -- none once it is completed
      expires integer not null,
      subject text,
      at integer
    ) without rowid;
    create index if not exists ${quoted(`${name}_expires`)} on ${table} (expires);
    create index if not exists ${quoted(`${name}_subject`)} on ${table} (subject, at) where subject is not null;`);

  const statements = {
    // A newer message that is done counts for more than one that is being handled.
    claim: database.prepare(`
      insert into ${table} as row (key, token, expires, subject, at) values (?1, ?2, ?3, ?4, ?5)
      on conflict (key) do update
        set token = excluded.token, expires = excluded.expires, subject = excluded.subject, at = excluded.at
        where row.expires <= ?6
      returning (
        select max(case when other.token is null then 2 else 1 end) from ${table} as other
        where other.subject = ?4 and other.at > ?5 and other.expires > ?6
      ) as newer`),
    look: database.prepare(`select token is null as done from ${table} where key = ?1`),
    renew: database.prepare(`
      update ${table} set expires = ?3 where key = ?1 and token = ?2 and expires > ?4 returning 1`),
    complete: database.prepare(`
      update ${table} set token = null, expires = ?3
      where key = ?1 and token = ?2 and expires > ?4 returning 1`),
    release: database.prepare(`delete from ${table} where key = ?1 and token = ?2 returning 1`),
    tidy: database.prepare(`
      delete from ${table}
      where key in (select key from ${table} where expires <= ?1 limit ${rowsPerTidying})
      returning 1`),
  };
  let claims = 0;

  const complete = (key: string, token: string, ttlMs: number): boolean => {
    const time = now();
    return Boolean(statements.complete.get(column(key), token, time + ttlMs, time));
  };

  return {
    claim: async (key, { leaseMs, order }) => {
      const time = now();
      claims += 1;
      if (claims % claimsPerTidying === 0) statements.tidy.get(time);
      const token = crypto.randomUUID();
      const row = statements.claim.get(
        ...[column(key), token, time + leaseMs],
        ...[...place(order), time],
      ) as { newer: number | null } | undefined;
      if (row) {
        const newer = row.newer === 2 ? "done" : row.newer === 1 ? "busy" : undefined;
        return { state: "claimed", token, newer };
      }
      const other = statements.look.get(column(key)) as { done: number } | undefined;
      // One that has been given back since the question before: the next try will find it.
      return { state: other?.done === 1 ? "done" : "busy" };
    },
    renew: async (key, token, { leaseMs }) => {
      const time = now();
      return Boolean(statements.renew.get(column(key), token, time + leaseMs, time));
    },
    complete: async (key, token, { ttlMs }) => {
      complete(key, token, ttlMs);
    },
    release: async (key, token) => {
      statements.release.get(column(key), token);
    },
    transaction: ({ key, token, ttlMs }, work) => {
      database.exec("begin immediate");
      try {
        const value = work();
        if (value instanceof Promise) {
          value.catch(() => undefined);
          throw new Error("The work of a transaction is asynchronous.");
        }
        if (!complete(key, token, ttlMs)) throw new Error("The claim is no longer held.");
        database.exec("commit");
        return value;
      } catch (error) {
        try {
          database.exec("rollback");
        } catch {
          // SQLite has done so already, as when the disk is full.
        }
        throw error;
      }
    },
  };
}
