import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Pool } from "pg";
import type { createSentinel, RedisClientType } from "redis";
import type { createSentinel as createSentinel5 } from "redis5";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type RedisClient, redisStore } from "../../src/stores/redis.js";
import { codeOf } from "../helpers/code-of.js";

// What needs no server. The rest is in test/services/redis.test.ts.

const never = async (): Promise<never> => {
  throw new Error("was called");
};
const nodeRedis = { eval: never, evalSha: never };
const ioRedis = { eval: never, evalsha: never };
const lease = { leaseMs: 1000 };
const order = { subject: "s", at: 1 };

describe("redisStore", () => {
  it.each([
    undefined,
    null,
    "redis://127.0.0.1:6379",
    {},
    { eval: never },
    { evalsha: never },
    { evalSha: never },
    { query: never, connect: never },
    { ...nodeRedis, eval: "return 1" },
  ])("refuses the client %o", async (client) => {
    expect(await codeOf(() => redisStore(client as never))).toBe("option_invalid");
  });

  it.each([
    ...["", "a b", "a{", "}", "a\n", "a\u0000", "é", "x".repeat(65), 5, null].map((prefix) => ({
      prefix,
    })),
    { perfix: "a" },
    { ttlMs: 1000 },
    null,
  ])("refuses the options %j", async (options) => {
    expect(await codeOf(() => redisStore(ioRedis, options as never))).toBe("option_invalid");
  });

  it.each([{}, { prefix: undefined }, { prefix: "a" }, { prefix: "~!:|[]*".padEnd(64, "x") }])(
    "takes the options %j",
    async (options) => {
      expect(await codeOf(() => redisStore(ioRedis, options))).toBe("none");
      expect(await codeOf(() => redisStore(nodeRedis, options))).toBe("none");
    },
  );

  it("asks for nothing before it is asked", () => {
    expect(() => redisStore(ioRedis)).not.toThrow();
  });

  it("passes on what the client throws, and asks once", async () => {
    let asked = 0;
    const broken = async (): Promise<never> => {
      asked += 1;
      throw new TypeError("NOAUTH Authentication required.");
    };
    const store = redisStore({ eval: never, evalsha: broken });
    await expect(store.claim("k", lease)).rejects.toThrow("NOAUTH");
    await expect(store.renew("k", "t", lease)).rejects.toThrow("NOAUTH");
    await expect(store.complete("k", "t", { ttlMs: 1 })).rejects.toThrow("NOAUTH");
    await expect(store.release("k", "t")).rejects.toThrow("NOAUTH");
    await expect(store.readCursor("c")).rejects.toThrow("NOAUTH");
    await expect(store.writeCursor("c", "1")).rejects.toThrow("NOAUTH");
    expect(asked).toBe(6);
  });

  it.each([undefined, null, "", "OK", 5, -1, [], {}, Buffer.from("x")])(
    "takes the answer %o for no claim",
    async (answer) => {
      const store = redisStore({ eval: never, evalSha: async () => answer });
      await expect(store.claim("k", lease)).rejects.toThrow(TypeError);
      expect(await store.renew("k", "t", lease)).toBe(false);
    },
  );

  it.each([undefined, null, "", "ok", "QUEUED", "json:", 5, [], {}, Buffer.from("x")])(
    "takes the answer %o for no cursor, and not for none",
    async (answer) => {
      const store = redisStore({ eval: never, evalSha: async () => answer });
      await expect(store.readCursor("c")).rejects.toThrow(TypeError);
      await expect(store.writeCursor("c", "1")).rejects.toThrow(TypeError);
    },
  );

  it("takes what is no cursor of its own for none that it could give", async () => {
    const store = redisStore({ eval: never, evalSha: async () => "=json:private" });
    await expect(store.readCursor("c")).rejects.toThrow(/^What the store has is no cursor\.$/);
  });

  it("names each script by the SHA-1 of its text, as Redis does", async () => {
    const named: string[] = [];
    const sent: string[] = [];
    const store = redisStore({
      evalsha: async (sha) => {
        named.push(sha);
        throw new Error("NOSCRIPT No matching script. Please use EVAL.");
      },
      eval: async (text: string) => {
        sent.push(text);
        return text.includes("'SET', KEYS[1], ARGV[1])") && !text.includes("if") ? "OK" : 2;
      },
    });
    await store.claim("k", lease);
    await store.renew("k", "t", { ...lease, order });
    await store.complete("k", "t", { ttlMs: 1 });
    await store.release("k", "t", { order });
    await store.writeCursor("c", "1");
    await expect(store.readCursor("c")).rejects.toThrow(TypeError);
    expect(new Set(sent).size).toBe(6);
    expect(named).toEqual(sent.map((text) => createHash("sha1").update(text).digest("hex")));
  });

  it("is typed for clients and nothing that queues, calls back or is no Redis", () => {
    expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>();
    expectTypeOf<ReturnType<typeof createSentinel5>>().toExtend<RedisClient>();
    expectTypeOf<ReturnType<RedisClientType["legacy"]>>().not.toExtend<RedisClient>();
    expectTypeOf<ReturnType<Redis["pipeline"]>>().not.toExtend<RedisClient>();
    expectTypeOf<Pool>().not.toExtend<RedisClient>();
  });
});
