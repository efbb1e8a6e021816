import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  bodyOf,
  type HistoryItem,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { catchUp, dataspikeHistory, isClientError, storeCursor } from "../../src/catch-up.js";
import { dataspikeClient } from "../../src/clients/dataspike.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { createReceiver } from "../../src/receiver.js";
import { memoryStore } from "../../src/stores/memory.js";
import { codeOf } from "../helpers/code-of.js";
import { stamp } from "../helpers/sign.js";

const key = Buffer.from("0123456789abcdef0123456789abcdef", "hex");
const webhook = "1ed2f903-2d75-6b19-b6a5-29535bc3340e";
const elsewhere = "1ed2f903-2d75-6b19-b6a5-29535bc3340f";

let api: VendorApi;
beforeAll(async () => {
  api = await startVendorApi({ dataspike: { pageSize: 40 } });
});
afterEach(() => {
  api.clearFaults();
  api.dataspike.events.length = 0;
  api.calls.length = 0;
});
afterAll(() => api.close());

const client = (options = {}) =>
  dataspikeClient({
    ...{ apiKey: "ds-test-key", baseUrl: api.url, retries: 2, retryDelayMs: 1 },
    ...options,
  });

/** A receiver that writes down what it handles, and how a sender signs for it. */
function receiving() {
  const store = memoryStore();
  const handled: string[] = [];
  const proofs = new Set<string>();
  const write = async (
    { id }: { id: string },
    { delivery }: { delivery: { scheme: string; bindsBody: boolean } },
  ) => {
    // As a database would take a moment.
    await new Promise(setImmediate);
    handled.push(id);
    proofs.add(`${delivery.scheme} ${delivery.bindsBody}`);
  };
  const receiver = createReceiver(dataspike({ secret: `whsec_${key.toString("hex")}` }), {
    store,
    on: { DOCVER: write, AML_SCREENING: write },
  });
  const deliver = (event: HistoryItem) => {
    const body = bodyOf(event);
    const signature = stamp(key, body, Math.floor(Date.now() / 1000));
    return receiver.receive({ headers: { "x-webhook-signature": signature }, body });
  };
  return { store, receiver, handled, proofs, deliver };
}

const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id).sort();

