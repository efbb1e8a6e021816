import { namedTexts, oddTexts } from "./odd-texts.js";
import { fresh, inTime, stopwatch, type TrialCheck } from "./store-trial.js";

/** Keys as the receiver makes them, and all others: a provider's own code may call a store too. */
export const keyChecks: readonly TrialCheck[] = [
  ...oddTexts.map(
    ({ title, texts }): TrialCheck => ({
      name: `keys are apart that differ ${title}`,
      run: async ({ hold, expect }) => {
        const keys = texts(fresh());
        const held = [];
        for (const key of keys) {
          held.push(await hold(key, `A new message with a key that differs ${title} from others`));
        }
        for (const key of keys) {
          await expect("busy", key, `A message that is held, with a key that differs ${title}`);
        }
        // Every second one, so that each of the others would be noticed.
        for (const [index, holder] of held.entries()) {
          await (index % 2 === 0 ? holder.complete() : holder.release());
        }
        for (const [index, key] of keys.entries()) {
          if (index % 2 === 0) await expect("done", key, `A completed message, ${title}`);
          else await hold(key, `A released message whose key differs ${title} from completed ones`);
        }
      },
    }),
  ),
  ...namedTexts.map(
    ([title, key]): TrialCheck => ({
      name: `${title} is a key like others`,
      // There is but one such key: other runs may have it for a while, and it is left as it was found.
      run: ({ holdWithin, expect, times }) =>
        inTime(2 * times.shortMs, async (ttlMs) => {
          const when = `A message whose key is ${title}`;
          const leaseMs = times.patienceMs;
          const holder = await holdWithin(3 * times.patienceMs, key, when, { leaseMs });
          const elapsed = stopwatch();
          try {
            await expect("busy", key, `${when}, while it is held`);
            await holder.complete(ttlMs);
            await expect("done", key, `${when}, once it is completed`);
          } catch (failure) {
            if (elapsed() < ttlMs) throw failure;
          }
          return elapsed() < ttlMs;
        }),
    }),
  ),
];
