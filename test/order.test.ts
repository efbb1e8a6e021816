import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod/mini";
import type { Outcome } from "../src/outcome.js";
import { defineProvider, type Provider } from "../src/provider.js";
import { createReceiver } from "../src/receiver.js";
import type { OrderOptions } from "../src/receiver-options.js";
import { hmac } from "../src/schemes/hmac.js";
import type { Claim, ClaimOptions, Store } from "../src/store.js";
import { memoryStore } from "../src/stores/memory.js";
import { codeOf } from "./helpers/code-of.js";
import { specDelivery, specProvider, specSecret } from "./helpers/spec-provider.js";

const orderedProvider = () =>
  defineProvider({
    name: "spec",
    scheme: hmac({ secret: specSecret, header: "x-signature" }),
    schema: {
      changed: z.looseObject({ type: z.literal("changed"), id: z.string() }),
      checked: z.looseObject({ type: z.literal("checked"), id: z.string() }),
    },
    id: "id",
    subject: "about",
    occurredAt: "at",
  });

type Events = ReturnType<typeof orderedProvider> extends Provider<infer Types> ? Types : never;

interface Sent {
  readonly id: string;
  readonly about?: string;
  readonly at?: string;
  readonly type?: string;
}

const older = "2026-11-20T10:00:00Z";
const newer = "2026-11-20T10:00:01Z";

function start(
  order: OrderOptions<Events>,
  {
    store,
    during,
    now,
  }: { store?: Store; during?: (id: string) => unknown; now?: () => number } = {},
) {
  const handled: string[] = [];
  const receiver = createReceiver(orderedProvider(), {
    order,
    ...(store === undefined ? {} : { store }),
    now,
    on: {
      changed: async (event, message) => {
        handled.push(`${event.id}${message.flags.length > 0 ? ` ${message.flags}` : ""}`);
        await during?.(event.id);
      },
      checked: (event) => handled.push(event.id),
    },
    onUnknown: (message) => handled.push(message.id),
  });
  const send = (event: Sent) => receiver.receive(specDelivery({ type: "changed", ...event }));
  return { handled, send };
}

describe("an older message after a newer one", () => {
  it("is stale, and its handler is not called", async () => {
    const { handled, send } = start({ onStale: "skip" });
    expect((await send({ id: "new", about: "ada", at: newer })).kind).toBe("handled");
    expect(await send({ id: "old", about: "ada", at: older })).toMatchObject({
      kind: "stale",
      status: 200,
      message: { id: "old", subject: "ada", flags: [] },
    });
    expect(handled).toEqual(["new"]);
  });

  it("is a duplicate when it comes again", async () => {
    const { send } = start({ onStale: "skip" });
    await send({ id: "new", about: "ada", at: newer });
    await send({ id: "old", about: "ada", at: older });
    expect((await send({ id: "old", about: "ada", at: older })).kind).toBe("duplicate");
  });

  it("is handled and flagged where that is asked for", async () => {
    const { handled, send } = start({ onStale: "flag" });
    const first = await send({ id: "new", about: "ada", at: newer });
    expect(first).toMatchObject({ kind: "handled", message: { flags: [] } });
    expect(await send({ id: "old", about: "ada", at: older })).toMatchObject({
      kind: "handled",
      message: { flags: ["stale"] },
    });
    expect(handled).toEqual(["new", "old stale"]);
  });

  it("waits while the newer one is being handled, and is stale once that is done", async () => {
    let finish: () => void = () => undefined;
    const during = (id: string) =>
      id === "new" ? new Promise<void>((resolve) => (finish = resolve)) : undefined;
    const { handled, send } = start({ onStale: "skip" }, { during });
    const first = send({ id: "new", about: "ada", at: newer });
    await expect.poll(() => handled).toEqual(["new"]);
    expect(await send({ id: "old", about: "ada", at: older })).toMatchObject({
      kind: "in_progress",
      status: 409,
    });
    finish();
    expect((await first).kind).toBe("handled");
    expect((await send({ id: "old", about: "ada", at: older })).kind).toBe("stale");
    expect(handled).toEqual(["new"]);
  });

  it("is handled when the newer one has failed", async () => {
    let failures = 1;
    const during = (id: string) => {
      if (id === "new" && failures-- > 0) throw new Error("no");
    };
    const { handled, send } = start({ onStale: "skip" }, { during });
    expect((await send({ id: "new", about: "ada", at: newer })).kind).toBe("rejected");
    expect((await send({ id: "old", about: "ada", at: older })).kind).toBe("handled");
    expect((await send({ id: "new", about: "ada", at: newer })).kind).toBe("handled");
    expect(handled).toEqual(["new", "old", "new"]);
  });
});

