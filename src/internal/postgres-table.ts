import { sha256Hex } from "#hmac";
import { utf8Bytes } from "./bytes.js";
import { invalidOption, textOption } from "./options.js";

/** The names of a table, its indexes and the table of cursors beside it, quoted: they stand in SQL as they are. */
export interface PostgresTable {
  readonly table: string;
  readonly cursorTable: string;
  readonly expiryIndex: string;
  readonly orderIndex: string;
}

/** PostgreSQL cuts longer names off, and two tables would become one. */
const longestName = 63;

const byteLength = (text: string): number => utf8Bytes(text).length;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Reads the option `table`: a table, or a schema and a table, with a dot between them and nowhere else. */
export function postgresTable(option: unknown): PostgresTable {
  const parts = textOption("table", option, "countersign_claims").split(".");
  const name = parts.at(-1) as string;
  // A lone surrogate has no UTF-8 of its own, so that two names could be one table.
  const isName = (part: string): boolean =>
    !/^$|[\0\p{Cs}]/u.test(part) && byteLength(part) <= longestName;
  if (parts.length > 2 || !parts.every(isName)) {
    invalidOption("table", `table or schema.table, of 1 to ${longestName} bytes each`);
  }
  const nameWith = (suffix: string): string => {
    const readable = `${name}_${suffix}`;
    if (byteLength(readable) <= longestName) return quote(readable);
    // Cut off, it could be the name of what belongs to another table, and this table would have none.
    return quote(`countersign_${sha256Hex(utf8Bytes(name)).slice(0, 32)}_${suffix}`);
  };
  return {
    table: parts.map(quote).join("."),
    cursorTable: [...parts.slice(0, -1).map(quote), nameWith("cursors")].join("."),
    expiryIndex: nameWith("expiry_idx"),
    orderIndex: nameWith("order_idx"),
  };
}
