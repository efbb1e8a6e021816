import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import {
  type CatchUpProgress,
  catchUp,
  type HistoryEvent,
  isClientError,
} from "../../src/catch-up.js";
import { isWebhookError } from "../../src/errors.js";
import type { MessageOf } from "../../src/message.js";
import { createReceiver } from "../../src/receiver.js";
import { memoryStore } from "../../src/stores/memory.js";
import { plainStore } from "../helpers/plain-store.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";
import { gate, ownSource, specEvents } from "./own-source.js";

/** A receiver that writes down what it handles. */
function recorder(
  options: Parameters<typeof createReceiver>[1] = {},
  handle: (id: string) => unknown = () => undefined,
) {
  const handled: string[] = [];
  const receiver = createReceiver(specProvider(), {
    on: {
      created: async ({ id }: { id: string }) => {
        await handle(id);
        handled.push(id);
      },
    },
    ...options,
  } as never);
  return { receiver, handled };
}

/** How many calls of a spy have been answered. */
function answersOf({ mock }: { mock: { settledResults: readonly { type: string }[] } }): number {
  return mock.settledResults.filter(({ type }) => type === "fulfilled").length;
}

async function clientCodeOf(call: Promise<unknown>): Promise<unknown> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (isClientError(thrown)) return [thrown.code, thrown.provider, thrown.operation];
  return isWebhookError(thrown) ? thrown.code : thrown;
}

describe("a catch-up", () => {
  it("handles the events of a history in order, and says which was the last", async () => {
    const { receiver, handled } = recorder();
    const result = await catchUp(receiver, ownSource(specEvents(8)));
    expect(handled).toEqual(["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"]);
    expect(result).toEqual({ recovered: 8, duplicates: 0, ignored: 0, failed: 0, lastId: "e8" });
  });

  it("begins after the id that it is given, also where the history gives that one again", async () => {
    const { receiver, handled } = recorder();
    const events = specEvents(4);
    const source = ownSource(events);
    const inclusive = {
      ...source,
      page: async () => ({ events: events.slice(1), hasNext: false }),
    };
    expect(await catchUp(receiver, source, { after: "e3" })).toMatchObject({ recovered: 1 });
    expect(await catchUp(receiver, inclusive, { after: "e2" })).toEqual({
      ...{ recovered: 1, duplicates: 1, ignored: 0, failed: 0, lastId: "e4" },
    });
    expect(handled).toEqual(["e4", "e3"]);
  });

  it("of an empty history has done nothing, and keeps the place that it was given", async () => {
    const nothing = { recovered: 0, duplicates: 0, ignored: 0, failed: 0 };
    const { receiver } = recorder();
    const result = await catchUp(receiver, ownSource([]));
    expect(Object.keys(result)).toEqual(Object.keys(nothing));
    expect(await catchUp(receiver, ownSource([]), { after: "e9" })).toEqual({
      ...nothing,
      lastId: "e9",
    });
  });

  it("counts what becomes of each event, and says so after each", async () => {
    const events: HistoryEvent[] = [
      ...specEvents(2),
      { id: "new", event: { type: "invented", id: "new" } },
      { id: "unhandled", event: { type: "deleted", id: "unhandled" } },
      { id: "left-out", event: { type: "created", id: "left-out", name: "x" }, leaveOut: true },
      { id: "invalid", event: { type: "created", id: "invalid" } },
      { id: "nothing", event: undefined },
      { id: "thrown", event: { type: "created", id: "thrown", name: "x" } },
      ...specEvents(1, 9),
    ];
    const { receiver, handled } = recorder({}, (id) => {
      if (id === "thrown") throw new Error("no");
    });
    await receiver.receive(specDelivery(events[1]?.event));
    const told: CatchUpProgress[] = [];
    const result = await catchUp(receiver, ownSource(events), {
      onProgress: (progress) => told.push(progress),
    });
    expect(result).toEqual({
      recovered: 2,
      duplicates: 1,
      ignored: 3,
      failed: 3,
      lastId: "left-out",
    });
    expect(handled).toEqual(["e2", "e1", "e9"]);
    expect(told.map(({ event }) => [event.id, event.outcome?.kind])).toEqual([
      ["e1", "handled"],
      ["e2", "duplicate"],
      ["new", "ignored"],
      ["unhandled", "ignored"],
      ["left-out", undefined],
      ["invalid", "rejected"],
      ["nothing", "rejected"],
      ["thrown", "rejected"],
      ["e9", "handled"],
    ]);
    const { event, ...last } = told.at(-1) as CatchUpProgress;
    expect(last).toEqual(result);
    expect(told[0]).toMatchObject({ recovered: 1, duplicates: 0, lastId: "e1" });
  });

  it("counts a stale event as ignored", async () => {
    const at = (id: string, time: string): HistoryEvent => ({
      id,
      event: { type: "created", id, name: time },
    });
    const base = specProvider();
    const provider = {
      ...base,
      read: async (...given: Parameters<typeof base.read>) => {
        const message = await base.read(...given);
        const { name } = message.event as { name: string };
        return { ...message, subject: "one", occurredAt: new Date(name) } as MessageOf<never>;
      },
    };
    const receiver = createReceiver(provider as never, {
      on: { created: () => undefined } as never,
      order: { onStale: "skip" },
    });
    const events = [at("e1", "2026-03-02T00:00:00Z"), at("e2", "2026-03-01T00:00:00Z")];
    expect(await catchUp(receiver, ownSource(events))).toEqual({
      ...{ recovered: 1, duplicates: 0, ignored: 1, failed: 0, lastId: "e2" },
    });
  });

  it("hands a source's headers, message ids and secrets on, and says where the event is from", async () => {
    const seen: unknown[] = [];
    const receiver = {
      provider: "spec",
      recover: async (given: unknown) => {
        seen.push(given);
        return { kind: "ignored", status: 200, reason: "no_handler" } as const;
      },
    };
    const whole = {
      ...{ id: "e1", event: { a: 1 }, messageId: "msg_1", headers: { "x-type": "a" } },
      secret: { index: 2, label: "old" },
    };
    await catchUp(receiver, ownSource([whole]));
    const { id, ...handed } = whole;
    expect(seen).toEqual([{ ...handed, source: "history" }]);
  });

  it("waits for who watches, and drops what that throws", async () => {
    const order: string[] = [];
    const { receiver } = recorder({}, (id) => order.push(id));
    const result = await catchUp(receiver, ownSource(specEvents(2)), {
      onProgress: async ({ event }) => {
        await new Promise(setImmediate);
        order.push(`told ${event.id}`);
        throw new Error("no");
      },
    });
    expect(result.recovered).toBe(2);
    expect(order).toEqual(["e1", "told e1", "e2", "told e2"]);
  });
});

