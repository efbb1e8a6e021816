import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { createClient, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReceiver } from "../../src/receiver.js";
import type { Claim, Store } from "../../src/store.js";
import { redisStore } from "../../src/stores/redis.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";
import { type Connection, ioredis, ioredis5, libraries } from "./helpers/redis-clients.js";
import { type ClusterNode, type RedisCluster, startRedisCluster } from "./helpers/redis-cluster.js";
import { type Engine, redisUrl, startRedis } from "./helpers/services.js";

const lease = { leaseMs: 60_000 };
const ttl = { ttlMs: 3_600_000 };
const shortMs = 150;
const short = { leaseMs: shortMs };
const afterShort = (): Promise<void> => sleep(shortMs + 50);

const freshPrefix = (): string => `test-${randomUUID()}`;

function tokenOf(claim: Claim): string {
  if (claim.state !== "claimed") throw new Error(claim.state);
  return claim.token;
}

/** Claims, and says what stands in the way of its order. */
async function newerOf(store: Store, key: string, subject: string, at: number): Promise<unknown> {
  const claim = await store.claim(key, { ...lease, order: { subject, at } });
  if (claim.state !== "claimed") throw new Error(claim.state);
  return claim.newer;
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error("waited in vain");
    await sleep(20);
  }
}

const event = { type: "created", id: "1", name: "Nives Ałtamira" };

function receiverOn(store: Store, deadlineMs = 5000) {
  const handled: unknown[] = [];
  const receiver = createReceiver(specProvider(), {
    store,
    deadlineMs,
    on: { created: (given) => void handled.push(given) },
  });
  return { handled, receive: () => receiver.receive(specDelivery(event)) };
}

