import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import * as z from "zod/mini";
import type { Delivery } from "../src/delivery.js";
import { bodyTooLarge } from "../src/error-kinds.js";
import { WebhookError } from "../src/errors.js";
import type { Outcome } from "../src/outcome.js";
import { defineProvider } from "../src/provider.js";
import { createReceiver } from "../src/receiver.js";
import type { OutcomeContext } from "../src/receiver-options.js";
import type { Scheme } from "../src/scheme.js";
import { bearerIntrospection } from "../src/schemes/bearer-introspection.js";
import type { Claim, Store } from "../src/store.js";
import { memoryStore } from "../src/stores/memory.js";
import { codeOf } from "./helpers/code-of.js";
import { specDelivery, specProvider } from "./helpers/spec-provider.js";

const created = { type: "created", id: "1", name: "Nives Ałtamira" };
const genuine = specDelivery(created);

/** A promise and the function that resolves it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("the outcome table", () => {
  it("handles a genuine message, once", async () => {
    const handler = vi.fn();
    const receiver = createReceiver(specProvider(), { on: { created: handler } });
    const first = await receiver.receive(genuine);
    expect(first).toMatchObject({
      kind: "handled",
      status: 200,
      message: { id: "1", type: "created" },
    });
    expect(await receiver.receive(genuine)).toMatchObject({ kind: "duplicate", status: 200 });
    expect(handler).toHaveBeenCalledTimes(1);
    expect(handler.mock.calls[0]?.slice(0, 2)).toEqual([created, first.message]);
    expect(receiver.provider).toBe("spec");
  });

  it("ignores a type without a handler, and one that is not known, without claiming either", async () => {
    const store = memoryStore();
    const claim = vi.spyOn(store, "claim");
    const receiver = createReceiver(specProvider(), { store });
    expect(await receiver.receive(genuine)).toMatchObject({
      kind: "ignored",
      status: 200,
      reason: "no_handler",
    });
    expect(await receiver.receive(specDelivery({ type: "renamed" }))).toMatchObject({
      kind: "ignored",
      status: 200,
      reason: "unknown_type",
      message: { known: false, type: "renamed" },
    });
    expect(claim).not.toHaveBeenCalled();
  });

  it("says that another worker is at it", async () => {
    const { open, opened } = gate();
    const receiver = createReceiver(specProvider(), { on: { created: () => opened } });
    const first = receiver.receive(genuine);
    await wait(5);
    expect(await receiver.receive(genuine)).toMatchObject({ kind: "in_progress", status: 409 });
    open();
    expect((await first).kind).toBe("handled");
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
  });

  it.each([
    [
      "a tampered body",
      { ...genuine, body: '{"type":"created","id":"2","name":"x"}' },
      "signature_mismatch",
      401,
    ],
    ["no signature", { ...genuine, headers: {} }, "signature_missing", 401],
    ["an object for a body", { ...genuine, body: created as never }, "body_already_parsed", 500],
    ["text that is no JSON", specDelivery("not JSON"), "payload_not_json", 400],
    ["an event off its schema", specDelivery({ type: "created", id: "1" }), "payload_invalid", 422],
    [
      "a compressed body",
      { ...genuine, headers: { ...genuine.headers, "content-encoding": "gzip" } },
      "encoding_unsupported",
      415,
    ],
    [
      "two encodings",
      { ...genuine, headers: { ...genuine.headers, "content-encoding": "identity, br" } },
      "encoding_unsupported",
      415,
    ],
    ["no delivery", undefined as never, "body_unreadable", 400],
    ["a delivery without headers", { body: genuine.body } as never, "signature_missing", 401],
  ])("rejects %s", async (_name, delivery: Delivery, code, status) => {
    const handler = vi.fn();
    const receiver = createReceiver(specProvider(), { on: { created: handler } });
    const outcome = await receiver.receive(delivery);
    expect(outcome).toMatchObject({ kind: "rejected", status, error: { code, status } });
    expect(outcome).not.toHaveProperty("message");
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes identity for an encoding", async () => {
    const receiver = createReceiver(specProvider(), { on: { created: () => undefined } });
    const headers = { ...genuine.headers, "Content-Encoding": " Identity " };
    expect((await receiver.receive({ ...genuine, headers })).kind).toBe("handled");
  });

  it("finds no handler among the inherited names", async () => {
    const schema = z.looseObject({ type: z.string() });
    const { scheme } = specProvider();
    const receiver = createReceiver(defineProvider({ name: "any", scheme, schema }), { on: {} });
    for (const type of ["constructor", "toString", "__proto__"]) {
      expect(await receiver.receive(specDelivery(`{"type":"${type}"}`))).toMatchObject({
        kind: "ignored",
        reason: "no_handler",
      });
    }
  });

  it("types its handlers", () => {
    createReceiver(specProvider(), {
      on: {
        created: (event, message) => {
          expectTypeOf(event.name).toEqualTypeOf<string>();
          expectTypeOf(message.type).toEqualTypeOf<"created">();
        },
        deleted: (event) => {
          expectTypeOf(event).not.toBeAny();
          // @ts-expect-error a deleted event has no name of that type
          const name: string = event.name;
          return name;
        },
      },
      onUnknown: ({ event }) => expectTypeOf(event).toBeUnknown(),
    });
    expect(() =>
      createReceiver(specProvider(), {
        on: {
          // @ts-expect-error there is no such type
          renamed: () => undefined,
        },
      }),
    ).toThrow("An option is unknown");
  });
});

describe("a handler that fails", () => {
  it.each([
    ["rejects", async () => Promise.reject(new Error("db down"))],
    [
      "throws",
      () => {
        throw new Error("db down");
      },
    ],
  ])("and %s gives its claim back, so that the retry is handled", async (_name, failing) => {
    let attempts = 0;
    const receiver = createReceiver(specProvider(), {
      on: {
        created: () => {
          attempts += 1;
          return attempts === 1 ? failing() : undefined;
        },
      },
    });
    const first = await receiver.receive(genuine);
    expect(first).toMatchObject({
      kind: "rejected",
      status: 500,
      error: { code: "handler_failed" },
      message: { id: "1" },
    });
    expect(first).toHaveProperty("cause", new Error("db down"));
    expect((await receiver.receive(genuine)).kind).toBe("handled");
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
  });

  it("keeps what it threw out of the error", async () => {
    const receiver = createReceiver(specProvider(), {
      on: { created: ({ name }) => Promise.reject(new Error(name)) },
    });
    const outcome = await receiver.receive(genuine);
    expect(JSON.stringify((outcome as { error: unknown }).error)).not.toContain("Nives");
    expect((outcome as { error: Error }).error.cause).toBeUndefined();
  });

  it("is not mistaken for what it throws", async () => {
    const receiver = createReceiver(specProvider(), {
      on: { created: () => Promise.reject(new WebhookError(bodyTooLarge)) },
    });
    expect(await receiver.receive(genuine)).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
    });
  });

  it("is refused all the same when the claim cannot be given back", async () => {
    const store: Store = { ...memoryStore(), release: () => Promise.reject(new Error("gone")) };
    const receiver = createReceiver(specProvider(), {
      store,
      on: { created: () => Promise.reject(new Error("db down")) },
    });
    expect(await receiver.receive(genuine)).toMatchObject({
      error: { code: "handler_failed" },
      cause: new Error("db down"),
    });
  });
});

describe("the deadline", () => {
  it("has the sender retry, and the retry finds the result", async () => {
    const { open, opened } = gate();
    const outcomes: Outcome[] = [];
    const receiver = createReceiver(specProvider(), {
      deadlineMs: 20,
      on: { created: () => opened },
      onOutcome: (outcome) => outcomes.push(outcome as Outcome),
    });
    const late = await receiver.receive(genuine);
    expect(late).toMatchObject({
      status: 503,
      error: { code: "handler_timeout", details: { deadlineMs: 20 } },
    });
    expect((await receiver.receive(genuine)).kind).toBe("in_progress");
    open();
    await vi.waitFor(() => expect(outcomes).toHaveLength(3));
    expect(outcomes[2]).toMatchObject({ kind: "handled", late: true });
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
  });

  it("gives the claim back when the handler fails after it, and says so", async () => {
    const { open, opened } = gate();
    const outcomes: Outcome[] = [];
    let attempts = 0;
    const receiver = createReceiver(specProvider(), {
      deadlineMs: 20,
      on: {
        created: async () => {
          attempts += 1;
          if (attempts > 1) return;
          await opened;
          throw new Error("late");
        },
      },
      onOutcome: (outcome) => outcomes.push(outcome as Outcome),
    });
    await receiver.receive(genuine);
    open();
    await vi.waitFor(() => expect(outcomes).toHaveLength(2));
    expect(outcomes[1]).toMatchObject({
      kind: "rejected",
      late: true,
      error: { code: "handler_failed" },
      cause: new Error("late"),
    });
    expect((await receiver.receive(genuine)).kind).toBe("handled");
  });

  it.each([
    ["a body", "body_unreadable", 400],
    ["keys", "key_unavailable", 503],
    ["a schema", "handler_timeout", 503],
    ["a store", "store_unavailable", 503],
    ["onInvalid", "handler_timeout", 503],
  ])("does not wait for %s for ever", async (what, code, status) => {
    const never = new Promise<never>(() => undefined);
    const { scheme, types } = specProvider();
    expect(types).toContain("created");
    const slowSchema = {
      "~standard": { version: 1, vendor: "test", validate: () => never },
    } as const;
    const slowScheme = bearerIntrospection({ introspect: () => never });
    const provider = defineProvider({
      name: "slow",
      scheme: what === "keys" ? slowScheme : scheme,
      schema: { created: what === "a schema" ? slowSchema : z.looseObject({}) },
    });
    const receiver = createReceiver(provider, {
      deadlineMs: 20,
      store: what === "a store" ? { ...memoryStore(), claim: () => never } : false,
      on: { created: () => undefined },
      onInvalid: () => never,
    });
    const headers = { ...genuine.headers, authorization: "Bearer opaque" };
    const delivery =
      what === "onInvalid"
        ? specDelivery("no JSON")
        : what === "a body"
          ? { method: "POST", headers, body: () => never }
          : { headers, body: genuine.body };
    expect(await receiver.receive(delivery)).toMatchObject({
      kind: "rejected",
      status,
      error: { code },
    });
  });

  it.each([
    // As the query builders of databases are, which ask when they are waited for.
    ["in time", 0, "ignored", undefined],
    ["too late", 60, "rejected", "handler_timeout"],
  ])("waits once for what is like a promise, and comes %s", async (_when, delay, kind, code) => {
    let asked = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then: (resolve: (answer: string) => void): void => {
        asked += 1;
        setTimeout(() => resolve("acknowledge"), delay);
      },
    };
    const receiver = createReceiver(specProvider(), { deadlineMs: 20, onInvalid: () => query });
    const outcome = await receiver.receive(specDelivery("no JSON"));
    expect(outcome.kind).toBe(kind);
    expect(outcome.kind === "rejected" ? outcome.error.code : undefined).toBe(code);
    await wait(80);
    expect(asked).toBe(1);
  });

  it("does not wait for ever for a promise of a promise", async () => {
    const nested = {
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then: (resolve: (answer: unknown) => void): void => resolve(new Promise(() => undefined)),
    };
    const receiver = createReceiver(specProvider(), { deadlineMs: 20, onInvalid: () => nested });
    expect(await receiver.receive(specDelivery("no JSON"))).toMatchObject({
      error: { code: "handler_timeout" },
    });
  });

  it("gives back a claim that arrives too late", async () => {
    const inner = memoryStore();
    const slow: Store = {
      ...inner,
      claim: async (key, options) => {
        await wait(40);
        return inner.claim(key, options);
      },
    };
    const release = vi.spyOn(slow, "release");
    const receiver = createReceiver(specProvider(), {
      deadlineMs: 10,
      store: slow,
      on: { created: () => undefined },
    });
    expect(await receiver.receive(genuine)).toMatchObject({ error: { code: "store_unavailable" } });
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
    const patient = createReceiver(specProvider(), {
      store: slow,
      on: { created: () => undefined },
    });
    expect((await patient.receive(genuine)).kind).toBe("handled");
    // A late “done” or “busy” holds nothing that could be given back.
    expect((await receiver.receive(genuine)).kind).toBe("rejected");
    await wait(60);
    expect(release).toHaveBeenCalledTimes(1);
  });

  it("leaves no timer behind once the sender is answered", async () => {
    vi.useFakeTimers();
    try {
      await createReceiver(specProvider(), { on: { created: () => undefined } }).receive(genuine);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("drops what a step throws after it", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const { opened, open } = gate();
      const claim = async (): Promise<Claim> => {
        await opened;
        throw new Error("late");
      };
      const receiver = createReceiver(specProvider(), {
        store: { ...memoryStore(), claim },
        deadlineMs: 5,
        on: { created: () => undefined },
      });
      expect(await receiver.receive(genuine)).toMatchObject({
        error: { code: "store_unavailable" },
      });
      open();
      await wait(5);
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  it("survives a late claim that cannot be given back", async () => {
    const inner = memoryStore();
    const release = vi.fn(() => Promise.reject(new Error("gone")));
    const slow: Store = {
      ...inner,
      release,
      claim: async (key, options) => {
        await wait(30);
        return inner.claim(key, options);
      },
    };
    const receiver = createReceiver(specProvider(), {
      deadlineMs: 10,
      store: slow,
      on: { created: () => undefined },
    });
    await receiver.receive(genuine);
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
  });

  it.each([
    [{ timeoutMs: 15_000 }, 14_000],
    [{ timeoutMs: 1000 }, 500],
    [{}, 9000],
  ])("is by default less than the sender's time-out: %o", async (facts, expected) => {
    vi.useFakeTimers();
    try {
      const receiver = createReceiver(specProvider(facts), {
        on: { created: () => new Promise(() => undefined) },
      });
      let outcome: Outcome | undefined;
      void receiver.receive(genuine).then((value) => {
        outcome = value as Outcome;
      });
      await vi.advanceTimersByTimeAsync(expected - 1);
      expect(outcome).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      expect(outcome).toMatchObject({
        error: { code: "handler_timeout", details: { deadlineMs: expected } },
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the store", () => {
  const failing = (method: keyof Store): Store => ({
    ...memoryStore(),
    [method]: () => Promise.reject(new Error("store at redis://user:password@host")),
  });

  it("keeps a message from being handled while it is down", async () => {
    const handler = vi.fn();
    const receiver = createReceiver(specProvider(), {
      store: failing("claim"),
      on: { created: handler },
    });
    const outcome = await receiver.receive(genuine);
    expect(outcome).toMatchObject({ status: 503, error: { code: "store_unavailable" } });
    expect(JSON.stringify((outcome as { error: unknown }).error)).not.toContain("password");
    expect(outcome).toHaveProperty("cause");
    expect(handler).not.toHaveBeenCalled();
  });

  it.each([undefined, null, {}, { state: "CLAIMED" }, { state: "claimed" }])(
    "that answers %o is down as well",
    async (claim) => {
      const handler = vi.fn();
      const odd: Store = { ...memoryStore(), claim: async () => claim as never };
      const receiver = createReceiver(specProvider(), { store: odd, on: { created: handler } });
      expect(await receiver.receive(genuine)).toMatchObject({
        status: 503,
        error: { code: "store_unavailable" },
        cause: { message: expect.stringMatching(/./) },
      });
      expect(handler).not.toHaveBeenCalled();
    },
  );

  it("is down whatever it throws, and onInvalid has failed: neither speaks for the delivery", async () => {
    const own = new WebhookError(bodyTooLarge);
    const store: Store = { ...memoryStore(), claim: () => Promise.reject(own) };
    const receiver = createReceiver(specProvider(), {
      store,
      on: { created: () => undefined },
      onInvalid: () => Promise.reject(own),
    });
    expect(await receiver.receive(genuine)).toMatchObject({
      status: 503,
      error: { code: "store_unavailable" },
      cause: own,
    });
    expect(await receiver.receive(specDelivery("x"))).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
      cause: own,
    });
  });

  it("that throws at once is down as well", async () => {
    const throwing: Store = {
      ...memoryStore(),
      claim: () => {
        throw new Error("down");
      },
    };
    const receiver = createReceiver(specProvider(), {
      store: throwing,
      on: { created: () => undefined },
    });
    expect(await receiver.receive(genuine)).toMatchObject({ error: { code: "store_unavailable" } });
  });

  it("that fails to remember does not have the work done twice", async () => {
    const receiver = createReceiver(specProvider(), {
      store: failing("complete"),
      on: { created: () => undefined },
    });
    expect(await receiver.receive(genuine)).toMatchObject({
      kind: "handled",
      status: 200,
      cause: expect.any(Error),
    });
    const unknown = createReceiver(specProvider(), {
      store: failing("complete"),
      onUnknown: () => undefined,
    });
    expect(await unknown.receive(specDelivery({ type: "x" }))).toMatchObject({
      kind: "ignored",
      cause: expect.any(Error),
    });
  });

  it("may be left out", async () => {
    const handler = vi.fn();
    const receiver = createReceiver(specProvider(), { store: false, on: { created: handler } });
    await receiver.receive(genuine);
    const outcome = await receiver.receive(genuine);
    expect(outcome.kind).toBe("handled");
    expect(outcome).not.toHaveProperty("cause");
    expect(handler).toHaveBeenCalledTimes(2);
    const failingOnce = createReceiver(specProvider(), {
      store: false,
      on: { created: () => Promise.reject(new Error("x")) },
    });
    expect(await failingOnce.receive(genuine)).toMatchObject({
      error: { code: "handler_failed" },
      message: { id: "1" },
      cause: new Error("x"),
    });
  });

  it("gets keys of bounded length, apart for each provider", async () => {
    const keys: string[] = [];
    const store: Store = {
      ...memoryStore(),
      claim: async (key): Promise<Claim> => {
        keys.push(key);
        return { state: "busy" };
      },
    };
    const receiver = createReceiver(specProvider(), { store, on: { created: () => undefined } });
    for (const id of ["1", "i".repeat(256), "i".repeat(257), "i".repeat(100_000)]) {
      await receiver.receive(specDelivery({ ...created, id }));
    }
    const { createHash } = await import("node:crypto");
    expect(keys).toEqual([
      "spec:1",
      `spec:${"i".repeat(256)}`,
      `spec:${createHash("sha256")
        .update(`"${"i".repeat(257)}"`)
        .digest("hex")}`,
      `spec:${createHash("sha256")
        .update(`"${"i".repeat(100_000)}"`)
        .digest("hex")}`,
    ]);
  });

  it("is told how long to hold a claim and how long to remember", async () => {
    const calls: unknown[] = [];
    const store: Store = {
      claim: async (_key, options) => {
        calls.push(options);
        return { state: "claimed", token: "t" };
      },
      complete: async (_key, token, options) => void calls.push([token, options]),
      release: async () => undefined,
    };
    await createReceiver(specProvider(), { store, on: { created: () => undefined } }).receive(
      genuine,
    );
    expect(calls).toEqual([{ leaseMs: 300_000 }, ["t", { ttlMs: 172_800_000 }]]);
  });
});

describe("authentic, but", () => {
  it("of an unknown type: onUnknown sees it once; when that fails, the sender retries", async () => {
    const seen: unknown[] = [];
    let fail = true;
    const receiver = createReceiver(specProvider(), {
      onUnknown: ({ type, event }) => {
        if (fail) throw new Error("not yet");
        seen.push([type, event]);
      },
    });
    const unknown = specDelivery({ type: "renamed", id: "9" });
    expect(await receiver.receive(unknown)).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
    });
    fail = false;
    expect(await receiver.receive(unknown)).toMatchObject({
      kind: "ignored",
      status: 200,
      reason: "unknown_type",
    });
    expect(await receiver.receive(unknown)).toMatchObject({ kind: "duplicate" });
    expect(seen).toEqual([["renamed", { type: "renamed", id: "9" }]]);
  });

  it.each([
    ["off its schema", { type: "created" }, "payload_invalid", 422],
    ["not JSON", "not JSON", "payload_not_json", 400],
  ])("%s: onInvalid sees it, and may acknowledge it", async (_name, event, code, status) => {
    const seen: [string, string][] = [];
    const answers = [undefined, "acknowledge", true];
    const receiver = createReceiver(specProvider(), {
      onInvalid: async ({ error, delivery }) => {
        seen.push([error.code, delivery.scheme]);
        return answers.shift();
      },
    });
    const invalid = specDelivery(event);
    expect(await receiver.receive(invalid)).toMatchObject({ kind: "rejected", status });
    expect(await receiver.receive(invalid)).toEqual({
      kind: "ignored",
      status: 200,
      reason: "acknowledged",
    });
    expect(await receiver.receive(invalid)).toMatchObject({ kind: "rejected", status });
    expect(seen).toEqual(Array(3).fill([code, "hmac"]));
  });

  it("invalid, and onInvalid fails: the sender retries", async () => {
    const receiver = createReceiver(specProvider(), {
      onInvalid: () => Promise.reject(new Error("disk full")),
    });
    expect(await receiver.receive(specDelivery("x"))).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
      cause: new Error("disk full"),
    });
  });

  it("forged ones never reach onInvalid or onUnknown", async () => {
    const never = vi.fn();
    const receiver = createReceiver(specProvider(), { onInvalid: never, onUnknown: never });
    await receiver.receive({ headers: { "x-signature": "0".repeat(64) }, body: "not JSON" });
    expect(never).not.toHaveBeenCalled();
  });
});

describe("the observer", () => {
  it("sees every outcome", async () => {
    const kinds: string[] = [];
    const receiver = createReceiver(specProvider(), {
      on: { created: () => undefined },
      onOutcome: ({ kind }) => kinds.push(kind),
    });
    await receiver.receive(genuine);
    await receiver.receive(genuine);
    await receiver.receive({ headers: {}, body: "" });
    await receiver.receive(specDelivery({ type: "x" }));
    expect(kinds).toEqual(["handled", "duplicate", "rejected", "ignored"]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("log");
      },
    ],
    ["rejects", () => Promise.reject(new Error("log"))],
  ])("that %s changes nothing", async (_name, onOutcome) => {
    const receiver = createReceiver(specProvider(), {
      on: { created: () => undefined },
      onOutcome,
    });
    expect((await receiver.receive(genuine)).kind).toBe("handled");
    await wait(1);
  });

  /** What an observer is given beside the outcome. */
  const contextsOf = async (deliveries: readonly Delivery[], extra: object = {}) => {
    const contexts: OutcomeContext[] = [];
    const provider = specProvider();
    const receiver = createReceiver(provider, {
      ...extra,
      onOutcome: (_outcome, context) => contexts.push(context),
    });
    for (const delivery of deliveries) await receiver.receive(delivery);
    return { contexts, provider };
  };
  const forged: Delivery = { ...genuine, body: genuine.body.replace("Nives", "Nemo") };

  it("is given what came, the provider and the clock, whether it was accepted or not", async () => {
    const now = () => 1_700_000_000_000;
    const sent = [genuine, forged];
    const { contexts, provider } = await contextsOf(sent, { now });
    expect(contexts.length).toBe(2);
    for (const [index, context] of contexts.entries()) {
      expect(context.provider).toBe(provider);
      expect(context.now).toBe(now);
      expect(context.delivery?.headers).toEqual(sent[index]?.headers);
      const body = Buffer.from(context.delivery?.body as Uint8Array);
      expect(body.toString()).toBe(sent[index]?.body);
    }
  });

  it("is given no delivery where no body could be read", async () => {
    const { contexts } = await contextsOf([{ headers: {}, body: { parsed: true } as never }]);
    expect(contexts.map(({ delivery }) => delivery)).toEqual([undefined]);
  });

  it("is given the same with an outcome that comes late", async () => {
    const { open, opened } = gate();
    const extra = { deadlineMs: 10, on: { created: () => opened } };
    const { contexts } = await contextsOf([genuine], extra);
    open();
    await vi.waitFor(() => expect(contexts.length).toBe(2));
    expect(contexts[1]).toBe(contexts[0]);
  });

  it("that logs all that it is given logs nothing of a delivery that is not proven", async () => {
    const { contexts } = await contextsOf([forged]);
    const printed = [
      inspect(contexts, { depth: 9 }),
      JSON.stringify(contexts),
      JSON.stringify({ ...contexts[0] }),
    ];
    expect(printed.join("\n")).not.toMatch(/Nemo|x-signature/);
  });
});

