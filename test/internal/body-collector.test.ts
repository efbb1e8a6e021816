import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyCollector } from "../../src/internal/body-collector.js";
import { codeOf } from "../helpers/code-of.js";

const limit = 4096;

/** Bytes that tell where they belong. */
function patterned(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_zero, index) => (from + index) * 31 + ((from + index) >> 8));
}

/** A body in chunks of these sizes, each in memory of its own. */
function chunksOf(sizes: readonly number[]): Uint8Array[] {
  let position = 0;
  return sizes.map((size) => {
    const chunk = patterned(size, position);
    position += size;
    return chunk;
  });
}

const times = (count: number, size: number): number[] => Array.from({ length: count }, () => size);

/** A collector, and what it asks memory for. */
function collecting(contentLength: unknown, { max = limit, ownsChunks = true } = {}) {
  const allocated: number[] = [];
  const collector = bodyCollector({
    limit: max,
    contentLength,
    allocate: (bytes) => {
      allocated.push(bytes);
      // As memory that was used before: whatever is handed out without being written shows.
      return new Uint8Array(bytes).fill(0xee);
    },
    ownsChunks,
  });
  const take = (chunks: readonly unknown[]): Uint8Array => {
    for (const chunk of chunks) collector.add(chunk);
    return collector.finish();
  };
  return { collector, allocated, take };
}

describe("a body's chunks", () => {
  const cases: readonly (readonly [
    name: string,
    contentLength: string | null | undefined,
    sizes: readonly number[],
    allocated: readonly number[],
  ])[] = [
    ["one, as announced", "1500", [1500], []],
    ["one, announced by nobody", undefined, [1500], []],
    ["one of a byte", "1", [1], []],
    ["one of the limit", "4096", [4096], []],
    ["one among empty ones", "1500", [0, 1500, 0], []],
    ["none", undefined, [], [0]],
    ["none, as announced", "0", [], [0]],
    ["none but empty ones", "0", [0, 0], [0]],
    ["two, as announced: each copied once", "3000", [2000, 1000], [3000]],
    ["many, as announced: each copied once", "4096", times(4, 1024), [4096]],
    ["of odd sizes, as announced", "4000", [1, 99, 0, 3900], [200, 4000]],
    ["fewer than announced", "4096", [2000, 1000], [4096, 3000]],
    ["more than announced", "2000", [1500, 1500], [4096, 3000]],
    ["more than announced, in the end", "2000", [1500, 500, 100], [2000, 4096, 2100]],
    ["large ones, announced by nobody", undefined, [2000, 2000], [4000]],
    ["with an announcement that is empty", "", [2000, 2000], [4000]],
    ["with an announcement of null", null, [2000, 2000], [4000]],
    ["with an announcement in hex", "0xfa0", [2000, 2000], [4000]],
    ["with an announcement with a sign", "+4000", [2000, 2000], [4000]],
    ["with an announcement below zero", "-4000", [2000, 2000], [4000]],
    ["with an announcement of a fraction", "4000.0", [2000, 2000], [4000]],
    ["with an announcement in another script", "４０００", [2000, 2000], [4000]],
    ["with an announcement with a line break", "4000\n", [2000, 2000], [4000]],
    ["with two announcements", "4000, 4000", [2000, 2000], [4000]],
    ["with an announcement beyond the limit", "4097", [2000, 2000], [4000]],
    ["with an enormous announcement", "9".repeat(15), [2000, 2000], [4000]],
    ["with an announcement that no number holds", "9".repeat(400), [2000, 2000], [4000]],
    ["with an infinite announcement", "1e999", [2000, 2000], [4000]],
  ];

  it.each(cases)("are joined: %s", (_name, contentLength, sizes, expected) => {
    const { allocated, take } = collecting(contentLength);
    const chunks = chunksOf(sizes);
    const body = take(chunks);
    expect(body).toEqual(patterned(body.length));
    expect(body.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(allocated).toEqual(expected);
    // Nothing lies beside it.
    expect(body.buffer.byteLength).toBe(body.length);
  });

  it("are handed over without a copy when there is one, in memory of its own", () => {
    const [chunk] = chunksOf([1500]);
    expect(collecting("1500").take([chunk])).toBe(chunk);
  });

  it("are copied when somebody else may hold them, who then cannot change the body", () => {
    const [chunk] = chunksOf([1500]);
    const { allocated, take } = collecting("1500", { ownsChunks: false });
    const body = take([chunk]);
    chunk?.fill(0);
    expect(allocated).toEqual([1500]);
    expect(body).toEqual(patterned(1500));
  });

  it.each([
    ["one", 1],
    ["several", 3],
  ])("are copied when they lie in memory with others, at once: %s", (_name, count) => {
    const pool = new Uint8Array(limit);
    const { collector } = collecting(String(count * 500));
    for (let index = 0; index < count; index += 1) {
      // The same place every time.
      const part = pool.subarray(100, 600);
      part.set(patterned(500, index * 500));
      collector.add(part);
      pool.fill(0);
    }
    const body = collector.finish();
    pool.fill(1);
    expect(body).toEqual(patterned(count * 500));
    expect(body.buffer.byteLength).toBe(body.length);
  });

  it.each([
    ["one", 1],
    ["several", 3],
  ])("are refused when their memory has shrunk meanwhile: %s", async (_name, count) => {
    const { collector } = collecting(undefined);
    // Not among the types of ES2022.
    const memory = Reflect.construct(ArrayBuffer, [
      1500,
      { maxByteLength: 1500 },
    ]) as ArrayBuffer & {
      resize(bytes: number): void;
    };
    for (let index = 1; index < count; index += 1) collector.add(patterned(1100));
    collector.add(new Uint8Array(memory));
    memory.resize(1400);
    expect(await codeOf(() => collector.finish())).toBe("body_unreadable");
  });

  it.each([["text"], [7], [null], [undefined], [{ length: 5 }], [[1, 2]], [new Uint16Array(2)]])(
    "are bytes: %o is none",
    async (chunk) => {
      const { collector } = collecting(undefined);
      expect(await codeOf(() => collector.add(chunk))).toBe("body_unreadable");
    },
  );
});

describe("the limit", () => {
  it.each([
    ["in one", "4096", [4096]],
    ["in two", "4096", [2048, 2048]],
    ["unannounced", undefined, [4095, 1]],
    ["byte by byte", undefined, times(4096, 1)],
    ["although one byte was announced", "1", [4095, 1]],
  ])("may be reached: %s", (_name, contentLength, sizes) => {
    expect(collecting(contentLength).take(chunksOf(sizes))).toEqual(patterned(limit));
  });

  it.each([
    ["in one", "4097", [4097]],
    ["beyond what was announced", "4096", [4096, 1]],
    ["unannounced", undefined, [2048, 2048, 1]],
    ["byte by byte", undefined, times(4097, 1)],
    ["although one byte was announced", "1", [4096, 0, 1]],
    ["announced as enormous", "999999999", [1, 1, 4095]],
  ])(
    "may not be passed, and costs no more memory than it: %s",
    async (_name, contentLength, sizes) => {
      const { collector, allocated } = collecting(contentLength);
      const chunks = chunksOf(sizes);
      const last = chunks.pop();
      for (const chunk of chunks) collector.add(chunk);
      expect(await codeOf(() => collector.add(last))).toBe("body_too_large");
      expect(Math.max(0, ...allocated)).toBeLessThanOrEqual(limit);
    },
  );

  it("is said in the error", () => {
    const { collector } = collecting(undefined);
    expect(() => collector.add(new Uint8Array(limit + 1))).toThrow(
      expect.objectContaining({ details: { maxBodyBytes: limit } }),
    );
  });
});

describe("memory", () => {
  const mebibyte = 1_048_576;
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);

  it("is not given for an announcement alone", () => {
    const { collector, allocated } = collecting(String(mebibyte), { max: mebibyte });
    collector.add(new Uint8Array(0));
    collector.add(new Uint8Array(1));
    expect(allocated).toEqual([]);
  });

  it.each([
    ["announced", String(mebibyte), 4],
    ["announced by nobody", undefined, 2],
  ])(
    "is in proportion to what has come, in tiny chunks too: %s",
    (_name, contentLength, factor) => {
      const { collector, allocated } = collecting(contentLength, { max: mebibyte });
      const chunk = new Uint8Array(100);
      for (let size = chunk.length; size <= mebibyte; size += chunk.length) {
        collector.add(chunk.slice());
        expect(allocated.at(-1) ?? 0).toBeLessThanOrEqual(factor * size);
      }
      // It doubles, so that nothing is copied often.
      expect(allocated.length).toBeLessThan(16);
      expect(sum(allocated)).toBeLessThan(4 * mebibyte);
    },
  );

  it("is taken once for a large body in the chunks of a socket", () => {
    for (const [contentLength, sizes] of [
      [String(mebibyte), times(16, 65_536)],
      [String(mebibyte), times(64, 16_384)],
      [undefined, times(16, 65_536)],
    ] as const) {
      const { allocated, take } = collecting(contentLength, { max: mebibyte });
      take(chunksOf(sizes));
      expect(allocated).toEqual([mebibyte]);
    }
  });
});