describe.each(libraries)("redisStore with $name", ({ connect: connectTo, pool }) => {
  let connection: Connection;
  /** Looks at what the store has written. */
  let control: Redis;
  beforeAll(async () => {
    connection = await connectTo(redisUrl);
    control = new Redis(redisUrl);
  });
  afterAll(() => {
    connection?.close();
    control?.disconnect();
  });

  function fresh() {
    const prefix = freshPrefix();
    return { prefix, store: redisStore(connection.client, { prefix }) };
  }

  it("claims, completes and releases", async () => {
    const { store } = fresh();
    const first = tokenOf(await store.claim("k", lease));
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
    await store.release("k", first);
    const second = tokenOf(await store.claim("k", lease));
    expect(second).not.toBe(first);
    await store.complete("k", second, ttl);
    expect(await store.claim("k", lease)).toEqual({ state: "done" });
    expect((await store.claim("other", lease)).state).toBe("claimed");
  });

  it("keeps what two prefixes hold apart, and has one by default", async () => {
    const [one, two] = [fresh(), fresh()];
    await one.store.claim("k", lease);
    expect((await two.store.claim("k", lease)).state).toBe("claimed");
    const key = randomUUID();
    const token = tokenOf(await redisStore(connection.client).claim(key, lease));
    expect(await control.exists(`{countersign}:m:${key}`)).toBe(1);
    await redisStore(connection.client).release(key, token);
  });

  it.each(["", "1", "=1", "done", "=", "0", "6f4b5a1e-9a52-4b5e-8a52-0c7d3f1e2b4c"])(
    "does nothing for the token %j, which nobody was given",
    async (token) => {
      const { store } = fresh();
      const order = { subject: "s", at: 1 };
      const attack = async (): Promise<void> => {
        expect(await store.renew("k", token, { ...lease, order })).toBe(false);
        await store.release("k", token, { order });
        await store.complete("k", token, { ...ttl, order });
        await store.release("k", token, { order });
      };
      await attack();
      const held = tokenOf(await store.claim("k", { ...lease, order }));
      await attack();
      expect(await store.claim("k", lease)).toEqual({ state: "busy" });
      await store.complete("k", held, { ...ttl, order });
      await attack();
      expect(await store.claim("k", lease)).toEqual({ state: "done" });
      expect(await newerOf(store, "older", "s", 0)).toBe("done");
    },
  );

  it("lets one of 200 claims at once win, through one client or several", async () => {
    const { prefix, store } = fresh();
    const another = await (pool ?? connectTo)(redisUrl);
    const stores = [store, redisStore(another.client, { prefix })];
    const order = { subject: "s", at: 1 };
    const claims = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (stores[index % 2] ?? store).claim("k", { ...lease, order }),
      ),
    );
    another.close();
    expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(1);
    expect(claims.filter(({ state }) => state === "busy")).toHaveLength(199);
    expect(await control.hlen(`{${prefix}}:s:s`)).toBe(1);
  });

  it("lets a claim be taken over when its lease has ended, and its late holder do nothing", async () => {
    const { store } = fresh();
    const late = tokenOf(await store.claim("k", short));
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
    await afterShort();
    expect(await store.renew("k", late, lease)).toBe(false);
    await store.complete("k", late, ttl);
    const next = tokenOf(await store.claim("k", lease));
    expect(await store.renew("k", late, lease)).toBe(false);
    await store.release("k", late);
    await store.complete("k", late, ttl);
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
    await store.complete("k", next, ttl);
    expect(await store.claim("k", lease)).toEqual({ state: "done" });
  });

  it("keeps a claim that is renewed, and no longer", async () => {
    const { store } = fresh();
    const token = tokenOf(await store.claim("k", { leaseMs: 300 }));
    for (let turn = 0; turn < 4; turn += 1) {
      await sleep(100);
      expect(await store.renew("k", token, { leaseMs: 300 })).toBe(true);
    }
    expect(await store.claim("k", lease)).toEqual({ state: "busy" });
    await sleep(350);
    expect(await store.renew("k", token, lease)).toBe(false);
    expect((await store.claim("k", lease)).state).toBe("claimed");
  });

  it("has every key expire when it was told", async () => {
    const { prefix, store } = fresh();
    const expectLeft = async (kind: string, ms: number): Promise<void> => {
      const left = await control.pttl(`{${prefix}}:${kind}`);
      expect(left, kind).toBeLessThanOrEqual(ms);
      expect(left, kind).toBeGreaterThan(ms - 4000);
    };
    const order = { subject: "s", at: 1 };
    const token = tokenOf(await store.claim("k", { leaseMs: 20_000, order }));
    await expectLeft("m:k", 20_000);
    await expectLeft("s:s", 20_000);
    await store.renew("k", token, { leaseMs: 40_000, order });
    await expectLeft("m:k", 40_000);
    await expectLeft("s:s", 40_000);
    const other = tokenOf(
      await store.claim("other", { leaseMs: 5000, order: { subject: "s", at: 2 } }),
    );
    // Never sooner because of somebody else.
    await expectLeft("m:other", 5000);
    await expectLeft("s:s", 40_000);
    await store.complete("other", other, { ttlMs: 10_000, order: { subject: "s", at: 2 } });
    await expectLeft("m:other", 10_000);
    await expectLeft("s:s", 40_000);
    await store.complete("k", token, { ...ttl, order });
    await expectLeft("m:k", ttl.ttlMs);
    await expectLeft("s:s", ttl.ttlMs);
    expect((await store.claim("nothing", { leaseMs: 0 })).state).toBe("claimed");
    await store.claim("fraction", { leaseMs: 30_000.5 });
    await expectLeft("m:fraction", 30_001);
  });

  it("touches a subject only where an order is given, and leaves nothing behind there", async () => {
    const { prefix, store } = fresh();
    const subjects = (): Promise<string[]> => control.keys(`{${prefix}}:s:*`);
    const plain = tokenOf(await store.claim("plain", lease));
    await store.renew("plain", plain, lease);
    await store.complete("plain", plain, ttl);
    await store.release("other", tokenOf(await store.claim("other", lease)));
    expect(await subjects()).toEqual([]);

    const order = { subject: "s", at: 1 };
    await store.claim("dies", { ...short, order });
    const kept = tokenOf(await store.claim("kept", { ...lease, order }));
    await afterShort();
    const token = tokenOf(await store.claim("k", { ...lease, order }));
    expect(await control.hlen(`{${prefix}}:s:s`)).toBe(2);
    await store.release("k", token, { order });
    await store.complete("kept", kept, { ...ttl, order });
    expect(await control.hkeys(`{${prefix}}:s:s`)).toEqual(["done"]);

    const alone = { subject: "alone", at: 1 };
    const only = tokenOf(await store.claim("only", { ...lease, order: alone }));
    await store.release("only", only, { order: alone });
    expect(await subjects()).toEqual([`{${prefix}}:s:s`]);
  });

  describe("says of a message that it comes", () => {
    type Before = readonly (readonly ["claimed" | "completed" | "released", number])[];
    const orders: readonly (readonly [string, Before, number, "busy" | "done" | undefined])[] = [
      ["first", [], 1, undefined],
      ["after an older one in progress", [["claimed", 1]], 2, undefined],
      ["after an older one", [["completed", 1]], 2, undefined],
      ["with one of the same time in progress", [["claimed", 1]], 1, undefined],
      ["with one of the same time", [["completed", 1]], 1, undefined],
      ["while a newer one is in progress", [["claimed", 2]], 1, "busy"],
      ["after a newer one", [["completed", 2]], 1, "done"],
      ["after a newer one was given back", [["released", 2]], 1, undefined],
      [
        "after a newer one, with a still newer one in progress",
        [
          ["completed", 2],
          ["claimed", 3],
        ],
        1,
        "done",
      ],
      [
        "after an older one, with a newer one in progress",
        [
          ["completed", 1],
          ["claimed", 3],
        ],
        2,
        "busy",
      ],
      [
        "after a newer one, though an older one was completed last",
        [
          ["completed", 3],
          ["completed", 1],
        ],
        2,
        "done",
      ],
      [
        "after one that is newer than the newest of before",
        [
          ["completed", 1],
          ["completed", 3],
        ],
        2,
        "done",
      ],
      ["earlier by number, not by text", [["completed", 10]], 9, "done"],
      ["later by number, not by text", [["completed", 9]], 10, undefined],
      [
        "earlier by number, not by text, than the newest of before",
        [
          ["completed", 10],
          ["completed", 9],
        ],
        9,
        "done",
      ],
      ["earlier, before the epoch", [["completed", -5]], -10, "done"],
      ["later, before the epoch", [["completed", -10]], -5, undefined],
      ["before the epoch, with a newer one after it", [["claimed", 0]], -1, "busy"],
      ["a millisecond earlier", [["claimed", 1_796_000_000_001]], 1_796_000_000_000, "busy"],
      [
        "a millisecond earlier, in the far future",
        [["completed", Number.MAX_SAFE_INTEGER]],
        Number.MAX_SAFE_INTEGER - 1,
        "done",
      ],
    ];

    it.each(orders)("%s", async (_title, before, at, newer) => {
      const { store } = fresh();
      for (const [index, [how, then]] of before.entries()) {
        const order = { subject: "s", at: then };
        const key = `before ${index}`;
        const token = tokenOf(await store.claim(key, { ...lease, order }));
        if (how === "completed") await store.complete(key, token, { ...ttl, order });
        if (how === "released") await store.release(key, token, { order });
      }
      expect(await newerOf(store, "other", "other subject", at)).toBe(undefined);
      expect(await newerOf(store, "k", "s", at)).toBe(newer);
    });

    it("after a newer one whose lease has ended, unless that was renewed", async () => {
      const { store } = fresh();
      const order = { subject: "s", at: 2 };
      const token = tokenOf(await store.claim("newer", { ...short, order }));
      await store.renew("newer", token, { leaseMs: 3 * shortMs, order });
      await afterShort();
      expect(await newerOf(store, "one", "s", 1)).toBe("busy");
      await sleep(3 * shortMs);
      expect(await newerOf(store, "two", "s", 1)).toBe(undefined);
    });

    it("after a newer one that has been forgotten, though the subject has not", async () => {
      const { store } = fresh();
      const order = { subject: "s", at: 2 };
      const token = tokenOf(await store.claim("newer", { ...lease, order }));
      await store.complete("newer", token, { ttlMs: shortMs, order });
      expect(await newerOf(store, "one", "s", 1)).toBe("done");
      await afterShort();
      expect(await newerOf(store, "two", "s", 1)).toBe(undefined);
    });

    it("after one that was completed last, when a newer one has been forgotten", async () => {
      const { store } = fresh();
      const [older, newer] = [1, 3].map((at) => ({ subject: "s", at }));
      const first = tokenOf(await store.claim("older", { ...lease, order: older }));
      const second = tokenOf(await store.claim("newer", { ...lease, order: newer }));
      await store.complete("newer", second, { ttlMs: shortMs, order: newer });
      await afterShort();
      await store.complete("older", first, { ...ttl, order: older });
      expect(await newerOf(store, "k", "s", 2)).toBe(undefined);
      expect(await newerOf(store, "oldest", "s", 0)).toBe("done");
    });
  });

  it("takes keys and subjects of any text, and keeps them apart", async () => {
    const { store } = fresh();
    const texts = [
      ...[
        "",
        " ",
        "ключ",
        "🔑",
        "k\u0000",
        "k\u0000\u0000",
        "\r\n",
        "{",
        "}",
        "}{",
        "{a}",
        "*",
        "?",
      ],
      ...[
        "__proto__",
        "constructor",
        "done",
        "1",
        "m:",
        ":",
        "%s%d",
        "k".repeat(4096),
        "\u00e9",
        "e\u0301",
      ],
    ];
    expect(new Set(texts).size).toBe(texts.length);
    const claims = await Promise.all(
      texts.map((text) => store.claim(text, { ...lease, order: { subject: text, at: 1 } })),
    );
    expect(claims.map(({ state }) => state)).toEqual(texts.map(() => "claimed"));
    for (const [index, text] of texts.entries()) {
      const order = { subject: text, at: 1 };
      expect(await store.claim(text, { ...lease, order })).toEqual({ state: "busy" });
      expect(await newerOf(store, `older: ${text}`, text, 0)).toBe("busy");
      const claim = claims[index] as Claim;
      await store.complete(text, tokenOf(claim), { ...ttl, order });
      expect(await store.claim(text, { ...lease, order })).toEqual({ state: "done" });
    }
  });
});

