import type { Claim, ClaimOrder, Store } from "../store.js";

/** How long things take in a trial, in milliseconds. */
export interface TrialTimes {
  /** A lease or memory that the trial waits out. */
  readonly shortMs: number;
  /** A lease or memory that no trial sees the end of. */
  readonly longMs: number;
  /** How late the end of a lease or memory may be noticed. */
  readonly patienceMs: number;
  /** How long one check may take. */
  readonly limitMs: number;
}

/** What a claim is asked for with; the lease is long unless something else is said. */
export interface TrialClaimOptions {
  readonly leaseMs?: number;
  readonly order?: ClaimOrder;
}

/** A claim that a check holds, or has held. */
export interface TrialClaim {
  readonly token: string;
  readonly newer: "busy" | "done" | undefined;
  /** Remembered for long unless something else is said. */
  complete(ttlMs?: number): Promise<void>;
  release(): Promise<void>;
  /** What the store answers; `undefined` from one that cannot renew. */
  renew(leaseMs?: number): Promise<unknown>;
}

/** A store under trial. */
export interface Trial {
  readonly store: Store;
  readonly times: TrialTimes;
  /** The same trial on the store that `makeStore` gives when it is asked again. */
  another(): Promise<Trial>;
  /** Claims, and fails unless the message is the caller's. `when` says in the failure what has happened before. */
  hold(key: string, when: string, options?: TrialClaimOptions): Promise<TrialClaim>;
  /** Claims, and fails unless the store says so. */
  expect(
    state: "busy" | "done",
    key: string,
    when: string,
    options?: TrialClaimOptions,
  ): Promise<void>;
  /** Claims again and again until the message is the caller's; fails when that takes longer than the time given. */
  holdWithin(
    ms: number,
    key: string,
    when: string,
    options?: TrialClaimOptions,
  ): Promise<TrialClaim>;
  /** Settles a claim that the store never gave out for this key. */
  stranger(key: string, token: string, order?: ClaimOrder): Omit<TrialClaim, "newer">;
}

/** One check of a store. */
export interface TrialCheck {
  readonly name: string;
  readonly run: (trial: Trial) => Promise<void>;
}

const pollMs = 10;

/** Tokens that no claim has, or at most by chance. */
export const strangeTokens: readonly string[] = [
  ...["", "0", "null", "undefined", "%", "*"],
  "5d0f8a52-3b0c-4a1e-9e57-0c6a1f2b7d43",
];

/** A text that no other check and no earlier run has used. */
export function fresh(): string {
  return `conformance-${globalThis.crypto.randomUUID()}`;
}

/** Throws unless it is so: `demand(false, "A duplicate", "done", "busy")` says “A duplicate: expected done, got busy.” */
export function demand(holds: boolean, when: string, expected: string, got: unknown): void {
  if (!holds) throw new Error(`${when}: expected ${expected}, got ${String(got)}.`);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for work, but no longer than that. */
export async function within<Value>(
  ms: number,
  what: string,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([(async () => work())(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * For what has to happen before something short ends: a pause of this process or of the engine is not the store's
 * fault. Repeats the attempt with twice the time until it says that it was in time.
 */
export async function inTime(ms: number, attempt: (ms: number) => Promise<boolean>): Promise<void> {
  for (let tried = ms; tried <= 16 * ms; tried *= 2) if (await attempt(tried)) return;
  throw new Error(
    `The store was too slow to be tried: a few calls took longer than ${16 * ms} ms. Raise timeScale.`,
  );
}

/** Tells how long ago it was made, in milliseconds. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

/** Does what is not to throw, and says what was thrown. */
export async function call<Value>(method: string, when: string, work: () => Promise<Value>) {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${when}: ${method} was not to throw, and threw ${String(cause)}`, { cause });
  }
}

/** What the receiver takes for a claim, and nothing else. */
function checkClaim(claim: Claim, when: string, { order }: TrialClaimOptions): Claim {
  const { state, token, newer } = { ...claim } as Readonly<Record<string, unknown>>;
  demand(
    state === "claimed" || state === "busy" || state === "done",
    when,
    "a state of claimed, busy or done",
    state,
  );
  if (state !== "claimed") return claim;
  demand(typeof token === "string", when, "a token that is a string", typeof token);
  const fits =
    newer === undefined || (order !== undefined && (newer === "busy" || newer === "done"));
  const allowed =
    order === undefined ? "no newer without an order" : "a newer of busy, done or none";
  demand(fits, when, allowed, newer);
  return claim;
}

export function trialOf(
  store: Store,
  times: TrialTimes,
  makeAnother: () => Store | Promise<Store>,
): Trial {
  const ask = async (key: string, when: string, options: TrialClaimOptions): Promise<Claim> => {
    const { leaseMs = times.longMs, order } = options;
    const claim = await call("claim", when, async () =>
      store.claim(key, order === undefined ? { leaseMs } : { leaseMs, order }),
    );
    return checkClaim(claim, when, options);
  };

  const stranger = (key: string, token: string, order?: ClaimOrder) => {
    const ordered = order === undefined ? {} : { order };
    return {
      token,
      complete: (ttlMs = times.longMs) =>
        call("complete", "complete", async () => store.complete(key, token, { ttlMs, ...ordered })),
      release: () => call("release", "release", async () => store.release(key, token, ordered)),
      renew: (leaseMs = times.longMs) =>
        call("renew", "renew", async () => store.renew?.(key, token, { leaseMs, ...ordered })),
    };
  };
  const claimed = (
    key: string,
    { token, newer }: Claim & { state: "claimed" },
    { order }: TrialClaimOptions,
  ): TrialClaim => ({ ...stranger(key, token, order), newer });

  return {
    store,
    times,
    another: async () => trialOf(await makeAnother(), times, makeAnother),
    hold: async (key, when, options = {}) => {
      const claim = await ask(key, when, options);
      if (claim.state === "claimed") return claimed(key, claim, options);
      throw new Error(`${when}: expected claimed, got ${claim.state}.`);
    },
    expect: async (expected, key, when, options = {}) => {
      const { state } = await ask(key, when, options);
      demand(state === expected, when, expected, state);
    },
    holdWithin: async (ms, key, when, options = {}) => {
      const elapsed = stopwatch();
      for (;;) {
        const claim = await ask(key, when, options);
        if (claim.state === "claimed") return claimed(key, claim, options);
        if (elapsed() > ms)
          throw new Error(`${when}: expected claimed within ${ms} ms, got ${claim.state}.`);
        await sleep(pollMs);
      }
    },
    stranger,
  };
}
