import type { StandardSchema } from "../internal/standard-schema.js";
import { defineProvider } from "../provider.js";
import { createReceiver } from "../receiver.js";
import type { ReceiverOptions } from "../receiver-options.js";
import { unsigned } from "../schemes/unsigned.js";
import type { Store } from "../store.js";
import { demand, fresh, type TrialCheck } from "./store-trial.js";

/** A message as the provider below sends it. */
interface Sent {
  readonly id: string;
  readonly about?: string;
  readonly at?: string;
}

interface Events {
  readonly changed: Sent;
}

const anything: StandardSchema<Sent> = {
  "~standard": {
    version: 1,
    vendor: "countersign",
    validate: (value) => ({ value: value as Sent }),
  },
};

/** A receiver on the store, and what its handler was called for. */
export function receiveOn(
  store: Store,
  handler: (id: string) => unknown = () => undefined,
  options: Pick<ReceiverOptions<Events>, "deadlineMs" | "order"> = {},
) {
  const handled: string[] = [];
  const provider = defineProvider({
    name: "conformance",
    scheme: unsigned("i-accept-forged-events"),
    schema: { changed: anything },
    id: "id",
    subject: "about",
    occurredAt: "at",
  });
  const receiver = createReceiver(provider, {
    ...options,
    store,
    on: {
      changed: async ({ id }) => {
        handled.push(id);
        await handler(id);
      },
    },
  });
  const send = (sent: Sent) =>
    receiver.receive({ headers: {}, body: JSON.stringify({ type: "changed", ...sent }) });
  return {
    handled,
    send,
    /** Sends a message, and demands what becomes of it. */
    demand: async (sent: Sent, when: string, expected: string): Promise<void> => {
      const outcome = await send(sent);
      const { error, cause }: { error?: { code: string }; cause?: unknown } = {
        ...("error" in outcome ? { error: outcome.error } : {}),
        cause: outcome.cause,
      };
      const why = [error?.code, cause].filter((one) => one !== undefined).map(String);
      const got = [outcome.kind, ...why].join(", ");
      demand(outcome.kind === expected, when, `the outcome ${expected}`, got);
    },
  };
}

function demandHandled(handled: readonly string[], times: number): void {
  demand(handled.length === times, "The handler's calls", String(times), handled.length);
}

const older = "2026-11-20T10:00:00Z";
const newer = "2026-11-20T10:00:01Z";

/** What a real receiver makes of the store. */
export const receiverChecks: readonly TrialCheck[] = [
  {
    name: "receiver: a duplicate is not handled again, by whichever process",
    run: async ({ store, another }) => {
      const [first, second] = [receiveOn(store), receiveOn((await another()).store)];
      const id = fresh();
      await first.demand({ id }, "A new message", "handled");
      await first.demand({ id }, "A duplicate", "duplicate");
      await second.demand({ id }, "A duplicate in another process", "duplicate");
      demandHandled([...first.handled, ...second.handled], 1);
    },
  },
  {
    name: "receiver: a message whose handler throws is handled again",
    run: async ({ store }) => {
      let failures = 1;
      const receiver = receiveOn(store, () => {
        failures -= 1;
        if (failures === 0) throw new Error("The handler is to fail once.");
      });
      const id = fresh();
      await receiver.demand({ id }, "A message whose handler throws", "rejected");
      await receiver.demand({ id }, "The retry after it", "handled");
      await receiver.demand({ id }, "A duplicate after that", "duplicate");
      demandHandled(receiver.handled, 2);
    },
  },
  {
    name: "receiver: a message that two processes get at once is handled once",
    run: async ({ store, another }) => {
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      let calls = 0;
      const handler = (): Promise<void> => {
        calls += 1;
        // Nobody else is left to wait for.
        if (calls === 2) finish();
        return finished;
      };
      const receivers = [store, (await another()).store].map((one) => receiveOn(one, handler));
      const id = fresh();
      const outcomes = receivers.map(({ send }) => send({ id }));
      // Whoever is not handling it answers first.
      const first = await Promise.race([...outcomes, finished]);
      finish();
      const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind).sort();
      const expected = "handled and in_progress";
      demand(kinds.join(" and ") === expected, "The two outcomes", expected, kinds.join(" and "));
      demand(first?.kind === "in_progress", "The first outcome", "in_progress", first?.kind);
      const handled = receivers.flatMap((receiver) => receiver.handled);
      demandHandled(handled, 1);
      for (const receiver of receivers) {
        await receiver.demand({ id }, "A duplicate in either process", "duplicate");
      }
    },
  },
  {
    name: "receiver: with an order, an older message after a newer one is stale",
    run: async ({ store }) => {
      const receiver = receiveOn(store, undefined, { order: { onStale: "skip" } });
      const about = fresh();
      const late = { id: fresh(), about, at: older };
      await receiver.demand({ id: fresh(), about, at: newer }, "A new message", "handled");
      await receiver.demand(late, "An older message after it", "stale");
      await receiver.demand(late, "The older message again", "duplicate");
      demandHandled(receiver.handled, 1);
    },
  },
  {
    name: "receiver: with an order, an older message waits for a newer one, and is handled if that fails",
    run: async ({ store }) => {
      const about = fresh();
      const [early, late] = [
        { id: fresh(), about, at: newer },
        { id: fresh(), about, at: older },
      ];
      const receiver = receiveOn(
        store,
        async (id) => {
          if (id !== early.id) return;
          await receiver.demand(
            late,
            "An older message while a newer one is handled",
            "in_progress",
          );
          throw new Error("The handler of the newer message is to fail.");
        },
        { order: { onStale: "skip" } },
      );
      const outcome = await receiver.send(early);
      const cause = String(outcome.cause);
      demand(cause.includes("is to fail"), "The newer message", "its handler's failure", cause);
      await receiver.demand(late, "The older message after that", "handled");
      demandHandled(receiver.handled, 2);
    },
  },
];