describe("no order", () => {
  it.each<[string, Sent, Sent]>([
    ["in order", { id: "1", about: "ada", at: older }, { id: "2", about: "ada", at: newer }],
    [
      "at the same time",
      { id: "1", about: "ada", at: newer },
      { id: "2", about: "ada", at: newer },
    ],
    ["about others", { id: "1", about: "ada", at: newer }, { id: "2", about: "eve", at: older }],
    ["without a subject", { id: "1", at: newer }, { id: "2", at: older }],
    ["without a time", { id: "1", about: "ada", at: newer }, { id: "2", about: "ada" }],
    [
      "with a time that is none",
      { id: "1", about: "ada", at: newer },
      { id: "2", about: "ada", at: "yesterday" },
    ],
  ])("is disturbed by messages %s", async (_what, first, second) => {
    for (const onStale of ["skip", "flag"] as const) {
      const { handled, send } = start({ onStale });
      expect((await send(first)).kind).toBe("handled");
      expect((await send(second)).kind).toBe("handled");
      expect(handled).toEqual([first.id, second.id]);
    }
  });

  it("is begun by a message from the future: what follows it is not stale", async () => {
    const time = Date.parse(newer);
    const { handled, send } = start({ onStale: "skip" }, { now: () => time });
    const at = (offsetMs: number) => new Date(time + offsetMs).toISOString();
    await send({ id: "far", about: "ada", at: at(300_001) });
    expect((await send({ id: "now", about: "ada", at: newer })).kind).toBe("handled");
    // Clocks differ a little.
    await send({ id: "near", about: "ada", at: at(300_000) });
    expect((await send({ id: "then", about: "ada", at: at(1000) })).kind).toBe("stale");
    expect(handled).toEqual(["far", "now", "near"]);
  });

  it("is asked for by default", async () => {
    const asked: ClaimOptions[] = [];
    const memory = memoryStore();
    const receiver = createReceiver(orderedProvider(), {
      store: {
        ...memory,
        claim: (key, options) => {
          asked.push(options);
          return memory.claim(key, options);
        },
      },
      on: { changed: () => undefined },
    });
    for (const [id, at] of [
      ["new", newer],
      ["old", older],
    ]) {
      const outcome = await receiver.receive(
        specDelivery({ type: "changed", id, about: "ada", at }),
      );
      expect(outcome.kind).toBe("handled");
    }
    expect(asked.map(({ order }) => order)).toEqual([undefined, undefined]);
  });
});

describe("what a message is about", () => {
  it("covers all its types, or what the application says", async () => {
    const all = start({ onStale: "skip" });
    await all.send({ id: "1", about: "ada", at: newer, type: "checked" });
    expect((await all.send({ id: "2", about: "ada", at: older })).kind).toBe("stale");

    const each = start({
      onStale: "skip",
      subject: ({ type, subject }) => `${type} ${subject}`,
    });
    await each.send({ id: "1", about: "ada", at: newer, type: "checked" });
    expect((await each.send({ id: "2", about: "ada", at: older })).kind).toBe("handled");
    await each.send({ id: "3", about: "ada", at: newer });
    expect((await each.send({ id: "4", about: "ada", at: older })).kind).toBe("stale");
  });

  it("may be nothing", async () => {
    const { send } = start({ onStale: "skip", subject: () => undefined });
    await send({ id: "1", about: "ada", at: newer });
    expect((await send({ id: "2", about: "ada", at: older })).kind).toBe("handled");
  });

  it("is asked for in vain when the function throws: nothing is handled, and the sender retries", async () => {
    const { handled, send } = start({
      onStale: "skip",
      subject: () => {
        throw new Error("no");
      },
    });
    expect(await send({ id: "1", about: "ada", at: newer })).toMatchObject({
      kind: "rejected",
      error: { code: "handler_failed" },
      cause: new Error("no"),
    });
    expect(handled).toEqual([]);
  });

  it.each<unknown>([5, null, Promise.resolve("ada"), { subject: "ada" }])(
    "is text: %o has the sender retry",
    async (subject) => {
      const { handled, send } = start({ onStale: "skip", subject: () => subject as string });
      expect(await send({ id: "1", about: "ada", at: newer })).toMatchObject({
        kind: "rejected",
        error: { code: "handler_failed" },
        cause: expect.any(TypeError),
      });
      expect(handled).toEqual([]);
    },
  );

  it("is kept apart by provider, and in keys of bounded length", async () => {
    const asked: unknown[] = [];
    const store: Store = {
      ...memoryStore(),
      claim: async (_key, { order }) => {
        asked.push(order);
        return { state: "busy" };
      },
    };
    const { send } = start({ onStale: "skip" }, { store });
    await send({ id: "1", about: "ada", at: older });
    await send({ id: "2", about: "x".repeat(300), at: older });
    expect(asked).toEqual([
      { subject: "spec:ada", at: Date.parse(older) },
      { subject: expect.stringMatching(/^spec:[0-9a-f]{64}$/), at: Date.parse(older) },
    ]);
  });

  it("counts for unknown types that are handled too", async () => {
    const { send } = start({ onStale: "skip" });
    await send({ id: "1", about: "ada", at: newer });
    expect((await send({ id: "2", about: "ada", at: older, type: "other" })).kind).toBe("stale");
  });
});