describe("catching up from Dataspike's history", () => {
  it("handles every event of every page, and the messages say how they are known", async () => {
    const events = historyEvents(100);
    api.dataspike.events.push(...events);
    const { receiver, handled, proofs } = receiving();
    const result = await catchUp(receiver, dataspikeHistory(client()));
    expect(result).toEqual({
      ...{ recovered: 100, duplicates: 0, ignored: 0, failed: 0, lastId: events[99]?.id },
    });
    expect(handled).toEqual(events.map(({ id }) => id));
    expect([...proofs]).toEqual(["history true"]);
    expect(api.calls.map(({ query }) => query.after)).toEqual([
      undefined,
      ...[39, 79].map((index) => events[index]?.id),
    ]);
    expect(new Set(api.calls.map(({ headers }) => headers["ds-api-token"]))).toEqual(
      new Set(["ds-test-key"]),
    );
  });

  it("knows what was delivered, and has a later delivery be a duplicate", async () => {
    const [first, second] = historyEvents(2) as [HistoryItem, HistoryItem];
    api.dataspike.events.push(first, second);
    const { receiver, handled, proofs, deliver } = receiving();
    expect(await deliver(first)).toMatchObject({ kind: "handled" });
    expect(await catchUp(receiver, dataspikeHistory(client()))).toMatchObject({
      ...{ recovered: 1, duplicates: 1 },
    });
    expect(await deliver(second)).toMatchObject({ kind: "duplicate" });
    expect(handled).toEqual([first.id, second.id]);
    expect([...proofs]).toEqual(["stampedHmac true", "history true"]);
  });

  it("beside live traffic handles each event once", async () => {
    const events = historyEvents(300);
    const lost = events.slice(0, 200);
    const live = events.slice(100);
    api.dataspike.events.push(...lost);
    const { receiver, store, handled, deliver } = receiving();
    const cursor = storeCursor(store, "history");
    const run = catchUp(receiver, dataspikeHistory(client()), { cursor });
    // Some of them retries of what is being caught up with, some new, which the history also gets.
    for (const event of live) {
      if (!lost.includes(event)) api.dataspike.push(event);
      await deliver(event);
    }
    expect(await run).toMatchObject({ failed: 0 });
    expect(await catchUp(receiver, dataspikeHistory(client()), { cursor })).toMatchObject({
      ...{ recovered: 0, failed: 0, lastId: events[299]?.id },
    });
    expect([...handled].sort()).toEqual(idsOf(events));
  });

  it("goes on through calls that fail for a moment", async () => {
    const events = historyEvents(100);
    api.dataspike.events.push(...events);
    api.fault({ kind: "status", status: 500 });
    api.fault({ kind: "cut" });
    api.fault({ kind: "text", body: "{" }, { when: ({ query }) => query.after !== undefined });
    const { receiver, handled } = receiving();
    expect(await catchUp(receiver, dataspikeHistory(client()))).toMatchObject({ recovered: 100 });
    expect(handled.length).toBe(100);
  });

  it("ends with the client's error, and the next run goes on from there", async () => {
    const events = historyEvents(100);
    api.dataspike.events.push(...events);
    api.fault(
      { kind: "status", status: 500 },
      { times: 3, when: ({ query }) => query.after === events[39]?.id },
    );
    const { receiver, store, handled } = receiving();
    const run = () =>
      catchUp(receiver, dataspikeHistory(client()), { cursor: storeCursor(store, "history") });
    const thrown = await run().catch((error: unknown) => error);
    expect(isClientError(thrown, "server_failed")).toBe(true);
    expect(thrown).toMatchObject({ provider: "dataspike", operation: "history", retryable: true });
    expect(handled.length).toBe(40);
    expect(await run()).toEqual({
      ...{ recovered: 60, duplicates: 0, ignored: 0, failed: 0, lastId: events[99]?.id },
    });
    expect(idsOf(events)).toEqual([...handled].sort());
  });

  it("ends where the API asks for another key", async () => {
    const { receiver } = receiving();
    const run = catchUp(receiver, dataspikeHistory(client({ apiKey: "another" })));
    const thrown = await run.catch((error: unknown) => error);
    expect(isClientError(thrown, "unauthorized")).toBe(true);
    expect(JSON.stringify(thrown)).not.toContain("another");
  });

  it.each([
    ["cursor_stuck", { kind: "stuck" }],
    ["cursor_stuck", { kind: "endless" }],
    ["page_limit", { kind: "endless", fresh: true }],
  ] as const)("ends with %s where the history is %o", async (code, fault) => {
    api.dataspike.events.push(...historyEvents(50));
    api.fault(fault);
    const { receiver } = receiving();
    const run = catchUp(receiver, dataspikeHistory(client()), { maxPages: 5 });
    expect(isClientError(await run.catch((error: unknown) => error), code)).toBe(true);
    expect(api.calls.length).toBeLessThanOrEqual(5);
  });

  it("ends with cursor_stuck where a page is given again", async () => {
    api.dataspike.events.push(...historyEvents(100));
    api.fault({ kind: "repeatPage" }, { when: ({ query }) => query.after !== undefined });
    const { receiver, handled } = receiving();
    const run = catchUp(receiver, dataspikeHistory(client()));
    expect(isClientError(await run.catch((error: unknown) => error), "cursor_stuck")).toBe(true);
    expect(handled.length).toBe(40);
  });

  it("an abort ends the call that hangs", async () => {
    api.fault({ kind: "hang" });
    const control = new AbortController();
    const { receiver } = receiving();
    const run = catchUp(receiver, dataspikeHistory(client()), { signal: control.signal });
    control.abort();
    const thrown = await run.catch((error: unknown) => error);
    expect(isClientError(thrown, "aborted")).toBe(true);
    expect(thrown).toMatchObject({ provider: "dataspike", operation: "catchUp" });
  });
});

