import { receiveOn } from "./receiver-checks.js";
import { demand, fresh, type TrialCheck, within } from "./store-trial.js";

/** What a store does while its engine cannot be reached. */
export const outageChecks: readonly TrialCheck[] = [
  {
    name: "unreachable: a claim is refused, and soon",
    run: async ({ store, times }) => {
      const when = "A claim while the engine is unreachable";
      const answer = await within(times.limitMs / 2, when, async () => {
        try {
          return (await store.claim(fresh(), { leaseMs: times.longMs })).state;
        } catch {
          return "a rejection";
        }
      });
      demand(answer === "a rejection", when, "a rejection", answer);
    },
  },
  {
    name: "unreachable: no claim is said to be renewed",
    run: async ({ store, times }) => {
      if (store.renew === undefined) return;
      const renew = () =>
        store.renew?.(fresh(), globalThis.crypto.randomUUID(), { leaseMs: times.longMs });
      // Nobody waits for it: the lease ends meanwhile, and that is noticed.
      const answer = await within(times.limitMs / 2, "renew", renew).catch(() => false);
      demand(answer !== true, "renew while the engine is unreachable", "a rejection", answer);
    },
  },
  {
    name: "unreachable: where it keeps cursors: none is said to be missing or written",
    run: async ({ store, times }) => {
      const { readCursor, writeCursor } = store;
      if (readCursor === undefined || writeCursor === undefined) return;
      const when = "while the engine is unreachable";
      const answerOf = (what: string, work: () => Promise<unknown>): Promise<string> =>
        within(times.limitMs / 4, `${what} ${when}`, () =>
          work().then(
            (value) => (value === undefined ? "an answer" : "a text"),
            () => "a rejection",
          ),
        );
      const read = await answerOf("A cursor that is read", async () =>
        readCursor.call(store, fresh()),
      );
      demand(read === "a rejection", `A cursor that is read ${when}`, "a rejection", read);
      const written = await answerOf("A cursor that is written", async () =>
        writeCursor.call(store, fresh(), "text"),
      );
      demand(written === "a rejection", `A cursor that is written ${when}`, "a rejection", written);
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
