import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { StandardSchema } from "../../src/internal/standard-schema.js";
import { genuine } from "../helpers/genuine.js";

/** What the providers have had compiled, and of what. */
const { pairs } = vi.hoisted(() => ({ pairs: [] as [StandardSchema, StandardSchema][] }));

vi.mock("zod/mini", async (importOriginal) => {
  const original = await importOriginal<typeof import("zod/mini")>();
  return {
    ...original,
    compile: (schema: Parameters<typeof original.compile>[0]) => {
      // Otherwise a schema that Zod cannot compile would go unnoticed: it is only slow.
      const fast = original.compile(schema, { strict: true });
      pairs.push([schema, fast] as unknown as [StandardSchema, StandardSchema]);
      return fast;
    },
  };
});

const answer = (schema: StandardSchema, event: unknown): string =>
  JSON.stringify(schema["~standard"].validate(event));

/** A value with one of its parts, however deep, made into something else, left out, or joined by another. */
function changed(value: unknown, place: number, by: unknown, how: string): unknown {
  const copy = structuredClone(value);
  const parts: [Record<string, unknown>, string][] = [];
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    for (const [key, child] of Object.entries(part)) {
      parts.push([part as Record<string, unknown>, key]);
      walk(child);
    }
  };
  walk(copy);
  const [parent, key] = parts[place % parts.length] as [Record<string, unknown>, string];
  if (how === "replaced") parent[key] = by;
  else if (how === "left out") delete parent[key];
  else Object.defineProperty(parent, how, { value: by, enumerable: true, configurable: true });
  return copy;
}

describe("the compiled schemas of all providers", () => {
  beforeAll(async () => {
    for (const { provider, send, text, now } of genuine) {
      const delivery = provider.scheme.verify(send(text), { now });
      const verified = await delivery;
      for (let event = 0; event < 1000; event += 1)
        await provider.read(verified, send(text).headers);
    }
  }, 120_000);

  it("are one for each type, and none that Zod could not compile", () => {
    const types = genuine.map(({ title }) => title.replace(/, .*, /, " "));
    expect(new Set(types).size).toBeGreaterThan(25);
    expect(pairs.length).toBeGreaterThanOrEqual(new Set(types).size);
  });

  it("answer recorded events as the schemas do, down to the order of fields", () => {
    for (const { text } of genuine) {
      const event: unknown = JSON.parse(text);
      for (const [schema, fast] of pairs) expect(answer(fast, event)).toBe(answer(schema, event));
    }
  });

  it("answer events that are not as they should be as the schemas do", () => {
    const events = genuine.map(({ text }) => JSON.parse(text) as unknown);
    const how = fc.constantFrom("replaced", "left out", "added", "__proto__", "constructor");
    const value = fc.oneof(
      fc.constantFrom(undefined, null, "", "x", 0, 1.5, Number.NaN, true, [], {}, [null], [[]]),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.nat(), value, how, (event, place, by, change) => {
        const odd = changed(event, place, by, change);
        for (const [schema, fast] of pairs) {
          expect(answer(fast, odd)).toBe(answer(schema, odd));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
