import { createHash } from "node:crypto";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as v from "zod";
import * as z from "zod/mini";
import type { StandardSchema } from "../src/internal/standard-schema.js";
import type { Message } from "../src/message.js";
import { defineProvider } from "../src/provider.js";
import { createReceiver } from "../src/receiver.js";
import { hmac } from "../src/schemes/hmac.js";
import { svix } from "../src/schemes/svix.js";
import { signDelivery, tamper } from "../src/testing.js";
import { codeOf } from "./helpers/code-of.js";
import { mac, svixHeaders } from "./helpers/sign.js";

const secret = "It's a Secret to Everybody";

it("takes no event for valid whose validated value cannot be read", async () => {
  const validate = () => ({
    get value(): never {
      throw new Error("out of reach");
    },
  });
  const provider = defineProvider({
    name: "odd",
    scheme: hmac({ secret, header: "x-signature" }),
    schema: { "~standard": { version: 1, vendor: "test", validate } },
  });
  const headers = { "x-signature": mac(secret, "hex", "{}") };
  expect(await codeOf(() => provider.verify({ headers, body: "{}" }))).toBe("payload_invalid");
});

describe("a sixth provider: GitHub, as a user declares it", () => {
  const github = defineProvider({
    name: "github",
    scheme: hmac({ secret, header: "x-hub-signature-256", prefix: "sha256=" }),
    schema: {
      push: z.looseObject({ ref: z.string(), after: z.string() }),
      ping: z.looseObject({ zen: z.string() }),
    },
    type: (_event, { header }) => header("x-github-event"),
    subject: (event) => (event as { repository?: { full_name?: string } }).repository?.full_name,
  });
  const body = JSON.stringify({
    ref: "refs/heads/main",
    after: "abc",
    repository: { full_name: "a/b" },
  });
  const headers = {
    "X-GitHub-Event": "push",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-Hub-Signature-256": `sha256=${mac(secret, "hex", body)}`,
  };

  it("verifies and reads, with types", async () => {
    const message = await github.verify({ headers, body });
    expect(message).toMatchObject({
      provider: "github",
      known: true,
      type: "push",
      // The delivery's header is not signed, so the body names the message.
      id: createHash("sha256").update(body).digest("hex"),
      subject: "a/b",
    });
    if (message.known && message.type === "push") {
      expectTypeOf(message.event.ref).toEqualTypeOf<string>();
      expect(message.event.ref).toBe("refs/heads/main");
    }
  });

  it("has every ability of the built-in ones: receiving, claims, unknown types, signing in tests", async () => {
    const refs: string[] = [];
    const receiver = createReceiver(github, {
      on: { push: ({ ref }) => refs.push(ref) },
    });
    expect((await receiver.receive({ headers, body })).kind).toBe("handled");
    expect((await receiver.receive({ headers, body })).kind).toBe("duplicate");
    expect(
      (await receiver.receive({ headers: { ...headers, "X-GitHub-Event": "star" }, body })).kind,
    ).toBe("ignored");
    expect(refs).toEqual(["refs/heads/main"]);

    const signed = signDelivery(github, { ref: "refs/heads/x", after: "d" });
    const sent = { ...signed, headers: { ...signed.headers, "x-github-event": "push" } };
    expect((await receiver.receive(sent)).kind).toBe("handled");
    expect(await receiver.receive(tamper(signed, "body"))).toMatchObject({
      kind: "rejected",
      error: { code: "signature_mismatch" },
    });
  });

  it("agrees with the vector that GitHub documents", async () => {
    const published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const delivery = { headers: { "x-hub-signature-256": published }, body: "Hello, World!" };
    expect(await codeOf(() => github.verify(delivery))).toBe("payload_not_json");
  });
});

