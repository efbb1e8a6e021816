import { describe, expect, it } from "vitest";
import type { Claim, ClaimOptions, Store } from "../../src/store.js";
import { memoryStore } from "../../src/stores/memory.js";
import { type StoreConformanceOptions, storeConformance } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";
import { plainStore, type StoreParts } from "../helpers/plain-store.js";

const refusing: Store = {
  claim: async () => {
    throw new Error("connect ECONNREFUSED");
  },
  renew: async () => {
    throw new Error("connect ECONNREFUSED");
  },
  complete: async () => {
    throw new Error("connect ECONNREFUSED");
  },
  release: async () => {
    throw new Error("connect ECONNREFUSED");
  },
  readCursor: async () => {
    throw new Error("connect ECONNREFUSED");
  },
  writeCursor: async () => {
    throw new Error("connect ECONNREFUSED");
  },
};

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Runs all checks at once, and names those that fail. */
async function failures(
  makeStore: () => Store | Promise<Store>,
  options: StoreConformanceOptions = {},
): Promise<Map<string, Error>> {
  const failed = new Map<string, Error>();
  await Promise.all(
    storeConformance(makeStore, options).map(({ name, run }) =>
      run().catch((error: Error) => failed.set(name, error)),
    ),
  );
  return failed;
}

const failedNames = async (...given: Parameters<typeof failures>) => [
  ...(await failures(...given)).keys(),
];

describe("the checks", () => {
  const shared = memoryStore();
  for (const { name, run } of storeConformance(() => shared, { unreachable: () => refusing })) {
    it(`hold of memoryStore: ${name}`, run);
  }

  it("hold of another store that keeps the contract, and of one that is made asynchronously", async () => {
    const plain = plainStore();
    expect(await failedNames(async () => plain)).toEqual([]);
  });

  it("hold of a store that cannot renew and keeps no cursors", async () => {
    const { claim, complete, release } = plainStore();
    const unreachable = () => ({ claim: refusing.claim, complete, release });
    expect(
      await failedNames(() => ({ ordered: true, claim, complete, release }), { unreachable }),
    ).toEqual([]);
  });

  it("call the methods of cursors as methods", async () => {
    class Kept {
      readonly #store = plainStore();
      readonly ordered = true;
      readonly claim = this.#store.claim;
      readonly complete = this.#store.complete;
      readonly release = this.#store.release;
      readCursor(name: string) {
        return this.#store.readCursor(name);
      }
      writeCursor(name: string, value: string) {
        return this.#store.writeCursor(name, value);
      }
    }
    const kept = new Kept();
    expect(await failedNames(() => kept)).toEqual([]);
  });

  it("find cursors that an earlier run has left where names cannot be new", async () => {
    const store = plainStore();
    expect(await failedNames(() => store)).toEqual([]);
    expect(await failedNames(() => store)).toEqual([]);
  });

  it("hold of a store that takes its time, when they are told so", async () => {
    const memory = memoryStore();
    const slow: Store = {
      ordered: true,
      claim: (...given) => later(30).then(() => memory.claim(...given)),
      renew: (...given) => later(30).then(() => memory.renew(...given)),
      complete: (...given) => later(30).then(() => memory.complete(...given)),
      release: (...given) => later(30).then(() => memory.release(...given)),
      readCursor: (...given) => later(30).then(() => memory.readCursor(...given)),
      writeCursor: (...given) => later(30).then(() => memory.writeCursor(...given)),
    };
    expect(await failedNames(() => slow, { timeScale: 2 })).toEqual([]);
  });

  it("find what an earlier run has left where keys cannot be new", async () => {
    const store = plainStore();
    for (const key of ["", "__proto__", "constructor"]) {
      await store.claim(key, { leaseMs: 300 });
    }
    expect(await failedNames(() => store)).toEqual([]);
  });

  it("have names of their own, and are asked for outages only where there is a store for that", () => {
    const namesOf = (options?: StoreConformanceOptions) =>
      storeConformance(() => shared, options).map(({ name }) => name);
    const all = namesOf({ unreachable: () => refusing });
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => name.startsWith("unreachable: "))).toHaveLength(4);
    expect(namesOf()).toEqual(all.filter((name) => !name.startsWith("unreachable: ")));
  });

  it("ask for no store before they run, and two where two processes are meant", async () => {
    let asked = 0;
    const checks = storeConformance(() => {
      asked += 1;
      return shared;
    });
    expect(asked).toBe(0);
    await checks.find(({ name }) => name === "one of 200 claims at once wins")?.run();
    expect(asked).toBe(1);
    await checks
      .find(({ name }) => name === "one of 200 claims at once wins, through two stores")
      ?.run();
    expect(asked).toBe(3);
  });
});

