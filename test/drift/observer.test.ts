import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as classic from "zod";
import * as z from "zod/mini";
import type { Drift } from "../../src/drift/drift.js";
import { driftObserver } from "../../src/drift/observer.js";
import { defineProvider, type Provider } from "../../src/provider.js";
import { hmac } from "../../src/schemes/hmac.js";
import { signDelivery } from "../../src/testing.js";
import { driftsOfEvent } from "../helpers/drifts.js";

const scheme = hmac({ secret: "a-secret-for-the-tests", header: "x-signature" });
const oneOf = { created: z.looseObject({ type: z.string(), id: z.string() }) };

function provider(schema: unknown = oneOf, name = "p"): Provider {
  return defineProvider({ name, scheme, schema: schema as never }) as unknown as Provider;
}

const read = (from: Provider, event: unknown) => from.verify(signDelivery(from, event));

/** What an observer is told of several events, one after the other. */
async function toldOf(from: Provider, events: readonly unknown[]): Promise<readonly Drift[]> {
  const drifts: Drift[] = [];
  const observe = driftObserver(from, (drift) => drifts.push(drift));
  for (const event of events) await observe(await read(from, event));
  return drifts;
}

const created = { type: "created", id: "1" };
const novel = { provider: "p", kind: "key", messageType: "created", path: "novel", type: "number" };

describe("an observer of drift", () => {
  it("is told where a provider's events differ from its schemas", async () => {
    expect(await toldOf(provider(), [created, { ...created, novel: 1 }])).toEqual([novel]);
    expect(await toldOf(provider(), [{ type: "moved" }])).toEqual([
      { provider: "p", kind: "type", messageType: "moved" },
    ]);
  });

  it("is told of each kind once: by key, what stands there, and message type", async () => {
    const schema = { ...oneOf, deleted: oneOf.created };
    const deleted = { ...created, type: "deleted" };
    const events = [
      { ...created, novel: 1 },
      { ...created, novel: 2, "Mirela Dravetz": 1 },
      { ...created, "Nives Altamira": 5 },
      { ...created, novel: "x" },
      { ...deleted, novel: 1 },
      { ...deleted, novel: 2 },
      { type: "moved" },
      { type: "moved", novel: 1 },
    ];
    expect(await toldOf(provider(schema), events)).toEqual([
      novel,
      { ...novel, path: "*" },
      { ...novel, type: "string" },
      { ...novel, messageType: "deleted" },
      { provider: "p", kind: "type", messageType: "moved" },
    ]);
  });

  it("shares what it was told with all observers that tell the same function", async () => {
    const drifts: Drift[] = [];
    const report = (drift: Drift) => drifts.push(drift);
    for (const from of [provider(), provider(), provider(oneOf, "q")]) {
      await driftObserver(from, report)(await read(from, { ...created, novel: 1 }));
    }
    expect(drifts).toEqual([novel, { ...novel, provider: "q" }]);
    expect(await toldOf(provider(), [{ ...created, novel: 1 }])).toEqual([novel]);
  });

  it("is told of a thousand kinds, and then of none", async () => {
    const letters = (index: number) =>
      `k${[0, 1, 2].map((place) => String.fromCharCode(97 + (Math.floor(index / 20 ** place) % 20))).join("")}`;
    const keys = Array.from({ length: 1500 }, (_one, index) => [letters(index), 1]);
    const events = [
      { ...created, ...Object.fromEntries(keys.slice(0, 700)) },
      { ...created, ...Object.fromEntries(keys.slice(700)) },
      { type: "moved" },
    ];
    const drifts = await toldOf(provider(), events);
    expect(drifts).toHaveLength(1000);
    expect(new Set(drifts.map((drift) => JSON.stringify(drift))).size).toBe(1000);
  });

  it("ends when all that it tells has ended, and drops what is thrown and what is rejected", async () => {
    const from = provider();
    const message = await read(from, { ...created, novel: 1, other: 1 });
    const ended: string[] = [];
    const fail = (): never => {
      throw new Error("a log that is full");
    };
    await expect(driftObserver(from, fail)(message)).resolves.not.toThrow();
    await driftObserver(from, async (drift) => {
      await Promise.resolve();
      if (drift.kind === "key") ended.push(drift.path);
      fail();
    })(message);
    expect(ended).toEqual(["novel", "other"]);
  });

  it("is told nothing of a provider whose schemas are not to be had, or of an event that is none", async () => {
    const drifts: Drift[] = [];
    const from = provider();
    const message = await read(from, { ...created, novel: 1 });
    const own = { name: "p" } as Provider;
    await driftObserver(own, (drift) => drifts.push(drift))(message);
    const delivery = { ...message.delivery, json: () => JSON.parse("{") };
    await driftObserver(from, (drift) => drifts.push(drift))({ ...message, delivery });
    expect(drifts).toEqual([]);
  });
});

describe("a type that a sender writes", () => {
  const all = z.looseObject({ type: z.string() });

  it("is shown where it looks like a name, with one schema for all types", async () => {
    expect(await driftsOfEvent(provider(all), { type: "created", novel: 1 })).toEqual([novel]);
    expect(await driftsOfEvent(provider(all), { type: "AB1234567", novel: 1 })).toEqual([
      { ...novel, messageType: "*" },
    ]);
  });

  it("is shown as declared where it has a schema, whatever it looks like", async () => {
    const from = provider({ "2026-01-01": all });
    expect(await driftsOfEvent(from, { type: "2026-01-01", novel: 1 })).toEqual([
      { ...novel, messageType: "2026-01-01" },
    ]);
  });

  it("is called unknown where none is sent", async () => {
    expect(await driftsOfEvent(provider(), {})).toEqual([
      { provider: "p", kind: "type", messageType: "unknown" },
    ]);
  });

  it("never tells who it is about", async () => {
    const needles = ["Mirela Dravetz", "AB1234567", "1990-01-01", "mirela@dravetz.test"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...needles), fc.jsonValue(), async (needle, value) => {
        const event = { type: needle, [needle]: value, novel: needle };
        for (const from of [provider(), provider(all)]) {
          expect(JSON.stringify(await driftsOfEvent(from, event))).not.toContain(needle);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("schemas of one's own", () => {
  it.each<[string, unknown]>([
    ["Zod", classic.looseObject({ type: classic.string(), id: classic.string() })],
    ["Zod's small form", oneOf.created],
    ["Valibot", v.looseObject({ type: v.string(), id: v.string() })],
  ])("of %s are read", async (_name, schema) => {
    expect(await driftsOfEvent(provider({ created: schema }), { ...created, novel: 1 })).toEqual([
      novel,
    ]);
  });

  it("of any other library have new types and no new keys", async () => {
    const from = provider({ created: type({ type: "string", id: "string" }) });
    expect(await driftsOfEvent(from, { ...created, novel: 1 })).toEqual([]);
    expect(await driftsOfEvent(from, { type: "moved" })).toHaveLength(1);
  });
});
