import { describe, expect, it } from "vitest";
import type { Drift } from "../../src/drift/drift.js";
import type { Provider } from "../../src/provider.js";
import { createReceiver } from "../../src/receiver.js";
import type { ReceiverOptions } from "../../src/receiver-options.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";

type Events = Record<string, unknown>;
const event = { type: "created", id: "1", name: "Mirela Dravetz", novel: 5 };
const novel = {
  ...{ provider: "spec", kind: "key", messageType: "created" },
  ...{ path: "novel", type: "number" },
};

/** A receiver, and what it reports. */
function watched(
  options: ReceiverOptions<Events> = {},
  provider = specProvider() as unknown as Provider,
) {
  const drifts: Drift[] = [];
  const onDrift = (drift: Drift) => drifts.push(drift);
  return { receiver: createReceiver(provider, { onDrift, ...options }), drifts };
}

describe("onDrift", () => {
  it("hears of a message that is handled, whatever becomes of it", async () => {
    const handlers: readonly ((...given: readonly unknown[]) => unknown)[] = [
      () => undefined,
      () => {
        throw new Error("no");
      },
      () => new Promise(() => {}),
    ];
    for (const created of handlers) {
      const { receiver, drifts } = watched({ on: { created }, deadlineMs: 50 });
      await receiver.receive(specDelivery(event));
      expect(drifts).toEqual([novel]);
    }
  });

  it("hears of a message before it is claimed: of a duplicate and with a store that fails", async () => {
    const fail = async (): Promise<never> => {
      throw new Error("no");
    };
    const failing = watched({
      on: { created: () => undefined },
      store: { claim: fail, complete: fail, release: fail },
    });
    expect(await failing.receiver.receive(specDelivery(event))).toMatchObject({ status: 503 });
    expect(failing.drifts).toEqual([novel]);
    const done = watched({
      on: { created: () => undefined },
      store: { claim: async () => ({ state: "done" }), complete: fail, release: fail },
    });
    expect(await done.receiver.receive(specDelivery(event))).toMatchObject({ kind: "duplicate" });
    expect(done.drifts).toEqual([novel]);
  });

  it("hears of messages that nobody handles, and of types that are not known", async () => {
    const { receiver, drifts } = watched();
    expect(await receiver.receive(specDelivery(event))).toMatchObject({ reason: "no_handler" });
    expect(await receiver.receive(specDelivery({ type: "moved" }))).toMatchObject({
      reason: "unknown_type",
    });
    expect(drifts).toEqual([novel, { provider: "spec", kind: "type", messageType: "moved" }]);
  });

  it("hears of what is recovered", async () => {
    const { receiver, drifts } = watched();
    await receiver.recover({ event, source: "history" });
    expect(drifts).toEqual([novel]);
  });

  it("hears nothing of what is forged or does not fit", async () => {
    const { receiver, drifts } = watched();
    const forged = { ...specDelivery(event), body: JSON.stringify({ ...event, other: 1 }) };
    expect(await receiver.receive(forged)).toMatchObject({ status: 401 });
    expect(await receiver.receive(specDelivery({ ...event, name: 5 }))).toMatchObject({
      status: 422,
    });
    expect(drifts).toEqual([]);
  });

  it("hears nothing before what nothing binds is confirmed", async () => {
    const secret = "another-secret-for-the-tests";
    const scheme = headerSecret({ header: "x-secret", secret });
    const doubtful = { ...specProvider(), scheme } as unknown as Provider;
    const delivery = { headers: { "x-secret": secret }, body: JSON.stringify(event) };
    const on = { created: () => undefined };

    const refused = watched({ on, confirm: () => false }, doubtful);
    expect(await refused.receiver.receive(delivery)).toMatchObject({ status: 401 });
    expect(refused.drifts).toEqual([]);

    // Nobody is asked about a message that nobody handles.
    const unhandled = watched({ confirm: () => true }, doubtful);
    expect(await unhandled.receiver.receive(delivery)).toMatchObject({ reason: "no_handler" });
    expect(unhandled.drifts).toEqual([]);

    const confirmed = watched(
      {
        on,
        confirm: () => {
          expect(confirmed.drifts).toEqual([]);
          return true;
        },
      },
      doubtful,
    );
    expect(await confirmed.receiver.receive(delivery)).toMatchObject({ kind: "handled" });
    expect(confirmed.drifts).toEqual([novel]);

    const trusting = watched({ on }, doubtful);
    await trusting.receiver.receive(delivery);
    expect(trusting.drifts).toEqual([novel]);
  });

  it("changes no outcome: not by throwing, not by rejecting, and not by never ending", async () => {
    for (const onDrift of [
      () => {
        throw new Error("no");
      },
      async () => {
        throw new Error("no");
      },
      () => new Promise(() => {}),
    ]) {
      const { receiver } = watched({ on: { created: () => undefined }, onDrift });
      expect(await receiver.receive(specDelivery(event))).toMatchObject({ kind: "handled" });
    }
  });

  it("keeps a runtime alive until it has ended", async () => {
    let end: (() => void) | undefined;
    const onDrift = () =>
      new Promise<void>((resolve) => {
        end = resolve;
      });
    const { receiver } = watched({ on: { created: () => undefined }, onDrift });
    const { headers, body } = specDelivery(event);
    let work: Promise<unknown> | undefined;
    let isOver = false;
    await receiver.receive({
      method: "POST",
      headers,
      body: async () => body,
      waitUntil: (given) => {
        work = given.then(() => {
          isOver = true;
        });
      },
    });
    // A whole turn, in which all that can end has ended.
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    end?.();
    await work;
    expect(isOver).toBe(true);
  });
});
