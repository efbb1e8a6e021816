import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  bodyOf,
  type HistoryItem,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import {
  type ConfirmWithHistoryOptions,
  confirmWithHistory,
  isClientError,
} from "../../src/catch-up.js";
import { dataspikeClient } from "../../src/clients/dataspike.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { createReceiver } from "../../src/receiver.js";
import { codeOf } from "../helpers/code-of.js";

let api: VendorApi;
beforeAll(async () => {
  api = await startVendorApi({ dataspike: { pageSize: 10 } });
});
beforeEach(() => {
  api.clearFaults();
  api.dataspike.events.length = 0;
  api.calls.length = 0;
});
afterAll(() => api.close());

const all = historyEvents(60);
const at = (index: number): HistoryItem => all[index] as HistoryItem;

const client = (options = {}) =>
  dataspikeClient({
    ...{ apiKey: "ds-test-key", baseUrl: api.url, retries: 0 },
    ...options,
  });

/** A receiver without any proof but the history, and what it has handled. */
function receiving(options: ConfirmWithHistoryOptions = {}, from = client()) {
  const handled: string[] = [];
  const write = ({ id }: { id: string }): void => void handled.push(id);
  const receiver = createReceiver(dataspike({ unsigned: "i-accept-forged-events" }), {
    on: { DOCVER: write, AML_SCREENING: write },
    confirm: confirmWithHistory(from, { minIntervalMs: 0, ...options }),
  });
  const deliver = async (body: string) => {
    const outcome = await receiver.receive({ headers: {}, body });
    return outcome.kind === "rejected" ? outcome.error.code : outcome.kind;
  };
  return { deliver, handled };
}

/** Asks without a receiver: with JSON as it is delivered. */
function asking(options: ConfirmWithHistoryOptions = {}, from = client()) {
  const confirm = confirmWithHistory(from, { minIntervalMs: 0, ...options });
  return (body: string, signal = new AbortController().signal) =>
    confirm({ provider: "dataspike", delivery: { json: () => JSON.parse(body) } }, { signal });
}

const altered = (event: HistoryItem, changes: object): string =>
  bodyOf({ ...JSON.parse(bodyOf(event)), ...changes });

