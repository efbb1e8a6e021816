import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorText, readCursorText } from "../../src/internal/cursor-text.js";

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("cursorText", () => {
  it.each(["", "0", " ", '{"after":"9b27"}', "a\\b'%", "~", "JSON:", "json"])(
    "leaves %j as it is",
    (text) => {
      expect(cursorText(text)).toBe(text);
    },
  );

  it.each([
    ["é", 'json:"\\u00e9"'],
    ["😀", 'json:"\\ud83d\\ude00"'],
    ["\ud83d", 'json:"\\ud83d"'],
    ["\0", 'json:"\\u0000"'],
    ["\u007f\u2028", 'json:"\\u007f\\u2028"'],
    ['"\n', 'json:"\\"\\n"'],
    ["json:", 'json:"json:"'],
  ])("keeps %j as %s", (text, kept) => {
    expect(cursorText(text)).toBe(kept);
    expect(readCursorText(kept)).toBe(text);
  });

  it("is printable ASCII, whatever the text, and reads back as the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), wild), (text) => {
        expect(cursorText(text)).toMatch(/^[ -~]*$/);
        expect(readCursorText(cursorText(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Any code units, lone surrogates among them. */
const wild = fc
  .array(fc.nat(0xffff), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

describe("readCursorText", () => {
  it.each([
    undefined,
    null,
    5,
    {},
    ["a"],
    "json:",
    "json:private-7",
    'json:["private-7"]',
    "json:7",
  ])("throws for %j, and says nothing of it", (kept) => {
    const error = thrownBy(() => readCursorText(kept));
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error)).not.toContain("private");
    expect((error as Error).cause).toBeUndefined();
  });
});
