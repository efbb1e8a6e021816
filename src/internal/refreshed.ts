import { type Now, secondsOf } from "./clock.js";
import { within } from "./within.js";

const timeoutMs = 3000;
const maxAgeSeconds = 600;
// Whoever asks for what is not there must not be able to have it fetched without end; whoever asks for what has just
// been published must not have to wait for it. So fetches come in bursts, and at a low rate beyond them.
const burst = 10;
const secondsPerFetch = 6;

interface Fetched<Value> {
  readonly value: Value;
  /** The number of the fetch that brought it. */
  readonly fetch: number;
  readonly seconds: number;
}

/** A value that is published elsewhere, and may be another one at any time. */
export interface Refreshed<Value> {
  /** The number of the last fetch that was begun. */
  readonly begun: () => number;
  /**
   * The value: at most ten minutes old, and of a fetch begun after the given one. Rejects when it cannot be fetched or
   * has been fetched too often.
   */
  readonly get: (laterThan: number) => Promise<Value>;
}

/** Keeps a fetched value. One fetch is on its way at a time, for all who wait; ten come in a burst, then one in six seconds. */
export function refreshed<Value>(
  fetchValue: (signal: AbortSignal) => Promise<Value>,
  clock: Now,
): Refreshed<Value> {
  let begun = 0;
  let held: Fetched<Value> | undefined;
  let pending: Promise<Fetched<Value>> | undefined;
  let spent = 0;
  let spentAt = 0;

  const spend = (): void => {
    const seconds = secondsOf(clock);
    // A clock that was put back must not stop all fetches until it has caught up.
    const left = spent - Math.abs(seconds - spentAt) / secondsPerFetch;
    spent = Math.max(0, left);
    spentAt = seconds;
    if (spent > burst - 1) throw new Error("Fetched too often.");
    spent += 1;
  };

  const begin = async (): Promise<Fetched<Value>> => {
    spend();
    begun += 1;
    const fetch = begun;
    const value = await within(timeoutMs, fetchValue);
    held = { value, fetch, seconds: secondsOf(clock) };
    return held;
  };

  const join = async (): Promise<Fetched<Value>> => {
    pending ??= begin();
    const joined = pending;
    try {
      // Each has a time limit of its own: in a worker, what another request began may end with that request.
      return await within(timeoutMs, () => joined);
    } finally {
      if (pending === joined) pending = undefined;
    }
  };

  return {
    begun: () => begun,
    get: async (laterThan) => {
      const age = held === undefined ? 0 : Math.abs(secondsOf(clock) - held.seconds);
      if (held !== undefined && held.fetch > laterThan && age < maxAgeSeconds) {
        return held.value;
      }
      const fetched = await join();
      // One that was already on its way may have been answered before there was anything new.
      return (fetched.fetch > laterThan ? fetched : await join()).value;
    },
  };
}
