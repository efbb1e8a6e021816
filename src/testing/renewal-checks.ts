import {
  demand,
  fresh,
  inTime,
  sleep,
  stopwatch,
  strangeTokens,
  type Trial,
  type TrialCheck,
} from "./store-trial.js";

/** The list of checks is made before the store: where it cannot renew, these have nothing to find. */
const whereItRenews = (name: string, run: (trial: Trial) => Promise<void>): TrialCheck => ({
  name: `where it renews: ${name}`,
  run: async (trial) => {
    if (trial.store.renew !== undefined) await run(trial);
  },
});

function demandAnswer(answer: unknown, expected: boolean, when: string): void {
  demand(answer === expected, `renew of ${when}`, String(expected), answer);
}

/** What renewing does to a lease, and what it says. */
export const renewalChecks: readonly TrialCheck[] = [
  whereItRenews("a claim holds for another lease from then on", ({ hold, expect, times }) =>
    inTime(times.shortMs, async (leaseMs) => {
      const key = fresh();
      const elapsed = stopwatch();
      const holder = await hold(key, "A new message", { leaseMs });
      const answer = await holder.renew();
      if (elapsed() >= leaseMs) return false;
      demandAnswer(answer, true, "a claim that is held");
      await sleep(1.5 * leaseMs);
      await expect("busy", key, "A renewed message, when its first lease would have ended");
      demandAnswer(await holder.renew(), true, "a claim that has been renewed");
      await holder.complete();
      await expect("done", key, "A message that was renewed and completed");
      return true;
    }),
  ),
  whereItRenews("a renewed lease ends too", ({ hold, holdWithin, times }) =>
    inTime(times.shortMs, async (leaseMs) => {
      const key = fresh();
      const elapsed = stopwatch();
      const holder = await hold(key, "A new message", { leaseMs });
      const answer = await holder.renew(leaseMs);
      if (elapsed() >= leaseMs) return false;
      demandAnswer(answer, true, "a claim that is held");
      const limit = 2 * leaseMs + times.patienceMs;
      await holdWithin(limit, key, "A message whose renewed lease has ended");
      return true;
    }),
  ),
  whereItRenews("a renewed claim can be released", async ({ hold }) => {
    const key = fresh();
    const holder = await hold(key, "A new message");
    demandAnswer(await holder.renew(), true, "a claim that is held");
    await holder.release();
    await hold(key, "A message that was renewed and released");
  }),
  whereItRenews(
    "nobody renews the claim of another",
    async ({ hold, stranger, holdWithin, times }) => {
      const key = fresh();
      const other = await hold(fresh(), "A new message");
      const holder = await hold(key, "A new message", { leaseMs: times.shortMs });
      for (const token of [other.token, ...strangeTokens]) {
        if (token === holder.token) continue;
        demandAnswer(await stranger(key, token).renew(), false, "a claim with another token");
      }
      // Nor has one of these made it longer.
      const limit = times.shortMs + times.patienceMs;
      await holdWithin(limit, key, "A message whose lease has ended, renewed with other tokens");
    },
  ),
  whereItRenews("a message that was never claimed is not renewed", async ({ hold, stranger }) => {
    const key = fresh();
    const { token } = await hold(fresh(), "A new message");
    demandAnswer(await stranger(key, token).renew(), false, "a message that was never claimed");
    await hold(key, "A message that was renewed without a claim");
  }),
  whereItRenews(
    "a claim that was completed or released is not renewed",
    async ({ hold, expect }) => {
      const [completed, released] = [fresh(), fresh()];
      const first = await hold(completed, "A new message");
      await first.complete();
      demandAnswer(await first.renew(), false, "a claim that was completed");
      await expect("done", completed, "A message that was completed, then renewed");
      const second = await hold(released, "A new message");
      await second.release();
      demandAnswer(await second.renew(), false, "a claim that was released");
      await hold(released, "A message that was released, then renewed");
    },
  ),
  whereItRenews(
    "a late holder does not renew, though nobody has taken over",
    async ({ hold, times }) => {
      const key = fresh();
      const late = await hold(key, "A new message", { leaseMs: times.shortMs });
      await sleep(1.5 * times.shortMs);
      demandAnswer(await late.renew(), false, "a claim whose lease has ended");
      const next = await hold(key, "A message that its late holder tried to renew");
      demandAnswer(await late.renew(), false, "a claim that somebody else has taken over");
      demandAnswer(await next.renew(), true, "the claim that took over");
    },
  ),
];