describe("a delivery that nothing binds", () => {
  it("is handled when the history holds the same event, once", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    const { deliver, handled } = receiving();
    expect(await deliver(bodyOf(at(24)))).toBe("handled");
    expect(await deliver(bodyOf(at(24)))).toBe("duplicate");
    expect(await deliver(bodyOf(at(0)))).toBe("handled");
    expect(handled).toEqual([at(24).id, at(0).id]);
    // Three pages, and never again for what is known.
    expect(api.calls.length).toBe(3);
  });

  it("is the same event in whatever order its keys come, and with whatever white space", async () => {
    api.dataspike.events.push(at(0));
    const { id, webhook_id, event_type, payload, timestamp } = at(0);
    const body = JSON.stringify({ timestamp, payload, event_type, webhook_id, id }, null, 2);
    expect(await asking()(body)).toBe(true);
  });

  it("is the same event with what the history says of it later, and the same sandbox", async () => {
    api.dataspike.events.push(at(0));
    const ask = asking();
    expect(await ask(JSON.stringify(at(0)))).toBe(true);
    expect(await ask(JSON.stringify({ ...at(0), attempts: 7, response_code: null }))).toBe(true);
    expect(await ask(JSON.stringify({ ...at(0), is_sandbox: true }))).toBe(false);
    expect(await ask(JSON.stringify({ ...at(0), is_sandbox: null }))).toBe(false);
  });

  it.each<[string, (event: HistoryItem) => string]>([
    [
      "another status",
      (event) => altered(event, { payload: { ...event.payload, status: "verified" } }),
    ],
    [
      "another applicant",
      (event) =>
        altered(event, { payload: { ...event.payload, applicant_id: at(5).payload.applicant_id } }),
    ],
    [
      "a payload with one key more",
      (event) => altered(event, { payload: { ...event.payload, is_sandbox: false } }),
    ],
    ["one key more", (event) => altered(event, { approved: true })],
    ["a key called __proto__", (event) => bodyOf(event).replace(/^\{/, '{"__proto__":{"a":1},')],
    [
      "a key called __proto__ in the payload",
      (event) =>
        bodyOf(event).replace('"payload":{', '"payload":{"__proto__":{"status":"verified"},'),
    ],
    [
      "a payload that is said twice",
      (event) => bodyOf(event).replace(/\}$/, `,"payload":${JSON.stringify(at(4).payload)}}`),
    ],
    ["the payload of another", (event) => altered(event, { payload: at(4).payload })],
    ["another time", (event) => altered(event, { timestamp: "2026-03-01T09:00:00.000001Z" })],
    ["another webhook", (event) => altered(event, { webhook_id: "1ed2f903" })],
    ["the id of another", (event) => altered(event, { id: at(4).id })],
    ["an id that nobody knows", (event) => altered(event, { id: at(50).id })],
    [
      "an id that is said twice, at last another's",
      (event) => bodyOf(event).replace(/\}$/, `,"id":"${at(4).id}"}`),
    ],
  ])("is refused with %s, and not handled", async (_, forge) => {
    // Of one event in three, the status says verified anyway.
    const event = all.find(({ payload }) => payload.status === "failed") as HistoryItem;
    api.dataspike.events.push(...all.slice(0, 20));
    const body = forge(event);
    expect(body).not.toBe(bodyOf(event));
    const { deliver, handled } = receiving();
    expect(await deliver(body)).toBe("event_unconfirmed");
    expect(handled).toEqual([]);
    // Nor does the forgery stand in the genuine one's way.
    expect(await deliver(bodyOf(event))).toBe("handled");
  });

  it("says a thing twice, and is taken for what is read: the last", async () => {
    api.dataspike.events.push(at(0));
    const { deliver } = receiving();
    const twice = bodyOf(at(0)).replace(/^\{/, '{"payload":{"status":"verified"},');
    expect(await deliver(twice)).toBe("handled");
  });

  it("is not confirmed by an event of another webhook, or of the sandbox", async () => {
    const other = { ...at(1), webhook_id: "elsewhere" };
    const sandbox = { ...at(2), is_sandbox: true };
    api.dataspike.events.push(at(0), other, sandbox);
    const cases: [ConfirmWithHistoryOptions, boolean[]][] = [
      [{}, [true, true, false]],
      [{ webhook: at(0).webhook_id }, [true, false, true]],
      [{ webhook: at(0).webhook_id, sandbox: false }, [true, false, false]],
      [{ sandbox: true }, [false, false, true]],
    ];
    for (const [options, expected] of cases) {
      const ask = asking(options);
      const answers = [at(0), other, sandbox].map((event) => ask(bodyOf(event)));
      expect(await Promise.all(answers), JSON.stringify(options)).toEqual(expected);
    }
  });

  it.each([
    "[]",
    "null",
    "5",
    '"text"',
    "{}",
    '{"id":5}',
    '{"id":""}',
    `{"id":"${"x".repeat(2000)}"}`,
  ])("that is no event (%s) is refused without asking", async (body) => {
    expect(await asking()(body)).toBe(false);
    expect(api.calls).toEqual([]);
  });

  it("is compared by its values, however they are written, and by no likeness of them", async () => {
    api.dataspike.events.push({ ...at(0), payload: { a: null, b: 10, c: 0 } });
    api.dataspike.events.push({ ...at(1), payload: {} }, { ...at(2), payload: [] });
    const ask = asking();
    const payload = (text: string) =>
      bodyOf({ ...at(0), payload: 0 }).replace('"payload":0', `"payload":${text}`);
    expect(await ask(payload('{"a":null,"b":1e1,"c":0}'))).toBe(true);
    expect(await ask(payload('{"a":1e999,"b":10,"c":0}'))).toBe(false);
    expect(await ask(payload('{"a":null,"b":10,"c":-0}'))).toBe(false);
    expect(await ask(payload('{"a":null,"b":"10","c":0}'))).toBe(false);
    expect(await ask(payload('{"a":[],"b":10,"c":0}'))).toBe(false);
    expect(await ask(bodyOf({ ...at(1), payload: [] }))).toBe(false);
    expect(await ask(bodyOf({ ...at(2), payload: {} }))).toBe(false);
    expect(await ask(bodyOf({ ...at(2), payload: [] }))).toBe(true);
  });

  it("with a megabyte of nesting takes no stack", async () => {
    api.dataspike.events.push(at(0));
    const deep = bodyOf({ ...at(0), payload: 0 }).replace(
      '"payload":0',
      `"payload":${"[".repeat(400_000)}${"]".repeat(400_000)}`,
    );
    expect(await asking()(deep)).toBe(false);
  });
});

