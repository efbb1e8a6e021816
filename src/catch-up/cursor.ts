import { storeUnavailable } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { checkTexts, invalidOption } from "../internal/options.js";
import type { CursorStore } from "../store.js";

/** Where a catch-up keeps how far it has come: a file, a row, a store. The text is the catch-up's own. */
export interface Cursor {
  /** Reads what was written last; `undefined` where nothing was. */
  read(): Promise<string | undefined> | string | undefined;
  /** Keeps a text of up to 64 KiB in place of the one before, and has done so when it resolves. */
  write(value: string): Promise<void> | void;
}

/**
 * Keeps a catch-up's progress in a store, under a name. One name for each receiver and history: a cursor of another
 * provider is refused, one of another webhook of the same provider is not told apart.
 *
 * Exported from `countersign/catch-up`.
 *
 * @throws {WebhookError} `option_invalid` for a store that keeps no cursors
 */
export function storeCursor(store: Partial<CursorStore>, name: string): Cursor {
  const { readCursor, writeCursor } = Object(store) as Partial<CursorStore>;
  if (typeof readCursor !== "function" || typeof writeCursor !== "function") {
    invalidOption("store", "a store with readCursor and writeCursor");
  }
  checkTexts({ name: name ?? "" });
  return {
    read: () => readCursor.call(store, name),
    write: (value) => writeCursor.call(store, name, value),
  };
}

/** Writes a cursor when it is time to, and nothing twice. */
export interface CursorKeeper {
  /** @throws {WebhookError} `store_unavailable` */
  read(): Promise<string | undefined>;
  /** Counts an event; writes after a hundred of them, or a second. */
  count(): Promise<void>;
  /** @throws {WebhookError} `store_unavailable` */
  write(): Promise<void>;
}

const mostEvents = 100;
const longestMs = 1000;

/** What a cursor throws may hold its address and its password. */
async function reach<Value>(call: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch {
    throw new WebhookError(storeUnavailable);
  }
}

/** @param text What is to be kept now; `undefined` for nothing. */
export function cursorKeeper(
  cursor: Cursor | undefined,
  text: () => string | undefined,
): CursorKeeper {
  let kept: string | undefined;
  let events = 0;
  let written = performance.now();
  const write = async (): Promise<void> => {
    const value = text();
    events = 0;
    written = performance.now();
    if (cursor === undefined || value === undefined || value === kept) return;
    await reach(() => cursor.write(value));
    kept = value;
  };
  return {
    read: async () => {
      if (cursor === undefined) return undefined;
      // Null is what most databases call it.
      kept = (await reach(() => cursor.read())) ?? undefined;
      return kept;
    },
    count: async () => {
      events += 1;
      if (events >= mostEvents || performance.now() - written >= longestMs) await write();
    },
    write,
  };
}