describe.each(libraries)("the cursors of redisStore with $name", ({ connect: connectTo }) => {
  let connection: Connection;
  let control: Redis;
  beforeAll(async () => {
    connection = await connectTo(redisUrl);
    control = new Redis(redisUrl);
  });
  afterAll(() => {
    connection?.close();
    control?.disconnect();
  });

  it("have a key each, which does not expire, whatever had it before", async () => {
    const prefix = freshPrefix();
    const store = redisStore(connection.client, { prefix });
    const place = `{${prefix}}:c:name`;
    await store.writeCursor("name", '{"after":"9b27"}');
    expect(await control.get(place)).toBe('{"after":"9b27"}');
    expect(await control.pttl(place)).toBe(-1);
    await control.set(place, "other", "PX", 5000);
    expect(await store.readCursor("name")).toBe("other");
    await store.writeCursor("name", "é");
    expect(await control.pttl(place)).toBe(-1);
    expect(await control.get(place)).toBe('json:"\\u00e9"');
    await store.claim("name", { ...lease, order: { subject: "name", at: 1 } });
    expect(await control.keys(`*${prefix}*`)).toHaveLength(3);
  });

  it("are apart where prefixes are", async () => {
    const [one, two] = [1, 2].map(() => redisStore(connection.client, { prefix: freshPrefix() }));
    await one?.writeCursor("name", "1");
    expect(await two?.readCursor("name")).toBeUndefined();
  });

  it("are kept to the character, whatever they are and are called", async () => {
    const store = redisStore(connection.client, { prefix: freshPrefix() });
    const texts = [
      ...["", "\0", "\ud800", "\udfff", "\ufffd", "json:", 'json:"\\ud800"', "=", "-", "OK", "}{"],
      ...["😀 ключ", "\r\n", "x".repeat(65_536), "😀".repeat(16_384)],
    ];
    for (const [index, text] of texts.entries()) await store.writeCursor(text, `${index}${text}`);
    for (const [index, text] of texts.entries()) {
      expect(await store.readCursor(text)).toBe(`${index}${text}`);
      await store.writeCursor(text, text);
      expect(await store.readCursor(text)).toBe(text);
    }
  });

  it("are not missing where something else has their key", async () => {
    const prefix = freshPrefix();
    await control.rpush(`{${prefix}}:c:name`, "private");
    const store = redisStore(connection.client, { prefix });
    await expect(store.readCursor("name")).rejects.toThrow("WRONGTYPE");
  });
});

