import { namedTexts, oddTexts } from "./odd-texts.js";
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

type Newer = "busy" | "done" | undefined;

/** Claims a new message about a subject, and demands what is said of newer ones. */
async function place(
  { hold }: Trial,
  subject: string,
  at: number,
  expected: Newer,
  when: string,
  leaseMs?: number,
): Promise<TrialClaim> {
  const lease = leaseMs === undefined ? {} : { leaseMs };
  const claim = await hold(fresh(), when, { order: { subject, at }, ...lease });
  demand(claim.newer === expected, when, `newer to be ${expected}`, claim.newer);
  return claim;
}

/** A message about the subject has been completed. */
async function completed(trial: Trial, subject: string, at: number): Promise<void> {
  await (
    await place(trial, subject, at, undefined, "The first message about a subject")
  ).complete();
}

const differences: readonly (readonly [title: string, older: number, newer: number])[] = [
  ["a millisecond", 1_795_168_800_000, 1_795_168_800_001],
  ["the sign", -5, 5],
  ["a millisecond before 1970", -1001, -1000],
  ["the epoch, which is newer", -1, 0],
  ["the epoch, which is older", 0, 1],
  ["the number of digits", 999_999_999_999, 1_000_000_000_000],
  ["all that dates can", -8_640_000_000_000_000, 8_640_000_000_000_000],
  ["a millisecond at the end of dates", 8_639_999_999_999_999, 8_640_000_000_000_000],
];

