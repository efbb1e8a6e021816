import { type Now, readNow } from "../internal/clock.js";
import { cursorText, readCursorText } from "../internal/cursor-text.js";
import { claimLost, requireClaim, settledClaims } from "../internal/held-claims.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import type { ClaimOrder, HeldClaim, Store } from "../store.js";

/** What the store needs of a prepared statement: it is given texts, numbers and nulls, whatever else it takes. */
export interface SqliteStatement {
  all(...parameters: never[]): readonly unknown[];
}

/** What the store needs of a database: `DatabaseSync` of `node:sqlite` has it, and so has better-sqlite3's. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** Whether a transaction is open, where the database can tell: Node from 22.16 on. */
  readonly isTransaction?: boolean;
  /** The same, as better-sqlite3 calls it. */
  readonly inTransaction?: boolean;
}

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** The table's name. Cursors are in a second one, with `_cursors` at the end. @default "countersign_claims" */
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
   * @throws What `work` throws, and what the database throws; an `Error` named `ClaimLostError` when the claim is no longer
   * held, and a plain one when `work` returns a promise. Nothing has been written then.
   * @throws {WebhookError} `option_invalid` when there is no claim, because the receiver has another store
   */
  transaction<Value>(claim: HeldClaim | undefined, work: () => Value): Value;
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
 * Runs a statement to its end. `get` would stop at the first row, and the commit that then fails, because somebody reads
 * or the disk is full, is not told by every Node: what was “claimed” would not be there.
 *
 * @returns The first column of the first row: databases can be told to give rows as arrays.
 */
function run(statement: SqliteStatement, ...parameters: (string | number | null)[]): unknown {
  const [row] = statement.all(...(parameters as never[]));
  return row === undefined ? undefined : Object.values(row as object)[0];
}

/**
 * Makes a store in an SQLite database: for the processes of one machine, and as durable as the database is told to be.
 * Its tables are created when they are missing, also that of cursors beside a table of a version without.
 *
 * Give it a connection of its own, or none that is in a transaction when a delivery comes: the claim would be undone with
 * it, and is refused where the database can tell. With `journal_mode = wal` and `synchronous = full` a crash of the
 * machine loses nothing; with `normal` only a crash of the process does not.
 *
 * Where several processes share the file, set a busy time-out: a claim that finds the database locked for longer throws,
 * and the sender is asked to retry. Nothing else runs in the process while it waits. The switch to `wal`, which the file
 * remembers, does not always wait: make it before they start.
 *
 * Receivers that share a table are one consumer: what one has handled is a duplicate for all. Rows hold the provider, the
 * message's id and, with an order, its subject; those of cursors their names and texts.
 *
 * Each call is one statement, or two for a duplicate, and takes the event loop for as long. Rows that have expired are
 * deleted as it goes; cursors stay.
 *
 * Exported from `countersign/stores/sqlite`. Takes `DatabaseSync` of `node:sqlite`, which Node has from 22.13 on.
 *
 * @example
 * ```ts
 * const database = new DatabaseSync("claims.db");
 * database.exec("pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full");
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
  const cursorTable = quoted(`${name}_cursors`);
  database.exec(`
    create table if not exists ${table} (
      key text primary key,
      token text, -- none once it is completed
      expires integer not null,
      subject text,
      at integer
    ) without rowid;
    create index if not exists ${quoted(`${name}_expires`)} on ${table} (expires);
    create index if not exists ${quoted(`${name}_subject`)} on ${table} (subject, at) where subject is not null;
    create table if not exists ${cursorTable} (name text primary key, value text not null);`);

  // Answers are texts, since databases can be told to give numbers as bigints. Parameters have no numbers: Node 22.13 takes
  // those for names.
  const statements = {
    // A newer message that is done counts for more than one that is being handled, and is the greater text.
    claim: database.prepare(`
      insert into ${table} as row (key, token, expires, subject, at) values (?, ?, ?, ?, ?)
      on conflict (key) do update
        set token = excluded.token, expires = excluded.expires, subject = excluded.subject, at = excluded.at
        where row.expires <= ?
      returning (
        select coalesce(max(case when other.token is null then 'done' else 'busy' end), 'none')
        from ${table} as other
        where other.subject = ? and other.at > ? and other.expires > ?
      )`),
    look: database.prepare(`
      select case when token is null then 'done' else 'busy' end from ${table} where key = ?`),
    renew: database.prepare(`
      update ${table} set expires = ? where key = ? and token = ? and expires > ? returning 'held'`),
    complete: database.prepare(`
      update ${table} set token = null, expires = ?
      where key = ? and token = ? and expires > ? returning 'held'`),
    release: database.prepare(`delete from ${table} where key = ? and token = ? returning 'held'`),
    tidy: database.prepare(`
      delete from ${table}
      where key in (select key from ${table} where expires <= ? limit ${rowsPerTidying})
      returning 'gone'`),
    readCursor: database.prepare(`select value from ${cursorTable} where name = ?`),
    writeCursor: database.prepare(`
      insert into ${cursorTable} (name, value) values (?, ?)
      on conflict (name) do update set value = excluded.value returning 'written'`),
  };
  let claims = 0;
  const settled = settledClaims(database);

  const complete = (key: string, token: string, ttlMs: number): boolean => {
    const time = now();
    return run(statements.complete, time + ttlMs, column(key), token, time) === "held";
  };

  /** Where the database can tell: what is written in somebody's transaction may be undone with it. */
  const checkConnection = (): void => {
    if (database.isTransaction === true || database.inTransaction === true)
      throw new Error("The database is in a transaction.");
  };

  return {
    ordered: true,
    claim: async (key, { leaseMs, order }) => {
      checkConnection();
      const time = now();
      // With the first one too, for processes that do not live long.
      if (claims % claimsPerTidying === 0) run(statements.tidy, time);
      claims += 1;
      const token = crypto.randomUUID();
      const newer = run(
        statements.claim,
        ...[column(key), token, time + leaseMs, ...place(order)],
        ...[time, ...place(order), time],
      );
      if (newer !== undefined) {
        return { state: "claimed", token, newer: newer === "none" ? undefined : (newer as "busy") };
      }
      // One that has been given back since the question before: the next try will find it.
      return { state: run(statements.look, column(key)) === "done" ? "done" : "busy" };
    },
    renew: async (key, token, { leaseMs }) => {
      checkConnection();
      const time = now();
      const answer = run(statements.renew, time + leaseMs, column(key), token, time);
      // Completed in a transaction is not lost.
      return answer === "held" || settled.has(token);
    },
    complete: async (key, token, { ttlMs }) => {
      if (!settled.delete(token)) complete(key, token, ttlMs);
    },
    release: async (key, token) => {
      settled.delete(token);
      run(statements.release, column(key), token);
    },
    readCursor: async (name) => {
      const value = run(statements.readCursor, column(name));
      return value === undefined ? undefined : readCursorText(value);
    },
    writeCursor: async (name, value) => {
      checkConnection();
      run(statements.writeCursor, column(name), cursorText(value));
    },
    transaction: (claim, work) => {
      const { key, token, ttlMs } = requireClaim(claim);
      database.exec("begin immediate");
      try {
        const value = work();
        if (value instanceof Promise) {
          value.catch(() => undefined);
          throw new Error("The work of a transaction is asynchronous.");
        }
        if (!complete(key, token, ttlMs)) throw claimLost();
        database.exec("commit");
        settled.add(token);
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
