import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/diagnose.js";
import { signatureMismatch } from "../../src/error-kinds.js";
import { WebhookError } from "../../src/errors.js";
import type { Scheme } from "../../src/scheme.js";
import { clock, senders } from "./senders.js";

/** A scheme that refuses everything, and counts what it is asked. */
function counting(): { readonly scheme: Scheme; readonly asked: { calls: number; bytes: number } } {
  const asked = { calls: 0, bytes: 0 };
  const scheme: Scheme = {
    name: "counting",
    bindsBody: true,
    bindsTime: false,
    verify: ({ body }) => {
      asked.calls += 1;
      asked.bytes += (body as Uint8Array).length;
      throw new WebhookError(signatureMismatch);
    },
    sign: () => [{ name: "x-signature", value: "0".repeat(64), role: "signature" }],
  };
  return { scheme, asked };
}

const kinds: Readonly<Record<string, (bytes: number) => string | Uint8Array>> = {
  "JSON of many fields": (bytes) =>
    JSON.stringify(
      Array.from({ length: bytes / 60 }, (_zero, id) => ({ id, name: "Amélie", url: "a/b" })),
    ),
  "JSON of brackets": (bytes) => `[${"[],".repeat(bytes / 3)}1]`,
  "JSON within JSON": (bytes) => {
    let text = "{}";
    while (text.length < bytes) text = JSON.stringify({ a: text, b: text.slice(0, 100) });
    return text;
  },
  "JSON that is deep": (bytes) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2),
  "one long text": (bytes) => JSON.stringify({ image: "é".repeat(bytes / 2) }),
  "escaped quotes": (bytes) => JSON.stringify('"\\'.repeat(bytes / 4)),
  "line ends": (bytes) => "\r\n".repeat(bytes / 2),
  spaces: (bytes) => " ".repeat(bytes),
  zeros: (bytes) => new Uint8Array(bytes),
  "no UTF-8": (bytes) => new Uint8Array(bytes).fill(0xc8),
  base64: (bytes) => "QUJD".repeat(bytes / 4),
  "a form": (bytes) => "a=%41&".repeat(bytes / 6),
  entities: (bytes) => "&amp;".repeat(bytes / 5),
  "spaces within": (bytes) => `{${" ".repeat(bytes)}}`,
  "padding within": (bytes) => `${"=".repeat(bytes)}a`,
  marks: (bytes) => `a${"\u0301\u0316".repeat(bytes / 4)}`,
  "a bomb": (bytes) => gzipSync(new Uint8Array(bytes * 8)),
};

describe("the work", () => {
  const budget = 96 << 20;

  it.each(Object.keys(kinds))(
    "is bounded for %s, however large",
    { timeout: 60_000 },
    async (kind) => {
      for (const size of [1 << 10, 1 << 16, 1 << 20, 1 << 22]) {
        const { scheme, asked } = counting();
        const body = kinds[kind]?.(size) ?? "";
        const headers = { "x-signature": "1".repeat(64) };
        await diagnose({ headers, body }, { name: "counting", scheme });
        expect(asked.calls).toBeGreaterThan(1);
        expect(asked.calls).toBeLessThan(6000);
        expect(asked.bytes).toBeLessThan(budget + 3 * body.length);
      }
    },
  );

  // In time of the processor, which other processes do not lengthen; the least of several is the work's own.
  it.each(Object.keys(kinds))(
    "for %s of 4 MiB is not much more than for 1 MiB",
    { timeout: 120_000 },
    async (kind) => {
      const provider = senders.vove.provider();
      const timeOf = async (size: number) => {
        const body = kinds[kind]?.(size) ?? "";
        const delivery = { headers: senders.vove.headers("another"), body };
        let least = Number.POSITIVE_INFINITY;
        for (let run = 0; run < 2; run += 1) {
          const start = process.cpuUsage();
          await diagnose(delivery, provider, { now: clock });
          const { user, system } = process.cpuUsage(start);
          least = Math.min(least, (user + system) / 1000);
        }
        return least;
      };
      await timeOf(1 << 16);
      const [one, four] = [await timeOf(1 << 20), await timeOf(1 << 22)];
      // Each step that has begun is finished: four times as much of the first, and then the budget ends it.
      expect(four / Math.max(one, 50)).toBeLessThan(10);
    },
  );

  it("asks a scheme that asks somebody a few times only", async () => {
    let asked = 0;
    const verify = async () => {
      asked += 1;
      throw new WebhookError(signatureMismatch);
    };
    const scheme = {
      name: "asking",
      bindsBody: false,
      bindsTime: false,
      async: true,
      verify,
    } as const;
    const sign = () => [{ name: "authorization", value: "Bearer x", role: "token" } as const];
    const headers = { authorization: ["Bearer a, Bearer b", "c"], "x-authorization": "d" };
    await diagnose({ headers, body: "{}" }, { name: "asking", scheme: { ...scheme, sign } });
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(12);
  });
});
