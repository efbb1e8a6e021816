import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference } from "../../../src/cli/ui/text/difference.js";
import { noFilter, passes } from "../../../src/cli/ui/text/filter.js";
import { hexRows } from "../../../src/cli/ui/text/hex-rows.js";
import { indentJson, isIndentable } from "../../../src/cli/ui/text/indent-json.js";
import { jsonTokens } from "../../../src/cli/ui/text/json-tokens.js";
import { showUnseen } from "../../../src/cli/ui/text/unseen.js";
import type { DeliverySummary } from "../../../src/cli/ui/view.js";

const joined = (tokens: readonly { readonly text: string }[]) =>
  tokens.map(({ text }) => text).join("");
const pieces = (text: string) => jsonTokens(text).map(({ text }) => text);

describe("tokens of JSON", () => {
  it("are the text again when they are joined, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(joined(jsonTokens(text))).toBe(text);
      }),
    );
  });

  it("tell keys from strings", () => {
    const kinds = jsonTokens('{ "a" : "b", "c": ["d", 1.50e3, true] }')
      .filter(({ kind }) => kind !== "space" && kind !== "punctuation")
      .map(({ kind, text }) => `${kind} ${text}`);
    expect(kinds).toEqual([
      ...['key "a"', 'string "b"', 'key "c"', 'string "d"'],
      ...["number 1.50e3", "word true"],
    ]);
  });

  it("are found in long strings without a stack of their length", () => {
    const text = JSON.stringify({ long: '\\"'.repeat(1_000_000) });
    expect(jsonTokens(text)).toHaveLength(5);
  });
});

describe("indented JSON", () => {
  it("keeps what JSON.parse would lose: numbers, escapes, order, and keys that are there twice", () => {
    const text = '{"b":12345678901234567890.10,"a":"\\u00e9\\/","b":[],"c":{}}';
    expect(joined(indentJson(text))).toBe(
      '{\n  "b": 12345678901234567890.10,\n  "a": "\\u00e9\\/",\n  "b": [],\n  "c": {}\n}',
    );
  });

  it("is laid out as JSON.stringify does it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const laidOut = joined(indentJson(JSON.stringify(value)));
        expect(laidOut).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });
});

describe("whether JSON is indented", () => {
  const nested = (levels: number, inner = "1") => "[".repeat(levels) + inner + "]".repeat(levels);

  it("depends on its depth, which brackets in strings and beside each other are not", () => {
    expect(isIndentable(nested(100))).toBe(true);
    expect(isIndentable(nested(101))).toBe(false);
    expect(isIndentable(nested(100, '{"a":1}'))).toBe(false);
    expect(isIndentable(`[${"[],{},".repeat(1000)}1]`)).toBe(true);
    expect(isIndentable(JSON.stringify({ a: `${"[".repeat(200)}\\"${"{".repeat(200)}` }))).toBe(
      true,
    );
    expect(isIndentable(`["\\"",${nested(101)}]`)).toBe(false);
  });

  it("depends on its size", () => {
    const text = (length: number) => JSON.stringify("a".repeat(length - 2));
    expect([isIndentable(text(1_000_000)), isIndentable(text(1_000_001))]).toEqual([true, false]);
  });
});

describe("differences", () => {
  const apply = (changes: ReturnType<typeof difference>, without: string) =>
    joined(changes.filter(({ kind }) => kind !== without));

  it("lead from the one text to the other", () => {
    const texts = fc.oneof(fc.json(), fc.string());
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const changes = difference(pieces(a), pieces(b));
        expect(apply(changes, "added")).toBe(a);
        expect(apply(changes, "removed")).toBe(b);
      }),
    );
  });

  it("are only the space between two layouts of the same JSON", () => {
    const value = { id: "a b", list: [1, 2, { deep: null }] };
    const changes = difference(
      pieces(JSON.stringify(value, null, 2)),
      pieces(JSON.stringify(value)),
    );
    expect(changes.filter(({ kind }) => kind === "added")).toEqual([]);
    const removed = changes.filter(({ kind }) => kind === "removed");
    expect(removed.length).toBeGreaterThan(5);
    expect(removed.every(({ text }) => text.trim() === "")).toBe(true);
  });

  it("are found without delay in JSON of 100 000 keys, also when all of its layout differs", () => {
    const value = Array.from({ length: 50_000 }, (_, index) => ({ index, name: `n${index}` }));
    const [a, b] = [JSON.stringify(value, null, 4), JSON.stringify(value)];
    const started = performance.now();
    const changes = difference(pieces(a), pieces(b));
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(apply(changes, "added")).toBe(a);
    expect(apply(changes, "removed")).toBe(b);
    expect(changes.every(({ kind, text }) => kind === "same" || text.trim() === "")).toBe(true);
  });
});

describe("text that would go unseen", () => {
  it.each([
    ["a\u202eb", ["a", "[U+202E]", "b"]],
    ["\ufeff{}\r\n", ["[BOM]", "{}", "[CR]", "\n"]],
    ["tab\tand\nline", ["tab\tand\nline"]],
    ["\u0000\u001b[31m", ["[NUL]", "[U+001B]", "[31m"]],
    ["zero\u200bwidth", ["zero", "[U+200B]", "width"]],
    ["\ud800", ["[U+D800]"]],
    ["😀 é 日本", ["😀 é 日本"]],
  ])("is written out: %j", (text, expected) => {
    expect(
      showUnseen(text).map((piece) => (piece.unseen ? `[${piece.text}]` : piece.text)),
    ).toEqual(expected);
  });
});

describe("rows of bytes", () => {
  it("show offset, bytes and what of them is printable ASCII", () => {
    const bytes = new Uint8Array([...Buffer.from('{"é":1}'), 0, 255, ...Buffer.from("0123456789")]);
    expect(hexRows(bytes, 1000)).toEqual([
      {
        offset: "000000",
        hex: "7b 22 c3 a9 22 3a 31 7d  00 ff 30 31 32 33 34 35",
        text: '{"..":1}..012345',
      },
      { offset: "000010", hex: "36 37 38 39", text: "6789" },
    ]);
    expect(hexRows(bytes, 16)).toHaveLength(1);
    expect(hexRows(new Uint8Array(), 16)).toEqual([]);
  });
});

describe("the filter", () => {
  const delivery: DeliverySummary = {
    ...{ id: "c-1", receivedAt: "2026-11-21T14:00:00.000Z", method: "POST", path: "/hooks/a" },
    ...{ provider: "acme", verdict: "explained", status: 401, code: "signature_mismatch" },
    ...{ bytes: 12, search: "svix-id: msg_7\nbody_reserialized\nuser-1042" },
  };

  it.each([
    ["", true],
    ["signature", true],
    ["MISMATCH msg_7", true],
    ["msg_7 mismatch", true],
    ["msg_8", false],
    ["user-1042 nobody", false],
    ["401", true],
    ["/hooks", true],
  ])("finds every word of %j: %s", (text, expected) => {
    expect(passes(delivery, { ...noFilter, text })).toBe(expected);
  });

  it("narrows down by verdict and provider", () => {
    expect(passes(delivery, { ...noFilter, verdict: "explained", provider: "acme" })).toBe(true);
    expect(passes(delivery, { ...noFilter, verdict: "authentic" })).toBe(false);
    expect(passes(delivery, { ...noFilter, provider: "other" })).toBe(false);
  });
});