describe("which events are meant", () => {
  const [a, b, c, d] = historyEvents(4) as [HistoryItem, HistoryItem, HistoryItem, HistoryItem];
  const { is_sandbox: _, ...unsaid } = d;
  const items: object[] = [
    a,
    { ...b, is_sandbox: true },
    { ...c, webhook_id: elsewhere },
    unsaid,
    { ...a, id: "odd", is_sandbox: "true" },
  ];
  // An API that does not listen to `webhook`.
  const deaf = {
    history: { page: async () => ({ data: items as HistoryItem[], has_next: false }) },
  };

  it.each([
    ["without options, what is not the sandbox's", {}, [a.id, c.id, d.id]],
    ["with `sandbox: false`, the same", { sandbox: false }, [a.id, c.id, d.id]],
    ["with `sandbox: true`, only what is the sandbox's", { sandbox: true }, [b.id]],
    ["with `webhook`, all of that webhook", { webhook }, [a.id, b.id, d.id, "odd"]],
    ["with another webhook, all of that", { webhook: elsewhere }, [c.id]],
    ["with both, what fits both", { webhook, sandbox: false }, [a.id, d.id]],
    ["with both, the sandbox's", { webhook, sandbox: true }, [b.id]],
    ["with a webhook that nobody knows, none", { webhook: "x" }, []],
  ])("%s", async (_title, options, expected) => {
    const source = dataspikeHistory(deaf, options);
    const { events } = await source.page({
      after: undefined,
      signal: new AbortController().signal,
    });
    expect(events.map(({ id }) => id)).toEqual(items.map((item) => (item as HistoryItem).id));
    expect(events.filter(({ leaveOut }) => !leaveOut).map(({ id }) => id)).toEqual(expected);
  });

  it("is asked of the API, too", async () => {
    api.dataspike.events.push(a, { ...b, webhook_id: elsewhere }, c);
    const { receiver, handled } = receiving();
    const source = dataspikeHistory(client(), { webhook });
    expect(await catchUp(receiver, source)).toMatchObject({ recovered: 2, ignored: 0 });
    expect(handled).toEqual([a.id, c.id]);
    expect(api.calls[0]?.query).toEqual({ webhook });
  });

  it("is counted as ignored where it is not", async () => {
    api.dataspike.events.push({ ...a, is_sandbox: true }, b);
    const { receiver, handled } = receiving();
    expect(await catchUp(receiver, dataspikeHistory(client()))).toEqual({
      ...{ recovered: 1, duplicates: 0, ignored: 1, failed: 0, lastId: b.id },
    });
    expect(handled).toEqual([b.id]);
  });
});

describe("dataspikeHistory", () => {
  it("hands each event on as it came, with the fields that only the history has", async () => {
    const [event] = historyEvents(1) as [HistoryItem];
    api.dataspike.events.push(event);
    const source = dataspikeHistory(client());
    const page = await source.page({ after: undefined, signal: new AbortController().signal });
    expect(page).toEqual({
      events: [
        { id: event.id, event, occurredAt: new Date("2026-03-01T09:00:00Z"), leaveOut: false },
      ],
      hasNext: false,
    });
  });

  it("knows no time where there is none, and no more where nothing is said of it", async () => {
    const page = async () => ({ data: [{ id: "1", timestamp: "soon" }, { id: "2" }] });
    const source = dataspikeHistory({ history: { page } });
    const given = await source.page({ after: undefined, signal: new AbortController().signal });
    expect(given.events.map(({ occurredAt }) => occurredAt)).toEqual([undefined, undefined]);
    expect(given.hasNext).toBe(false);
  });

  it.each([
    [undefined, {}],
    [{}, {}],
    [{ history: {} }, {}],
    [{ history: { page: () => undefined } }, { webhok: "x" }],
    [{ history: { page: () => undefined } }, { webhook: "" }],
    [{ history: { page: () => undefined } }, { webhook: 5 }],
    [{ history: { page: () => undefined } }, { sandbox: "yes" }],
    [{ history: { page: () => undefined } }, null],
  ])("refuses %o with %o", async (given, options) => {
    expect(await codeOf(() => dataspikeHistory(given as never, options as never))).toBe(
      "option_invalid",
    );
  });
});