const first = (text: string) => text.slice(0, 255);
const hour = 3_600_000;

/** One thing wrong in each, and a check that has to notice. */
const faults: readonly (readonly [title: string, parts: Partial<StoreParts>, notices: string])[] = [
  [
    "looks first and claims afterwards",
    { pause: () => Promise.resolve() },
    "one of 200 claims at once wins",
  ],
  [
    "looks first and claims afterwards where there is an order",
    { pause: ({ order }: ClaimOptions) => (order === undefined ? undefined : later(1)) },
    "one of 200 claims at once wins, through two stores and with an order",
  ],
  [
    "lets any token complete",
    { mayComplete: ({ token }) => token !== undefined },
    "a claim is not completed with another token",
  ],
  [
    "lets any token release",
    { mayRelease: ({ token }) => token !== undefined },
    "a claim is not released with another token",
  ],
  [
    "lets any token renew",
    { mayRenew: ({ token }) => token !== undefined },
    "where it renews: nobody renews the claim of another",
  ],
  [
    "lets its holder release what is done",
    { completed: (row, expires) => ({ ...row, expires }) },
    "a message is done once it is completed",
  ],
  [
    "takes any text that begins like the token",
    { mayComplete: (row, token) => row.token?.startsWith(token) === true },
    "a claim is not completed with another token",
  ],
  [
    "has one token for all",
    { newToken: () => "token" },
    "messages that come at once are all claimed, each with a token of its own",
  ],
  [
    "has one token for each message",
    { newToken: (key) => key },
    "a message that is claimed again gets another token",
  ],
  [
    "lets a late holder complete while nobody else has come",
    { isSettleable: () => true },
    "a late holder cannot complete, though nobody has taken over",
  ],
  [
    "lets a late holder renew while nobody else has come",
    { isSettleable: () => true },
    "where it renews: a late holder does not renew, though nobody has taken over",
  ],
  [
    "has leases that never end",
    { leaseEnd: () => Date.now() + hour },
    "a claim ends with its lease, and somebody else can have it",
  ],
  [
    "has leases of half the time",
    { leaseEnd: (leaseMs) => Date.now() + leaseMs / 2 },
    "a claim does not end before its lease",
  ],
  [
    "has the same lease for all",
    { leaseEnd: () => Date.now() + 150 },
    "each claim has the lease that it asked for",
  ],
  [
    "takes seconds for milliseconds",
    { leaseEnd: (leaseMs) => Date.now() + 1000 * leaseMs },
    "a claim ends with its lease, and somebody else can have it",
  ],
  [
    "never forgets",
    { ttlEnd: () => Date.now() + hour },
    "a message that is done is forgotten after its time",
  ],
  [
    "forgets early",
    { ttlEnd: (ttlMs) => Date.now() + ttlMs * 0.8 },
    "a message that is done is not forgotten before its time",
  ],
  [
    "forgets what is done when the lease ends",
    { ttlEnd: (_ttlMs, { expires }) => expires },
    "a message that is done outlives the lease of its claim",
  ],
  [
    "forgets what is done at once",
    { completed: () => undefined },
    "a message is done once it is completed",
  ],
  [
    "takes the end of a lease for completion",
    { isLive: ({ token, expires }) => token === undefined || expires > Date.now() },
    "a message that is done is forgotten after its time",
  ],
  ["does not release", { mayRelease: () => false }, "a message can be claimed once it is released"],
  ["does not complete", { mayComplete: () => false }, "a message is done once it is completed"],
  [
    "does not renew",
    { mayRenew: () => false },
    "where it renews: a claim holds for another lease from then on",
  ],
  [
    "says that it renews, and does not",
    { renewed: (row) => row },
    "where it renews: a claim holds for another lease from then on",
  ],
  [
    "renews for ever",
    { renewed: (row) => ({ ...row, expires: Date.now() + hour }) },
    "where it renews: a renewed lease ends too",
  ],
  [
    "forgets the order when it renews",
    { renewed: (row, expires) => ({ ...row, expires, order: undefined }) },
    "where it renews: order: a newer message that is renewed still counts",
  ],
  [
    "has keys without case",
    { key: (key) => key.toLowerCase() },
    "keys are apart that differ only in case",
  ],
  ["has keys of 255 characters", { key: first }, "keys are apart that differ at the end of 4 kB"],
  ["trims keys", { key: (key) => key.trim() }, "keys are apart that differ only in white space"],
  [
    "ends keys at a NUL",
    { key: (key) => key.split("\0", 1)[0] ?? "" },
    "keys are apart that differ only after a NUL",
  ],
  [
    "leaves control characters out",
    { key: (key) => key.replace(/\p{Cc}/gu, "") },
    "keys are apart that differ only in other control characters or what is invisible",
  ],
  [
    "normalises keys",
    { key: (key) => key.normalize("NFC") },
    "keys are apart that differ only in their Unicode normalisation",
  ],
  [
    "folds compatible characters",
    { key: (key) => key.normalize("NFKC") },
    "keys are apart that differ only in their Unicode normalisation",
  ],
  [
    "has keys in UTF-8",
    { key: (key) => Buffer.from(key).toString() },
    "keys are apart that differ only in lone surrogates",
  ],
  [
    "has keys in Latin-1",
    { key: (key) => key.replace(/[^\0-\xff]/gu, "?") },
    "keys are apart that differ only in letters of other scripts, or in emoji",
  ],
  [
    "has keys of three bytes a character",
    { key: (key) => key.replace(/[\u{10000}-\u{10ffff}]/gu, "\ufffd") },
    "keys are apart that differ only in letters of other scripts, or in emoji",
  ],
  [
    "takes numbers for numbers",
    { key: (key) => (/^[\d.e+-]+$/.test(key) ? String(Number(key)) : key) },
    "keys are apart that differ only in how a number is written",
  ],
  [
    "takes backslashes and quotes for their escapes",
    { key: (key) => key.replace(/\\(.)|'(')/g, "$1$2") },
    "keys are apart that differ only in what patterns and commands are made of",
  ],
  [
    "says nothing of newer messages",
    { newer: () => undefined },
    "order: an older message is told that a newer one is done",
  ],
  [
    "says nothing of newer messages that are held",
    { newer: (states) => (states.has("done") ? "done" : undefined) },
    "order: an older message is told that a newer one is held",
  ],
  [
    "says that a newer message is held, though another is done",
    { newer: (states) => (states.has("busy") ? "busy" : states.has("done") ? "done" : undefined) },
    "order: that a newer one is done counts more than that another is held",
  ],
  [
    "takes what is older for newer",
    { isNewer: (at, than) => at < than },
    "order: a newer message is told nothing of older ones",
  ],
  [
    "takes what is as old for newer",
    { isNewer: (at, than) => at >= than },
    "order: messages of the same time are told nothing of each other",
  ],
  [
    "has times in seconds",
    { at: (at) => Math.floor(at / 1000) },
    "order: times may differ by a millisecond",
  ],
  ["has times without a sign", { at: Math.abs }, "order: times may differ by the sign"],
  [
    "takes 1970 for no time",
    { isNewer: (at, than) => at !== 0 && than !== 0 && at > than },
    "order: times may differ by the epoch, which is older",
  ],
  [
    "compares times as text",
    { isNewer: (at, than) => String(at) > String(than) },
    "order: times may differ by the number of digits",
  ],
  [
    "has times of single precision",
    { at: Math.fround },
    "order: times may differ by a millisecond",
  ],
  [
    "has subjects of 255 characters",
    { subject: first },
    "order: subjects are apart that differ at the end of 4 kB",
  ],
  [
    "has subjects in UTF-8",
    { subject: (subject) => Buffer.from(subject).toString() },
    "order: subjects are apart that differ only in lone surrogates",
  ],
  [
    "has one subject for all",
    { subject: () => "subject" },
    "order: messages about other subjects, and those without an order, do not count",
  ],
  [
    "takes an empty subject for none",
    { isNewer: (at, than) => at > than, subject: (subject) => subject || `${Math.random()}` },
    "order: empty text is a subject like others",
  ],
  [
    "forgets what was newest once it is done",
    {
      completed: (row, expires) => ({
        expires,
        token: undefined,
        order: row.order && { ...row.order, at: Number.NaN },
      }),
    },
    "order: an older message is told that a newer one is done",
  ],
  [
    "says that an empty cursor is there where there is none",
    { read: (value) => value ?? "" },
    "where it keeps cursors: one that was never written is undefined",
  ],
  [
    "says null where there is no cursor",
    { read: (value) => value ?? (null as unknown as undefined) },
    "where it keeps cursors: one that was never written is undefined",
  ],
  [
    "does not write cursors",
    { written: () => undefined },
    "where it keeps cursors: one is what was written last",
  ],
  [
    "keeps the first cursor",
    { written: (value, before) => before ?? value },
    "where it keeps cursors: one is what was written last",
  ],
  [
    "keeps the greatest cursor",
    { written: (value, before = "") => (value > before ? value : before) },
    "where it keeps cursors: one is what was written last",
  ],
  [
    "writes a cursor after the one before",
    { written: (value, before = "") => before + value },
    "where it keeps cursors: one is what was written last",
  ],
  [
    "takes an empty cursor for none",
    { read: (value) => value || undefined },
    "where it keeps cursors: empty text is one",
  ],
  [
    "gives cursors as they were parsed",
    { read: (value) => (value?.startsWith("{") ? JSON.stringify(JSON.parse(value)) : value) },
    "where it keeps cursors: each comes back as it was written, to the character",
  ],
  [
    "gives numbers for cursors of digits",
    { read: (value) => (/^\d+$/.test(value ?? "") ? (Number(value) as never) : value) },
    "where it keeps cursors: one is what was written last",
  ],
  [
    "trims cursors",
    { written: (value) => value.trim() },
    "where it keeps cursors: each comes back as it was written, to the character",
  ],
  [
    "normalises cursors",
    { written: (value) => value.normalize("NFC") },
    "where it keeps cursors: each comes back as it was written, to the character",
  ],
  [
    "has cursors in Latin-1",
    { written: (value) => value.replace(/[^\0-\xff]/gu, "?") },
    "where it keeps cursors: each comes back as it was written, to the character",
  ],
  [
    "has cursors of 65535 bytes",
    { written: (value) => Buffer.from(value).subarray(0, 65_535).toString() },
    "where it keeps cursors: one may be of 64 KiB",
  ],
  [
    "has cursors of 65535 characters",
    { written: (value) => value.slice(0, 65_535) },
    "where it keeps cursors: one may be of 64 KiB",
  ],
];

