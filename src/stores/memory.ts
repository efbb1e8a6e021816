import { type Now, readNow } from "../internal/clock.js";
import { checkOptions, wholeNumber } from "../internal/options.js";
import type { Store } from "../store.js";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** The most messages remembered; beyond it the one completed first is forgotten. @default 100_000 */
  readonly maxEntries?: number | undefined;
  /** The longest a message is remembered, in milliseconds. @default 172_800_000 (48 h) */
  readonly ttlMs?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

interface Entry {
  readonly expires: number;
  /** Present while the message is being handled. */
  readonly token?: string;
}

const hour = 3_600_000;

/**
 * Makes a store in this process's memory: for one process, and for development. What it knows is gone with the
 * process, and other processes do not see it.
 *
 * Bounded: at most `maxEntries` messages. Claims in progress are never forgotten to make room; when nothing else is
 * left, `claim` throws and the sender is asked to retry.
 *
 * Exported from `countersign/stores/memory` and `countersign`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  checkOptions(options, ["maxEntries", "ttlMs", "now"]);
  const maxEntries = wholeNumber("maxEntries", options.maxEntries, 100_000, 1, 10_000_000);
  const longest = wholeNumber("ttlMs", options.ttlMs, 48 * hour, 1, 366 * 24 * hour);
  const now = readNow(options.now);
  // Maps keep insertion order, so the first completed entry is the oldest.
  const claims = new Map<string, Entry>();
  const completed = new Map<string, Entry>();
  let tokens = 0;

  const live = (entries: Map<string, Entry>, key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires > now()) return entry;
    entries.delete(key);
    return undefined;
  };

  /** Forgets what has expired, and the oldest completed message if that is not enough. */
  const makeRoom = (): void => {
    const time = now();
    for (const [key, { expires }] of completed) {
      if (expires > time && claims.size + completed.size < maxEntries) break;
      completed.delete(key);
    }
    if (claims.size < maxEntries) return;
    for (const [key, { expires }] of claims) if (expires <= time) claims.delete(key);
    if (claims.size >= maxEntries)
      throw new Error("The memory store is full of claims in progress.");
  };

  return {
    claim: async (key, { leaseMs }) => {
      if (live(completed, key) !== undefined) return { state: "done" };
      if (live(claims, key) !== undefined) return { state: "busy" };
      makeRoom();
      tokens += 1;
      const token = String(tokens);
      claims.set(key, { expires: now() + leaseMs, token });
      return { state: "claimed", token };
    },
    complete: async (key, token, { ttlMs }) => {
      if (live(claims, key)?.token !== token) return;
      claims.delete(key);
      completed.set(key, { expires: now() + Math.min(ttlMs, longest) });
    },
    release: async (key, token) => {
      if (claims.get(key)?.token === token) claims.delete(key);
    },
  };
}
