import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CatchUpOptions,
  type Cursor,
  catchUp,
  type HistoryEvent,
  storeCursor,
} from "../../src/catch-up.js";
import { createReceiver } from "../../src/receiver.js";
import type { CursorStore } from "../../src/store.js";
import { memoryStore } from "../../src/stores/memory.js";
import { codeOf } from "../helpers/code-of.js";
import { specProvider } from "../helpers/spec-provider.js";
import { ownSource, specEvents } from "./own-source.js";

const days = 86_400_000;

/** A cursor in memory, that a test can look at and set. */
function cursorOf(text?: string): Cursor & { text: string | undefined; writes: number } {
  return {
    text,
    writes: 0,
    read() {
      return this.text;
    },
    write(value) {
      this.text = value;
      this.writes += 1;
    },
  };
}

/** A receiver whose handler fails as it is told, and whose store can be made to forget. */
function world() {
  let time = Date.parse("2026-03-01T09:00:00Z");
  const store = memoryStore({ now: () => time });
  const handled: string[] = [];
  const failing = new Set<string>();
  const tried: string[] = [];
  const receiver = createReceiver(specProvider(), {
    store,
    on: {
      created: ({ id }) => {
        tried.push(id);
        if (failing.has(id)) throw new Error("no");
        handled.push(id);
      },
    },
  });
  const forget = (): void => {
    time += 30 * days;
  };
  return { receiver, handled, failing, tried, forget };
}

const record = (fields: object): string => JSON.stringify({ v: 1, provider: "spec", ...fields });

