import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { postgresText } from "../../src/internal/postgres-text.js";

const hash = (json: string) => `sha256:${createHash("sha256").update(json).digest("hex")}`;

describe("a key in PostgreSQL", () => {
  it.each(["", " ", "vove:msg_1", "~!'\"\\", "sha25", "SHA256:", " sha256:", "k".repeat(512)])(
    "is %j itself",
    (text) => {
      expect(postgresText(text)).toBe(text);
    },
  );

  it.each([
    ["k".repeat(513), `"${"k".repeat(513)}"`],
    ["\0", '"\\u0000"'],
    ["a\nb", '"a\\nb"'],
    ["\x7f", '"\x7f"'],
    ["\x1f", '"\\u001f"'],
    ["é", '"é"'],
    ["👩‍🚀", '"👩‍🚀"'],
    ["\ud800", '"\\ud800"'],
    ["\udfff", '"\\udfff"'],
    ["sha256:", '"sha256:"'],
    [hash('""'), `"${hash('""')}"`],
  ])("is the hash of %j", (text, json) => {
    expect(postgresText(text)).toBe(hash(json));
  });
});
