import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oldestOf } from "../../src/internal/oldest-of.js";

/** A value of its own for each time that a key is set: that is how one that came back is told apart. */
const value = () => ({});

describe("the oldest entry of a map", () => {
  it("is none of an empty one", () => {
    expect(oldestOf(new Map())()).toBeUndefined();
  });

  it("is the first that is still there, whatever has come, gone and come back", () => {
    const key = fc.integer({ min: 0, max: 700 }).map(String);
    const step = fc.tuple(fc.constantFrom("set", "delete", "look"), key);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const entries = new Map<string, object>();
        const oldest = oldestOf(entries);
        // More than are looked up at once.
        for (let index = 0; index < 600; index += 1) entries.set(String(index), value());
        for (const [what, name] of steps) {
          if (what !== "look") entries.delete(name);
          if (what === "set") entries.set(name, value());
          const [first] = entries;
          const found = oldest();
          expect(found).toEqual(first);
          expect(found?.[1]).toBe(first?.[1]);
          if (what === "look" && found !== undefined) entries.delete(found[0]);
        }
      }),
    );
  });

  it("is found to the last", () => {
    const entries = new Map(Array.from({ length: 1000 }, (_, index) => [String(index), value()]));
    const oldest = oldestOf(entries);
    const order: string[] = [];
    for (let found = oldest(); found !== undefined; found = oldest()) {
      order.push(found[0]);
      entries.delete(found[0]);
    }
    expect(order).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
  });
});
