import { cursorText, readCursorText } from "../internal/cursor-text.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import {
  claimScript,
  completeScript,
  type RedisScript,
  readCursorScript,
  releaseScript,
  renewScript,
  writeCursorScript,
} from "../internal/redis-scripts.js";
import type { Claim, ClaimOrder, Store } from "../store.js";

/** What {@link redisStore} calls of ioredis: a `Redis` or a `Cluster`. */
export interface IoRedisCommands {
  eval(script: string, numkeys: number, ...args: string[]): Promise<unknown>;
  evalsha(sha1: string, numkeys: number, ...args: string[]): Promise<unknown>;
}

/** What {@link redisStore} calls of node-redis: a client, a pool, a cluster or a sentinel. */
export interface NodeRedisCommands {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of ioredis or of node-redis, which is connected. */
export type RedisClient = IoRedisCommands | NodeRedisCommands;

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * What the names of all keys begin with, in braces: 1 to 64 printable ASCII characters but spaces and braces.
   * @default "countersign"
   */
  readonly prefix?: string | undefined;
}

type Call = (script: string, keys: string[], args: string[]) => Promise<unknown>;

interface Calls {
  readonly bySha: Call;
  readonly byText: Call;
}

function callsOf(client: RedisClient): Calls {
  const has = (method: string): boolean =>
    typeof (client as unknown as Record<string, unknown> | null | undefined)?.[method] ===
    "function";
  if (has("eval") && has("evalSha")) {
    const nodeRedis = client as NodeRedisCommands;
    return {
      bySha: (sha, keys, args) => nodeRedis.evalSha(sha, { keys, arguments: args }),
      byText: (text, keys, args) => nodeRedis.eval(text, { keys, arguments: args }),
    };
  }
  if (has("eval") && has("evalsha")) {
    const ioRedis = client as IoRedisCommands;
    return {
      bySha: (sha, keys, args) => ioRedis.evalsha(sha, keys.length, ...keys, ...args),
      byText: (text, keys, args) => ioRedis.eval(text, keys.length, ...keys, ...args),
    };
  }
  return invalidOption("client", "a client of ioredis or of node-redis");
}

/** Clients can be told to give numbers as text. */
async function run(
  { bySha, byText }: Calls,
  { sha, text }: RedisScript,
  keys: string[],
  args: string[],
): Promise<string> {
  try {
    return String(await bySha(sha, keys, args));
  } catch (error) {
    // The server has been restarted or has just joined, and nothing has been done.
    const isUnknown = String((error as Error | undefined)?.message).startsWith("NOSCRIPT");
    if (!isUnknown) throw error;
    return String(await byText(text, keys, args));
  }
}

/** Clients write text as UTF-8, in which lone surrogates are all the same. As JSON every text is another. */
function written(text: string): string {
  return /^json:|\p{Cs}/u.test(text) ? `json:${JSON.stringify(text)}` : text;
}

function wrongAnswer(): never {
  throw new TypeError("Redis gave an answer that the script does not have.");
}

function claimOf(reply: string, token: string): Claim {
  switch (reply) {
    case "0":
      return { state: "busy" };
    case "1":
      return { state: "done" };
    case "2":
      return { state: "claimed", token };
    case "3":
      return { state: "claimed", token, newer: "busy" };
    case "4":
      return { state: "claimed", token, newer: "done" };
    default:
      return wrongAnswer();
  }
}

/**
 * Makes a store in Redis, for any number of processes: pass it a client of ioredis 5 or 6 or of node-redis 5 or 6, for
 * one server, a cluster or sentinels. The client is connected, watched for errors and closed by you.
 *
 * Guarantees, on one Redis 6 or later that keeps its data:
 *
 * - `claim`, `renew`, `complete`, `release`, `readCursor` and `writeCursor` are atomic, and one round trip each. A server
 *   that has forgotten its scripts costs a second one, once.
 * - Leases and memories end by the server's clock; those of the processes do not count. Every key expires by itself, but
 *   those of cursors, which stay.
 * - Cursors are read where they are written, also by clients that read from replicas.
 * - What the client throws is thrown, so the sender is asked to retry with `store_unavailable`.
 *
 * Redis remembers no better than it is set up to. A crash without `appendfsync always`, a failover to a replica that
 * was behind, and a `maxmemory-policy` other than `noeviction` can each lose claims and completed messages; such a
 * message may be handled twice. A cursor can be lost too, or be an older one again.
 *
 * Receivers that share a prefix are one consumer: what one has handled is a duplicate for all. Another application, or
 * another stage, needs a prefix of its own. Names of keys hold the provider, the message's id and, with an order, its
 * subject, or a cursor's name, and show in `MONITOR` and the slow log, as cursors do.
 *
 * All keys begin with `{prefix}:` and so lie in one slot: in a cluster, one store lives on one node.
 *
 * With a Redis out of reach, clients wait for it unless told otherwise, and deliveries wait until the receiver's
 * deadline. Give ioredis `maxRetriesPerRequest: 1` or `enableOfflineQueue: false`, and node-redis
 * `disableOfflineQueue: true`.
 *
 * Exported from `countersign/stores/redis`.
 *
 * @example
 * const store = redisStore(new Redis(url, { maxRetriesPerRequest: 1 }));
 * createReceiver(provider, { on, store });
 *
 * @throws {WebhookError} `option_invalid`
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Required<Store> {
  const calls = callsOf(client);
  checkOptions(options, ["prefix"]);
  const { prefix = "countersign" } = options;
  if (typeof prefix !== "string" || !/^[!-z|~]{1,64}$/.test(prefix)) {
    invalidOption("prefix", "1 to 64 printable ASCII characters but spaces and braces");
  }

  /** Of a message and, with an order, of its subject. In braces stands what a cluster places keys by. */
  const keysOf = (key: string, order: ClaimOrder | undefined): string[] => [
    `{${prefix}}:m:${written(key)}`,
    ...(order === undefined ? [] : [`{${prefix}}:s:${written(order.subject)}`]),
  ];
  const cursorKey = (name: string): string => `{${prefix}}:c:${written(name)}`;
  const call = (
    script: RedisScript,
    key: string,
    token: string,
    order: ClaimOrder | undefined,
    forMs = 0,
  ): Promise<string> =>
    run(calls, script, keysOf(key, order), [
      `=${token}`,
      // Redis takes whole milliseconds, and at least one.
      String(Math.max(1, Math.ceil(forMs))),
      ...(order === undefined ? [] : [String(order.at)]),
    ]);

  return {
    ordered: true,
    claim: async (key, { leaseMs, order }) => {
      // Random, for a counter in Redis would begin anew when its data are lost.
      const token = crypto.randomUUID();
      return claimOf(await call(claimScript, key, token, order, leaseMs), token);
    },
    renew: async (key, token, { leaseMs, order }) =>
      (await call(renewScript, key, token, order, leaseMs)) === "1",
    complete: async (key, token, { ttlMs, order }) => {
      await call(completeScript, key, token, order, ttlMs);
    },
    release: async (key, token, { order } = {}) => {
      await call(releaseScript, key, token, order);
    },
    readCursor: async (name) => {
      const reply = await run(calls, readCursorScript, [cursorKey(name)], []);
      if (reply === "-") return undefined;
      return reply.startsWith("=") ? readCursorText(reply.slice(1)) : wrongAnswer();
    },
    writeCursor: async (name, value) => {
      const reply = await run(calls, writeCursorScript, [cursorKey(name)], [cursorText(value)]);
      if (reply !== "OK") wrongAnswer();
    },
  };
}
