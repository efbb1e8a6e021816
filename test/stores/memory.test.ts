import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Claim } from "../../src/store.js";
import { memoryStore } from "../../src/stores/memory.js";
import { codeOf } from "../helpers/code-of.js";

const lease = { leaseMs: 1000 };
const ttl = { ttlMs: 10_000 };

function tokenOf(claim: Claim): string {
  if (claim.state !== "claimed") throw new Error(claim.state);
  return claim.token;
}

describe("memoryStore", () => {
  it("lets one of 200 claims at once win", async () => {
    const store = memoryStore();
    const claims = await Promise.all(Array.from({ length: 200 }, () => store.claim("k", lease)));
    expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(1);
    expect(claims.filter(({ state }) => state === "busy")).toHaveLength(199);
  });

  it("remembers what was completed, for as long as it was told", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time });
    await store.complete("k", tokenOf(await store.claim("k", lease)), ttl);
    expect(await store.claim("k", lease)).toEqual({ state: "done" });
    time = 9999;
    expect(await store.claim("k", lease)).toEqual({ state: "done" });
    time = 10_000;
    expect((await store.claim("k", lease)).state).toBe("claimed");
  });

  it("remembers for no longer than its own limit", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time, ttlMs: 500 });
    await store.complete("k", tokenOf(await store.claim("k", lease)), ttl);
    time = 500;
    expect((await store.claim("k", lease)).state).toBe("claimed");
  });

  it("gives a released claim out again", async () => {
    const store = memoryStore();
    await store.release("k", tokenOf(await store.claim("k", lease)));
    expect((await store.claim("k", lease)).state).toBe("claimed");
  });

  it("lets a late holder neither complete nor release another's claim", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time });
    const late = tokenOf(await store.claim("k", lease));
    time = 1000;
    const next = tokenOf(await store.claim("k", lease));
    expect(next).not.toBe(late);
    await store.complete("k", late, ttl);
    await store.release("k", late);
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
    await store.complete("k", next, ttl);
    expect(await store.claim("k", lease)).toEqual({ state: "done" });
  });

  it("lets nobody complete what nobody holds any more", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time });
    const late = tokenOf(await store.claim("k", lease));
    time = 1000;
    await store.complete("k", late, ttl);
    expect((await store.claim("k", lease)).state).toBe("claimed");
    await store.complete("other", "1", ttl);
    await store.release("other", "1");
    expect((await store.claim("other", lease)).state).toBe("claimed");
  });

  it("forgets the message completed first when it is full", async () => {
    const store = memoryStore({ maxEntries: 3 });
    for (const key of ["a", "b", "c"])
      await store.complete(key, tokenOf(await store.claim(key, lease)), ttl);
    await store.claim("d", lease);
    expect(await store.claim("b", lease)).toEqual({ state: "done" });
    expect(await store.claim("c", lease)).toEqual({ state: "done" });
    expect((await store.claim("a", lease)).state).toBe("claimed");
  });

  it("never forgets a claim in progress to make room", async () => {
    let time = 0;
    const store = memoryStore({ maxEntries: 2, now: () => time });
    await store.claim("a", lease);
    await store.claim("b", lease);
    await expect(store.claim("c", lease)).rejects.toThrow("full");
    expect(await store.claim("a", lease)).toEqual({ state: "busy" });
    time = 1000;
    expect((await store.claim("c", lease)).state).toBe("claimed");
  });

  it("forgets claims that have ended before it forgets what was completed, and nothing for a claim that it cannot take", async () => {
    let time = 0;
    const store = memoryStore({ maxEntries: 4, now: () => time });
    for (const key of ["a", "b"])
      await store.complete(key, tokenOf(await store.claim(key, lease)), ttl);
    await store.claim("c", lease);
    await store.claim("d", lease);
    time = 1000;
    for (const key of ["e", "f"]) await store.claim(key, lease);
    expect(await store.claim("a", lease)).toEqual({ state: "done" });
    expect(await store.claim("b", lease)).toEqual({ state: "done" });
    const full = memoryStore({ maxEntries: 2 });
    await full.claim("x", lease);
    await full.complete("y", tokenOf(await full.claim("y", lease)), ttl);
    await full.claim("z", lease);
    await expect(full.claim("w", lease)).rejects.toThrow("full");
  });

  it("drops what has expired as it goes", async () => {
    let time = 0;
    const store = memoryStore({ maxEntries: 1000, now: () => time });
    for (let index = 0; index < 5000; index += 1) {
      time += 100;
      const key = `k${index}`;
      await store.complete(key, tokenOf(await store.claim(key, lease)), ttl);
    }
    expect(await store.claim("k4950", lease)).toEqual({ state: "done" });
    expect((await store.claim("k4800", lease)).state).toBe("claimed");
  });

  it("takes no more memory with time, also while one subject is quiet and the others are not", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const store = memoryStore({ maxEntries: 100 });
    let messages = 0;
    const handle = async (subject: string): Promise<void> => {
      messages += 1;
      const order = { subject, at: messages };
      const token = tokenOf(await store.claim(`k${messages}`, { ...lease, order }));
      await store.complete(`k${messages}`, token, { ...ttl, order });
    };
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    await handle("quiet");
    for (let index = 0; index < 5000; index += 1) await handle(`s${index % 20}`);
    const before = used();
    for (let index = 0; index < 50_000; index += 1) await handle(`s${index % 20}`);
    expect(used() - before).toBeLessThan(1_000_000);
  });

  it("keeps cursors when it is full, and when all else has ended", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time, maxEntries: 1, ttlMs: 1 });
    for (let index = 0; index < 10; index += 1) await store.writeCursor(`c${index}`, `${index}`);
    await store.complete("c0", tokenOf(await store.claim("c0", lease)), ttl);
    await store.claim("other", lease);
    await expect(store.claim("one too many", lease)).rejects.toThrow("full");
    await store.writeCursor("c10", "10");
    time = Number.MAX_SAFE_INTEGER;
    await store.claim("later", lease);
    for (let index = 0; index <= 10; index += 1) {
      expect(await store.readCursor(`c${index}`)).toBe(String(index));
    }
    expect(await store.readCursor("c11")).toBeUndefined();
    expect(await memoryStore().readCursor("c0")).toBeUndefined();
  });

  it.each(["", "ключ", "k\u0000", "k".repeat(4096), "__proto__", "constructor"])(
    "takes the key %j",
    async (key) => {
      const store = memoryStore();
      const token = tokenOf(await store.claim(key, lease));
      expect(await store.claim(key, lease)).toEqual({ state: "busy" });
      await store.complete(key, token, ttl);
      expect(await store.claim(key, lease)).toEqual({ state: "done" });
    },
  );

  it.each([
    { maxEntries: 0 },
    { maxEntries: 1.5 },
    { ttlMs: 0 },
    { ttlMs: Number.NaN },
    { now: 5 },
    { max: 5 },
    null,
  ])("refuses the option %o", async (options) => {
    expect(await codeOf(() => memoryStore(options as never))).toBe("option_invalid");
  });
});