const keyFaults = faults.flatMap(([title, { key }, notices]) =>
  key !== undefined && notices.startsWith("keys ") ? [[title, key, notices] as const] : [],
);

/** What takes another shape than parts that are replaced. */
const otherFaults: readonly (readonly [title: string, make: () => () => Store, notices: string])[] =
  [
    [
      "shares nothing with other processes",
      () => () => plainStore(),
      "one of 200 claims at once wins, through two stores",
    ],
    [
      "completes what was never claimed",
      () => {
        const rows: StoreParts["rows"] = new Map();
        const store = plainStore({ rows });
        return () => ({
          ...store,
          complete: async (key, token, options) => {
            const expires = Date.now() + options.ttlMs;
            if (rows.has(key)) await store.complete(key, token, options);
            else rows.set(key, { token: undefined, expires, order: undefined });
          },
        });
      },
      "a message that was never claimed is neither completed nor released",
    ],
    [
      "says that everything is renewed",
      () => {
        const store = plainStore();
        return () => ({
          ...store,
          renew: async (...given) => {
            await store.renew(...given);
            return true;
          },
        });
      },
      "where it renews: a late holder does not renew, though nobody has taken over",
    ],
    [
      "says 1 for true",
      () => {
        const store = plainStore();
        const renew = async (...given: Parameters<typeof store.renew>) =>
          Number(await store.renew(...given)) as unknown as boolean;
        return () => ({ ...store, renew });
      },
      "where it renews: a claim holds for another lease from then on",
    ],
    [
      "makes the newest older with each completion",
      () => {
        const store = plainStore();
        const newest = new Map<string, number>();
        return () => ({
          ...store,
          claim: async (key, options) => {
            const claim = await store.claim(key, options);
            const { order } = options;
            if (claim.state !== "claimed" || order === undefined) return claim;
            const isDone = (newest.get(order.subject) ?? Number.NEGATIVE_INFINITY) > order.at;
            return {
              ...claim,
              newer: isDone ? "done" : claim.newer === "busy" ? "busy" : undefined,
            };
          },
          complete: async (key, token, options) => {
            await store.complete(key, token, options);
            if (options.order) newest.set(options.order.subject, options.order.at);
          },
        });
      },
      "order: an older message that is done does not make the newest one older",
    ],
    [
      "counts newer messages that were released",
      () => {
        const store = plainStore();
        const newest = new Map<string, number>();
        return () => ({
          ...store,
          claim: async (key, options) => {
            const claim = await store.claim(key, options);
            const { order } = options;
            if (claim.state !== "claimed" || order === undefined) return claim;
            const seen = newest.get(order.subject) ?? order.at;
            newest.set(order.subject, Math.max(seen, order.at));
            return { ...claim, newer: claim.newer ?? (seen > order.at ? "busy" : undefined) };
          },
        });
      },
      "order: a newer message that is released leaves no trace",
    ],
    [
      "has the newest from whoever completes",
      () => {
        const store = plainStore();
        const newest = new Map<string, number>();
        return () => ({
          ...store,
          claim: async (key, options) => {
            const claim = await store.claim(key, options);
            const { order } = options;
            if (claim.state !== "claimed" || order === undefined) return claim;
            const at = newest.get(order.subject) ?? Number.NEGATIVE_INFINITY;
            return { ...claim, newer: at > order.at ? "done" : claim.newer };
          },
          complete: async (key, token, options) => {
            await store.complete(key, token, options);
            const { order } = options;
            const at = (order && newest.get(order.subject)) ?? Number.NEGATIVE_INFINITY;
            if (order) newest.set(order.subject, Math.max(at, order.at));
          },
        });
      },
      "order: a newer claim whose lease has ended leaves no trace",
    ],
    [
      "says null where there is nothing newer",
      () => {
        const store = plainStore();
        const claim = async (...given: Parameters<Store["claim"]>) =>
          ({ newer: null, ...(await store.claim(...given)) }) as unknown as Claim;
        return () => ({ ...store, claim });
      },
      "order: without one, a claim says nothing of newer messages",
    ],
    [
      "says what is newer without being asked",
      () => {
        const store = plainStore();
        const claim = async (...given: Parameters<Store["claim"]>): Promise<Claim> =>
          ({
            ...(await store.claim(...given)),
            newer: "busy",
          }) as Claim;
        return () => ({ ...store, claim });
      },
      "order: without one, a claim says nothing of newer messages",
    ],
    [
      "throws for what is held",
      () => {
        const store = plainStore();
        const claim = async (...given: Parameters<Store["claim"]>): Promise<Claim> => {
          const claim = await store.claim(...given);
          if (claim.state === "busy") throw new Error("held");
          return claim;
        };
        return () => ({ ...store, claim });
      },
      "a message is busy while it is held",
    ],
    [
      "has states of its own",
      () => {
        const store = plainStore();
        const claim = async (...given: Parameters<Store["claim"]>) => {
          const { state, ...rest } = await store.claim(...given);
          return { state: state === "busy" ? "locked" : state, ...rest } as unknown as Claim;
        };
        return () => ({ ...store, claim });
      },
      "a message is busy while it is held",
    ],
    [
      "has tokens that are numbers",
      () => {
        const store = plainStore();
        let count = 0;
        const claim = async (...given: Parameters<Store["claim"]>) => {
          const claim = await store.claim(...given);
          count += 1;
          return (claim.state === "claimed" ? { ...claim, token: count } : claim) as Claim;
        };
        return () => ({ ...store, claim });
      },
      "a message is busy while it is held",
    ],
    [
      "is an object with keys of its own",
      () => {
        const claims: Record<string, boolean> = {};
        const store = plainStore();
        const claim = async (...[key, options]: Parameters<Store["claim"]>): Promise<Claim> =>
          claims[key] ? { state: "busy" } : store.claim(key, options);
        return () => ({ ...store, claim });
      },
      "the text __proto__ is a key like others",
    ],
    [
      "refuses an empty key",
      () => {
        const store = plainStore();
        const claim = async (...[key, options]: Parameters<Store["claim"]>): Promise<Claim> => {
          if (!key) throw new Error("no key");
          return store.claim(key, options);
        };
        return () => ({ ...store, claim });
      },
      "empty text is a key like others",
    ],
    [
      "has keys and subjects in one place",
      () => {
        const store = plainStore();
        const subjects = new Set<string>();
        return () => ({
          ...store,
          claim: async (key, options) => {
            if (subjects.has(key)) return { state: "busy" };
            const claim = await store.claim(key, options);
            if (options.order) subjects.add(options.order.subject);
            return claim;
          },
        });
      },
      "order: a key and a subject of the same text are two things",
    ],
    [
      "reads cursors and does not write them",
      () => {
        const { writeCursor: _left, ...store } = plainStore();
        return () => store;
      },
      "a store that reads cursors writes them too, and the other way round",
    ],
    [
      "writes cursors and does not read them",
      () => {
        const { readCursor: _left, ...store } = plainStore();
        return () => store;
      },
      "a store that reads cursors writes them too, and the other way round",
    ],
    [
      "says that a cursor is written, and writes it later",
      () => {
        const store = plainStore();
        return () => ({
          ...store,
          writeCursor: async (...given) => {
            void later(20).then(() => store.writeCursor(...given));
          },
        });
      },
      "where it keeps cursors: one is what was written last",
    ],
    [
      "has cursors that end",
      () => {
        const cursors = new Map<string, string>();
        const store = plainStore({ cursors });
        return () => ({
          ...store,
          writeCursor: async (name, value) => {
            await store.writeCursor(name, value);
            void later(100).then(() => cursors.delete(name));
          },
        });
      },
      "where it keeps cursors: one is what was written last",
    ],
    [
      "keeps cursors to itself",
      () => {
        const rows: StoreParts["rows"] = new Map();
        return () => plainStore({ rows });
      },
      "where it keeps cursors: one is the same through another store",
    ],
    [
      "knows cursors by heart",
      () => {
        const shared = plainStore();
        return () => {
          const known = new Map<string, string | undefined>();
          return {
            ...shared,
            readCursor: async (name) => {
              if (!known.has(name)) known.set(name, await shared.readCursor(name));
              return known.get(name);
            },
            writeCursor: async (name, value) => {
              known.set(name, value);
              await shared.writeCursor(name, value);
            },
          };
        };
      },
      "where it keeps cursors: one is the same through another store",
    ],
    [
      "takes a cursor away before it writes the next",
      () => {
        const cursors = new Map<string, string>();
        const store = plainStore({ cursors });
        return () => ({
          ...store,
          writeCursor: async (name, value) => {
            cursors.delete(name);
            await later(1);
            await store.writeCursor(name, value);
          },
        });
      },
      "where it keeps cursors: 50 writers at once leave one of their values, and nobody reads another",
    ],
    [
      "writes a cursor in two parts",
      () => {
        const store = plainStore();
        const partOf = async (name: string) => (await store.readCursor(name)) ?? "";
        return () => ({
          ...store,
          readCursor: async (name) =>
            (await store.readCursor(`${name} 1`)) === undefined
              ? undefined
              : (await partOf(`${name} 1`)) + (await partOf(`${name} 2`)),
          writeCursor: async (name, value) => {
            await store.writeCursor(`${name} 1`, value.slice(0, 2));
            await later(1);
            await store.writeCursor(`${name} 2`, value.slice(2));
          },
        });
      },
      "where it keeps cursors: 50 writers at once leave one of their values, and nobody reads another",
    ],
    [
      "throws when two write a cursor at once",
      () => {
        const store = plainStore();
        const writing = new Set<string>();
        return () => ({
          ...store,
          writeCursor: async (name, value) => {
            if (writing.has(name)) throw new Error("duplicate key value");
            writing.add(name);
            await later(1);
            await store.writeCursor(name, value);
            writing.delete(name);
          },
        });
      },
      "where it keeps cursors: 50 writers at once leave one of their values, and nobody reads another",
    ],
    [
      "has cursors where messages are",
      () => {
        const rows: StoreParts["rows"] = new Map();
        const store = plainStore({ rows });
        return () => ({
          ...store,
          readCursor: async (name) => rows.get(name)?.token,
          writeCursor: async (name, token) =>
            void rows.set(name, { token, expires: Date.now() + hour, order: undefined }),
        });
      },
      "where it keeps cursors: one has nothing to do with the message or subject of the same text",
    ],
    [
      "has a cursor for each message that is done",
      () => {
        const store = plainStore();
        return () => ({
          ...store,
          complete: async (...given) => {
            await store.complete(...given);
            if ((await store.readCursor(given[0])) === undefined)
              await store.writeCursor(given[0], "");
          },
        });
      },
      "where it keeps cursors: one has nothing to do with the message or subject of the same text",
    ],
    [
      "forgets cursors with messages",
      () => {
        const cursors = new Map<string, string>();
        const store = plainStore({ cursors });
        return () => ({
          ...store,
          complete: async (key, token, options) => {
            await store.complete(key, token, options);
            void later(options.ttlMs).then(() => cursors.delete(key));
          },
        });
      },
      "where it keeps cursors: one stays when messages are forgotten",
    ],
    [
      "has cursors in an object with keys of its own",
      () => {
        const cursors: Record<string, string> = {};
        const store = plainStore();
        return () => ({
          ...store,
          readCursor: async (name) => cursors[name],
          writeCursor: async (name, value) => {
            cursors[name] = value;
          },
        });
      },
      "where it keeps cursors: the text __proto__ is a name like others",
    ],
    [
      "has cursors in an object with methods",
      () => {
        const cursors: Record<string, string> = {};
        const store = plainStore();
        return () => ({
          ...store,
          readCursor: async (name) => cursors[name],
          writeCursor: async (name, value) => {
            cursors[name] = value;
          },
        });
      },
      "where it keeps cursors: the text constructor is a name like others",
    ],
    [
      "refuses an empty name",
      () => {
        const store = plainStore();
        return () => ({
          ...store,
          writeCursor: async (name, value) => {
            if (!name) throw new Error("no name");
            await store.writeCursor(name, value);
          },
        });
      },
      "where it keeps cursors: empty text is a name like others",
    ],
    [
      "writes under an empty name what nobody reads",
      () => {
        const store = plainStore({ written: (value, before) => before ?? value });
        return () => {
          void store.writeCursor("", "conformance-of an earlier run");
          return store;
        };
      },
      "where it keeps cursors: empty text is a name like others",
    ],
    [
      "does not answer",
      () => () => ({ ...plainStore(), complete: () => new Promise(() => undefined) }),
      "a message is done once it is completed",
    ],
  ];

