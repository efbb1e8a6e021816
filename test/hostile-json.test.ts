import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { isWebhookError } from "../src/errors.js";
import type { StandardSchema } from "../src/internal/standard-schema.js";
import type { Outcome } from "../src/outcome.js";
import { defineProvider, type Provider } from "../src/provider.js";
import { createReceiver } from "../src/receiver.js";
import { hmac, verifyHmac } from "../src/schemes/hmac.js";
import type { Store } from "../src/store.js";
import { memoryStore } from "../src/stores/memory.js";
import { signDelivery } from "../src/testing.js";
import { type Genuine, genuine } from "./helpers/genuine.js";
import { mac } from "./helpers/sign.js";
import { expectPlain, expectPristine, expectSilent, expectSound } from "./helpers/sound.js";

const secret = "a-secret-for-the-tests";
const scheme = hmac({ secret, header: "x-signature" });
// Stands for what must never be quoted; no schema and no source file has it.
const mark = "Zdravka-7391";
const inherited = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
];

/** A provider as a user declares one, with a schema that looks at every level. */
const declared: Provider = (() => {
  interface Tree {
    [name: string]: unknown;
    children?: Tree[] | null | undefined;
  }
  const tree: z.ZodMiniType<Tree> = z.looseObject({
    get children() {
      return z.nullish(z.array(tree));
    },
  }) as unknown as z.ZodMiniType<Tree>;
  const event = z.looseObject({
    id: z.optional(z.unknown()),
    tree: z.nullish(tree),
    names: z.nullish(z.record(z.string(), z.looseObject({ n: z.number() }))),
  });
  return defineProvider({
    name: "declared",
    scheme,
    schema: { created: event, deleted: event },
    id: "id",
    subject: "subject",
    occurredAt: "at",
    decision: () => "positive",
  }) as unknown as Provider;
})();

const declaredGenuine: Genuine = {
  title: "one that a user declares",
  provider: declared,
  text: `{"type":"created","id":"evt_1","subject":"s","at":"2026-01-01T00:00:00Z","names":{"n":{"n":1}},"tree":{"children":[{}]}}`,
  now: Date.now,
  send: (body) => signDelivery(declared, typeof body === "string" ? body : new Uint8Array(body)),
};
// One event for each way to prove a sender: what a body can do does not depend on its type.
const firsts = new Map(
  genuine
    .map((one) => [`${one.provider.name}, ${one.provider.scheme.name}`, one] as const)
    .reverse(),
);
const senders = [...firsts.values(), declaredGenuine];

/** What comes of a genuine delivery: the outcome, and the types whose handlers were called. */
async function received({ provider, send, now }: Genuine, body: string | Uint8Array) {
  const called: string[] = [];
  const handler = (type: string) => () => void called.push(type);
  const receiver = createReceiver(provider, {
    on: Object.fromEntries(provider.types.map((type) => [type, handler(type)])),
    now,
  });
  const outcome = (await receiver.receive(send(body))) as Outcome<never>;
  if (outcome.kind === "handled") expect(called).toEqual([outcome.message.type]);
  else expect(called).toEqual([]);
  return outcome;
}

function kindOf(outcome: Outcome<never>): string {
  return outcome.kind === "rejected" ? outcome.error.code : outcome.kind;
}

/** The facts of a message, without what is made from the bytes of the body. */
function factsOf(outcome: Outcome<never>): unknown {
  if (outcome.kind !== "handled") return kindOf(outcome);
  const { type, known, subject, occurredAt, decision, flags, event } = outcome.message as never;
  return { type, known, subject, occurredAt, decision, flags, event };
}

/** The members of an object's text, without its braces. */
const members = (text: string) => text.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
const before = (text: string, extra: string) => `{${extra},${members(text)}}`;
const after = (text: string, extra: string) => `{${members(text)},${extra}}`;

