import crypto, { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import * as portable from "../../src/internal/hmac.default.js";
import type { MacKey } from "../../src/internal/hmac.js";
import * as native from "../../src/internal/hmac.node.js";

const key = fc.uint8Array({ maxLength: 200 });
// What is hashed crosses the ends of blocks, and the sizes at which a backend goes another way.
const size = fc.oneof(
  fc.nat({ max: 600 }),
  fc.constantFrom(959, 1023, 1024, 1025, 4000, 65_400, 65_471, 65_472, 65_536, 70_000),
);
const parts = fc.array(fc.stringMatching(/^[ -~]{0,280}$/), { maxLength: 3 });

/** Bytes that differ along the way. */
function bytesOf(length: number, seed: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) & 255),
  );
}

/** Has the runtime hand out what `load` does, while `work` runs. */
async function withBuiltins<Result>(
  load: (name: string) => unknown,
  work: () => Result,
): Promise<Awaited<Result>> {
  const before = process.getBuiltinModule;
  process.getBuiltinModule = load as typeof before;
  try {
    return await work();
  } finally {
    process.getBuiltinModule = before;
  }
}

/** The portable backend where the runtime has node:crypto all the same, as workerd does; it looks when it is loaded. */
function portableWith(load: (name: string) => unknown): Promise<typeof portable> {
  vi.resetModules();
  return withBuiltins(load, () => import("../../src/internal/hmac.default.js"));
}

/** The backend of Node looks when there is a key, and then never again. */
const ready = ({ macKey }: typeof native): Promise<MacKey> =>
  withBuiltins(
    () => crypto,
    () => macKey(new Uint8Array(32)),
  );
await ready(native);

describe("every backend", () => {
  it("makes the MAC that node:crypto makes", async () => {
    const helped = await portableWith(() => ({
      createHmac,
      createSecretKey: (bytes: Uint8Array) => bytes,
    }));
    const helpless = await portableWith(() => undefined);
    vi.stubGlobal("Deno", {});
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    // There it is quicker to stream from a smaller size on.
    const streaming = await import("../../src/internal/hmac.node.js");
    await ready(streaming);
    fc.assert(
      fc.property(key, parts, size, fc.nat(), (bytes, before, length, seed) => {
        const body = bytesOf(length, seed);
        const expected = createHmac("sha256", bytes)
          .update(before.map((part) => `${part}.`).join(""))
          .update(body);
        const mac = expected.digest();
        for (const { macKey } of [native, streaming, portable, helped, helpless]) {
          const prepared: MacKey = macKey(bytes);
          expect(prepared.sign(before, body, "hex")).toBe(mac.toString("hex"));
          // A prepared key serves any number of times, and others in between change nothing.
          macKey(body).sign([], bytes, "hex");
          expect(prepared.sign(before, body, "base64")).toBe(mac.toString("base64"));
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, (name: string) => unknown]>([
    [
      "throws when it is asked",
      () => {
        throw new Error("no");
      },
    ],
    [
      "throws when it is used",
      () => ({
        createSecretKey: () => 1,
        createHmac: () => {
          throw new Error("not implemented");
        },
      }),
    ],
    [
      "answers nothing",
      () => ({
        createSecretKey: () => 1,
        createHmac: () => ({ update: () => ({ digest: () => "" }) }),
      }),
    ],
  ])("does without a node:crypto that %s", async (_what, load) => {
    const { macKey } = await portableWith(load);
    const body = bytesOf(5000, 1);
    const expected = createHmac("sha256", "key").update(body).digest("hex");
    expect(macKey(Buffer.from("key")).sign([], body, "hex")).toBe(expected);
  });

  it("hashes what was derived from a Uint8Array", () => {
    class Odd extends Uint8Array {
      static get [Symbol.species]() {
        return Uint16Array as unknown as typeof Uint8Array;
      }
    }
    const body = Odd.from([1, 2, 3, 4, 5]);
    const expected = createHmac("sha256", "key").update(body).digest("hex");
    for (const { macKey } of [native, portable])
      expect(macKey(Buffer.from("key")).sign([], body, "hex")).toBe(expected);
  });

  it("hashes alike", () => {
    fc.assert(
      fc.property(size, fc.nat(), (length, seed) => {
        const bytes = bytesOf(length, seed);
        const expected = createHash("sha256").update(bytes).digest("hex");
        expect(native.sha256Hex(bytes)).toBe(expected);
        expect(portable.sha256Hex(bytes)).toBe(expected);
      }),
    );
  });

  it("compares alike, texts that are equal, nearly equal, longer or shorter", () => {
    const text = fc.stringMatching(/^[ -~]{0,100}$/);
    const pair = fc.oneof(
      fc.tuple(text, text),
      text.map((one) => [one, one] as const),
      fc.tuple(text, fc.nat(), fc.stringMatching(/^[ -~]$/)).map(([one, place, other]) => {
        const index = place % (one.length || 1);
        return [one, one.slice(0, index) + other + one.slice(index + 1)] as const;
      }),
      fc.tuple(text, text).map(([a, b]) => [a, a + b] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect([native.equalText(a, b), portable.equalText(a, b)]).toEqual([a === b, a === b]);
        for (const { equalText } of [native, portable]) {
          expect(equalText(a, `v1,${b}`, "v1,")).toBe(a === b);
          expect(equalText(a, `v2,${a}`, "v1,")).toBe(false);
          expect(equalText(a, a, "v1,")).toBe(false);
        }
        // What was compared before is not in the way.
        expect(native.equalText(a, a)).toBe(true);
        expect(native.equalText(a, `${a.slice(1)}é`)).toBe(a === `${a.slice(1)}é`);
      }),
      { numRuns: 500 },
    );
  });

  it.each([native, portable])("takes no other character for one in ASCII", ({ equalText }) => {
    for (const shift of [0x100, 0x80, 0x2000, 0xd700]) {
      const other = String.fromCharCode("A".charCodeAt(0) + shift);
      expect(equalText("A", other)).toBe(false);
      expect(equalText(`${"B".repeat(46)}A`, "B".repeat(46) + other)).toBe(false);
    }
  });
});
