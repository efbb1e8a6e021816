import { type Now, readNow } from "../internal/clock.js";
import { oldestOf } from "../internal/oldest-of.js";
import { checkOptions, wholeNumber } from "../internal/options.js";
import type { ClaimOrder, Store } from "../store.js";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** The most messages remembered; beyond it the one completed first is forgotten. As many subjects are. @default 100_000 */
  readonly maxEntries?: number | undefined;
  /** The longest a message is remembered, in milliseconds. @default 172_800_000 (48 h) */
  readonly ttlMs?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

interface Expiring {
  readonly expires: number;
}

interface Held extends Expiring {
  readonly token: string;
  readonly order: ClaimOrder | undefined;
}

/** The newest message about a subject that has been completed. */
interface Newest extends Expiring {
  readonly at: number;
}

const hour = 3_600_000;

/**
 * Makes a store in this process's memory: for one process, and for development. What it knows is gone with the
 * process, and other processes do not see it.
 *
 * Bounded: at most `maxEntries` messages. Claims in progress are never forgotten to make room; when nothing else is
 * left, `claim` throws and the sender is asked to retry. Cursors do not count, and are never forgotten.
 *
 * Exported from `countersign/stores/memory` and `countersign`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function memoryStore(options: MemoryStoreOptions = {}): Required<Store> {
  checkOptions(options, ["maxEntries", "ttlMs", "now"]);
  const maxEntries = wholeNumber("maxEntries", options.maxEntries, 100_000, 1, 10_000_000);
  const longest = wholeNumber("ttlMs", options.ttlMs, 48 * hour, 1, 366 * 24 * hour);
  const now = readNow(options.now);
  // Maps keep insertion order, so the first completed entry is the oldest.
  const claims = new Map<string, Held>();
  const completed = new Map<string, Expiring>();
  const newest = new Map<string, Newest>();
  const oldestCompleted = oldestOf(completed);
  const oldestSubject = oldestOf<Expiring>(newest);
  /** Keys of the claims about a subject. */
  const inProgress = new Map<string, Set<string>>();
  const cursors = new Map<string, string>();
  let tokens = 0;

  const drop = (key: string): void => {
    const subject = claims.get(key)?.order?.subject;
    claims.delete(key);
    if (subject === undefined) return;
    const keys = inProgress.get(subject);
    keys?.delete(key);
    if (keys?.size === 0) inProgress.delete(subject);
  };

  const live = <Entry extends Expiring>(
    entries: Map<string, Entry>,
    key: string,
    forget: (key: string) => unknown = (expired) => entries.delete(expired),
  ): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires > now()) return entry;
    forget(key);
    return undefined;
  };
  const held = (key: string): Held | undefined => live(claims, key, drop);

  /** Forgets what has expired, and the oldest if that is not enough. */
  const trim = (
    entries: Map<string, Expiring>,
    oldestEntry: ReturnType<typeof oldestOf<Expiring>>,
    most: number,
  ): void => {
    const time = now();
    for (let oldest = oldestEntry(); oldest !== undefined; oldest = oldestEntry()) {
      const [key, { expires }] = oldest;
      if (expires > time && entries.size < most) break;
      entries.delete(key);
    }
  };

  const makeRoom = (): void => {
    if (claims.size + completed.size >= maxEntries) {
      const time = now();
      for (const [key, { expires }] of claims) if (expires <= time) drop(key);
    }
    if (claims.size >= maxEntries)
      throw new Error("The memory store is full of claims in progress.");
    trim(completed, oldestCompleted, maxEntries - claims.size);
  };

  const newerThan = ({ subject, at }: ClaimOrder): "busy" | "done" | undefined => {
    if ((live(newest, subject)?.at ?? Number.NEGATIVE_INFINITY) > at) return "done";
    const others = [...(inProgress.get(subject) ?? [])];
    return others.some((key) => (held(key)?.order?.at ?? at) > at) ? "busy" : undefined;
  };

  return {
    ordered: true,
    claim: async (key, { leaseMs, order }) => {
      if (live(completed, key) !== undefined) return { state: "done" };
      if (held(key) !== undefined) return { state: "busy" };
      makeRoom();
      tokens += 1;
      const token = String(tokens);
      claims.set(key, { expires: now() + leaseMs, token, order });
      if (order === undefined) return { state: "claimed", token };
      const newer = newerThan(order);
      const keys = inProgress.get(order.subject) ?? new Set();
      inProgress.set(order.subject, keys.add(key));
      return { state: "claimed", token, newer };
    },
    renew: async (key, token, { leaseMs }) => {
      const claim = held(key);
      if (claim?.token !== token) return false;
      claims.set(key, { ...claim, expires: now() + leaseMs });
      return true;
    },
    complete: async (key, token, { ttlMs }) => {
      const claim = held(key);
      if (claim?.token !== token) return;
      drop(key);
      const expires = now() + Math.min(ttlMs, longest);
      completed.set(key, { expires });
      if (claim.order === undefined) return;
      const { subject, at } = claim.order;
      const before = live(newest, subject);
      // Last in the map again, as the one that was heard of last.
      newest.delete(subject);
      trim(newest, oldestSubject, maxEntries);
      newest.set(subject, { at: Math.max(at, before?.at ?? at), expires });
    },
    release: async (key, token) => {
      if (claims.get(key)?.token === token) drop(key);
    },
    readCursor: async (name) => cursors.get(name),
    writeCursor: async (name, value) => {
      cursors.set(name, value);
    },
  };
}