describe("the store", () => {
  it("is told of the order with every call for the claim", async () => {
    const calls: unknown[] = [];
    const order = { subject: "spec:ada", at: Date.parse(newer) };
    const store: Store = {
      ordered: true,
      claim: async (_key, options) => {
        calls.push(["claim", options.order]);
        return { state: "claimed", token: "t" };
      },
      complete: async (_key, _token, options) => {
        calls.push(["complete", options.order]);
      },
      release: async (_key, _token, options) => {
        calls.push(["release", options?.order]);
      },
    };
    const during = (id: string) => {
      if (id === "2") throw new Error("no");
    };
    const { send } = start({ onStale: "skip" }, { store, during });
    await send({ id: "1", about: "ada", at: newer });
    await send({ id: "2", about: "ada", at: newer });
    expect(calls).toEqual([
      ["claim", order],
      ["complete", order],
      ["claim", order],
      ["release", order],
    ]);
  });

  it("is not heeded about newer messages where nobody asked", async () => {
    const flags: unknown[] = [];
    const receiver = createReceiver(orderedProvider(), {
      store: {
        ...memoryStore(),
        claim: async () => ({ state: "claimed", token: "t", newer: "done" }),
      },
      on: { changed: (_event, message) => flags.push(message.flags) },
    });
    const delivery = specDelivery({ type: "changed", id: "1", about: "ada", at: older });
    expect((await receiver.receive(delivery)).kind).toBe("handled");
    expect(flags).toEqual([[]]);
  });

  it("may fail to settle a skipped message: its retry is stale again", async () => {
    const failing: Store = {
      ordered: true,
      claim: async () => ({ state: "claimed", token: "t", newer: "done" }),
      complete: async () => {
        throw new Error("down");
      },
      release: async () => undefined,
    };
    const { handled, send } = start({ onStale: "skip" }, { store: failing });
    expect((await send({ id: "1", about: "ada", at: older })).kind).toBe("stale");
    expect(handled).toEqual([]);
  });

  it.each<unknown>(["later", null, true, 5])(
    "that says “%s” about newer messages is not believed",
    async (said) => {
      const store: Store = {
        ...memoryStore(),
        claim: async () => ({ state: "claimed", token: "t", newer: said }) as Claim,
      };
      const { handled, send } = start({ onStale: "skip" }, { store });
      expect(await send({ id: "1", about: "ada", at: older })).toMatchObject({
        kind: "rejected",
        error: { code: "store_unavailable" },
      });
      expect(handled).toEqual([]);
    },
  );

  it("in memory forgets a subject with its messages", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time });
    const settle = async (key: string, at: number, ttlMs: number) => {
      const order = { subject: "s", at };
      const claim = await store.claim(key, { leaseMs: 1000, order });
      if (claim.state !== "claimed") throw new Error(claim.state);
      await store.complete(key, claim.token, { ttlMs, order });
      return claim.newer;
    };
    expect(await settle("1", 5, 1000)).toBeUndefined();
    time = 999;
    expect(await settle("2", 4, 1000)).toBe("done");
    time = 1998;
    // The older one has not made the newest one older, and has kept the subject.
    expect(await settle("3", 4, 1000)).toBe("done");
    time = 3000;
    expect(await settle("4", 4, 1000)).toBeUndefined();
  });

  it("in memory keeps as many subjects as messages, those heard of last", async () => {
    const store = memoryStore({ maxEntries: 2 });
    const settle = async (key: string, subject: string, at: number) => {
      const order = { subject, at };
      const claim = await store.claim(key, { leaseMs: 1000, order });
      if (claim.state !== "claimed") throw new Error(claim.state);
      await store.complete(key, claim.token, { ttlMs: 10_000, order });
      return claim.newer;
    };
    await settle("1", "a", 9);
    await settle("2", "b", 9);
    await settle("3", "a", 8);
    await settle("4", "c", 9);
    expect(await settle("5", "a", 8)).toBe("done");
    expect(await settle("6", "b", 8)).toBeUndefined();
  });
});

describe("set-up", () => {
  it.each<unknown>([
    {},
    null,
    "skip",
    { onStale: "drop" },
    { onStale: undefined },
    { onStale: "skip", by: "type" },
    { onStale: "skip", subject: "type" },
  ])("refuses the order %o", async (order) => {
    const options = { order } as never;
    expect(await codeOf(() => createReceiver(specProvider(), options))).toBe("option_invalid");
  });

  it("refuses an order that nothing could remember", async () => {
    const { ordered: _ordered, ...without } = memoryStore();
    for (const store of [false, without, { ...without, ordered: false }] as const) {
      const options = { order: { onStale: "skip" }, store } as const;
      expect(await codeOf(() => createReceiver(specProvider(), options))).toBe("option_invalid");
    }
  });

  it("types the messages that the subject is taken from", () => {
    createReceiver(orderedProvider(), {
      order: {
        onStale: "skip",
        subject: (message) => {
          expectTypeOf(message.type).toEqualTypeOf<string>();
          return message.known ? message.event.id : undefined;
        },
      },
    });
    expectTypeOf<Extract<Outcome, { kind: "stale" }>["status"]>().toEqualTypeOf<200>();
  });
});
