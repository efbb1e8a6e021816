import { receiveOn } from "./receiver-checks.js";
import { demand, fresh, type TrialCheck, within } from "./store-trial.js";

/** What a store does while its engine cannot be reached. */
export const outageChecks: readonly TrialCheck[] = [
  {
    name: "unreachable: a claim is refused, and soon",
    run: async ({ store, times }) => {
      let claim: unknown;
      try {
        await within(times.limitMs / 2, "A claim while the engine is unreachable", async () => {
          claim = await store.claim(fresh(), { leaseMs: times.longMs });
        });
      } catch (failure) {
        // Late is not refused: it is what would have every sender wait.
        if (failure instanceof Error && failure.message.includes("took longer")) throw failure;
        return;
      }
      const got = String((claim as { readonly state?: unknown } | undefined)?.state);
      demand(false, "A claim while the engine is unreachable", "a rejection", got);
    },
  },
  {
    name: "unreachable: no claim is said to be renewed",
    run: async ({ store, times }) => {
      if (store.renew === undefined) return;
      const renewed = (async () =>
        store.renew?.(fresh(), globalThis.crypto.randomUUID(), { leaseMs: times.longMs }))();
      const answer = await within(times.limitMs / 2, "renew", () => renewed.catch(() => false));
      demand(answer !== true, "renew while the engine is unreachable", "a rejection", answer);
    },
  },
  {
    name: "unreachable: a receiver answers store_unavailable, and nothing is handled",
    run: async ({ store, times }) => {
      const receiver = receiveOn(store, undefined, { deadlineMs: times.limitMs / 2 });
      const outcome = await receiver.send({ id: fresh() });
      const got =
        outcome.kind === "rejected" ? `${outcome.error.code}, ${outcome.status}` : outcome.kind;
      const when = "A message while the engine is unreachable";
      demand(got === "store_unavailable, 503", when, "store_unavailable, 503", got);
      const calls = receiver.handled.length;
      demand(calls === 0, "The handler's calls while the engine is unreachable", "none", calls);
    },
  },
];
