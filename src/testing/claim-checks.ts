import type { ClaimOptions } from "../store.js";
import { demand, fresh, sleep, strangeTokens, type Trial, type TrialCheck } from "./store-trial.js";

const atOnce = 200;

/** Claims one message many times at once, through these stores in turn, and demands that one claim wins. */
async function race(
  trials: readonly [Trial, ...Trial[]],
  options: Partial<ClaimOptions> = {},
): Promise<void> {
  const key = fresh();
  const [{ times }] = trials;
  const claims = await Promise.all(
    Array.from({ length: atOnce }, (_, index) => {
      const { store } = trials[index % trials.length] as Trial;
      return store.claim(key, { leaseMs: times.longMs, ...options });
    }),
  );
  const count = (wanted: string): number => claims.filter(({ state }) => state === wanted).length;
  const got = `${count("claimed")} claimed, ${count("busy")} busy and ${count("done")} done`;
  const expected = `1 claimed and ${atOnce - 1} busy`;
  const holds = count("claimed") === 1 && count("busy") === atOnce - 1;
  demand(holds, `${atOnce} claims of one message at once`, expected, got);
}

/** Tokens that are not those of a claim, though some are those of others. */
async function wrongTokens({ hold }: Trial, right: string): Promise<readonly string[]> {
  const other = await hold(fresh(), "A new message");
  const released = await hold(fresh(), "A new message");
  await released.release();
  return [other.token, released.token, ...strangeTokens].filter((token) => token !== right);
}

/** Who claims a message, and what others are told. */
export const claimChecks: readonly TrialCheck[] = [
  { name: "one of 200 claims at once wins", run: (trial) => race([trial]) },
  {
    name: "one of 200 claims at once wins, through two stores",
    run: async (trial) => race([trial, await trial.another()]),
  },
  {
    name: "one of 200 claims at once wins, through two stores and with an order",
    run: async (trial) =>
      race([trial, await trial.another()], { order: { subject: fresh(), at: 20 } }),
  },
  {
    name: "what one store claims, completes or releases is so for another",
    run: async (trial) => {
      const another = await trial.another();
      const [completed, released] = [fresh(), fresh()];
      const first = await trial.hold(completed, "A new message");
      await another.expect("busy", completed, "A message that is held in another store");
      await first.complete();
      await another.expect("done", completed, "A message that was completed in another store");
      const second = await trial.hold(released, "A new message");
      await second.release();
      const third = await another.hold(released, "A message that was released in another store");
      // Whoever knows the token may settle a claim, through whichever store.
      await trial.stranger(released, third.token).complete();
      await another.expect("done", released, "A message that another store completed by its token");
    },
  },
  {
    name: "messages that come at once are all claimed, each with a token of its own",
    run: async ({ hold }) => {
      const claims = await Promise.all(
        Array.from({ length: atOnce }, () => hold(fresh(), "A new message")),
      );
      const distinct = new Set(claims.map(({ token }) => token)).size;
      demand(
        distinct === atOnce,
        `The tokens of ${atOnce} claims`,
        `${atOnce} distinct ones`,
        distinct,
      );
    },
  },
  {
    name: "a message that is claimed again gets another token",
    run: async ({ hold }) => {
      const key = fresh();
      const first = await hold(key, "A new message");
      await first.release();
      const second = await hold(key, "A message that was released");
      demand(first.token !== second.token, "The second claim", "another token", "the same");
    },
  },
  {
    name: "a message is busy while it is held",
    run: async ({ hold, expect }) => {
      const key = fresh();
      await hold(key, "A new message");
      await expect("busy", key, "A message that is held");
      await expect("busy", key, "A message that is held, asked for once more");
    },
  },
  {
    name: "a message is done once it is completed",
    run: async ({ hold, expect }) => {
      const key = fresh();
      await (await hold(key, "A new message")).complete();
      await expect("done", key, "A message that was completed");
      await expect("done", key, "A message that was completed, asked for once more");
    },
  },
  {
    name: "a message can be claimed once it is released",
    run: async ({ hold, expect }) => {
      const key = fresh();
      await (await hold(key, "A new message")).release();
      const second = await hold(key, "A message that was released");
      await expect("busy", key, "A message that was released and claimed again");
      await second.complete();
      await expect("done", key, "A message that was released, claimed again and completed");
    },
  },
  {
    name: "a claim is not completed with another token",
    run: async (trial) => {
      const key = fresh();
      const holder = await trial.hold(key, "A new message");
      for (const token of await wrongTokens(trial, holder.token))
        await trial.stranger(key, token).complete();
      await trial.expect(
        "busy",
        key,
        "A message that was completed with other tokens than its own",
      );
      await holder.complete();
      await trial.expect("done", key, "A message that was then completed with its own");
    },
  },
  {
    name: "a claim is not released with another token",
    run: async (trial) => {
      const key = fresh();
      const holder = await trial.hold(key, "A new message");
      for (const token of await wrongTokens(trial, holder.token))
        await trial.stranger(key, token).release();
      await trial.expect("busy", key, "A message that was released with other tokens than its own");
      await holder.release();
      await trial.hold(key, "A message that was then released with its own");
    },
  },
  {
    name: "a message that was never claimed is neither completed nor released",
    run: async ({ hold, stranger }) => {
      const [completed, released] = [fresh(), fresh()];
      const { token } = await hold(fresh(), "A new message");
      for (const one of [token, globalThis.crypto.randomUUID()]) {
        await stranger(completed, one).complete();
        await stranger(released, one).release();
      }
      await hold(completed, "A message that was completed without a claim");
      await hold(released, "A message that was released without a claim");
    },
  },
  {
    name: "a message that is done stays so, whatever its last holder does",
    run: async ({ hold, expect, times }) => {
      const key = fresh();
      const holder = await hold(key, "A new message");
      await holder.complete();
      await holder.release();
      await expect("done", key, "A message that was completed, then released");
      // A second completion that counted would have it forgotten at once.
      await holder.complete(1);
      await sleep(times.shortMs);
      await expect("done", key, "A message that was completed, then completed for a millisecond");
    },
  },
  {
    name: "whoever has released a claim does not hold the next one",
    run: async ({ hold, expect }) => {
      const key = fresh();
      const first = await hold(key, "A new message");
      await first.release();
      await first.complete();
      const second = await hold(key, "A message that was released, then completed");
      await first.complete();
      await expect(
        "busy",
        key,
        "A message that its first holder completed while the second held it",
      );
      await first.release();
      await expect(
        "busy",
        key,
        "A message that its first holder released while the second held it",
      );
      await second.complete();
      await expect("done", key, "A message that its second holder completed");
    },
  },
];