/** What a store says of newer messages about the same subject. */
export const orderChecks: readonly TrialCheck[] = [
  {
    name: "order: an older message is told that a newer one is done",
    run: async (trial) => {
      const subject = fresh();
      await completed(trial, subject, 20);
      await place(trial, subject, 10, "done", "An older message after a newer one");
      await place(trial, subject, 19, "done", "Another older message after a newer one");
    },
  },
  {
    name: "order: an older message is told that a newer one is held",
    run: async (trial) => {
      const subject = fresh();
      await place(trial, subject, 20, undefined, "The first message about a subject");
      await place(trial, subject, 10, "busy", "An older message while a newer one is held");
    },
  },
  {
    name: "order: that a newer one is done counts more than that another is held",
    run: async (trial) => {
      const [doneFirst, heldFirst] = [fresh(), fresh()];
      await completed(trial, doneFirst, 20);
      await place(trial, doneFirst, 30, undefined, "A newer message after an older one");
      await place(trial, doneFirst, 10, "done", "A message with a newer one done and one held");
      const newest = await place(trial, heldFirst, 30, undefined, "The first about a subject");
      await place(trial, heldFirst, 20, "busy", "An older message while a newer one is held");
      await newest.complete();
      await place(trial, heldFirst, 10, "done", "A message with a newer one done and one held");
    },
  },
  {
    name: "order: what is done counts for older messages only",
    run: async (trial) => {
      const subject = fresh();
      await place(trial, subject, 30, undefined, "The first message about a subject");
      const middle = await place(trial, subject, 20, "busy", "An older message");
      await middle.complete();
      await place(
        trial,
        subject,
        25,
        "busy",
        "A message newer than what is done, not than what is held",
      );
    },
  },
  {
    name: "order: a newer message is told nothing of older ones",
    run: async (trial) => {
      const subject = fresh();
      await completed(trial, subject, 10);
      await place(trial, subject, 20, undefined, "A newer message after an older one is done");
      await place(trial, subject, 30, undefined, "A newer message while an older one is held");
    },
  },
  {
    name: "order: messages of the same time are told nothing of each other",
    run: async (trial) => {
      const subject = fresh();
      await completed(trial, subject, 10);
      await place(trial, subject, 10, undefined, "A message as old as one that is done");
      await place(trial, subject, 10, undefined, "A message as old as one that is held");
    },
  },
  {
    name: "order: messages about other subjects, and those without an order, do not count",
    run: async (trial) => {
      const [subject, unordered] = [fresh(), fresh()];
      await completed(trial, fresh(), 20);
      await place(trial, fresh(), 20, undefined, "The first message about another subject");
      await (await trial.hold(unordered, "A new message without an order")).complete();
      await trial.hold(fresh(), "A new message without an order");
      await place(trial, subject, 10, undefined, "An older message about another subject");
      await trial.expect("done", unordered, "A message without an order that was completed");
    },
  },
  {
    name: "order: without one, a claim says nothing of newer messages",
    run: async (trial) => {
      await completed(trial, fresh(), 20);
      // What hold checks.
      await trial.hold(fresh(), "A new message without an order");
    },
  },
  {
    name: "order: a key and a subject of the same text are two things",
    run: async (trial) => {
      const [text, other] = [fresh(), fresh()];
      await trial.hold(text, "A new message");
      const claim = await place(trial, text, 20, undefined, "A message about another's key");
      await trial.expect("busy", text, "A message that is held, and whose key is a subject");
      await claim.complete();
      await trial.expect("busy", text, "A message that is held, and whose key is a subject");
      await completed(trial, other, 20);
      await trial.hold(other, "A new message whose key is a subject");
      await place(trial, other, 10, "done", "An older message about a subject that is a key");
    },
  },
  {
    name: "order: a message may be its own subject",
    run: async (trial) => {
      const text = fresh();
      const options = { order: { subject: text, at: 20 } };
      const claim = await trial.hold(text, "A new message about its own key", options);
      await trial.expect("busy", text, "A message about its own key", options);
      await claim.complete();
      await trial.expect("done", text, "A message about its own key that was completed", options);
      await place(trial, text, 10, "done", "An older message about that subject");
    },
  },
  {
    name: "order: a newer message that is released leaves no trace",
    run: async (trial) => {
      const subject = fresh();
      const newer = await place(trial, subject, 20, undefined, "The first about a subject");
      await newer.release();
      await place(trial, subject, 10, undefined, "An older message after a newer one was released");
    },
  },
  {
    name: "order: a newer claim whose lease has ended leaves no trace",
    run: async (trial) => {
      const { shortMs } = trial.times;
      const subject = fresh();
      const newer = await place(trial, subject, 20, undefined, "The first", shortMs);
      await sleep(1.5 * shortMs);
      const when = "An older message after the lease of a newer one has ended";
      await place(trial, subject, 10, undefined, when);
      await newer.complete();
      await newer.release();
      await place(trial, subject, 9, "busy", "An older message after a late holder of a newer one");
      await place(trial, subject, 15, undefined, "One that only a late holder's is newer than");
    },
  },
  {
    name: "order: a newer claim that is settled with another token counts as before",
    run: async (trial) => {
      const order = { subject: fresh(), at: 20 };
      const [key, token] = [fresh(), globalThis.crypto.randomUUID()];
      await trial.hold(key, "The first message about a subject", { order });
      const stranger = trial.stranger(key, token, order);
      await stranger.complete();
      const when = "An older message, after a stranger has settled the newer one that is held";
      await place(trial, order.subject, 10, "busy", when);
      await stranger.release();
      await place(trial, order.subject, 10, "busy", when);
      const never = { subject: fresh(), at: 20 };
      await trial.stranger(fresh(), token, never).complete();
      await trial.stranger(fresh(), token, never).renew();
      await place(trial, never.subject, 10, undefined, "An older message after none");
    },
  },
  {
    name: "order: an attempt to claim what is held or done leaves no trace",
    run: async (trial) => {
      const order = { subject: fresh(), at: 20 };
      const key = fresh();
      const claim = await trial.hold(key, "The first message about a subject", { order });
      await trial.expect("busy", key, "The same message", { order });
      await claim.release();
      const when = "An older message after a newer one was claimed twice and released once";
      await place(trial, order.subject, 10, undefined, when);
      const again = await trial.hold(key, "The newer message again", { order });
      await again.complete();
      await trial.expect("done", key, "The same message", { order });
      await place(trial, order.subject, 30, undefined, "A newer message after one that is done");
    },
  },
  {
    name: "where it renews: order: a newer message that is renewed still counts",
    run: async (trial) => {
      if (trial.store.renew === undefined) return;
      await inTime(trial.times.shortMs, async (leaseMs) => {
        const subject = fresh();
        const elapsed = stopwatch();
        const newer = await place(trial, subject, 20, undefined, "The first", leaseMs);
        const answer = await newer.renew();
        if (elapsed() >= leaseMs) return false;
        demand(answer === true, "renew of a claim that is held", "true", answer);
        await sleep(1.5 * leaseMs);
        await place(trial, subject, 10, "busy", "An older message while a renewed one is held");
        return true;
      });
    },
  },
  {
    name: "order: an older message that is done does not make the newest one older",
    run: async (trial) => {
      const subject = fresh();
      await completed(trial, subject, 30);
      await (await place(trial, subject, 10, "done", "An older message")).complete();
      await place(trial, subject, 20, "done", "One between an older and a newer that are done");
      await place(trial, subject, 31, undefined, "A newer message than all");
    },
  },
  {
    name: "order: the newest one done is what counts, whatever was done first",
    run: async (trial) => {
      const subject = fresh();
      await completed(trial, subject, 10);
      await (await place(trial, subject, 30, undefined, "A newer message")).complete();
      await (await place(trial, subject, 20, "done", "One between two that are done")).complete();
      await place(trial, subject, 29, "done", "One just older than the newest");
      await place(trial, subject, 30, undefined, "One as old as the newest");
    },
  },
  {
    name: "order: a newer message that is done is forgotten after its time",
    run: async (trial) => {
      const { shortMs, patienceMs } = trial.times;
      const subject = fresh();
      const newer = await place(trial, subject, 20, undefined, "The first about a subject");
      const elapsed = stopwatch();
      await newer.complete(shortMs);
      for (;;) {
        const when = "An older message after a newer one that is to be forgotten";
        const claim = await trial.hold(fresh(), when, { order: { subject, at: 10 } });
        if (claim.newer === undefined) return;
        const limit = shortMs + patienceMs;
        demand(elapsed() < limit, when, `no newer after ${limit} ms`, claim.newer);
        await claim.release();
        await sleep(shortMs / 10);
      }
    },
  },
  ...differences.map(
    ([title, older, newer]): TrialCheck => ({
      name: `order: times may differ by ${title}`,
      run: async (trial) => {
        const [done, held] = [fresh(), fresh()];
        await completed(trial, done, newer);
        await place(
          trial,
          done,
          newer,
          undefined,
          `A message of the time ${newer}, after one of it`,
        );
        await place(trial, done, older, "done", `A message of the time ${older} after ${newer}`);
        await place(trial, held, older, undefined, `The first message, of the time ${older}`);
        await place(trial, held, newer, undefined, `A message of the time ${newer} after ${older}`);
        await place(trial, held, older, "busy", `A message of the time ${older} after ${newer}`);
      },
    }),
  ),
  ...oddTexts.map(
    ({ title, texts }): TrialCheck => ({
      name: `order: subjects are apart that differ ${title}`,
      run: async (trial) => {
        const subjects = texts(fresh());
        // Each is older than all before.
        for (const [index, subject] of subjects.entries()) {
          const when = `A message about a subject that differs ${title} from others`;
          const claim = await place(trial, subject, 100 - index, undefined, when);
          if (index % 2 === 0) await claim.complete();
        }
        for (const [index, subject] of subjects.entries()) {
          const when = `An older message about a subject that differs ${title} from others`;
          await place(trial, subject, 0, index % 2 === 0 ? "done" : "busy", when);
        }
      },
    }),
  ),
  ...namedTexts.map(
    ([title, subject]): TrialCheck => ({
      name: `order: ${title} is a subject like others`,
      run: async (trial) => {
        // There is but one such subject, so that the time of this run is newer than those of others before.
        const at = Date.now();
        const when = `A message about ${title}`;
        const newer = await trial.hold(fresh(), when, { order: { subject, at } });
        await newer.complete();
        await place(trial, subject, at - 1, "done", `An older message about ${title}`);
      },
    }),
  ),
  {
    name: "order: 200 messages about one subject at once are all claimed, and the newest done counts",
    run: async (trial) => {
      const subject = fresh();
      const claims = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          // In no order: 7 and 200 have no common divisor.
          const at = 10 * ((index * 7) % 200);
          const when = "One of 200 messages about a subject at once";
          return { at, claim: await trial.hold(fresh(), when, { order: { subject, at } }) };
        }),
      );
      for (const { at, claim } of claims) {
        if (at === 1990) demand(claim.newer === undefined, "The newest", "no newer", claim.newer);
        else
          demand(claim.newer !== "done", "One of 200 that are held", "busy or none", claim.newer);
      }
      await place(trial, subject, -1, "busy", "One older than 200 that are held");
      await Promise.all(
        claims.map(({ at, claim }) => (at <= 1500 ? claim.complete() : claim.release())),
      );
      await place(trial, subject, 1499, "done", "One older than the newest that is done");
      await place(trial, subject, 1500, undefined, "One as old as the newest that is done");
    },
  },
];