describe("an event that cannot be handled at once", () => {
  it("that is being delivered live is waited for, and counts as a duplicate", async () => {
    const door = gate();
    const { receiver, handled } = recorder({}, () => door.promise);
    const [event] = specEvents(1);
    const live = receiver.receive(specDelivery(event?.event));
    const asked = vi.spyOn(receiver, "recover");
    const run = catchUp(receiver, ownSource(specEvents(1)));
    await vi.waitUntil(() => answersOf(asked) > 0);
    door.resolve();
    expect(await live).toMatchObject({ kind: "handled" });
    expect(await run).toMatchObject({ recovered: 0, duplicates: 1, failed: 0, lastId: "e1" });
    expect(handled).toEqual(["e1"]);
  });

  it("and is delivered live meanwhile, is in progress for the sender, and handled once", async () => {
    const door = gate();
    const begun = gate();
    const { receiver, handled } = recorder({}, () => {
      begun.resolve();
      return door.promise;
    });
    const run = catchUp(receiver, ownSource(specEvents(1)));
    await begun.promise;
    const delivery = specDelivery(specEvents(1)[0]?.event);
    expect(await receiver.receive(delivery)).toMatchObject({ kind: "in_progress" });
    door.resolve();
    expect(await run).toMatchObject({ recovered: 1 });
    expect(await receiver.receive(delivery)).toMatchObject({ kind: "duplicate" });
    expect(handled).toEqual(["e1"]);
  });

  it("because its live handler fails, is handled", async () => {
    const door = gate();
    let calls = 0;
    const { receiver, handled } = recorder({}, () => {
      calls += 1;
      return calls === 1 ? door.promise : undefined;
    });
    const live = receiver.receive(specDelivery(specEvents(1)[0]?.event));
    const asked = vi.spyOn(receiver, "recover");
    const run = catchUp(receiver, ownSource(specEvents(1)));
    await vi.waitUntil(() => answersOf(asked) > 0);
    door.reject(new Error("no"));
    expect(await live).toMatchObject({ kind: "rejected" });
    expect(await run).toMatchObject({ recovered: 1, duplicates: 0 });
    expect(handled).toEqual(["e1"]);
  });

  it("because its handler outlives the deadline, counts as recovered when that ends", async () => {
    const door = gate();
    const { receiver, handled } = recorder({ deadlineMs: 10 }, () => door.promise);
    const asked = vi.spyOn(receiver, "recover");
    const run = catchUp(receiver, ownSource(specEvents(1)));
    await vi.waitUntil(() => answersOf(asked) > 1);
    door.resolve();
    expect(await run).toMatchObject({ recovered: 1, duplicates: 0, failed: 0 });
    expect(handled).toEqual(["e1"]);
  });

  it("has failed when patience is over, and the rest goes on", async () => {
    const door = gate();
    const { receiver, handled } = recorder({}, (id) => (id === "e2" ? door.promise : undefined));
    const live = receiver.receive(specDelivery(specEvents(2)[1]?.event));
    const result = await catchUp(receiver, ownSource(specEvents(3)), { patienceMs: 150 });
    expect(result).toEqual({ recovered: 2, duplicates: 0, ignored: 0, failed: 1, lastId: "e1" });
    door.resolve();
    await live;
    expect(handled).toEqual(["e1", "e3", "e2"]);
  });

  it("without patience is asked about once", async () => {
    const { receiver } = recorder({ deadlineMs: 10 }, () => new Promise(() => undefined));
    const asked = vi.spyOn(receiver, "recover");
    const result = await catchUp(receiver, ownSource(specEvents(1)), { patienceMs: 0 });
    expect(result).toMatchObject({ failed: 1 });
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it("because the store is out of reach, is handled when it is back", async () => {
    let isUp = false;
    const store = plainStore();
    const { claim } = store;
    store.claim = async (...given) => {
      if (!isUp) throw new Error("connect ECONNREFUSED");
      return claim(...given);
    };
    const { receiver, handled } = recorder({ store });
    const asked = vi.spyOn(receiver, "recover");
    const run = catchUp(receiver, ownSource(specEvents(2)));
    await vi.waitUntil(() => answersOf(asked) > 1);
    isUp = true;
    expect(await run).toMatchObject({ recovered: 2, failed: 0 });
    expect(handled).toEqual(["e1", "e2"]);
  });

  it("has its headers each time that it is asked about, also where they are an iterator", async () => {
    const seen: unknown[] = [];
    const receiver = {
      provider: "spec",
      recover: async ({ headers }: { headers?: unknown }) => {
        seen.push([...(headers as Iterable<unknown>)]);
        return seen.length === 1
          ? ({ kind: "in_progress", status: 409, message: {} } as never)
          : ({ kind: "ignored", status: 200, reason: "no_handler" } as const);
      },
    };
    const headers = new Headers({ "x-type": "created" }).entries();
    await catchUp(receiver, ownSource([{ id: "e1", event: {}, headers }]));
    expect(seen).toEqual([[["x-type", "created"]], [["x-type", "created"]]]);
  });

  it("ten times in a row because the store is out of reach, ends the run with that error", async () => {
    const store = plainStore();
    const { claim } = store;
    let claims = 0;
    store.claim = async (...given) => {
      claims += 1;
      // Nine in vain, one that works, and then no more.
      if (claims !== 10) throw new Error("connect ECONNREFUSED");
      return claim(...given);
    };
    const { receiver, handled } = recorder({ store });
    const events = specEvents(40);
    // Says nothing of the store.
    events.splice(15, 0, { id: "new", event: { type: "invented", id: "new" } });
    const kept: string[] = [];
    const run = catchUp(receiver, ownSource(events), {
      patienceMs: 0,
      cursor: { read: () => undefined, write: (text) => void kept.push(text) },
    });
    expect(await clientCodeOf(run)).toBe("store_unavailable");
    expect(claims).toBe(20);
    expect(handled).toEqual(["e10"]);
    const { after, reached, failed } = JSON.parse(kept.at(-1) ?? "");
    const others = specEvents(20).map(({ id }) => id);
    expect({ after, reached, failed }).toEqual({
      after: undefined,
      reached: "e20",
      failed: others.filter((id) => id !== "e10"),
    });
  });
});

describe("until", () => {
  const dated = (id: string, time?: string): HistoryEvent => ({
    ...{ id, event: { type: "created", id, name: "Odran Kvistgård" } },
    occurredAt: time === undefined ? undefined : new Date(`2026-03-01T${time}Z`),
  });

  it("an id ends the run after that event", async () => {
    const { receiver, handled } = recorder();
    const pages = vi.fn(ownSource(specEvents(9)).page);
    const source = { provider: "spec", page: pages };
    const result = await catchUp(receiver, source, { until: "e2" });
    expect(result).toEqual({ recovered: 2, duplicates: 0, ignored: 0, failed: 0, lastId: "e2" });
    expect(handled).toEqual(["e1", "e2"]);
    expect(pages).toHaveBeenCalledTimes(1);
  });

  it("an id at which the run begins leaves nothing to do", async () => {
    const { receiver, handled } = recorder();
    const result = await catchUp(receiver, ownSource(specEvents(9)), { after: "e2", until: "e2" });
    expect(result).toEqual({ recovered: 0, duplicates: 0, ignored: 0, failed: 0, lastId: "e2" });
    expect(handled).toEqual([]);
  });

  it("a time leaves what happened later, wherever it is, and the next run handles it", async () => {
    const events = [
      dated("e1", "09:00:00"),
      dated("e2", "09:00:02"),
      dated("e3", "09:00:01"),
      dated("e4"),
      { ...dated("e5", "10:00:00"), occurredAt: new Date(Number.NaN) },
      dated("e6", "09:30:00"),
    ];
    const kept: string[] = [];
    const cursor = { read: () => kept.at(-1), write: (text: string) => void kept.push(text) };
    const { receiver, handled } = recorder();
    const until = new Date("2026-03-01T09:00:01Z");
    const result = await catchUp(receiver, ownSource(events), { until, cursor });
    expect(result).toEqual({ recovered: 4, duplicates: 0, ignored: 0, failed: 0, lastId: "e1" });
    expect(handled).toEqual(["e1", "e3", "e4", "e5"]);
    expect(await catchUp(receiver, ownSource(events), { cursor })).toEqual({
      ...{ recovered: 2, duplicates: 3, ignored: 0, failed: 0, lastId: "e6" },
    });
    expect(handled).toEqual(["e1", "e3", "e4", "e5", "e2", "e6"]);
  });
});

describe("an abort", () => {
  it("ends the run after the event that is being handled, and what was done is kept", async () => {
    const control = new AbortController();
    const { receiver, handled } = recorder({}, (id) => {
      if (id === "e2") control.abort();
    });
    const kept: string[] = [];
    const run = catchUp(receiver, ownSource(specEvents(9)), {
      signal: control.signal,
      cursor: { read: () => undefined, write: (text) => void kept.push(text) },
    });
    expect(await clientCodeOf(run)).toEqual(["aborted", "spec", "catchUp"]);
    expect(handled).toEqual(["e1", "e2"]);
    expect(kept.map((text) => JSON.parse(text))).toEqual([
      { v: 1, provider: "spec", after: "e2", failed: [] },
    ]);
  });

  it("that came before does nothing at all", async () => {
    const { receiver } = recorder();
    const source = { provider: "spec", page: vi.fn() };
    const cursor = { read: vi.fn(), write: vi.fn() };
    const run = catchUp(receiver, source, { signal: AbortSignal.abort(), cursor });
    expect(await clientCodeOf(run)).toEqual(["aborted", "spec", "catchUp"]);
    expect([source.page, cursor.read, cursor.write].map((one) => one.mock.calls)).toEqual([
      [],
      [],
      [],
    ]);
  });

  it("ends the waiting for an event, which is not counted and not passed over", async () => {
    const control = new AbortController();
    const { receiver } = recorder({ deadlineMs: 10 }, () => new Promise(() => undefined));
    const asked = vi.spyOn(receiver, "recover");
    const kept: string[] = [];
    const run = catchUp(receiver, ownSource(specEvents(2)), {
      signal: control.signal,
      cursor: { read: () => undefined, write: (text) => void kept.push(text) },
    });
    await vi.waitUntil(() => answersOf(asked) > 0);
    control.abort();
    expect(await clientCodeOf(run)).toEqual(["aborted", "spec", "catchUp"]);
    expect(kept).toEqual([]);
  });

  it("ends the waiting for a page, whether the source listens or not", async () => {
    const control = new AbortController();
    const { receiver } = recorder();
    const deaf = {
      provider: "spec",
      page: () => {
        control.abort();
        return new Promise<never>(() => undefined);
      },
    };
    const run = catchUp(receiver, deaf, { signal: control.signal });
    expect(await clientCodeOf(run)).toEqual(["aborted", "spec", "catchUp"]);
    const listening = new AbortController();
    const polite = {
      provider: "spec",
      page: ({ signal }: { signal: AbortSignal }) =>
        sleep(60_000, undefined, { signal }).then(() => ({ events: [], hasNext: false })),
    };
    const other = catchUp(receiver, polite, { signal: listening.signal });
    listening.abort(new Error("the caller's own reason"));
    expect(await clientCodeOf(other)).toEqual(["aborted", "spec", "catchUp"]);
  });

  it("after the last event changes nothing", async () => {
    const control = new AbortController();
    const { receiver } = recorder({}, () => control.abort());
    const result = await catchUp(receiver, ownSource(specEvents(1)), { signal: control.signal });
    expect(result).toMatchObject({ recovered: 1, lastId: "e1" });
  });
});

describe("a history that makes no sense", () => {
  const page = (events: readonly unknown[], hasNext: unknown = false) => ({ events, hasNext });
  const [first, second] = specEvents(2);

  it.each<[string, unknown, string]>([
    ["undefined", undefined, "events"],
    ["null", null, "events"],
    ["a list", [first], "events"],
    ["events that are no list", { events: { 0: first }, hasNext: false }, "events"],
    ["no hasNext", { events: [first] }, "hasNext"],
    ["hasNext that is text", page([first], "false"), "hasNext"],
    ["an event that is text", page([first, "e2"]), "events[1]"],
    ["an event that is null", page([null]), "events[0]"],
    ["an event without an id", page([{ event: {} }]), "events[0].id"],
    ["an event with an empty id", page([{ ...first, id: "" }]), "events[0].id"],
    ["an event with an endless id", page([{ ...first, id: "e".repeat(1001) }]), "events[0].id"],
    ["an event with a number for an id", page([first, { ...first, id: 2 }]), "events[1].id"],
    ["a time that is text", page([{ ...first, occurredAt: "2026" }]), "events[0].occurredAt"],
    ["leaveOut that is text", page([{ ...first, leaveOut: "no" }]), "events[0].leaveOut"],
  ])(
    "because a page is %s, is refused, and nothing of that page is handled",
    async (_, given, path) => {
      const { receiver, handled } = recorder();
      const source = { provider: "spec", page: async () => given as never };
      const thrown = await catchUp(receiver, source).catch((error: unknown) => error);
      expect(isClientError(thrown, "response_invalid")).toBe(true);
      expect((thrown as { details: unknown }).details).toMatchObject({ issues: [{ path }] });
      expect(handled).toEqual([]);
    },
  );

  it.each<[string, string, (after: string | undefined, call: number) => unknown]>([
    ["says that there is more and gives nothing", "cursor_stuck", () => page([], true)],
    ["gives one page again and again", "cursor_stuck", () => page([first, second], true)],
    [
      "goes round in circles",
      "page_repeated",
      (after) => page(after === "e2" ? [first] : [second], true),
    ],
    [
      "never ends",
      "page_limit",
      (_, call) => page([{ id: `n${call}`, event: { type: "invented" } }], true),
    ],
  ])("because it %s, ends the run (%s) and what was done is kept", async (_, code, answer) => {
    const { receiver, handled } = recorder();
    let calls = 0;
    const kept: string[] = [];
    const source = {
      provider: "spec",
      page: async ({ after }: { after: string | undefined }) => {
        calls += 1;
        return answer(after, calls) as never;
      },
    };
    const run = catchUp(receiver, source, {
      maxPages: 50,
      cursor: { read: () => undefined, write: (text) => void kept.push(text) },
    });
    expect(await clientCodeOf(run)).toEqual([code, "spec", "catchUp"]);
    expect(calls).toBeLessThanOrEqual(50);
    expect(new Set(handled).size).toBe(handled.length);
    expect(kept.length > 0).toBe(calls > 1);
  });

  it("or throws ends the run with what it throws, and what was done is kept", async () => {
    const { receiver } = recorder();
    const own = new Error("the user's own");
    const fine = ownSource(specEvents(9));
    const kept: string[] = [];
    const source = {
      provider: "spec",
      page: (options: Parameters<typeof fine.page>[0]) => {
        if (options.after === "e6") throw own;
        return fine.page(options);
      },
    };
    const run = catchUp(receiver, source, {
      cursor: { read: () => undefined, write: (text) => void kept.push(text) },
    });
    await expect(run).rejects.toBe(own);
    expect(JSON.parse(kept.at(-1) ?? "")).toMatchObject({ after: "e6" });
  });
});

describe("the options", () => {
  const { receiver } = recorder();
  const source = ownSource([]);

  it.each<[string, unknown, unknown, unknown]>([
    ["receiver", {}, source, {}],
    ["receiver", undefined, source, {}],
    ["source", receiver, undefined, {}],
    ["source", receiver, { provider: "spec" }, {}],
    ["source", receiver, ownSource([], { provider: "another" }), {}],
    ["options", receiver, source, null],
    ["untill", receiver, source, { untill: "e1" }],
    ["after", receiver, source, { after: " " }],
    ["after", receiver, source, { after: 5 }],
    ["until", receiver, source, { until: "" }],
    ["until", receiver, source, { until: 5 }],
    ["until", receiver, source, { until: new Date(Number.NaN) }],
    ["cursor", receiver, source, { cursor: { read: () => undefined } }],
    ["cursor", receiver, source, { cursor: null }],
    ["onProgress", receiver, source, { onProgress: "yes" }],
    ["signal", receiver, source, { signal: {} }],
    ["signal", receiver, source, { signal: null }],
    ["patienceMs", receiver, source, { patienceMs: -1 }],
    ["patienceMs", receiver, source, { patienceMs: Number.NaN }],
    ["maxPages", receiver, source, { maxPages: 0 }],
  ])("are refused where %s is wrong", async (option, ...given) => {
    const thrown = await (catchUp as (...all: unknown[]) => Promise<unknown>)(...given).catch(
      (error: unknown) => error,
    );
    expect(isWebhookError(thrown, "option_invalid")).toBe(true);
    expect((thrown as { details: unknown }).details).toMatchObject({ option });
  });

  it("may be undefined one by one", async () => {
    const options = Object.fromEntries(
      ["after", "until", "cursor", "onProgress", "signal", "patienceMs", "maxPages"].map((name) => [
        name,
        undefined,
      ]),
    );
    expect(await catchUp(receiver, source, options)).toMatchObject({ recovered: 0 });
  });
});

describe("with a store that is shared", () => {
  it("two catch-ups at the same time handle each event once", async () => {
    const store = memoryStore();
    const one = recorder({ store });
    const other = recorder({ store });
    const events = specEvents(20);
    const results = await Promise.all([
      catchUp(one.receiver, ownSource(events)),
      catchUp(other.receiver, ownSource(events, { pageSize: 7 })),
    ]);
    expect([...one.handled, ...other.handled].sort()).toEqual(events.map(({ id }) => id).sort());
    expect(results.map(({ failed, lastId }) => [failed, lastId])).toEqual([
      [0, "e20"],
      [0, "e20"],
    ]);
    const total = results.reduce((sum, { recovered }) => sum + recovered, 0);
    expect(total).toBe(20);
  });
});
