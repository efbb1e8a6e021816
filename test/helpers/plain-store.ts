import { randomUUID } from "node:crypto";
import type { ClaimOptions, ClaimOrder, Store } from "../../src/store.js";

/** What is known of a message. Without a token, it is done. */
interface Row {
  readonly token: string | undefined;
  readonly expires: number;
  readonly order: ClaimOrder | undefined;
}

/** What the store is made of. Each part can be replaced by one that is wrong. */
export interface StoreParts {
  /** Where rows are: as in a table. */
  readonly rows: Map<string, Row>;
  readonly key: (key: string) => string;
  readonly subject: (subject: string) => string;
  readonly at: (at: number) => number;
  readonly isNewer: (at: number, than: number) => boolean;
  readonly newToken: (key: string) => string;
  /** Whether a row is still valid. */
  readonly isLive: (row: Row) => boolean;
  /** Whether a claim can still be completed, released or renewed. */
  readonly isSettleable: (row: Row) => boolean;
  /** When a claim ends, and when a message is forgotten. */
  readonly leaseEnd: (leaseMs: number) => number;
  readonly ttlEnd: (ttlMs: number, row: Row) => number;
  /** Whether a token may complete, release or renew. */
  readonly mayComplete: (row: Row, token: string) => boolean;
  readonly mayRelease: (row: Row, token: string) => boolean;
  readonly mayRenew: (row: Row, token: string) => boolean;
  /** What a renewal leaves behind. */
  readonly renewed: (row: Row, expires: number) => Row;
  /** What a completion leaves behind, if anything. */
  readonly completed: (row: Row, expires: number) => Row | undefined;
  /** What is said of newer messages, from the states that they are in. */
  readonly newer: (states: ReadonlySet<"busy" | "done">) => "busy" | "done" | undefined;
  /** Where cursors are, and what they are called there. */
  readonly cursors: Map<string, string>;
  readonly cursorName: (name: string) => string;
  /** What writing a cursor leaves behind, if anything. */
  readonly written: (value: string, before: string | undefined) => string | undefined;
  /** What is read of what there is. */
  readonly read: (value: string | undefined) => string | undefined;
  /** What takes time between a look at a row and the claim. */
  readonly pause: (options: ClaimOptions) => Promise<void> | undefined;
}

/** A store that keeps the contract, written without the ones that are published; the parts that are given do not. */
export function plainStore(faults: Partial<StoreParts> = {}): Required<Store> {
  const isHeld = (row: Row, token: string): boolean => row.token === token;
  const isFuture = ({ expires }: Row): boolean => expires > Date.now();
  const parts: StoreParts = {
    rows: new Map(),
    key: (key) => key,
    subject: (subject) => subject,
    at: (at) => at,
    isNewer: (at, than) => at > than,
    newToken: () => randomUUID(),
    isLive: isFuture,
    isSettleable: isFuture,
    leaseEnd: (leaseMs) => Date.now() + leaseMs,
    ttlEnd: (ttlMs) => Date.now() + ttlMs,
    mayComplete: isHeld,
    mayRelease: isHeld,
    mayRenew: isHeld,
    renewed: (row, expires) => ({ ...row, expires }),
    completed: (row, expires) => ({ ...row, expires, token: undefined }),
    newer: (states) => (states.has("done") ? "done" : states.has("busy") ? "busy" : undefined),
    cursors: new Map(),
    cursorName: (name) => name,
    written: (value) => value,
    read: (value) => value,
    pause: () => undefined,
    ...faults,
  };
  const { rows, cursors, isLive } = parts;
  const find = (key: string, counts: (row: Row) => boolean): Row | undefined => {
    const row = rows.get(parts.key(key));
    return row !== undefined && counts(row) ? row : undefined;
  };
  return {
    ordered: true,
    claim: async (key, options) => {
      const row = find(key, isLive);
      if (row !== undefined) return { state: row.token === undefined ? "done" : "busy" };
      const pause = parts.pause(options);
      if (pause !== undefined) await pause;
      const token = parts.newToken(key);
      const { leaseMs } = options;
      const order = options.order && {
        subject: parts.subject(options.order.subject),
        at: parts.at(options.order.at),
      };
      const others = [...rows.values()].filter(
        (other) =>
          isLive(other) &&
          order !== undefined &&
          other.order?.subject === order.subject &&
          parts.isNewer(other.order.at, order.at),
      );
      rows.set(parts.key(key), { token, expires: parts.leaseEnd(leaseMs), order });
      if (order === undefined) return { state: "claimed", token };
      const states = new Set(
        others.map(({ token: held }) => (held === undefined ? "done" : "busy")),
      );
      return { state: "claimed", token, newer: parts.newer(states) };
    },
    renew: async (key, token, { leaseMs }) => {
      const row = find(key, parts.isSettleable);
      if (row === undefined || !parts.mayRenew(row, token)) return false;
      rows.set(parts.key(key), parts.renewed(row, parts.leaseEnd(leaseMs)));
      return true;
    },
    complete: async (key, token, { ttlMs }) => {
      const row = find(key, parts.isSettleable);
      if (row === undefined || !parts.mayComplete(row, token)) return;
      const done = parts.completed(row, parts.ttlEnd(ttlMs, row));
      if (done === undefined) rows.delete(parts.key(key));
      else rows.set(parts.key(key), done);
    },
    release: async (key, token) => {
      const row = find(key, parts.isSettleable);
      if (row !== undefined && parts.mayRelease(row, token)) rows.delete(parts.key(key));
    },
    readCursor: async (name) => parts.read(cursors.get(parts.cursorName(name))),
    writeCursor: async (name, value) => {
      const place = parts.cursorName(name);
      const left = parts.written(value, cursors.get(place));
      if (left !== undefined) cursors.set(place, left);
    },
  };
}