it("gives the same bytes however they come, whatever is announced", async () => {
  const sizes = fc.array(fc.oneof(fc.nat(8), fc.nat(1500)), { maxLength: 30 });
  const contentLength = fc.oneof(
    fc.constant("exact"),
    fc.nat(2 * limit).map(String),
    fc.string(),
    fc.constant(undefined),
  );
  await fc.assert(
    fc.asyncProperty(
      sizes,
      contentLength,
      fc.boolean(),
      fc.boolean(),
      async (sizes, announced, ownsChunks, shared) => {
        const size = sizes.reduce((total, one) => total + one, 0);
        const said = announced === "exact" ? String(size) : announced;
        const { collector, allocated } = collecting(said, { ownsChunks });
        const chunks = chunksOf(sizes).map((chunk) =>
          shared ? new Uint8Array([...chunk, 0]).subarray(0, chunk.length) : chunk,
        );
        const take = () => {
          for (const chunk of chunks) collector.add(chunk);
          return collector.finish();
        };
        if (size > limit) {
          expect(await codeOf(take)).toBe("body_too_large");
        } else {
          const body = take();
          expect(Buffer.compare(body, patterned(size))).toBe(0);
          expect(body.buffer.byteLength).toBe(body.length);
          for (const chunk of ownsChunks ? [] : chunks) chunk.fill(0xff);
          expect(Buffer.compare(body, patterned(size))).toBe(0);
        }
        expect(Math.max(0, ...allocated)).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 300 },
  );
});
