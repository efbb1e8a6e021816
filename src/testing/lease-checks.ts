import {
  demand,
  fresh,
  inTime,
  sleep,
  stopwatch,
  type Trial,
  type TrialCheck,
  type TrialClaim,
} from "./store-trial.js";

/** Clocks of whole milliseconds, here and in the engine, may each be one off. */
const clockMs = 5;

/** Lets a lease end with room to spare. */
const outlive = (leaseMs: number): Promise<void> => sleep(1.3 * leaseMs + clockMs);

/** A claim whose lease has ended, and that nobody has taken. */
async function expired({ hold, times }: Trial, key: string): Promise<TrialClaim> {
  const claim = await hold(key, "A new message", { leaseMs: times.shortMs });
  await outlive(times.shortMs);
  return claim;
}

/** Does everything that a holder could. */
async function settle(late: TrialClaim, when: string, expect: () => Promise<void>): Promise<void> {
  demand((await late.renew()) !== true, `renew ${when}`, "false", "true");
  await expect();
  await late.complete();
  await expect();
  await late.release();
  await expect();
}

/** When claims end, and messages are forgotten. */
export const leaseChecks: readonly TrialCheck[] = [
  {
    name: "a claim ends with its lease, and somebody else can have it",
    run: async ({ hold, holdWithin, expect, times }) => {
      const key = fresh();
      await hold(key, "A new message", { leaseMs: times.shortMs });
      const limit = times.shortMs + times.patienceMs;
      const second = await holdWithin(limit, key, "A message whose lease has ended");
      await expect("busy", key, "A message that was taken over");
      await second.complete();
      await expect("done", key, "A message that was taken over and completed");
    },
  },
  {
    name: "a claim does not end before its lease",
    run: async ({ hold, holdWithin, times }) => {
      const key = fresh();
      const leaseMs = 3 * times.shortMs;
      const elapsed = stopwatch();
      await hold(key, "A new message", { leaseMs });
      await holdWithin(leaseMs + times.patienceMs, key, "A message whose lease has ended");
      const after = elapsed();
      const expected = `busy for ${leaseMs} ms`;
      const got = `claimed after ${Math.round(after)} ms`;
      demand(after >= leaseMs - clockMs, "A message that is held", expected, got);
    },
  },
  {
    name: "each claim has the lease that it asked for",
    run: async ({ hold, holdWithin, expect, times }) => {
      const [brief, long] = [fresh(), fresh()];
      await hold(long, "A new message");
      await hold(brief, "A new message", { leaseMs: times.shortMs });
      const limit = times.shortMs + times.patienceMs;
      await holdWithin(limit, brief, "A message whose lease has ended");
      await outlive(times.shortMs);
      await expect("busy", brief, "A message that was taken over for longer");
      await expect("busy", long, "A message with a longer lease than the other");
    },
  },
  {
    name: "a late holder cannot complete, though nobody has taken over",
    run: async (trial) => {
      const key = fresh();
      await (await expired(trial, key)).complete();
      await trial.hold(key, "A message that was completed after its lease had ended");
    },
  },
  {
    name: "a late holder can neither complete nor release what somebody else has taken over",
    run: async (trial) => {
      const key = fresh();
      const late = await expired(trial, key);
      const next = await trial.hold(key, "A message whose lease has ended");
      await settle(late, "of a claim that somebody else has", () =>
        trial.expect("busy", key, "A message that its late holder tried to settle"),
      );
      await next.complete();
      await settle(late, "of a message that is done", () =>
        trial.expect(
          "done",
          key,
          "A message that is done and that its late holder tried to settle",
        ),
      );
    },
  },
  {
    name: "a late holder cannot complete what somebody else took over and released",
    run: async (trial) => {
      const key = fresh();
      const late = await expired(trial, key);
      const next = await trial.hold(key, "A message whose lease has ended");
      await next.release();
      await late.complete();
      await trial.hold(key, "A message that was released, and completed by its late holder");
    },
  },
  {
    name: "a message that is done is forgotten after its time",
    run: async ({ hold, holdWithin, times }) => {
      const key = fresh();
      // The lease, which is longer, no longer counts.
      await (await hold(key, "A new message")).complete(times.shortMs);
      const limit = times.shortMs + times.patienceMs;
      await holdWithin(limit, key, "A message that is to be forgotten");
    },
  },
  {
    name: "a message that is done is not forgotten before its time",
    run: async ({ hold, holdWithin, times }) => {
      const key = fresh();
      const ttlMs = 3 * times.shortMs;
      const holder = await hold(key, "A new message");
      const elapsed = stopwatch();
      await holder.complete(ttlMs);
      await holdWithin(ttlMs + times.patienceMs, key, "A message that is to be forgotten");
      const after = elapsed();
      const expected = `done for ${ttlMs} ms`;
      const got = `claimed after ${Math.round(after)} ms`;
      demand(after >= ttlMs - clockMs, "A message that is done", expected, got);
    },
  },
  {
    name: "a message that is done outlives the lease of its claim",
    run: ({ hold, expect, times }) =>
      inTime(times.shortMs, async (leaseMs) => {
        const key = fresh();
        const elapsed = stopwatch();
        const holder = await hold(key, "A new message", { leaseMs });
        await holder.complete();
        if (elapsed() >= leaseMs) return false;
        await outlive(leaseMs);
        await expect("done", key, "A message that was completed, when its lease would have ended");
        return true;
      }),
  },
];
