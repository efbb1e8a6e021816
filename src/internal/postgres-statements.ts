import type { PostgresTable } from "./postgres-table.js";

/** “counters” in ASCII. One for all tables, since those who create them are few. */
const migrationLock = 0x636f756e74657273n;

/**
 * Creates what is missing. Column types: ids compare by bytes, whatever the collation, and its library's next version.
 *
 * Cursors have a table of their own: a table of claims that is there already is neither changed nor locked, as it would
 * be for another column, and goes on without one of cursors.
 */
export function ddl({ table, cursorTable, expiryIndex, orderIndex }: PostgresTable): string {
  return `create table if not exists ${table} (
  key text collate "C" primary key,
  token uuid,
  expires_at timestamptz not null,
  subject text collate "C",
  at_ms float8
);
create index if not exists ${expiryIndex} on ${table} (expires_at);
create index if not exists ${orderIndex} on ${table} (subject, at_ms) where subject is not null;
create table if not exists ${cursorTable} (
  name text collate "C" primary key,
  value text not null
);
`;
}

/** Several at once would see no table, and all but one fail to create it; the lock lasts until the last statement. */
export function migration(names: PostgresTable): string {
  return `select pg_advisory_xact_lock(${migrationLock});\n${ddl(names)}`;
}

/** The statements of a table. A row with a token is a claim; one without is a message that has been handled. */
export interface PostgresStatements {
  /** key, token, lease, subject, at → state, newer */
  readonly claim: string;
  /** key, token, lease → state */
  readonly renew: string;
  /** key, token, ttl → state */
  readonly complete: string;
  /** key, token */
  readonly release: string;
  /** batch size → count */
  readonly prune: string;
  /** name → value */
  readonly readCursor: string;
  /** name, value */
  readonly writeCursor: string;
}

/*
 * The clock is the one that goes on: now() stands still in a transaction, and statement_timestamp() while a statement
 * waits. Each statement is correct by itself under READ COMMITTED; with a stricter isolation the worst is an error.
 */
const after = (milliseconds: string): string =>
  `clock_timestamp() + ${milliseconds}::float8 * interval '1 millisecond'`;

export function statements({ table, cursorTable }: PostgresTable): PostgresStatements {
  const held = "key = $1::text and token = $2::uuid and expires_at > clock_timestamp()";
  const newer = "subject = $4::text and at_ms > $5::float8 and expires_at > clock_timestamp()";
  return {
    // Duplicates only read. An expired row that somebody has locked is theirs: nobody waits for the end of another's
    // transaction. The condition after the conflict is for a row that came, or was taken, since this statement began;
    // not seen by what follows, it counts as busy.
    claim: `with expired as (
  select key from ${table} where key = $1::text and expires_at <= clock_timestamp() for update skip locked
), claimed as (
  insert into ${table} as old (key, token, expires_at, subject, at_ms)
  select $1::text, $2::uuid, ${after("$3")}, $4::text, $5::float8
  where exists (select from expired) or not exists (select from ${table} where key = $1::text)
  on conflict (key) do update
  set token = excluded.token, expires_at = ${after("$3")}, subject = excluded.subject, at_ms = excluded.at_ms
  where old.expires_at <= clock_timestamp()
  returning key
)
select
  case
    when exists (select from claimed) then 'claimed'
    when exists (
      select from ${table} where key = $1::text and token is null and expires_at > clock_timestamp()
    ) then 'done'
    else 'busy'
  end as state,
  case
    when exists (select from ${table} where ${newer} and token is null) then 'done'
    when exists (select from ${table} where ${newer}) then 'busy'
  end as newer`,
    // A row that is locked is being completed, and is held until that is decided.
    renew: `with mine as (
  select key from ${table} where ${held} for update skip locked
), renewed as (
  update ${table} as claim set expires_at = ${after("$3")} from mine where claim.key = mine.key returning mine.key
)
select
  case
    when exists (select from renewed) or exists (select from ${table} where ${held}) then 'held'
    else 'lost'
  end as state`,
    // A query for those to whom an update gives a count and no rows.
    complete: `with completed as (
  update ${table} set token = null, expires_at = ${after("$3")} where ${held} returning key
)
select case when exists (select from completed) then 'held' else 'lost' end as state`,
    release: `delete from ${table} where key = $1::text and token = $2::uuid`,
    // No condition on clock_timestamp() can use an index, and no join is sure to.
    prune: `with expired as (
  select key from ${table} where expires_at <= statement_timestamp()
  order by expires_at limit $1::int for update skip locked
), pruned as (
  delete from ${table} where key = any (array(select key from expired)) returning key
)
select count(*)::text as count from pruned`,
    readCursor: `select value from ${cursorTable} where name = $1::text`,
    writeCursor: `insert into ${cursorTable} (name, value) values ($1::text, $2::text)
on conflict (name) do update set value = excluded.value`,
  };
}