const hangs = () => new Promise<never>(() => undefined);

/** What is wrong while the engine cannot be reached. */
const outageFaults: readonly (readonly [title: string, parts: Partial<Store>, notices: string])[] =
  [
    ["claims", plainStore(), "unreachable: a claim is refused, and soon"],
    ["waits for it", { claim: hangs }, "unreachable: a claim is refused, and soon"],
    [
      "says that messages are done",
      { claim: async () => ({ state: "done" }) },
      "unreachable: a receiver answers store_unavailable, and nothing is handled",
    ],
    [
      "knows no cursor",
      { readCursor: async () => undefined },
      "unreachable: where it keeps cursors: none is said to be missing or written",
    ],
    [
      "has cursors",
      { readCursor: async () => "1" },
      "unreachable: where it keeps cursors: none is said to be missing or written",
    ],
    [
      "says that cursors are written",
      { writeCursor: async () => undefined },
      "unreachable: where it keeps cursors: none is said to be missing or written",
    ],
    [
      "waits with cursors",
      { readCursor: hangs },
      "unreachable: where it keeps cursors: none is said to be missing or written",
    ],
    [
      "says that it renews",
      { renew: async () => true },
      "unreachable: no claim is said to be renewed",
    ],
  ];

/** Runs one check, and hands back what it rejects with. */
async function complaint(
  name: string,
  makeStore: () => Store,
  options: StoreConformanceOptions = {},
): Promise<string> {
  const check = storeConformance(makeStore, options).find((one) => one.name === name);
  if (check === undefined) throw new Error(`There is no check “${name}”.`);
  return check.run().then(
    () => "nothing",
    (error: Error) => error.message,
  );
}