describe("redisStore, with options of the client that change keys and answers,", () => {
  it.each([
    [
      "ioredis: keyPrefix and stringNumbers",
      async () => {
        const client = new Redis(redisUrl, { keyPrefix: "app:", stringNumbers: true });
        return { client, close: () => client.disconnect() };
      },
    ],
    [
      "redis: keyPrefix and type mapping",
      async () => {
        const client = await createClient({
          url: redisUrl,
          keyPrefix: "app:",
          commandOptions: {
            typeMapping: { [RESP_TYPES.NUMBER]: String, [RESP_TYPES.BLOB_STRING]: Buffer },
          },
        }).connect();
        return { client, close: () => client.destroy() };
      },
    ],
    [
      "redis: RESP 2",
      async () => {
        const client = await createClient({ url: redisUrl, keyPrefix: "app:", RESP: 2 }).connect();
        return { client, close: () => client.destroy() };
      },
    ],
  ])("works the same with %s", async (_name, connectTo) => {
    const { client, close } = await connectTo();
    const prefix = freshPrefix();
    const store = redisStore(client, { prefix });
    const order = { subject: "s", at: 2 };
    const token = tokenOf(await store.claim("k", { ...lease, order }));
    expect(await store.claim("k", { ...lease, order })).toEqual({ state: "busy" });
    expect(await newerOf(store, "older", "s", 1)).toBe("busy");
    expect(await store.renew("k", token, { ...lease, order })).toBe(true);
    await store.complete("k", token, { ...ttl, order });
    expect(await store.claim("k", { ...lease, order })).toEqual({ state: "done" });
    expect(await store.readCursor("c")).toBeUndefined();
    await store.writeCursor("c", "é");
    expect(await store.readCursor("c")).toBe("é");
    await store.writeCursor("c", "");
    expect(await store.readCursor("c")).toBe("");
    close();
    const control = new Redis(redisUrl);
    const keys = await control.keys(`*${prefix}*`);
    control.disconnect();
    expect(keys.sort()).toEqual(
      ["c:c", "m:k", "m:older", "s:s"].map((end) => `app:{${prefix}}:${end}`),
    );
  });
});