describe("the history", () => {
  it("is read from `after` on", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    const ask = asking({ after: at(14).id });
    expect(await ask(bodyOf(at(15)))).toBe(true);
    expect(await ask(bodyOf(at(14)))).toBe(false);
    expect(api.calls.map(({ query }) => query.after)).toEqual(
      [14, 24].map((index) => at(index).id),
    );
  });

  it("may be empty, and fill later", async () => {
    const ask = asking();
    expect(await ask(bodyOf(at(0)))).toBe(false);
    api.dataspike.push(at(0));
    expect(await ask(bodyOf(at(0)))).toBe(true);
  });

  it("is not asked again about a known event with other content", async () => {
    api.dataspike.events.push(...all.slice(0, 5));
    const ask = asking();
    expect(await ask(bodyOf(at(4)))).toBe(true);
    expect(await ask(altered(at(4), { approved: true }))).toBe(false);
    expect(api.calls.length).toBe(1);
  });

  it("is read forward once, and then from its end", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    const ask = asking();
    await ask(bodyOf(at(24)));
    api.dataspike.push(at(25));
    expect(await ask(bodyOf(at(25)))).toBe(true);
    expect(await ask(bodyOf(at(40)))).toBe(false);
    expect(api.calls.map(({ query }) => query.after)).toEqual([
      undefined,
      ...[9, 19, 24, 25].map((index) => at(index).id),
    ]);
  });

  it("is remembered no further back than `remember`", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    const ask = asking({ remember: 5 });
    expect(await ask(bodyOf(at(24)))).toBe(true);
    expect(await ask(bodyOf(at(20)))).toBe(true);
    expect(await ask(bodyOf(at(19)))).toBe(false);
  });

  it("out of reach neither confirms nor refuses, and is gone on with from where it was", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    api.fault(
      { kind: "status", status: 500 },
      { times: 2, when: ({ query }) => query.after === at(9).id },
    );
    const { deliver, handled } = receiving();
    expect(await deliver(bodyOf(at(24)))).toBe("confirmation_unavailable");
    // What was read before is known.
    expect(await deliver(bodyOf(at(9)))).toBe("handled");
    expect(await deliver(bodyOf(at(24)))).toBe("confirmation_unavailable");
    expect(await deliver(bodyOf(at(24)))).toBe("handled");
    expect(handled).toEqual([at(9).id, at(24).id]);
    expect(api.calls.map(({ query }) => query.after)).toEqual([
      undefined,
      ...[9, 9, 9, 19].map((index) => at(index).id),
    ]);
  });

  it("that has lost the place up to which it was read is read from where it began", async () => {
    api.dataspike.events.push(...all.slice(0, 5));
    const ask = asking();
    expect(await ask(bodyOf(at(4)))).toBe(true);
    // An idle time later, what was read is too old to be kept.
    api.dataspike.events.splice(0, 5, ...all.slice(10, 15));
    const thrown = await ask(bodyOf(at(12))).catch((error: unknown) => error);
    expect(isClientError(thrown, "not_found")).toBe(true);
    expect(await ask(bodyOf(at(12)))).toBe(true);
    expect(await ask(altered(at(13), { approved: true }))).toBe(false);
    // What it was told to begin after is not given up.
    const bounded = asking({ after: at(2).id });
    for (let time = 0; time < 2; time += 1) {
      const refused = await bounded(bodyOf(at(12))).catch((error: unknown) => error);
      expect(isClientError(refused, "not_found")).toBe(true);
    }
    expect(api.calls.map(({ query }) => query.after)).toEqual([
      ...[undefined, at(4).id, undefined, at(2).id, at(2).id],
    ]);
  });

  it("out of reach has everybody hear the client's error, which holds no key", async () => {
    api.fault({ kind: "refuse" }, { times: 1 });
    const ask = asking();
    const answers = await Promise.allSettled([0, 1, 1].map((index) => ask(bodyOf(at(index)))));
    for (const answer of answers) {
      const { reason } = answer as PromiseRejectedResult;
      expect(isClientError(reason, "unreachable")).toBe(true);
      expect(JSON.stringify(reason)).not.toContain("ds-test-key");
    }
    expect(api.calls.length).toBe(1);
  });

  it.each([
    ["cursor_stuck", { kind: "stuck" }],
    ["cursor_stuck", { kind: "endless" }],
  ] as const)(
    "that never ends (%s) confirms nothing that it does not hold",
    async (code, fault) => {
      api.dataspike.events.push(...all.slice(0, 3));
      api.fault(fault);
      const thrown = await asking()(bodyOf(at(40))).catch((error: unknown) => error);
      expect(isClientError(thrown, code)).toBe(true);
      expect(thrown).toMatchObject({ provider: "dataspike", operation: "history" });
    },
  );
});