// What was expected, and what happened instead.
const sentence = /expected .+, got .+\.$|was not to throw, and threw .+|took longer than \d+ ms\.$/;

describe.concurrent("a store that", () => {
  it.each(faults)("%s is noticed", async (_title, parts, notices) => {
    const store = plainStore(parts);
    expect(await complaint(notices, () => store)).toMatch(sentence);
  });

  it.each(keyFaults)("%s in names of cursors is noticed", async (_title, cursorName, notices) => {
    const store = plainStore({ cursorName });
    const name = notices.replace("keys", "where it keeps cursors: names");
    expect(await complaint(name, () => store)).toMatch(sentence);
  });

  it.each(otherFaults)("%s is noticed", async (_title, make, notices) => {
    expect(await complaint(notices, make())).toMatch(sentence);
  });

  it.each(outageFaults)("%s while its engine is out of reach is noticed", async (...given) => {
    const [_title, parts, notices] = given;
    const store = { ...refusing, ...parts };
    expect(await complaint(notices, plainStore, { unreachable: () => store })).toMatch(sentence);
  });

  it("cannot be made fails every check", async () => {
    const failed = await failures(() => {
      throw new Error("no database");
    });
    expect([...failed.values()].map(({ message }) => message)).toEqual(
      storeConformance(plainStore).map(() => "no database"),
    );
  });
});