describe.each(senders)("$title", (sender) => {
  const { text } = sender;

  it("takes keys that mean something to objects for keys", async () => {
    const plain = factsOf(await received(sender, text)) as { event: object };
    const evil = `{"${mark}":true,"type":"x","status":"x","id":"x","payload":{}}`;
    for (const key of inherited) {
      for (const place of [before, after]) {
        const outcome = await received(sender, place(text, `"${key}":${evil}`));
        expectSound(outcome, [mark]);
        const facts = factsOf(outcome) as { event: Record<string, unknown> };
        expect(outcome.kind).toBe("handled");
        expect(facts).toEqual({
          ...plain,
          // What Zod does not copy is gone; whatever else is there is the key's own.
          event: Object.hasOwn(facts.event, key)
            ? expect.objectContaining(plain.event)
            : plain.event,
        });
        expect((facts.event as { [mark]?: unknown })[mark]).toBeUndefined();
      }
      // In every object of it, where a schema may ask for something else.
      const nested = text.replaceAll("{", `{"${key}":${evil},`).replaceAll(",}", "}");
      expectSound(await received(sender, nested), [mark]);
    }
  });

  it("finds no event type among the names that objects inherit", async () => {
    const event = JSON.parse(text) as Record<string, unknown>;
    for (const [field, value] of Object.entries(event)) {
      if (typeof value !== "string") continue;
      for (const name of inherited) {
        const outcome = await received(sender, JSON.stringify({ ...event, [field]: name }));
        expectSound(outcome);
        if (outcome.kind === "handled") {
          expect(sender.provider.types).toContain(outcome.message.type);
          if (/^(?:status|event_type)$/.test(field))
            expect(outcome.message.decision).not.toBe("positive");
        }
      }
    }
  });

  it("reads a body once: of duplicate keys the last one counts, for every fact", async () => {
    const plain = factsOf(await received(sender, text));
    const event = JSON.parse(text) as Record<string, unknown>;
    for (const key of Object.keys(event)) {
      for (const other of [`"${mark}"`, "null", "{}", "[]", '"constructor"']) {
        expect(
          factsOf(await received(sender, before(text, `${JSON.stringify(key)}:${other}`))),
        ).toEqual(plain);
        // The other way round it is the other event, not a mixture.
        const last = await received(sender, after(text, `${JSON.stringify(key)}:${other}`));
        const alone = await received(
          sender,
          JSON.stringify({ ...event, [key]: JSON.parse(other) as unknown }),
        );
        expectSound(last, [mark]);
        expect(factsOf(last)).toEqual(factsOf(alone));
      }
    }
  });

  it("survives any depth", async () => {
    const depth = 100_000;
    const arrays = "[".repeat(depth) + "]".repeat(depth);
    const objects = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    for (const deep of [arrays, objects]) {
      expectSound(await received(sender, deep));
      const outcome = await received(sender, after(text, `"deep":${deep}`));
      expectSound(outcome);
      expect(outcome.kind).toBe("handled");
      // Where a schema looks deeper, and unfinished.
      for (const key of Object.keys(JSON.parse(text) as object).slice(0, 4)) {
        expectSound(await received(sender, after(text, `${JSON.stringify(key)}:${deep}`)));
      }
      expect(kindOf(await received(sender, deep.slice(0, -1)))).toBe("payload_not_json");
    }
  });

  it("takes numbers of any size as JSON.parse does, and for no id when they are not exact", async () => {
    const numbers = ["1e400", "-1e400", "-0", "9007199254740993", "9".repeat(400), "1E-400", "0.1"];
    const extra = numbers.map((number, index) => `"n${index}":${number}`).join();
    const outcome = await received(sender, after(text, extra));
    expect(outcome.kind).toBe("handled");
    const { event } = (outcome as { message: { event: Record<string, unknown> } }).message;
    expect(numbers.map((_, index) => event[`n${index}`])).toEqual(numbers.map(Number));
    for (const key of Object.keys(JSON.parse(text) as object)) {
      for (const number of numbers) {
        const odd = await received(sender, after(text, `${JSON.stringify(key)}:${number}`));
        expectSound(odd);
        if (odd.kind === "handled")
          expect(odd.message.id).not.toMatch(/Infinity|9007199254740992|e\+/);
      }
    }
  });

  it.each<[string, (text: string) => string | Uint8Array, string]>([
    ["a byte order mark", (json) => `\ufeff${json}`, "payload_not_json"],
    ["nothing", () => "", "payload_not_json"],
    ["a NUL", () => "\0", "payload_not_json"],
    ["a NUL behind it", (json) => `${json}\0`, "payload_not_json"],
    ["a NUL in a text", (json) => after(json, `"x":"${mark}\0"`), "payload_not_json"],
    ["a second value", (json) => `${json}{}`, "payload_not_json"],
    ["a comment", (json) => `${json}//${mark}`, "payload_not_json"],
    ["1 MiB of white space alone", () => " ".repeat(1 << 20), "payload_not_json"],
    ["white space up to 1 MiB", (json) => json.padStart((1 << 20) - 500), "handled"],
    ["white space of JSON on both sides", (json) => `\t\r\n ${json}\n\r\t `, "handled"],
    ["white space that is none in JSON", (json) => `\u00a0${json}`, "payload_not_json"],
    ["more than 1 MiB of white space", (json) => json.padStart((1 << 20) + 1), "body_too_large"],
    [
      "text in Latin-1",
      (json) => Buffer.from(after(json, '"x":"é"'), "latin1"),
      "payload_not_utf8",
    ],
    ["UTF-16", (json) => Buffer.from(`\ufeff${json}`, "utf16le"), "payload_not_utf8"],
    [
      "half a character",
      (json) => Buffer.concat([Buffer.from(json), Buffer.of(0xe2, 0x82)]),
      "payload_not_utf8",
    ],
    ["a surrogate in UTF-8", () => Buffer.from("22eda08022", "hex"), "payload_not_utf8"],
    ["an overlong quote", () => Buffer.from("c0a2", "hex"), "payload_not_utf8"],
    ["a byte beyond Unicode", () => Buffer.from("22f490808022", "hex"), "payload_not_utf8"],
    ["one quote", (json) => json.replace('"', "'"), "payload_not_json"],
    ["an end too early", (json) => json.slice(0, -1), "payload_not_json"],
  ])("answers %s", async (_title, make, expected) => {
    const outcome = await received(sender, make(text));
    expect(kindOf(outcome)).toBe(expected);
    if (outcome.kind === "rejected") expectSilent(outcome.error, [mark, "Unexpected", "position"]);
  });

  it.each([
    ...["null", "true", "false", "0", "-0", "1e400", '""', `"${mark}"`, "[]", "[[]]", "[null]"],
    ...[
      "{}",
      '"\\ud800"',
      '{"\\ud800":"\\udfff"}',
      `{"":{"":"${mark}"}}`,
      '{"length":1}',
      '[{"type":[]}]',
    ],
  ])("takes %s for no event of a type it knows", async (json) => {
    const outcome = await received(sender, json);
    expectSound(outcome, [mark]);
    expect(outcome.kind).not.toBe("handled");
  });

  it("takes whatever else is JSON, alone or as a field of an event, without tripping", async () => {
    const event = JSON.parse(text) as Record<string, unknown>;
    const keys = fc.constantFrom(
      ...[...Object.keys(event), ...inherited, "data", "status", "type", "payload", "id", "userId"],
    );
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom<unknown>("__proto__", "constructor", 1e308, -0, "\ud800", "\0", mark),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(keys, values), { maxLength: 4 }),
        values,
        async (list, alone) => {
          const changed = list
            .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
            .reduce(after, text);
          expectSound(await received(sender, changed), [mark]);
          expectSound(await received(sender, JSON.stringify(alone)), [mark]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("ids that are no ordinary text", () => {
  /** Keeps keys as a database does: as the bytes of their UTF-8, without NUL. */
  function databaseStore(keys: string[]): Store {
    const store = memoryStore();
    const stored = (key: string): string => {
      if (key.includes("\0")) throw new Error("invalid byte sequence for encoding UTF8: 0x00");
      keys.push(key);
      return Buffer.from(key, "utf8").toString("hex");
    };
    return {
      claim: async (key, options) => store.claim(stored(key), options),
      complete: async (key, token, options) => store.complete(stored(key), token, options),
      release: async (key, token) => store.release(stored(key), token),
    };
  }

  const odd = [
    ...[
      "\ud800",
      "\ud801",
      "\udfff",
      "\ufffd",
      "x\ud800",
      "x\udbff",
      "\ud800\ud800",
      "\udc00\ud800",
    ],
    ...[
      "\0",
      "\u0001",
      "\x7f",
      "\u0085",
      "\n",
      "\\u0000",
      "\\ud800",
      " ",
      "é",
      "e\u0301",
      "\u{1F600}",
    ],
    ...[...inherited, "i".repeat(300), `${"i".repeat(300)}\ud800`, `${"i".repeat(300)}\ud801`],
  ];

  it("stay apart in a store that keeps UTF-8, and are the same on a retry", async () => {
    const keys: string[] = [];
    const handled: unknown[] = [];
    const receiver = createReceiver(declared, {
      store: databaseStore(keys),
      on: { created: (_event: unknown, { id }: { id: string }) => void handled.push(id) },
    });
    for (const round of ["handled", "duplicate"]) {
      for (const id of odd) {
        const outcome = await receiver.receive(signDelivery(declared, { type: "created", id }));
        expect([id, outcome.kind]).toEqual([id, round]);
      }
    }
    expect(handled).toEqual(odd);
    for (const key of keys) expect(Buffer.from(key).toString()).toBe(key);
  });

  it("never share a key, whatever they are", async () => {
    const any = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });
    const unit = fc.constantFrom(
      "\ud800",
      "\udbff",
      "\udc00",
      "\udfff",
      "\ufffd",
      "\0",
      "\u0001",
      "a",
    );
    const ids = fc.oneof(
      any,
      fc.array(unit, { minLength: 1, maxLength: 3 }).map((list) => list.join("")),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(ids, { minLength: 2, maxLength: 8 }), async (list) => {
        const keys: string[] = [];
        const receiver = createReceiver(declared, {
          store: databaseStore(keys),
          on: { created: () => undefined },
        });
        for (const id of list) {
          const { kind } = await receiver.receive(signDelivery(declared, { type: "created", id }));
          expect(kind).toBe("handled");
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are the body's hash where a number is not exact, so that no two share one", async () => {
    const ids = ["9007199254740992", "9007199254740993", "1e400", "2e400", "0.1", "1e21"];
    const read = await Promise.all(
      ids.map(async (id) => {
        const message = await declared.verify(
          signDelivery(declared, `{"type":"created","id":${id}}`),
        );
        return message.id;
      }),
    );
    expect(new Set(read).size).toBe(ids.length);
    for (const id of read) expect(id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a user's schema", () => {
  const answer = async (schema: StandardSchema, body: string) => {
    const provider = defineProvider({ name: "p", scheme, schema });
    const receiver = createReceiver(provider as unknown as Provider, {});
    const outcome = (await receiver.receive(signDelivery(provider, body))) as Outcome<never>;
    if (outcome.kind === "rejected") expectSilent(outcome.error, [mark]);
    expect(outcome.cause).toBeUndefined();
    expectPristine();
    return outcome;
  };

  it("that recurses as deep as the event has it refused, and not the process ended", async () => {
    const depth = 100_000;
    const event = `${'{"children":['.repeat(depth)}${"]}".repeat(depth)}`;
    const receiver = createReceiver(declared, {
      maxBodyBytes: 10_000_000,
      on: { created: () => undefined },
    });
    const outcome = (await receiver.receive(
      signDelivery(declared, `{"type":"created","tree":${event}}`),
    )) as Outcome<never>;
    expect(kindOf(outcome)).toBe("payload_invalid");
    expect(outcome.cause).toBeUndefined();
  });

  it("that names every key of a large event leaves a small error", async () => {
    const event = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`${mark}${index}`, "x"]),
    );
    const outcome = await answer(z.record(z.string(), z.number()), JSON.stringify(event));
    expect(kindOf(outcome)).toBe("payload_invalid");
    expect(JSON.stringify(outcome).length).toBeLessThan(2000);
  });

  it("sees keys such as __proto__ as data, and so does its user", async () => {
    const seen: unknown[] = [];
    const schema: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          seen.push(value);
          return { value };
        },
      },
    };
    const outcome = await answer(schema, `{"__proto__":{"admin":true},"type":"__proto__"}`);
    expect(outcome).toMatchObject({ kind: "ignored", message: { type: "__proto__", known: true } });
    expectPlain(seen[0]);
    expect((seen[0] as { admin?: unknown }).admin).toBeUndefined();
    expect(Object.keys(seen[0] as object)).toEqual(["__proto__", "type"]);
  });
});

/** JSON or not, by RFC 8259; each a body of its own. */
const accepted = [
  ...["null", "true", "false", "0", "-0", "1", "-1", "0.1", "1e1", "1E+1", "1e-1", "123.456e78"],
  ...[
    '""',
    '"a"',
    '"\\""',
    '"\\\\"',
    '"\\/"',
    '"\\b\\f\\n\\r\\t"',
    '"\\u0000"',
    '"\\uD834\\uDD1E"',
  ],
  ...[
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\u2028\u2029"',
    '"\u007f"',
    '"\ufeff"',
    '"é\u{1F600}"',
    '"\\u002F"',
  ],
  ...["[]", "[ ]", "[1]", "[1,2]", "[[]]", "[null,true]", " [1] ", "\t\n\r [1]\t\n\r "],
  ...[
    "{}",
    '{"a":1}',
    '{"a":1,"a":2}',
    '{"":0}',
    '{"\\u0000":0}',
    '{ "a" : [ ] }',
    '{"a":{"b":{}}}',
  ],
  ...["1e400", "-1e400", "1e-400", "9007199254740993", "1".repeat(400)],
];
const refused = [
  ...[
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "NULL",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "-",
    "+1",
  ],
  ...[
    "01",
    "-01",
    "1.",
    ".1",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "1 2",
    "--1",
    "1,",
    "0.e1",
    "1eE2",
    "１",
  ],
  ...[
    '"',
    '"a',
    'a"',
    "'a'",
    '"\\x"',
    '"\\u12"',
    '"\\u12G4"',
    '"\\"',
    '"\n"',
    '"\t"',
    '"\0"',
    '"\\a"',
    '"a"x',
  ],
  ...[
    "[",
    "]",
    "[1",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1}",
    "[1]]",
    "[*]",
    "[a]",
    "(1)",
    "<null>",
  ],
  ...[
    "{",
    "}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{a:1}",
    "{'a':1}",
    '{"a" 1}',
    '{"a":1 "b":2}',
    "{1:1}",
    '{"a":1]',
  ],
  ...[
    "\ufeff[]",
    "\u00a0[]",
    "\f[]",
    "\v[]",
    "\u2060[]",
    "[]\0",
    "\0",
    "/**/[]",
    "[]//",
    "[1]#",
    '{"a":1}}',
  ],
];
const notText = [
  "22ff22",
  "22c022",
  "22ed a0 8022",
  "22e28222",
  "22f8888080 8022",
  "5bfe5d",
  "fffe5b005d00",
];

interface SuiteCase {
  readonly name: string;
  /** Must, must not or may be read; nothing where only the meaning of it is asked about. */
  readonly json?: "y" | "n" | "i";
  readonly body: { readonly utf8?: string; readonly base64?: string };
}

/** What becomes of a genuine body: its value, or the code of the refusal. */
function read(bytes: Uint8Array): unknown {
  const delivery = { headers: { "x-signature": mac(secret, "hex", bytes) }, body: bytes };
  const verified = verifyHmac(delivery, { secret, header: "x-signature" });
  try {
    return { value: verified.json() };
  } catch (error) {
    expectSilent(error, ["Unexpected", "position"]);
    return isWebhookError(error) ? error.code : error;
  }
}

describe("json()", () => {
  it.each(accepted)("reads %j as JSON.parse does", (text) => {
    expect(read(Buffer.from(text))).toEqual({ value: JSON.parse(text) as unknown });
    expectPristine();
  });

  it.each(refused)("refuses %j", (text) => {
    expect(read(Buffer.from(text))).toBe("payload_not_json");
  });

  it.each(notText)("refuses the bytes %s, which are no text", (bytes) => {
    expect(read(Buffer.from(bytes.replaceAll(" ", ""), "hex"))).toBe("payload_not_utf8");
  });

  const suite = new URL("../../shared/vectors/c4-jsontestsuite.json", import.meta.url);

  // The collection is not part of the repository; the tables above are.
  it.runIf(existsSync(suite))("agrees with JSONTestSuite", () => {
    const { cases } = JSON.parse(readFileSync(suite, "utf8")) as { cases: SuiteCase[] };
    const unlike = cases.filter(({ json, body }) => {
      const bytes = Buffer.from(
        body.utf8 ?? body.base64 ?? "",
        body.utf8 === undefined ? "base64" : "utf8",
      );
      const isValue = typeof read(bytes) === "object";
      return (json === "y" && !isValue) || (json === "n" && isValue);
    });
    expect(unlike.map(({ name }) => name)).toEqual([]);
    expect(cases.length).toBeGreaterThan(300);
    expectPristine();
  });
});