describe("an incoming delivery", () => {
  const incoming = (change: object) => ({
    method: "POST",
    headers: genuine.headers,
    body: async () => genuine.body,
    ...change,
  });
  const receiver = createReceiver(specProvider(), {
    store: false,
    maxBodyBytes: 100,
    on: { created: () => undefined },
  });

  it("is read once it is admitted", async () => {
    const body = vi.fn(async () => genuine.body);
    expect((await receiver.receive(incoming({ body }))).kind).toBe("handled");
    expect(body).toHaveBeenCalledWith(100);
  });

  it.each([
    [{ method: "GET" }, "method_not_allowed"],
    [{ method: "post" }, "method_not_allowed"],
    [{ headers: { "content-encoding": "br" } }, "encoding_unsupported"],
    [{ headers: { "content-length": "101" } }, "body_too_large"],
    [{ headers: { "content-length": ["1", "2"] } }, "header_duplicated"],
  ])("is refused before its body is read: %o", async (change, code) => {
    const body = vi.fn(async () => genuine.body);
    expect(await receiver.receive(incoming({ body, ...change }) as never)).toMatchObject({
      error: { code },
    });
    expect(body).not.toHaveBeenCalled();
  });

  it.each([
    [async () => "x".repeat(101), "body_too_large"],
    [async () => Promise.reject(new WebhookError(bodyTooLarge)), "body_too_large"],
    [async () => Promise.reject(new Error("reset")), "body_unreadable"],
    [
      () => {
        throw new Error("reset");
      },
      "body_unreadable",
    ],
    [async () => ({}), "body_already_parsed"],
    [async () => undefined, "body_unreadable"],
  ])("is refused by what reading gives (%#)", async (body, code) => {
    expect(await receiver.receive(incoming({ body }) as never)).toMatchObject({ error: { code } });
  });

  it("of exactly the limit is taken", async () => {
    const exact = specDelivery(
      `${genuine.body}${" ".repeat(100 - Buffer.byteLength(genuine.body))}`,
    );
    expect((await receiver.receive(exact)).kind).toBe("handled");
    expect(await receiver.receive(specDelivery(`${exact.body} `))).toMatchObject({
      error: { code: "body_too_large", details: { maxBodyBytes: 100 } },
    });
  });
});