describe("defineProvider", () => {
  const scheme = hmac({ secret, header: "s" });
  const signed = (event: unknown) => {
    const body = JSON.stringify(event);
    return { headers: { s: mac(secret, "hex", body) }, body };
  };
  const created = z.looseObject({ type: z.literal("created"), at: z.optional(z.unknown()) });

  it("reads the type from the field type, and the id from a hash of the body", async () => {
    const provider = defineProvider({ name: "p", scheme, schema: { created } });
    const message = await provider.verify(signed({ type: "created" }));
    expect(message).toMatchObject({ known: true, type: "created" });
    expect(message.id).toBe(createHash("sha256").update('{"type":"created"}').digest("hex"));
  });

  it("takes the scheme's id before a hash, and the provider's before both", async () => {
    const key = Buffer.alloc(24, 1);
    const now = () => 1_700_000_000_000;
    const body = '{"type":"created","id":"own"}';
    const delivery = { headers: svixHeaders(key, { body }), body };
    const facts = { name: "p", scheme: svix({ secret: key, now }), schema: { created } };
    expect((await defineProvider(facts).verify(delivery)).id).toBe("msg_1");
    expect((await defineProvider({ ...facts, id: "id" }).verify(delivery)).id).toBe("own");
    expect((await defineProvider({ ...facts, id: "other" }).verify(delivery)).id).toBe("msg_1");
  });

  it("takes one validator for all events", async () => {
    const schema = v.discriminatedUnion("kind", [
      v.object({ kind: v.literal("a"), n: v.number() }),
      v.object({ kind: v.literal("b") }),
    ]);
    const provider = defineProvider({ name: "p", scheme, schema, type: "kind" });
    expect(await provider.verify(signed({ kind: "a", n: 1 }))).toMatchObject({
      known: true,
      type: "a",
    });
    expect(await codeOf(() => provider.verify(signed({ kind: "c" })))).toBe("payload_invalid");
    const untyped = defineProvider({ name: "p", scheme, schema });
    expect(await untyped.verify(signed({ kind: "b" }))).toMatchObject({
      known: true,
      type: "event",
    });
    expect(provider.types).toEqual([]);
  });

  it("takes any Standard Schema validator, and waits for one that takes its time", async () => {
    const slow: StandardSchema<{ ok: true }> = {
      "~standard": { version: 1, vendor: "test", validate: async () => ({ value: { ok: true } }) },
    };
    const provider = defineProvider({ name: "p", scheme, schema: { created: slow } });
    expect(await provider.verify(signed({ type: "created" }))).toMatchObject({
      event: { ok: true },
    });
    const callable = Object.assign(() => undefined, slow);
    expect(
      await defineProvider({ name: "p", scheme, schema: callable }).verify(signed({})),
    ).toMatchObject({ event: { ok: true } });
  });

  it("keeps messages of unknown types, and never decides on them", async () => {
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      decision: () => "positive",
      flags: () => ["subject_conflict"],
      subject: "who",
      occurredAt: "at",
    });
    expect(
      await provider.verify(signed({ type: "renamed", who: 5, at: "2026-01-01T00:00:00Z" })),
    ).toMatchObject({
      known: false,
      type: "renamed",
      subject: "5",
      occurredAt: new Date("2026-01-01T00:00:00Z"),
      flags: [],
    });
    for (const event of [{}, { type: "" }, { type: 1.5 }, { type: {} }, [], "text", 5, null]) {
      const message = await provider.verify(signed(event));
      expect(message).toMatchObject({ known: false, type: "unknown", event });
      expect(message.decision).toBeUndefined();
    }
    const known = await provider.verify(signed({ type: "created" }));
    expect(known).toMatchObject({ known: true, decision: "positive", flags: ["subject_conflict"] });
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "knows no type called %s",
    async (type) => {
      const provider = defineProvider({ name: "p", scheme, schema: { created } });
      const body = `{"type":"${type}"}`;
      const delivery = { headers: { s: mac(secret, "hex", body) }, body };
      expect(await provider.verify(delivery)).toMatchObject({ known: false, type });
    },
  );

  it("lets only the provider's function flag, not the event", async () => {
    const plain = defineProvider({ name: "p", scheme, schema: { created } });
    const sly = signed({ type: { type: "created", flags: ["type_inferred"] } });
    expect(await plain.verify(sly)).toMatchObject({ known: false, type: "unknown", flags: [] });
    const flagging = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      type: () => ({ type: "created", flags: ["type_inferred"] }),
    });
    expect(await flagging.verify(signed({ type: "created" }))).toMatchObject({
      flags: ["type_inferred"],
    });
    const nothing = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      type: () => null as never,
    });
    expect(await nothing.verify(signed({ type: "created" }))).toMatchObject({ known: false });
  });

  it("takes no word for a doubt but those there are", async () => {
    const echo = (event: unknown) => (event as { type: unknown }).type as never;
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      type: echo,
      flags: () => 5 as never,
    });
    for (const flags of [{}, 5, ["paid"], [{}], undefined]) {
      expect(await provider.verify(signed({ type: { type: "renamed", flags } }))).toMatchObject({
        known: false,
        flags: [],
      });
    }
    expect(await provider.verify(signed({ type: "created" }))).toMatchObject({
      known: true,
      flags: [],
    });
  });

  it("waits for a type that takes its time, and refuses where that fails", async () => {
    const late = (outcome: () => Promise<string>) =>
      defineProvider({ name: "p", scheme, schema: { created }, type: outcome as never });
    expect(await late(async () => "created").verify(signed({ type: "created" }))).toMatchObject({
      known: true,
    });
    const failing = late(() => Promise.reject(new Error("no")));
    expect(await codeOf(() => failing.verify(signed({ type: "created" })))).toBe("payload_invalid");
  });

  it("finds the id that a validator strips", async () => {
    const stripping = v.object({ type: v.literal("created") });
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created: stripping },
      id: "id",
    });
    const message = await provider.verify(signed({ type: "created", id: "evt_1", attempt: 2 }));
    expect(message).toMatchObject({ id: "evt_1", event: { type: "created" } });
  });

  it.each([
    undefined,
    null,
    { issues: 5 },
    { issues: [null] },
    { issues: [{ message: "", path: 5 }] },
    { issues: [{ message: "", values: [1n] }] },
  ])("refuses the event where a validator answers %o", async (answer) => {
    const odd: StandardSchema = {
      "~standard": { version: 1, vendor: "test", validate: () => answer as never },
    };
    const provider = defineProvider({ name: "p", scheme, schema: { created: odd } });
    expect(await codeOf(() => provider.verify(signed({ type: "created" })))).toBe(
      "payload_invalid",
    );
  });

  it.each([
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04Z", "2026-01-02T03:04:00.000Z"],
    ["2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123Z"],
    ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"],
    ["2026-01-02T03:04:05", undefined],
    ["2026-13-45T03:04:05Z", undefined],
    ["2026", undefined],
    ["5", undefined],
    [1_700_000_000, undefined],
    ["+012026-01-02T03:04:05Z", undefined],
    [["2026-01-02T03:04:05Z"], undefined],
    [null, undefined],
  ])("reads the time %s as %s", async (at, expected) => {
    const provider = defineProvider({ name: "p", scheme, schema: { created }, occurredAt: "at" });
    const { occurredAt } = await provider.verify(signed({ type: "created", at }));
    expect(occurredAt?.toISOString()).toBe(expected);
  });

  it("leaves out what it does not know", async () => {
    const provider = defineProvider({ name: "p", scheme, schema: { created } });
    const message = await provider.verify(signed({ type: "created" }));
    const known = ["delivery", "event", "flags", "id", "known", "provider", "type"];
    expect(Object.keys(message).sort()).toEqual(known);
  });

  it("takes no field for a fact that it was not told of", async () => {
    const provider = defineProvider({ name: "p", scheme, schema: { created } });
    const message = await provider.verify(signed({ type: "created", undefined: "chosen" }));
    expect(message.id).toHaveLength(64);
  });

  it("finds no field in what is no object", async () => {
    const provider = defineProvider({ name: "p", scheme, schema: { created }, type: "length" });
    expect(await provider.verify(signed("text"))).toMatchObject({ known: false, type: "unknown" });
  });

  it.each([undefined, null, 5])("refuses %s for a delivery", async (delivery) => {
    const provider = defineProvider({ name: "p", scheme, schema: { created } });
    expect(await codeOf(() => provider.verify(delivery as never))).toBe("body_unreadable");
  });

  it("takes a Date from a function", async () => {
    const date = new Date(5);
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      occurredAt: () => date,
    });
    expect((await provider.verify(signed({ type: "created" }))).occurredAt).toEqual(date);
  });

  it("calls what decides and what doubts on the declaration that they are part of", async () => {
    const declaration = {
      name: "p",
      scheme,
      schema: { created },
      docs: "https://example.test",
      decision() {
        return this.docs === "https://example.test" ? ("positive" as const) : undefined;
      },
      flags() {
        return this.docs === "https://example.test" ? (["subject_conflict"] as const) : [];
      },
    };
    const message = await defineProvider(declaration).verify(signed({ type: "created" }));
    expect(message).toMatchObject({ decision: "positive", flags: ["subject_conflict"] });
  });

  it("does without a fact whose function throws, and refuses where the type's does", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      id: broken,
      subject: broken,
      occurredAt: broken,
      decision: broken,
      flags: broken,
    });
    const message = await provider.verify(signed({ type: "created" }));
    expect(message).toMatchObject({ known: true, flags: [] });
    expect(message.id).toHaveLength(64);
    expect(message).not.toHaveProperty("subject");
    expect(message).not.toHaveProperty("decision");
    const lost = defineProvider({ name: "p", scheme, schema: { created }, type: broken });
    expect(await codeOf(() => lost.verify(signed({ type: "created" })))).toBe("payload_invalid");
  });

  it("reads a message that is proven already, without headers", async () => {
    const provider = defineProvider({
      name: "p",
      scheme,
      schema: { created },
      type: (_event, { header }) => header("x-type") ?? "created",
    });
    const { delivery } = await provider.verify(signed({ type: "created" }));
    expect((await provider.read(delivery)).type).toBe("created");
    const doubled = { "x-type": ["a", "b"] };
    expect((await provider.read(delivery, doubled)).type).toBe("created");
    expect((await provider.read(delivery, { "X-Type": "other" })).type).toBe("other");
  });

  it("carries what is known of the sender", () => {
    const facts = {
      docs: "https://example.test",
      timeoutMs: 5000,
      retry: { delaysSeconds: [1], source: "x" },
    };
    const provider = defineProvider({ name: "p", scheme, schema: { created }, ...facts });
    expect(provider).toMatchObject({ name: "p", types: ["created"], scheme, ...facts });
    const bare = defineProvider({ name: "p", scheme, schema: { created } });
    expect(Object.keys(bare).sort()).toEqual([
      "name",
      "read",
      "schema",
      "scheme",
      "types",
      "verify",
    ]);
  });

  it("has messages that are typed by what they hold", () => {
    expectTypeOf<Message<{ a: 1 }>>()
      .extract<{ known: true }>()
      .toHaveProperty("event")
      .toEqualTypeOf<{ a: 1 }>();
    expectTypeOf<Message>().extract<{ known: false }>().toHaveProperty("event").toBeUnknown();
  });

  it.each([
    { name: "" },
    { name: "With Space" },
    { name: "UPPER" },
    { name: 5 },
    { scheme: undefined },
    { scheme: {} },
    { schema: undefined },
    { schema: {} },
    { schema: { created: {} } },
    { schema: { created, deleted: 5 } },
    // Part of the keys in a store, before a colon.
    { name: "p:" },
    { name: " p" },
    { schema: 5 },
    { type: 5 },
    { id: 5 },
    { subject: {} },
    { occurredAt: 5 },
    { decision: "positive" },
    { flags: [] },
    { timeoutMs: 0 },
    { timeoutMs: 1.5 },
    { events: {} },
  ])("refuses %o", async (odd) => {
    const definition = { name: "p", scheme, schema: { created }, ...odd };
    expect(await codeOf(() => defineProvider(definition as never))).toBe("option_invalid");
  });
});

