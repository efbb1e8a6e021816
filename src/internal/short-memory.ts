import type { Now } from "./clock.js";
import { within } from "./within.js";

const mostAnswers = 1000;

/** An answer, and when it was asked for, in milliseconds. */
export interface Answer<Value> {
  readonly value: Value;
  readonly asked: number;
}

/** Answers that hold for a short time. */
export interface ShortMemory<Value> {
  /** The answer that is kept, the one that is on its way, or that of a new question. */
  readonly get: (key: string, ask: () => Promise<Value>) => Promise<Answer<Value>>;
  /** Keeps an answer, until a time in milliseconds at most. */
  readonly keep: (key: string, answer: Answer<Value>, until: number) => void;
}

/**
 * Makes a memory for a thousand answers; with 0 seconds it keeps none and shares none. A question may take so many
 * milliseconds.
 */
export function shortMemory<Value>(
  seconds: number,
  timeoutMs: number,
  clock: Now,
): ShortMemory<Value> {
  const kept = new Map<string, Answer<Value> & { readonly until: number }>();
  const pending = new Map<string, Promise<Answer<Value>>>();
  const begin = async (ask: () => Promise<Value>): Promise<Answer<Value>> => {
    const asked = clock();
    return { value: await ask(), asked };
  };
  return {
    get: async (key, ask) => {
      if (seconds === 0) return begin(ask);
      const now = clock();
      const known = kept.get(key);
      // An answer from the future: the clock was put back, and how old it is cannot be told.
      if (known !== undefined && known.asked <= now && now < known.until) return known;
      // Once asked about again, it must not come back with a clock that is put back.
      kept.delete(key);
      const shared = pending.get(key) ?? begin(ask);
      pending.set(key, shared);
      try {
        // Each has a time limit of its own: in a worker, what another request began may end with that request.
        return await within(timeoutMs, () => shared);
      } finally {
        if (pending.get(key) === shared) pending.delete(key);
      }
    },
    keep: (key, { value, asked }, until) => {
      if (seconds === 0) return;
      // Deleted first, so that the answer that was not used for longest is the first in the map.
      kept.delete(key);
      if (kept.size >= mostAnswers) kept.delete(kept.keys().next().value as string);
      kept.set(key, { value, asked, until: Math.min(until, asked + seconds * 1000) });
    },
  };
}
