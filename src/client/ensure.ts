import { ClientError, type ClientErrorCode, isClientError } from "./client-error.js";
import { pause } from "./interruptible.js";

/** How to look for something of which there should be one, and how to make it. */
export interface Ensured<Thing extends object> {
  readonly call: { readonly provider: string; readonly operation: string };
  /** All that would do, in any order. */
  readonly find: () => Promise<readonly Thing[]>;
  readonly create: () => Promise<Thing>;
  readonly remove: (thing: Thing) => Promise<void>;
  /** Sorts the things as they were made; the same for no two of them. */
  readonly ageOf: (thing: Thing) => string;
  readonly signal: AbortSignal | undefined;
}

// Longer than the API's clock takes to move on and a write to be seen: whoever creates one after we have looked creates a
// younger one.
const settleMs = 100;

/** Failures after which it may have been created all the same. */
const doubtful: readonly ClientErrorCode[] = [
  ...(["unreachable", "timed_out", "server_failed"] as const),
  ...(["response_invalid", "response_too_large"] as const),
];

/**
 * Finds the oldest of what would do, and creates one where there is none.
 *
 * No call does that at once. So whoever has created one looks again, and takes its own back where there is an older one:
 * of any number of callers at the same time, all end with the oldest, which is then the only one.
 */
export async function ensure<Thing extends object>(how: Ensured<Thing>): Promise<Thing> {
  const { call, find, create, remove, ageOf, signal } = how;
  const older = (one: Thing, other: Thing): Thing => (ageOf(other) < ageOf(one) ? other : one);

  const [existing, ...others] = await find();
  if (existing !== undefined) return others.reduce(older, existing);

  const own = await create().catch((error: unknown): ClientError => {
    if (isClientError(error) && doubtful.includes(error.code)) return error;
    throw error;
  });
  await pause(settleMs, signal);
  const found = await find();
  if (isClientError(own)) {
    const [first, ...rest] = found;
    if (first !== undefined) return rest.reduce(older, first);
    // Unlike creating one, this can be called again: it looks first.
    throw new ClientError(own.code, call, own.details);
  }
  const oldest = found.reduce(older, own);
  if (ageOf(oldest) !== ageOf(own)) {
    await remove(own).catch((error: unknown) => {
      // Somebody has tidied up.
      if (!isClientError(error, "not_found")) throw error;
    });
  }
  return oldest;
}