describe("set-up", () => {
  it.each([
    [undefined, {}],
    [{}, {}],
    [specProvider(), null],
    [specProvider(), { on: 5 }],
    [specProvider(), { on: null }],
    [specProvider(), { on: { renamed: () => undefined } }],
    [specProvider(), { on: { created: "x" } }],
    [specProvider(), { on: { created: undefined } }],
    [specProvider(), { on: [] }],
    [specProvider(), { on: new Map([["created", () => undefined]]) }],
    [specProvider(), { on: Object.create({ created: () => undefined }) }],
    [
      specProvider(),
      {
        on: new (class {
          created() {
            return undefined;
          }
        })(),
      },
    ],
    [specProvider(), { store: { claim: async () => ({ state: "busy" }) } }],
    [specProvider(), { onUnknown: 1 }],
    [specProvider(), { onInvalid: {} }],
    [specProvider(), { onOutcome: "log" }],
    [specProvider(), { store: {} }],
    [specProvider(), { store: null }],
    [specProvider(), { store: true }],
    [specProvider(), { deadlineMs: 0 }],
    [specProvider(), { deadlineMs: Number.POSITIVE_INFINITY }],
    [specProvider(), { maxBodyBytes: -1 }],
    [specProvider(), { now: 5 }],
    [specProvider(), { handlers: {} }],
  ])("refuses what cannot be meant (%#)", async (provider, options) => {
    expect(await codeOf(() => createReceiver(provider as never, options as never))).toBe(
      "option_invalid",
    );
  });

  it("says which types there are when a handler's is not one", () => {
    try {
      createReceiver(specProvider(), { on: { renamed: () => undefined } as never });
      expect.unreachable();
    } catch (error) {
      expect((error as WebhookError).details).toEqual({
        option: "on.renamed",
        expected: ["created", "deleted"],
      });
    }
  });

  it("takes handlers of any type where one validator serves for all", async () => {
    const { scheme } = specProvider();
    const provider = defineProvider({ name: "any", scheme, schema: z.looseObject({}) });
    const receiver = createReceiver(provider, { on: { created: () => undefined } });
    expect((await receiver.receive(genuine)).kind).toBe("handled");
  });

  it("takes handlers from an object without a prototype", async () => {
    const on = Object.assign(Object.create(null), { created: () => undefined });
    expect((await createReceiver(specProvider(), { on }).receive(genuine)).kind).toBe("handled");
  });

  it("holds a claim that cannot be renewed for longer than a handler may take", async () => {
    const leases: number[] = [];
    const { renew: _renew, ...plain } = memoryStore();
    const store: Store = {
      ...plain,
      claim: async (_key, { leaseMs }) => {
        leases.push(leaseMs);
        return { state: "busy" };
      },
    };
    await createReceiver(specProvider(), {
      store,
      deadlineMs: 600_000,
      on: { created: () => undefined },
    }).receive(genuine);
    expect(leases).toEqual([1_200_000]);
  });

  it("has its own store remember for as long as it is told", async () => {
    let time = Date.parse("2026-11-21");
    const receiver = createReceiver(specProvider(), {
      now: () => time,
      ttlMs: 7 * 86_400_000,
      on: { created: () => undefined },
    });
    await receiver.receive(genuine);
    time += 7 * 86_400_000 - 1;
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
    time += 1;
    expect((await receiver.receive(genuine)).kind).toBe("handled");
  });

  it("takes undefined for what is left out", async () => {
    const receiver = createReceiver(specProvider(), {
      on: undefined,
      store: undefined,
      onOutcome: undefined,
      deadlineMs: undefined,
    });
    expect(await receiver.receive(genuine)).toMatchObject({ reason: "no_handler" });
    expect((await createReceiver(specProvider()).receive(genuine)).kind).toBe("ignored");
  });

  it("hands its clock to the scheme", async () => {
    const clocks: unknown[] = [];
    const { scheme } = specProvider();
    const watching = {
      ...(scheme as Scheme),
      verify: (delivery: Delivery, options?: { now?: unknown }) => {
        clocks.push(options?.now);
        return (scheme as Scheme).verify(delivery);
      },
    } as Scheme;
    const provider = defineProvider({
      name: "w",
      scheme: watching,
      schema: { created: z.looseObject({}) },
    });
    const now = () => 5;
    await createReceiver(provider, { now }).receive(genuine);
    expect(clocks).toEqual([now]);
  });

  it("does not take a provider that breaks for an invalid event", async () => {
    const onInvalid = vi.fn(() => "acknowledge");
    const read = async () => {
      throw new TypeError("broken");
    };
    const receiver = createReceiver({ ...specProvider(), read } as never, { onInvalid });
    const outcome = await receiver.receive(genuine);
    expect(outcome).toMatchObject({ status: 503, error: { stage: "handler" } });
    expect(outcome).toHaveProperty("cause", new TypeError("broken"));
    expect(onInvalid).not.toHaveBeenCalled();
  });

  it("asks for a retry when a provider of somebody's own making breaks", async () => {
    const odd = { ...specProvider(), read: async () => null };
    expect(await createReceiver(odd as never).receive(genuine)).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
      cause: expect.any(TypeError),
    });
  });

  it("takes headers that can be read once", async () => {
    const headers = new Headers({ ...genuine.headers, "content-length": "5" }).entries();
    const receiver = createReceiver(specProvider(), { on: { created: () => undefined } });
    expect((await receiver.receive({ headers, body: genuine.body })).kind).toBe("handled");
    const again = new Headers(genuine.headers).entries();
    expect((await specProvider().verify({ headers: again, body: genuine.body })).known).toBe(true);
  });

  it("lets its own store follow its clock", async () => {
    let time = 0;
    const receiver = createReceiver(specProvider(), {
      now: () => time,
      on: { created: () => undefined },
    });
    await receiver.receive(genuine);
    time = 48 * 3_600_000 - 1;
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
    time += 1;
    expect((await receiver.receive(genuine)).kind).toBe("handled");
  });

  it("asks for a retry when a scheme breaks", async () => {
    const broken: Scheme = {
      name: "broken",
      bindsBody: true,
      bindsTime: true,
      verify: () => {
        throw new TypeError("broken");
      },
    };
    const provider = defineProvider({
      name: "b",
      scheme: broken,
      schema: { created: z.looseObject({}) },
    });
    expect(await createReceiver(provider).receive(genuine)).toMatchObject({
      status: 503,
      error: { code: "key_unavailable" },
      cause: expect.any(TypeError),
    });
  });
});