describe("redisStore on a server that comes and goes", () => {
  let engine: Engine;
  let control: Redis;
  beforeAll(async () => {
    engine = await startRedis();
    control = new Redis(engine.url, { retryStrategy: () => 20 });
    control.on("error", () => undefined);
  });
  afterAll(async () => {
    control?.disconnect();
    await engine?.remove();
  });

  /** The commands that reach the server from outside, while something is done. */
  async function commandsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const monitor = await control.monitor();
    const seen: string[] = [];
    const last = randomUUID();
    const end = new Promise<void>((resolve) => {
      monitor.on("monitor", (_time: string, args: string[], source: string) => {
        if (args.includes(last)) resolve();
        else if (source !== "lua") seen.push(String(args[0]).toUpperCase());
      });
    });
    await work();
    await control.echo(last);
    await end;
    monitor.disconnect();
    return seen;
  }

  describe.each(libraries)("with $name", ({ connect: connectTo }) => {
    let connection: Connection;
    beforeAll(async () => {
      connection = await connectTo(engine.url);
    });
    afterAll(() => connection?.close());

    const fresh = () => redisStore(connection.client, { prefix: freshPrefix() });

    /** Every operation, with and without an order. */
    async function everything(store: Required<Store>): Promise<void> {
      await store.writeCursor("c", "1");
      expect(await store.readCursor("c")).toBe("1");
      for (const order of [undefined, { subject: "s", at: 1 }]) {
        const key = order === undefined ? "plain" : "ordered";
        const first = tokenOf(await store.claim(key, { ...lease, order }));
        expect(await store.renew(key, first, { ...lease, order })).toBe(true);
        await store.release(key, first, { order });
        const second = tokenOf(await store.claim(key, { ...lease, order }));
        await store.complete(key, second, { ...ttl, order });
        expect(await store.claim(key, { ...lease, order })).toEqual({ state: "done" });
      }
    }

    it("takes one round trip for each operation, and a second one once for each script", async () => {
      await control.script("FLUSH");
      expect(await commandsDuring(() => everything(fresh()))).toEqual([
        ...["EVALSHA", "EVAL", "EVALSHA", "EVAL"],
        ...["EVALSHA", "EVAL", "EVALSHA", "EVAL", "EVALSHA", "EVAL", "EVALSHA", "EVALSHA", "EVAL"],
        ...["EVALSHA", "EVALSHA", "EVALSHA", "EVALSHA", "EVALSHA", "EVALSHA", "EVALSHA"],
      ]);
      // Another store on the same server, too.
      expect(await commandsDuring(() => everything(fresh()))).toEqual(Array(14).fill("EVALSHA"));
    });

    it("lets one of 200 claims at once win on a server that has no script yet", async () => {
      await control.script("FLUSH");
      const store = fresh();
      const claims = await Promise.all(Array.from({ length: 200 }, () => store.claim("k", lease)));
      expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(1);
    });

    it("never has a receiver handle what it cannot claim, and works again with the server", async () => {
      const store = fresh();
      const { receive, handled } = receiverOn(store);
      const held = tokenOf(await store.claim("held", lease));
      await store.complete("completed", tokenOf(await store.claim("completed", lease)), ttl);
      await store.writeCursor("c", "1");
      await engine.kill();
      try {
        await expect(store.claim("k", lease)).rejects.toThrow();
        await expect(store.renew("held", held, lease)).rejects.toThrow();
        await expect(store.complete("held", held, ttl)).rejects.toThrow();
        await expect(store.release("held", held)).rejects.toThrow();
        await expect(store.readCursor("c")).rejects.toThrow();
        await expect(store.writeCursor("c", "2")).rejects.toThrow();
        expect(await receive()).toMatchObject({
          kind: "rejected",
          status: 503,
          error: { code: "store_unavailable" },
        });
        expect(handled).toEqual([]);
      } finally {
        await engine.restart();
      }
      await eventually(async () => (await receive()).kind === "handled");
      expect(handled).toEqual([event]);
      expect((await receive()).kind).toBe("duplicate");
      // What the server has acknowledged is still there, and its scripts are not.
      expect(await store.claim("completed", lease)).toEqual({ state: "done" });
      expect(await store.claim("held", lease)).toEqual({ state: "busy" });
      expect(await store.renew("held", held, lease)).toBe(true);
      expect(await store.readCursor("c")).toBe("1");
    });

    it("gives a claim back that came after the receiver's deadline", async () => {
      const { receive, handled } = receiverOn(fresh(), 200);
      // As a server that hangs: connected, and silent.
      await control.client("PAUSE", 600);
      expect(await receive()).toMatchObject({ status: 503, error: { code: "store_unavailable" } });
      expect(handled).toEqual([]);
      await eventually(async () => (await receive()).kind === "handled");
      expect(handled).toEqual([event]);
    });

    it("gets by with these commands, and touches no key outside its prefix", async () => {
      const prefix = freshPrefix();
      const commands = ["eval", "evalsha", "get", "set", "del", "pexpire", "pttl", "time"];
      const hashes = ["hget", "hset", "hdel", "hgetall"];
      await control.acl(
        ...(["SETUSER", "store", "reset", "on", ">word", `~{${prefix}}:*`] as const),
        // What clients greet with.
        ...["+hello", "+auth", "+client", "+info", "+ping", "+select"],
        ...[...commands, ...hashes].map((name) => `+${name}`),
      );
      const { client, close } = await connectTo(engine.url.replace("//", "//store:word@"));
      await everything(redisStore(client, { prefix }));
      await expect(redisStore(client).claim("k", lease)).rejects.toThrow(/NOPERM|permission/i);
      close();
    });
  });

  it.each([ioredis, ioredis5])(
    "gives a claim once more to $name, which asks again when the answer was lost",
    async ({ connect: connectTo }) => {
      // Lets everything through, but for one answer.
      let losesNext = false;
      const sockets: Socket[] = [];
      const proxy = createServer((socket) => {
        const upstream = connect(engine.port, "127.0.0.1");
        sockets.push(socket, upstream);
        for (const each of [socket, upstream]) each.on("error", () => undefined);
        socket.pipe(upstream);
        upstream.on("data", (data) => {
          if (losesNext) socket.destroy();
          else socket.write(data);
          losesNext = false;
        });
      }).listen(0, "127.0.0.1");
      await once(proxy, "listening");
      const { port } = proxy.address() as AddressInfo;
      const { client, close } = await connectTo(`redis://127.0.0.1:${port}`);
      const store = redisStore(client, { prefix: freshPrefix() });
      const order = { subject: "s", at: 1 };
      await store.claim("warm-up", { ...lease, order });

      losesNext = true;
      const claim = await store.claim("k", { ...lease, order });
      expect(losesNext).toBe(false);
      expect(claim).toMatchObject({ state: "claimed" });
      expect(await store.claim("k", lease)).toEqual({ state: "busy" });

      losesNext = true;
      await store.complete("k", tokenOf(claim), { ...ttl, order });
      expect(losesNext).toBe(false);
      expect(await store.claim("k", lease)).toEqual({ state: "done" });
      close();
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  );
});