describe("many at once", () => {
  it("share one reading, and each gets its own answer", async () => {
    api.dataspike.events.push(...all.slice(0, 25));
    const { deliver, handled } = receiving();
    const genuine = all.slice(0, 25).map(bodyOf);
    const forged = all.slice(0, 25).map((event) => altered(event, { timestamp: "never" }));
    const unknown = all.slice(30).map(bodyOf);
    const answers = await Promise.all([...forged, ...genuine, ...unknown].map(deliver));
    expect(answers).toEqual([
      ...forged.map(() => "event_unconfirmed"),
      ...genuine.map(() => "handled"),
      ...unknown.map(() => "event_unconfirmed"),
    ]);
    expect(handled.length).toBe(25);
    expect(api.calls.length).toBe(3);
  });

  it("cost no more than one reading in each interval, however many are forged", async () => {
    api.dataspike.events.push(at(0));
    let time = 0;
    const ask = asking({ minIntervalMs: 200, now: () => time });
    await ask(bodyOf(at(0)));
    const flood = all.slice(10).map((event) => ask(bodyOf(event)));
    // The clock stands still: they wait for the whole interval.
    expect(new Set(await Promise.all(flood))).toEqual(new Set([false]));
    expect(api.calls.length).toBe(2);
    const [first, second] = api.calls.map((call) => call.at) as [number, number];
    expect(second - first).toBeGreaterThanOrEqual(195);
    // A flood that goes on for a while: one call after the other, not one for each.
    const more = [];
    const began = performance.now();
    for (let round = 0; round < 20; round += 1) {
      more.push(ask(bodyOf(at(20 + round))));
      await new Promise(setImmediate);
    }
    await Promise.all(more);
    expect(api.calls.length).toBeLessThanOrEqual(3 + (performance.now() - began) / 200);
    // A clock that is put back does not have anybody wait for longer than that.
    time = -1_000_000;
    expect(await ask(bodyOf(at(59)))).toBe(false);
  });

  it("of which one comes during a reading: that reading proves nothing against it", async () => {
    api.dataspike.events.push(...all.slice(0, 15));
    const door = { open: (): void => undefined };
    const shut = new Promise<void>((resolve) => {
      door.open = resolve;
    });
    const inner = client();
    let pages = 0;
    const slow = {
      history: {
        page: async (options: Parameters<typeof inner.history.page>[0]) => {
          const page = await inner.history.page(options);
          pages += 1;
          // The last page is on its way, and does not hold what happens now.
          if (pages === 2) await shut;
          return page;
        },
      },
    };
    const ask = asking({}, slow as ReturnType<typeof client>);
    const first = ask(bodyOf(at(40)));
    await vi.waitUntil(() => pages === 2, { interval: 1 });
    api.dataspike.push(at(30));
    const late = ask(bodyOf(at(30)));
    const forged = ask(bodyOf(at(31)));
    const known = ask(bodyOf(at(0)));
    expect(await known).toBe(true);
    door.open();
    expect(await first).toBe(false);
    expect(await late).toBe(true);
    expect(await forged).toBe(false);
    expect(api.calls.length).toBe(3);
  });

  it("of which one comes during a reading that finds it, is answered by that", async () => {
    api.dataspike.events.push(...all.slice(0, 15));
    api.fault({ kind: "late", ms: 100 });
    const ask = asking();
    const first = ask(bodyOf(at(40)));
    await vi.waitUntil(() => api.calls.length > 0, { interval: 1 });
    const late = ask(bodyOf(at(14)));
    const forged = ask(altered(at(14), { approved: true }));
    expect(await Promise.all([first, late, forged])).toEqual([false, true, false]);
    expect(api.calls.length).toBe(2);
  });

  it("of which one does not wait any longer: the reading goes on for the others", async () => {
    api.dataspike.events.push(...all.slice(0, 15));
    api.fault({ kind: "late", ms: 50 });
    const ask = asking();
    const control = new AbortController();
    const gone = ask(bodyOf(at(14)), control.signal);
    const other = ask(bodyOf(at(14)));
    const early = ask(bodyOf(at(13)), AbortSignal.abort());
    const ended = Promise.allSettled([gone, early]);
    await vi.waitUntil(() => api.calls.length > 0, { interval: 1 });
    control.abort();
    for (const call of await ended) {
      expect(isClientError((call as PromiseRejectedResult).reason, "aborted")).toBe(true);
    }
    expect(await other).toBe(true);
  });

  it("of which none waits any longer, do not even begin one", async () => {
    const control = new AbortController();
    const ask = asking();
    const gone = expect(ask(bodyOf(at(14)), control.signal)).rejects.toThrow();
    control.abort();
    await gone;
    // A timer that was set earlier, and for less, has fired when this one does.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(api.calls).toEqual([]);
    api.dataspike.events.push(at(0));
    expect(await ask(bodyOf(at(0)))).toBe(true);
    expect(api.calls.length).toBe(1);
  });
});

describe("the options", () => {
  const given = { history: { page: () => undefined } };

  it.each<[string, unknown, unknown]>([
    ["client", undefined, {}],
    ["client", {}, {}],
    ["options", given, null],
    ["webhok", given, { webhok: "x" }],
    ["webhook", given, { webhook: "" }],
    ["sandbox", given, { sandbox: 1 }],
    ["after", given, { after: " " }],
    ["remember", given, { remember: 0 }],
    ["minIntervalMs", given, { minIntervalMs: -1 }],
    ["now", given, { now: 5 }],
  ])("are refused where %s is wrong", async (_, from, options) => {
    const make = () => confirmWithHistory(from as never, options as never);
    expect(await codeOf(make)).toBe("option_invalid");
  });
});