describe("what a failed check says", () => {
  it.each<[Partial<StoreParts>, string, string]>([
    [
      { mayRelease: () => true },
      "a claim is not released with another token",
      "A message that was released with other tokens than its own: expected busy, got claimed.",
    ],
    [
      { mayComplete: () => false },
      "a message is done once it is completed",
      "A message that was completed: expected done, got busy.",
    ],
    [
      { newer: () => undefined },
      "order: an older message is told that a newer one is done",
      "An older message after a newer one: expected newer to be done, got undefined.",
    ],
    [
      { pause: () => Promise.resolve() },
      "one of 200 claims at once wins",
      "200 claims of one message at once: expected 1 claimed and 199 busy, got 200 claimed, 0 busy and 0 done.",
    ],
  ])("is what was expected, and what the store did", async (parts, name, message) => {
    const store = plainStore(parts);
    expect(await complaint(name, () => store)).toBe(message);
  });

  it("has what the store threw, as its cause too", async () => {
    const check = storeConformance(() => refusing).find(({ name }) => name.includes("is held"));
    const error = (await check?.run().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toBe(
      "A new message: claim was not to throw, and threw Error: connect ECONNREFUSED",
    );
    expect(error.cause).toEqual(new Error("connect ECONNREFUSED"));
  });
});

describe("set-up", () => {
  it.each<[unknown, unknown]>([
    [undefined, {}],
    [memoryStore(), {}],
    [plainStore, null],
    [plainStore, { unreachable: refusing }],
    [plainStore, { timeScale: 0 }],
    [plainStore, { timeScale: 1.5 }],
    [plainStore, { scale: 2 }],
  ])("refuses %o with %o", async (makeStore, options) => {
    const make = makeStore as () => Store;
    expect(await codeOf(() => storeConformance(make, options as never))).toBe("option_invalid");
  });
});