describe("a kept cursor", () => {
  it("has the next run begin where the last one ended, though the store has forgotten all", async () => {
    const { receiver, handled, forget } = world();
    const cursor = cursorOf();
    const events = specEvents(5);
    expect(await catchUp(receiver, ownSource(events), { cursor })).toMatchObject({ recovered: 5 });
    expect(JSON.parse(cursor.text ?? "")).toEqual({
      ...{ v: 1, provider: "spec", after: "e5", failed: [] },
    });
    forget();
    events.push(...specEvents(2, 6));
    expect(await catchUp(receiver, ownSource(events), { cursor })).toEqual({
      ...{ recovered: 2, duplicates: 0, ignored: 0, failed: 0, lastId: "e7" },
    });
    expect(handled).toEqual(events.map(({ id }) => id));
  });

  it("goes before `after`", async () => {
    const { receiver, handled } = world();
    const cursor = cursorOf(record({ after: "e2", failed: [] }));
    await catchUp(receiver, ownSource(specEvents(4)), { cursor, after: "e3" });
    expect(handled).toEqual(["e3", "e4"]);
  });

  it("that holds nothing lets `after` decide, also where a database says null", async () => {
    for (const empty of [undefined, null]) {
      const { receiver, handled } = world();
      const cursor = { read: () => empty as undefined, write: () => undefined };
      await catchUp(receiver, ownSource(specEvents(4)), { cursor, after: "e3" });
      expect(handled).toEqual(["e4"]);
    }
  });

  it("is not written while there is nothing to keep", async () => {
    const { receiver } = world();
    const cursor = cursorOf();
    await catchUp(receiver, ownSource([]), { cursor });
    expect(cursor.text).toBeUndefined();
    await catchUp(receiver, ownSource([]), { cursor, after: "e3" });
    expect(cursor.text).toBe(record({ after: "e3", failed: [] }));
    await catchUp(receiver, ownSource([]), { cursor });
    expect(cursor.writes).toBe(1);
  });

  it("is written after each page, and after a hundred events of one", async () => {
    const { receiver } = world();
    const cursor = cursorOf();
    const places: unknown[] = [];
    const onProgress = ({ event }: { event: { id: string } }) => {
      if (cursor.text !== undefined) places.push([event.id, JSON.parse(cursor.text).after]);
    };
    await catchUp(receiver, ownSource(specEvents(7)), { cursor, onProgress });
    expect(places).toEqual([
      ["e4", "e3"],
      ["e5", "e3"],
      ["e6", "e3"],
      ["e7", "e6"],
    ]);
    const one = cursorOf();
    const large = ownSource(specEvents(250), { pageSize: 250 });
    await catchUp(world().receiver, large, { cursor: one });
    expect(one.writes).toBeGreaterThanOrEqual(3);
  });

  it.each<[string, string]>([
    ["no JSON", "e5"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["of another version", JSON.stringify({ v: 2, provider: "spec", after: "e1", failed: [] })],
    ["of no version", JSON.stringify({ provider: "spec", after: "e1", failed: [] })],
    ["of another provider", JSON.stringify({ v: 1, provider: "another", after: "e1", failed: [] })],
    ["of no provider", JSON.stringify({ v: 1, after: "e1", failed: [] })],
    ["without a list of failed ones", record({ after: "e1" })],
    ["with failed ones that are no text", record({ after: "e1", reached: "e3", failed: [2] })],
    ["with failed ones up to nowhere", record({ after: "e1", failed: ["e2"] })],
    ["with a number for a place", record({ after: 1, failed: [] })],
    ["with an empty place", record({ after: "", failed: [] })],
    ["with a list for a place", record({ reached: ["e3"], failed: [] })],
    [
      "with more failed ones than any run keeps",
      record({ reached: "e1", failed: Array.from({ length: 1001 }, (_, n) => `e${n}`) }),
    ],
  ])("that is %s is refused, and nothing is handled or written", async (_, text) => {
    const { receiver, handled } = world();
    const cursor = cursorOf(text);
    const run = () => catchUp(receiver, ownSource(specEvents(5)), { cursor });
    expect(await codeOf(run)).toBe("option_invalid");
    expect([handled, cursor.text, cursor.writes]).toEqual([[], text, 0]);
  });

  it("that is not text is refused", async () => {
    const { receiver } = world();
    const cursor = { read: () => ({ v: 1 }) as never, write: () => undefined };
    const run = () => catchUp(receiver, ownSource([]), { cursor });
    expect(await codeOf(run)).toBe("option_invalid");
  });

  it("out of reach ends the run, and says nothing of why", async () => {
    const { receiver, handled } = world();
    const fail = () => Promise.reject(new Error("postgres://user:password@db"));
    const unread = { read: fail, write: () => undefined };
    const unwritten = { read: () => undefined, write: fail };
    for (const cursor of [unread, unwritten]) {
      const run = catchUp(receiver, ownSource(specEvents(9)), { cursor });
      const error = await run.catch((thrown: unknown) => thrown);
      expect(await codeOf(() => Promise.reject(error))).toBe("store_unavailable");
      expect(JSON.stringify(error)).not.toContain("password");
      expect((error as Error).cause).toBeUndefined();
    }
    // One page, and no further without a place to keep how far.
    expect(handled).toEqual(["e1", "e2", "e3"]);
  });
});

describe("a failed event", () => {
  it("is tried again, and those after it are not, though the store has forgotten them", async () => {
    const { receiver, handled, failing, tried, forget } = world();
    const cursor = cursorOf();
    const events = specEvents(8);
    failing.add("e3").add("e6");
    expect(await catchUp(receiver, ownSource(events), { cursor })).toEqual({
      ...{ recovered: 6, duplicates: 0, ignored: 0, failed: 2, lastId: "e2" },
    });
    expect(JSON.parse(cursor.text ?? "")).toMatchObject({
      ...{ after: "e2", reached: "e8", failed: ["e3", "e6"] },
    });
    forget();
    failing.delete("e3");
    events.push(...specEvents(1, 9));
    tried.length = 0;
    expect(await catchUp(receiver, ownSource(events), { cursor })).toEqual({
      ...{ recovered: 2, duplicates: 4, ignored: 0, failed: 1, lastId: "e5" },
    });
    expect(tried).toEqual(["e3", "e6", "e9"]);
    expect(JSON.parse(cursor.text ?? "")).toMatchObject({
      ...{ after: "e5", reached: "e9", failed: ["e6"] },
    });
    forget();
    failing.clear();
    tried.length = 0;
    expect(await catchUp(receiver, ownSource(events), { cursor })).toEqual({
      ...{ recovered: 1, duplicates: 3, ignored: 0, failed: 0, lastId: "e9" },
    });
    expect(tried).toEqual(["e6"]);
    expect(cursor.text).toBe(record({ after: "e9", failed: [] }));
    expect([...handled].sort()).toEqual(events.map(({ id }) => id).sort());
  });

  it("without a cursor is tried again by a run after `lastId`", async () => {
    const { receiver, handled, failing } = world();
    failing.add("e3");
    const first = await catchUp(receiver, ownSource(specEvents(5)));
    failing.clear();
    const again = await catchUp(receiver, ownSource(specEvents(5)), { after: first.lastId });
    expect(again).toEqual({ recovered: 1, duplicates: 2, ignored: 0, failed: 0, lastId: "e5" });
    expect(handled).toEqual(["e1", "e2", "e4", "e5", "e3"]);
  });

  it("that is the first of all leaves no place before it", async () => {
    const { receiver, failing, handled } = world();
    const cursor = cursorOf();
    failing.add("e1");
    const first = await catchUp(receiver, ownSource(specEvents(3)), { cursor });
    expect(first).toEqual({ recovered: 2, duplicates: 0, ignored: 0, failed: 1 });
    expect(cursor.text).toBe(record({ reached: "e3", failed: ["e1"] }));
    failing.clear();
    expect(await catchUp(receiver, ownSource(specEvents(3)), { cursor })).toMatchObject({
      ...{ recovered: 1, duplicates: 2, lastId: "e3" },
    });
    expect(handled).toEqual(["e2", "e3", "e1"]);
  });

  it("that the history does not hold any more counts once more, and holds nobody up", async () => {
    const { receiver, failing, handled } = world();
    const cursor = cursorOf();
    failing.add("e2");
    await catchUp(receiver, ownSource(specEvents(4)), { cursor });
    const pruned = specEvents(3, 3);
    expect(await catchUp(receiver, ownSource(pruned), { cursor })).toEqual({
      ...{ recovered: 1, duplicates: 2, ignored: 0, failed: 1, lastId: "e5" },
    });
    expect(await catchUp(receiver, ownSource(pruned), { cursor })).toMatchObject({ failed: 0 });
    expect(handled).toEqual(["e1", "e3", "e4", "e5"]);
  });

  it("that the history holds twice is kept once", async () => {
    const { receiver, failing, handled } = world();
    const cursor = cursorOf();
    const events = [...specEvents(3), ...specEvents(1, 2), ...specEvents(1, 4)];
    failing.add("e2");
    expect(await catchUp(receiver, ownSource(events, { pageSize: 9 }), { cursor })).toMatchObject({
      ...{ recovered: 3, failed: 2, lastId: "e1" },
    });
    expect(cursor.text).toBe(record({ after: "e1", reached: "e4", failed: ["e2"] }));
    failing.clear();
    await catchUp(receiver, ownSource(events, { pageSize: 9 }), { cursor });
    expect(handled).toEqual(["e1", "e3", "e4", "e2"]);
  });

  it("among more than a thousand is not lost, and nothing after them is passed over", async () => {
    const { receiver, failing, handled, tried } = world();
    const cursor = cursorOf();
    const events = specEvents(1205);
    for (const { id } of events.slice(100, 1150)) failing.add(id);
    expect(await catchUp(receiver, ownSource(events, { pageSize: 500 }), { cursor })).toMatchObject(
      {
        ...{ recovered: 155, failed: 1050, lastId: "e100" },
      },
    );
    const kept = JSON.parse(cursor.text ?? "");
    expect(kept).toMatchObject({ after: "e100", reached: "e1100" });
    expect(kept.failed).toEqual(events.slice(100, 1100).map(({ id }) => id));
    failing.clear();
    tried.length = 0;
    expect(await catchUp(receiver, ownSource(events, { pageSize: 500 }), { cursor })).toEqual({
      // The last ones are asked about, and the store knows them.
      ...{ recovered: 1050, duplicates: 55, ignored: 0, failed: 0, lastId: "e1205" },
    });
    expect(tried).toEqual(events.slice(100, 1150).map(({ id }) => id));
    expect(new Set(handled).size).toBe(1205);
    expect(handled.length).toBe(1205);
  });
});

describe("what is kept", () => {
  it("stays below 64 KiB however long the ids are, and still passes nothing over", async () => {
    for (const unit of ["x", "ß", "\u0000", "\ud800"]) {
      const { receiver, failing, handled } = world();
      const cursor = cursorOf();
      const long = (number: number) => `${number}-${unit.repeat(980)}`;
      const events = Array.from({ length: 200 }, (_, number): HistoryEvent => {
        const id = long(number);
        return { id, event: { type: "created", id, name: "Ilse Orlović" } };
      });
      for (const { id } of events.slice(1, 190)) failing.add(id);
      const sizes: number[] = [];
      const write = cursor.write.bind(cursor);
      cursor.write = (text) => {
        sizes.push(Buffer.byteLength(text));
        return write(text);
      };
      await catchUp(receiver, ownSource(events), { cursor });
      expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
      failing.clear();
      await catchUp(receiver, ownSource(events), { cursor });
      expect([...handled].sort()).toEqual(events.map(({ id }) => id).sort());
      expect(cursor.text).toBe(record({ after: long(199), failed: [] }));
    }
  });
});

describe("the place that an earlier run has reached", () => {
  it("and that does not come up again proves nothing: what was taken for seen is asked about", async () => {
    const { receiver, handled, failing } = world();
    const cursor = cursorOf();
    failing.add("e2").add("e3");
    await catchUp(receiver, ownSource(specEvents(5)), { cursor });
    failing.delete("e2");
    // Another history under the same name: some old ones, none that was reached, and new ones.
    const others = [...specEvents(3, 2), ...specEvents(3, 101)];
    const told: (string | undefined)[] = [];
    const result = await catchUp(receiver, ownSource(others), {
      cursor,
      onProgress: ({ event }) => told.push(`${event.id} ${event.outcome?.kind}`),
    });
    expect(result).toEqual({ recovered: 4, duplicates: 1, ignored: 0, failed: 1, lastId: "e2" });
    expect(handled).toEqual(["e1", "e4", "e5", "e2", "e101", "e102", "e103"]);
    expect(cursor.text).toBe(record({ after: "e2", reached: "e103", failed: ["e3"] }));
    expect(told).toEqual([
      ...["e2 handled", "e3 rejected", "e4 undefined"],
      ...["e101 undefined", "e102 undefined", "e103 undefined"],
      ...["e4 duplicate", "e101 handled", "e102 handled", "e103 handled"],
    ]);
  });

  it("counts failed events that have gone with it", async () => {
    const { receiver, failing } = world();
    const cursor = cursorOf();
    failing.add("e2");
    await catchUp(receiver, ownSource(specEvents(3)), { cursor });
    expect(await catchUp(receiver, ownSource(specEvents(2, 7)), { cursor })).toEqual({
      ...{ recovered: 2, duplicates: 0, ignored: 0, failed: 1, lastId: "e8" },
    });
    expect(cursor.text).toBe(record({ after: "e8", failed: [] }));
  });

  it("is looked for beyond `until`, and nothing else is done there", async () => {
    const { receiver, handled, failing, tried, forget } = world();
    const cursor = cursorOf();
    failing.add("e2").add("e5");
    await catchUp(receiver, ownSource(specEvents(7)), { cursor });
    failing.clear();
    forget();
    tried.length = 0;
    const result = await catchUp(receiver, ownSource(specEvents(9)), { cursor, until: "e3" });
    expect(result).toEqual({ recovered: 1, duplicates: 1, ignored: 0, failed: 0, lastId: "e3" });
    expect(tried).toEqual(["e2"]);
    expect(cursor.text).toBe(record({ after: "e3", reached: "e7", failed: ["e5"] }));
    expect(await catchUp(receiver, ownSource(specEvents(9)), { cursor })).toEqual({
      ...{ recovered: 3, duplicates: 3, ignored: 0, failed: 0, lastId: "e9" },
    });
    expect(handled).toEqual(["e1", "e3", "e4", "e6", "e7", "e2", "e5", "e8", "e9"]);
  });

  it("stays known where `until` comes before it and nothing else has failed", async () => {
    const { receiver, handled, failing, forget } = world();
    const cursor = cursorOf();
    failing.add("e2");
    await catchUp(receiver, ownSource(specEvents(7)), { cursor });
    failing.clear();
    forget();
    await catchUp(receiver, ownSource(specEvents(7)), { cursor, until: "e4" });
    expect(cursor.text).toBe(record({ after: "e4", reached: "e7", failed: [] }));
    forget();
    expect(await catchUp(receiver, ownSource(specEvents(7)), { cursor })).toMatchObject({
      ...{ recovered: 0, duplicates: 3, lastId: "e7" },
    });
    expect(handled).toEqual(["e1", "e3", "e4", "e5", "e6", "e7", "e2"]);
  });

  it("and that does not come up beyond `until` has the run go back, and stop there", async () => {
    const { receiver, handled, failing } = world();
    const cursor = cursorOf();
    failing.add("e1");
    await catchUp(receiver, ownSource(specEvents(2)), { cursor });
    const others = [...specEvents(1), ...specEvents(4, 11)];
    const result = await catchUp(receiver, ownSource(others), { cursor, until: "e12" });
    expect(result).toEqual({ recovered: 2, duplicates: 0, ignored: 0, failed: 1 });
    expect(handled).toEqual(["e2", "e11", "e12"]);
  });

  it("and a time: a failed event that happened later stays for another run", async () => {
    const { receiver, failing } = world();
    const cursor = cursorOf();
    const events = specEvents(4).map((event, hour) => ({
      ...event,
      occurredAt: new Date(Date.UTC(2026, 2, 1, hour)),
    }));
    failing.add("e1").add("e3");
    await catchUp(receiver, ownSource(events), { cursor });
    failing.clear();
    const until = new Date(Date.UTC(2026, 2, 1, 1));
    expect(await catchUp(receiver, ownSource(events), { cursor, until })).toEqual({
      ...{ recovered: 1, duplicates: 2, ignored: 0, failed: 0, lastId: "e2" },
    });
    expect(cursor.text).toBe(record({ after: "e2", reached: "e4", failed: ["e3"] }));
  });
});

describe("storeCursor", () => {
  it("keeps progress in a store under its name", async () => {
    const kept = new Map<string, string>();
    const store: CursorStore = {
      readCursor: async (name) => kept.get(name),
      writeCursor: async (name, value) => void kept.set(name, value),
    };
    const { receiver } = world();
    const cursor = storeCursor(store, "history");
    await catchUp(receiver, ownSource(specEvents(3)), { cursor });
    expect([...kept]).toEqual([["history", record({ after: "e3", failed: [] })]]);
    const again = await catchUp(receiver, ownSource(specEvents(3)), { cursor });
    expect(again).toMatchObject({ recovered: 0, duplicates: 0, lastId: "e3" });
  });

  it.each<[string, unknown, unknown]>([
    ["a store without cursors", { claim: () => undefined }, "history"],
    ["a store that only reads", { readCursor: () => undefined }, "history"],
    ["no store", undefined, "history"],
    ["no name", { readCursor: () => undefined, writeCursor: () => undefined }, undefined],
    ["a blank name", { readCursor: () => undefined, writeCursor: () => undefined }, " "],
  ])("refuses %s", async (_, store, name) => {
    expect(await codeOf(() => storeCursor(store as never, name as string))).toBe("option_invalid");
  });
});

/** What one run meets. */
interface Run {
  /** Events that come to the history before it. */
  readonly more: number;
  readonly pageSize: number;
  /** How many events fail once more, by their number. */
  readonly failing: readonly number[];
  /** After so many handlers the process is killed: nothing is written any more. */
  readonly killedAfter: number | undefined;
  /** After so many handlers it is told to stop. */
  readonly stoppedAfter: number | undefined;
  /** Only up to this event. */
  readonly until: number | undefined;
}

const maybe = (most: number) => fc.option(fc.nat(most), { nil: undefined, freq: 2 });
const anyRun: fc.Arbitrary<Run> = fc.record({
  more: fc.nat(12),
  pageSize: fc.integer({ min: 1, max: 7 }),
  failing: fc.array(fc.nat(40), { maxLength: 5 }),
  killedAfter: maybe(12),
  stoppedAfter: maybe(12),
  until: maybe(40),
});
const lastRun: Run = {
  ...{ more: 0, pageSize: 5, failing: [], killedAfter: undefined, stoppedAfter: undefined },
  until: undefined,
};

/** Lets runs follow one another over one history, and looks after each that nothing is passed over. */
async function live(
  runs: readonly Run[],
  { forgets = false, kills = true, prunes = 0 } = {},
): Promise<{ events: readonly HistoryEvent[]; handled: readonly string[]; last: unknown }> {
  const events: HistoryEvent[] = [];
  let added = 0;
  const { receiver, handled, failing, forget } = world();
  let kept: string | undefined;
  let last: unknown;
  for (const run of [...runs, lastRun]) {
    events.push(...specEvents(run.more, added + 1));
    added += run.more;
    events.splice(0, Math.min(prunes, Math.max(0, events.length - 3)));
    failing.clear();
    for (const number of run.failing) failing.add(`e${number}`);
    const stop = new AbortController();
    let isKilled = false;
    let calls = 0;
    const counted = {
      provider: receiver.provider,
      recover: async (event: Parameters<typeof receiver.recover>[0]) => {
        const outcome = await receiver.recover(event);
        calls += 1;
        if (kills && calls === run.killedAfter) isKilled = true;
        if (isKilled || calls === run.stoppedAfter) stop.abort();
        return outcome;
      },
    };
    const options: CatchUpOptions = {
      signal: stop.signal,
      until: run.until === undefined ? undefined : `e${run.until}`,
      cursor: {
        read: () => kept,
        write: (text) => {
          if (!isKilled) kept = text;
        },
      },
    };
    const settled = await catchUp(counted, ownSource(events, run), options).catch(() => undefined);
    last = settled;
    const done = new Set(handled);
    const place = settled?.lastId ?? (kept === undefined ? undefined : JSON.parse(kept).after);
    // Whatever is not handled comes after the place that is named.
    const passed = events.slice(0, events.findIndex(({ id }) => id === place) + 1);
    expect(passed.filter(({ id }) => !done.has(id))).toEqual([]);
    if (forgets) forget();
  }
  return { events, handled, last };
}

describe("however often it is killed, stopped and resumed", () => {
  it("each event is handled exactly once in the end, and none is missed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRun, { minLength: 1, maxLength: 6 }), async (runs) => {
        const { events, handled, last } = await live(runs);
        expect([...handled].sort()).toEqual(events.map(({ id }) => id).sort());
        expect(last).toMatchObject({
          failed: 0,
          ...(events.length && { lastId: events.at(-1)?.id }),
        });
      }),
      { numRuns: 300 },
    );
  });

  it("so it is with a store that forgets between the runs, as long as each run can write its end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRun, { minLength: 1, maxLength: 6 }), async (runs) => {
        const { events, handled } = await live(runs, { forgets: true, kills: false });
        expect([...handled].sort()).toEqual(events.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });

  it("and with a history that loses its oldest events, what it still holds is handled once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRun, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (runs, prunes) => {
          const { events, handled } = await live(runs, { prunes });
          expect(new Set(handled).size).toBe(handled.length);
          const done = new Set(handled);
          expect(events.filter(({ id }) => !done.has(id))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
