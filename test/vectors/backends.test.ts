import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as portable from "../../src/internal/hmac.default.js";
import * as native from "../../src/internal/hmac.node.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const key = fc.uint8Array({ maxLength: 200 });
const message = fc.uint8Array({ maxLength: 600 });

describe("both backends", () => {
  it("make the MAC that node:crypto makes, however the message is split", () => {
    const part = fc.oneof(message, fc.stringMatching(/^[ -~]{0,80}$/));
    fc.assert(
      fc.property(key, fc.array(part, { maxLength: 6 }), fc.nat(), (bytes, parts, place) => {
        const whole = Buffer.concat(parts.map((one) => Buffer.from(one as Uint8Array)));
        const expected = createHmac("sha256", bytes).update(whole).digest("hex");
        const cut = place % (whole.length + 1);
        for (const { macKey } of [native, portable]) {
          const prepared = macKey(bytes);
          expect(hex(prepared.sign(...parts))).toBe(expected);
          expect(hex(prepared.sign(whole.subarray(0, cut), whole.subarray(cut)))).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("hash alike", () => {
    fc.assert(
      fc.property(message, (bytes) => {
        const expected = createHash("sha256").update(bytes).digest("hex");
        expect([hex(native.sha256(bytes)), hex(portable.sha256(bytes))]).toEqual([
          expected,
          expected,
        ]);
      }),
    );
  });

  it("compare alike, with bytes that are equal, nearly equal, longer or shorter", () => {
    const pair = fc.oneof(
      fc.tuple(message, message),
      message.map((bytes) => [bytes, bytes.slice()] as const),
      fc.tuple(message, fc.nat(), fc.nat({ max: 7 })).map(([bytes, place, bit]) => {
        const other = bytes.slice();
        const index = place % (bytes.length || 1);
        if (bytes.length > 0) other[index] = (other[index] as number) ^ (1 << bit);
        return [bytes, other] as const;
      }),
      fc.tuple(message, message).map(([a, b]) => [a, Uint8Array.from([...a, ...b])] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const expected = Buffer.from(a).equals(b);
        expect([native.equalBytes(a, b), portable.equalBytes(a, b)]).toEqual([expected, expected]);
      }),
      { numRuns: 300 },
    );
  });
});