describe("what an off-schema event says", () => {
  const scheme = hmac({ secret, header: "s" });
  const issuesOf = async (schema: StandardSchema, event: unknown) => {
    const body = JSON.stringify(event);
    const provider = defineProvider({ name: "p", scheme, schema });
    try {
      await provider.verify({ headers: { s: mac(secret, "hex", body) }, body });
    } catch (error) {
      return (error as { details: { issues: unknown } }).details.issues;
    }
    return undefined;
  };

  it("is where, and what was expected", async () => {
    const schema = v.object({
      payload: v.object({ status: v.enum(["a", "b"]), list: v.array(v.object({ n: v.number() })) }),
    });
    const issues = await issuesOf(schema, {
      payload: { status: "Nives", list: [{ n: "Ałtamira" }] },
    });
    expect(issues).toEqual([
      { path: "payload.status", expected: 'one of "a", "b"' },
      { path: "payload.list.0.n", expected: "number" },
    ]);
  });

  it("names no key that the sender chose", async () => {
    const schema = v.object({ checks: v.record(v.string(), v.object({ ok: v.boolean() })) });
    const issues = await issuesOf(schema, {
      checks: { AB1234567: { ok: 1 }, "Nives Ałtamira": {}, nives: 1, def: 1, __proto__: {} },
    });
    expect(issues).toEqual([
      { path: "checks.*.ok", expected: "boolean" },
      { path: "checks.*.ok", expected: "boolean" },
      { path: "checks.*", expected: "object" },
      { path: "checks.*", expected: "object" },
    ]);
  });

  it("names fields where a validator gives them as objects, and those that Valibot declares", async () => {
    const inner = { "~standard": { version: 1, vendor: "t", validate: () => ({ issues: [] }) } };
    const schema = {
      "~standard": {
        version: 1,
        vendor: "t",
        validate: () => ({
          issues: [
            { message: "m", path: [{ key: "list" }, { key: 0 }, { key: "name" }] },
            { message: "m", path: [null as never, "name"] },
            { message: "m", path: [{ key: "nives" }] },
          ],
        }),
      },
      entries: { list: { ...inner, item: { ...inner, entries: { name: inner } } } },
      nives: inner,
    } as unknown as StandardSchema;
    expect(await issuesOf(schema, { list: [{ name: 1 }] })).toStrictEqual([
      { path: "list.0.name" },
      { path: "*.name" },
      { path: "*" },
    ]);
  });

  it("names every field that the schema declares, wherever it is", async () => {
    interface Node {
      next?: Node | undefined;
      given_name: string;
    }
    const node: v.ZodType<Node> = v.object({
      given_name: v.string(),
      get next() {
        return v.optional(node);
      },
    });
    const schema = v.pipe(
      v.transform((body: unknown) => body),
      v.looseObject({
        a1: v.nullish(v.object({ "b-c": v.string() })),
        list: v.array(v.tuple([v.string(), node])),
        kind: v.discriminatedUnion("type", [
          v.object({ type: v.literal("x"), x: v.string() }),
          v.object({ type: v.literal("y"), y: v.object({ Z: v.string() }).catchall(v.null()) }),
        ]),
        late: v.lazy(() => v.object({ later: v.string() })),
        both: v.intersection(v.object({ left: v.string() }), v.object({ right: v.string() })),
      }),
    );
    const issues = await issuesOf(schema, {
      a1: {},
      list: [["", { given_name: "", next: { next: { given_name: 5 } } }]],
      kind: { type: "y", y: { nives: 1 } },
      late: {},
      both: {},
    });
    expect((issues as { path: string }[]).map(({ path }) => path)).toEqual([
      "a1.b-c",
      "list.0.1.next.given_name",
      "list.0.1.next.next.given_name",
      "kind.y.Z",
      "kind.y.*",
      "late.later",
      "both.left",
      "both.right",
    ]);
  });

  it("names positions in arrays, and no number that the sender chose", async () => {
    const phone = 48_600_100_200;
    const schema = v.pipe(
      v.looseObject({}),
      v.pipe(
        v.transform(({ list }: { list?: unknown }) => ({
          list,
          map: new Map<number, unknown>([[phone, 1]]),
        })),
        v.object({
          list: v.array(v.string()),
          map: v.map(v.number(), v.unknown().pipe(v.string())),
        }),
      ),
    );
    expect(await issuesOf(schema, { list: ["", 1] })).toEqual([
      { path: "list.1", expected: "string" },
      { path: "map.*", expected: "string" },
    ]);
  });

  it("is bounded, also for a schema without end and an event as deep", async () => {
    const endless = (): v.ZodType =>
      v.looseObject({ next: v.optional(v.lazy(endless)), n: v.number() });
    let event = {};
    for (let depth = 0; depth < 100; depth += 1) event = { next: event, n: 1 };
    const issues = await issuesOf(endless(), event);
    expect(issues).toEqual([{ path: `${"next.".repeat(20)}`.slice(0, -1), expected: "number" }]);
  });

  it("leaves out messages and what a validator throws, both of which may quote the event", async () => {
    const quoting: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => ({
          issues: [
            { message: `received ${JSON.stringify(value)}`, path: [{ key: "name" }, Symbol("s")] },
            { message: "received Nives" },
          ],
        }),
      },
    };
    expect(await issuesOf(quoting, { name: "Nives" })).toEqual([{ path: "*.*" }, { path: "" }]);
    const throwing: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          throw new Error(JSON.stringify(value));
        },
      },
    };
    expect(await issuesOf(throwing, { name: "Nives" })).toEqual([]);
  });

  it("names the type where the schemas know it, and not where the sender may write anything there", async () => {
    const body = '{"type":"created"}';
    const delivery = { headers: { s: mac(secret, "hex", body) }, body };
    const schema = v.object({ n: v.number() });
    const issues = [{ path: "n", expected: "number" }];
    await expect(
      defineProvider({ name: "p", scheme, schema: { created: schema } }).verify(delivery),
    ).rejects.toMatchObject({ details: { type: "created", issues } });
    await expect(
      defineProvider({ name: "p", scheme, schema }).verify(delivery),
    ).rejects.toHaveProperty("details", { issues });
  });

  it("is at most twenty issues long", async () => {
    const schema = v.array(v.number());
    expect(await issuesOf(schema, Array(500).fill("x"))).toHaveLength(20);
  });
});