describe("redisStore on a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.remove());

  async function prefixOn(node: ClusterNode): Promise<string> {
    for (;;) {
      const prefix = freshPrefix();
      if ((await cluster.ownerOf(`{${prefix}}`)) === node) return prefix;
    }
  }

  describe.each(libraries)("with $name", ({ cluster: connectTo }) => {
    let connection: Connection;
    beforeAll(async () => {
      connection = await connectTo(cluster.url);
    });
    afterAll(() => connection?.close());

    it("works on each node, with and without the scripts there", async () => {
      for (const { control } of cluster.nodes) await control.script("FLUSH");
      for (const node of cluster.nodes) {
        const prefix = await prefixOn(node);
        const store = redisStore(connection.client, { prefix });
        const subjects = ["s", "{other}", "}", ""];
        for (const subject of subjects) {
          const key = `k ${subject}`;
          const order = { subject, at: 2 };
          const claims = await Promise.all(
            Array.from({ length: 50 }, () => store.claim(key, { ...lease, order })),
          );
          const [won, ...more] = claims.filter(({ state }) => state === "claimed");
          expect(more).toEqual([]);
          const token = tokenOf(won as Claim);
          expect(await newerOf(store, `older ${subject}`, subject, 1)).toBe("busy");
          expect(await store.renew(key, token, { ...lease, order })).toBe(true);
          await store.complete(key, token, { ...ttl, order });
          expect(await store.claim(key, { ...lease, order })).toEqual({ state: "done" });
          await store.release(key, token, { order });
          expect(await newerOf(store, `another ${subject}`, subject, 1)).toBe("done");
          await store.writeCursor(subject, `of ${subject}`);
          expect(await store.readCursor(subject)).toBe(`of ${subject}`);
        }
        expect(await node.control.keys(`{${prefix}}:*`)).toHaveLength(5 * subjects.length);
      }
    });

    it("follows its claims to a node that has never seen the scripts", async () => {
      const [from, to] = cluster.nodes as [ClusterNode, ClusterNode];
      const prefix = await prefixOn(from);
      const store = redisStore(connection.client, { prefix });
      const order = { subject: "s", at: 2 };
      const completed = tokenOf(await store.claim("completed", { ...lease, order }));
      await store.complete("completed", completed, { ...ttl, order });
      const held = tokenOf(await store.claim("held", lease));
      await store.writeCursor("c", "1");
      await cluster.moveSlotOf(`{${prefix}}`, to);
      await to.control.script("FLUSH");
      expect(await store.claim("completed", { ...lease, order })).toEqual({ state: "done" });
      expect(await store.claim("held", lease)).toEqual({ state: "busy" });
      expect(await store.renew("held", held, lease)).toBe(true);
      expect(await newerOf(store, "older", "s", 1)).toBe("done");
      expect(await store.readCursor("c")).toBe("1");
      await store.complete("held", held, ttl);
      expect(await store.claim("held", lease)).toEqual({ state: "done" });
    });
  });
});
