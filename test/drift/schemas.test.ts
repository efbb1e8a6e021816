import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as classic from "zod";
import * as z from "zod/mini";
import { driftIn } from "../../src/drift/drift-in.js";
import { open } from "../../src/internal/open.js";
import { prepared } from "../../src/internal/prepared.js";
import type { StandardSchema } from "../../src/internal/standard-schema.js";

/** What is new in an event, a line for each. */
function drift(schema: unknown, event: unknown): readonly string[] {
  return driftIn(schema, event).map(({ kind, path, type }) => `${kind} ${path} ${type}`);
}

const grades = ["a", "b"] as const;

/** The same schema in each library that can be read. */
const libraries: readonly [string, unknown][] = [
  [
    "Zod",
    classic.looseObject({
      id: classic.string(),
      grade: classic.union([classic.enum(grades), classic.string()]).optional(),
      level: classic.union([classic.literal([1, 2]), classic.number()]).nullish(),
      people: classic.record(classic.string(), classic.object({ age: classic.number() })),
      list: classic.array(classic.looseObject({ name: classic.string() })).readonly(),
      pair: classic.tuple(
        [classic.object({ x: classic.number() })],
        classic.object({ y: z.any() }),
      ),
      opaque: classic.looseObject({}).default({}),
      free: classic.unknown(),
      made: classic.looseObject({ old: classic.string() }).transform(({ old }) => ({ fresh: old })),
      kind: classic.discriminatedUnion("is", [
        classic.looseObject({ is: classic.literal("person"), name: classic.string() }),
        classic.looseObject({ is: classic.literal("firm"), vat: classic.string() }),
      ]),
      both: classic.intersection(
        classic.looseObject({ left: classic.string() }),
        classic.looseObject({ right: classic.boolean() }),
      ),
    }),
  ],
  [
    "Zod's small form",
    z.looseObject({
      id: z.string(),
      grade: z.optional(z.union([z.enum(grades), z.string()])),
      level: z.nullish(z.union([z.literal([1, 2]), z.number()])),
      people: z.record(z.string(), z.object({ age: z.number() })),
      list: z.readonly(z.array(z.looseObject({ name: z.string() }))),
      pair: z.tuple([z.object({ x: z.number() })], z.object({ y: z.any() })),
      opaque: z._default(z.looseObject({}), {}),
      free: z.unknown(),
      made: z.pipe(
        z.looseObject({ old: z.string() }),
        z.transform(({ old }) => ({ fresh: old })),
      ),
      kind: z.discriminatedUnion("is", [
        z.looseObject({ is: z.literal("person"), name: z.string() }),
        z.looseObject({ is: z.literal("firm"), vat: z.string() }),
      ]),
      both: z.intersection(
        z.looseObject({ left: z.string() }),
        z.looseObject({ right: z.boolean() }),
      ),
    }),
  ],
  [
    "Valibot",
    v.looseObject({
      id: v.string(),
      grade: v.optional(v.union([v.picklist(grades), v.string()])),
      level: v.nullish(v.union([v.literal(1), v.literal(2), v.number()])),
      people: v.record(v.string(), v.object({ age: v.number() })),
      list: v.pipe(v.array(v.looseObject({ name: v.string() })), v.readonly()),
      pair: v.tupleWithRest([v.object({ x: v.number() })], v.object({ y: v.any() })),
      opaque: v.optional(v.looseObject({}), {}),
      free: v.unknown(),
      made: v.pipe(
        v.looseObject({ old: v.string() }),
        v.transform(({ old }) => ({ fresh: old })),
      ),
      kind: v.variant("is", [
        v.looseObject({ is: v.literal("person"), name: v.string() }),
        v.looseObject({ is: v.literal("firm"), vat: v.string() }),
      ]),
      both: v.intersect([
        v.looseObject({ left: v.string() }),
        v.looseObject({ right: v.boolean() }),
      ]),
    }),
  ],
];

const known = {
  id: "1",
  grade: "a",
  level: 2,
  people: { "Mirela Dravetz": { age: 5 } },
  list: [{ name: "x" }, { name: "y" }],
  pair: [{ x: 1 }, { y: { deep: 1 } }],
  opaque: { anything: { at: "all" } },
  free: { anything: 1 },
  made: { old: "x" },
  kind: { is: "firm", vat: "1" },
  both: { left: "", right: true },
};

describe.each(libraries)("a schema of %s", (_name, schema) => {
  it("has no drift in what it declares", () => {
    expect(drift(schema, known)).toEqual([]);
    expect(drift(schema, { ...known, grade: undefined, level: null })).toEqual([]);
  });

  it.each<[change: object, ...expected: string[]]>([
    [{ novel: "x" }, "key novel string"],
    [{ "Mirela Dravetz": 1 }, "key * number"],
    [{ grade: "c" }, "value grade string"],
    [{ level: 3 }, "value level number"],
    [{ level: "3" }],
    [{ people: { "Nives Altamira": { age: 5, novel: [] } } }, "key people.*.novel array"],
    [
      { list: [{ novel: 1 }, { novel: null }, { novel: 2 }] },
      ...["key list.*.novel number", "key list.*.novel null"],
    ],
    [{ pair: [{ x: 1, y: 1 }, { x: 1 }] }, "key pair.*.y number", "key pair.*.x number"],
    [{ opaque: [1, { a: 1 }] }],
    [{ made: { fresh: {} } }, "key made.fresh object"],
    [{ kind: { is: "person", vat: "1" } }, "key kind.vat string"],
    [
      { kind: { is: "third", vat: "1", name: "n", novel: true } },
      "value kind.is string",
      "key kind.novel boolean",
    ],
    [{ both: { left: "", right: true, third: 1 } }, "key both.third number"],
    // Not what the schema lets through, so the event has been refused before.
    [{ id: { novel: 1 }, list: "x", people: null, kind: [] }],
  ])("has, with %j, exactly the drift there is", (change, ...expected) => {
    expect(drift(schema, { ...known, ...change })).toEqual(expected);
  });
});

describe("keys", () => {
  it.each<[string, unknown]>([
    ["that are stripped", z.object({ a: z.string() })],
    ["that Zod passes", classic.object({ a: classic.string() }).passthrough()],
    ["of a rest that says nothing", z.catchall(z.object({ a: z.string() }), z.unknown())],
    ["that Valibot strips", v.object({ a: v.string() })],
    ["that Valibot refuses", v.strictObject({ a: v.string() })],
    ["that Zod refuses", z.strictObject({ a: z.string() })],
    [
      "beside what JSON has none of",
      z.union([z.date(), z.undefined(), z.looseObject({ a: z.any() })]),
    ],
    ["beside nothing", v.nullish(v.union([v.null(), v.boolean(), v.object({ a: v.any() })]))],
    ["of a rest of Valibot's that says nothing", v.objectWithRest({ a: v.string() }, v.unknown())],
    ["of a copy", z.extend(z.looseObject({ a: z.string() }), { c: z.string() })],
  ])("%s are drift", (_name, schema) => {
    expect(drift(schema, { a: "", b: "" })).toEqual(["key b string"]);
  });

  it.each<[string, unknown]>([
    ["of a rest that is declared", z.catchall(z.object({ a: z.string() }), z.any())],
    ["of a rest of objects", z.catchall(z.object({ a: z.string() }), z.looseObject({}))],
    ["of a rest of Valibot's", v.objectWithRest({ a: v.string() }, v.any())],
    ["of an object that declares none", z.object({})],
    ["of what anything may be", z.union([z.looseObject({ a: z.string() }), z.any()])],
    ["of what another library checks", type({ a: "string" })],
    ["of a check of the user's own", z.custom()],
    ["of a map", z.map(z.string(), z.string())],
    [
      "of what is made before it is checked",
      z.pipe(
        z.transform((x) => x),
        z.looseObject({ a: z.any() }),
      ),
    ],
    ["of an instance", v.instance(Date)],
    ["of no schema", undefined],
    ["of what is no schema", "text"],
  ])("%s are none", (_name, schema) => {
    expect(drift(schema, { a: "", b: { c: 1 } })).toEqual([]);
    const outer = z.looseObject({ in: z.lazy(() => schema as never) });
    expect(drift(outer, { in: { a: "", b: 1 } })).toEqual([]);
  });

  it("of a rest are shown as *, whatever stands in them", () => {
    const rest = z.catchall(z.object({ id: z.string() }), z.looseObject({ status: z.string() }));
    expect(drift(rest, { id: "", mirela: { status: "", novel: 1 } })).toEqual([
      "key *.novel number",
    ]);
    const either = z.union([rest, z.object({ mirela: z.object({ status: z.string() }) })]);
    expect(drift(either, { id: "", mirela: { novel: 1 } })).toEqual(["key mirela.novel number"]);
  });

  it.each([
    ...["novel", "novelKey", "novel_key", "novel-key", "_novel", "a.b", "line1", "ipv4_address"],
    ...["document2-uploaded", "constructor", "__proto__", "x".repeat(64)],
  ])("that look like a name are shown: %s", (key) => {
    const event = JSON.parse(`{${JSON.stringify(key)}:1}`);
    expect(drift(z.looseObject({ a: z.any() }), event)).toEqual([`key ${key} number`]);
  });

  it.each([
    ...[
      "",
      "Mirela Dravetz",
      "Müller",
      "0a",
      "1990-01-01",
      "AB1234567",
      "a@b.test",
      "d41d8cd98f00b204",
    ],
    ...[
      "deadbeef",
      "b86a3cbe-7880-4759-a4f3-9bcabac3cf3c",
      "x".repeat(65),
      "a/b",
      "a\nb",
      "-a",
      ".a",
    ],
    ...["id_4711", "x_1ed2fb46-8271", "\u0430bc", "k-1990-01-01"],
  ])("that do not are hidden: %j", (key) => {
    const event = JSON.parse(`{${JSON.stringify(key)}:1}`);
    expect(drift(z.looseObject({ a: z.any() }), event)).toEqual(["key * number"]);
  });
});

describe("values", () => {
  const openWords = open(z.string(), ["a", "b"]);

  it.each<[string, unknown]>([
    ["an open list of ours", openWords],
    ["one that may be absent", z.nullish(openWords)],
    ["a list or any text", z.union([z.enum(["a", "b"]), z.string()])],
    ["a list that falls back", z.catch(z.enum(["a", "b"]), "a")],
    ["literals or any text", classic.union([z.literal("a"), z.literal("b"), classic.string()])],
    ["Valibot's enumeration or any text", v.union([v.enum({ A: "a", B: "b" }), v.string()])],
  ])(
    "that are not named by %s are drift, and those that are, or of another type, are none",
    (...given) => {
      const [, schema] = given;
      const at = (grade: unknown) => drift(z.looseObject({ grade: schema as never }), { grade });
      expect(["a", "b", 5, null, true].flatMap(at)).toEqual([]);
      expect([at("c"), at("A"), at("")]).toEqual(Array(3).fill(["value grade string"]));
    },
  );

  it.each<[string, unknown]>([
    ["no list", z.string()],
    ["a word or a text of some form", z.union([z.literal("never"), z.iso.date()])],
    [
      "a word or a text with a check",
      z.union([z.literal("never"), z.string().check(z.minLength(3))]),
    ],
    [
      "a word or a text of Valibot's with a check",
      v.union([v.literal("never"), v.pipe(v.string(), v.email())]),
    ],
    ["a word or a template", z.union([z.literal("never"), z.templateLiteral(["x", z.number()])])],
    ["a word or anything", z.union([z.literal("never"), z.unknown()])],
    ["a number or any text", z.union([z.literal(5), z.string()])],
    ["nothing, a flag or a text", z.union([z.null(), z.boolean(), z.undefined(), z.string()])],
    ["nothing that JSON has", z.union([z.bigint(), z.date(), z.literal("x"), z.any()])],
  ])("are no drift where any may come, as with %s", (_name, schema) => {
    expect(drift(z.looseObject({ at: schema as never }), { at: "2026-01-01" })).toEqual([]);
  });

  it("of an open list are taken as any text by the schema itself", () => {
    expect(z.safeParse(openWords, "c").success).toBe(true);
    expect(z.safeParse(openWords, 5).success).toBe(false);
  });

  it("of an open list tell no alternatives apart", () => {
    const either = z.union([
      z.looseObject({ grade: openWords, left: z.string() }),
      z.looseObject({ right: z.string() }),
    ]);
    expect(drift(either, { grade: "c", left: "", right: "" })).toEqual(["value grade string"]);
  });

  it("at the top are at no path", () => {
    expect(drift(openWords, "c")).toEqual(["value  string"]);
  });
});

describe("items of an array", () => {
  const item = { a: "", b: 1 };

  it.each<[string, unknown]>([
    ["Zod", z.tuple([z.object({ a: z.string() })])],
    ["Valibot, none else allowed", v.strictTuple([v.object({ a: v.string() })])],
    ["Valibot, others left out", v.tuple([v.object({ a: v.string() })])],
    ["Valibot, others kept", v.looseTuple([v.object({ a: v.string() })])],
    ["either of two", z.union([z.tuple([z.object({ a: z.string() })]), z.string()])],
  ])("are held against the schema of their place, where it has one: %s", (_name, schema) => {
    expect(drift(schema, [item])).toEqual(["key *.b number"]);
    expect(drift(schema, [{ a: "" }, item])).toEqual([]);
    expect(drift(schema, item)).toEqual([]);
  });

  it("are looked at no further than any of them has a schema", () => {
    const list = Array.from({ length: 1000 }, () => item);
    let seen = 0;
    const entries = list.entries.bind(list);
    list.entries = function* () {
      for (const entry of entries()) {
        seen += 1;
        yield entry;
      }
    } as typeof list.entries;
    expect(drift(z.tuple([z.looseObject({ a: z.string() })]), list)).toEqual(["key *.b number"]);
    expect(seen).toBeLessThan(10);
  });

  it("are held against all that an array may hold", () => {
    const either = z.union([
      z.array(z.looseObject({ a: z.string() })),
      z.array(z.looseObject({ b: z.number() })),
    ]);
    expect(drift(either, [item, { c: 1 }])).toEqual(["key *.c number"]);
  });
});

describe("schemas in wrappers", () => {
  const schema = z.looseObject({ a: z.string() }) as unknown as StandardSchema;

  it("are looked at where the wrapper is of the same event", () => {
    const wrapper = { "~standard": schema["~standard"], schema };
    expect(drift(wrapper, { b: 1 })).toEqual(["key b number"]);
  });

  it("are not where the event is prepared for them, but for what is known of it as sent", () => {
    const prepare = (event: unknown) => event;
    expect(drift(prepared(prepare, { schema }).schema, { b: 1 })).toEqual([]);
    const sent = { schema: z.looseObject({ b: z.number() }) as unknown as StandardSchema };
    expect(drift(prepared(prepare, { schema }, sent).schema, { a: "", b: 1 })).toEqual([
      "key a string",
    ]);
  });
});

describe("schemas behind a function", () => {
  it.each<[string, unknown]>([
    [
      "Zod",
      (() => {
        const node: z.ZodMiniType = z.looseObject({ next: z.optional(z.lazy(() => node)) });
        return node;
      })(),
    ],
    [
      "Valibot",
      (() => {
        const node: v.GenericSchema = v.looseObject({ next: v.optional(v.lazy(() => node)) });
        return node;
      })(),
    ],
  ])("of %s may hold themselves", (_name, schema) => {
    expect(drift(schema, { next: { next: { novel: 1 } } })).toEqual(["key next.next.novel number"]);
  });

  it("are let alone where they go on for ever, want the event, fail, or are late", () => {
    const endless: z.ZodMiniType = z.lazy(() => z.union([z.lazy(() => endless), z.string()]));
    const anew = (): z.ZodMiniType => z.lazy(anew);
    const lazies = [
      endless,
      anew(),
      v.lazy((input) => ((input as { a: 1 }).a === 1 ? v.string() : v.number())),
      v.lazyAsync(async () => v.looseObject({ a: v.any() })),
      z.lazy(() => {
        throw new Error("no schema");
      }),
    ];
    for (const lazy of lazies) expect(drift(lazy, { b: 1 })).toEqual([]);
  });
});

describe("the look at an event", () => {
  const list = z.looseObject({ list: z.array(z.looseObject({ a: z.any() })) });
  const node: z.ZodMiniType = z.looseObject({ next: z.optional(z.lazy(() => node)), a: z.any() });

  it("ends in an array of any length", () => {
    const long = Array.from({ length: 200_000 }, () => ({ b: 1 }));
    const event = { list: [...long, { late: 1 }] };
    expect(drift(list, event)).toEqual(["key list.*.b number"]);
  });

  it("ends in an object of any size", () => {
    const keys = Array.from({ length: 50_000 }, (_one, index) => [
      `k${String.fromCharCode(97 + (index % 26), 97 + (Math.floor(index / 26) % 26))}${"z".repeat(index / 676)}`,
      1,
    ]);
    const found = driftIn(z.looseObject({ a: z.any() }), Object.fromEntries(keys));
    expect(found.length).toBeGreaterThan(1000);
    expect(found.length).toBeLessThanOrEqual(10_000);
    const inner = { list: [Object.fromEntries(keys), { novel: 1 }] };
    expect(drift(list, inner)).not.toContain("key list.*.novel number");
  });

  it("ends in an event of any depth", () => {
    const deep = JSON.parse(`${'{"next":'.repeat(5000)}{"b":1}${"}".repeat(5000)}`);
    expect(drift(node, deep)).toEqual([]);
    expect(drift(node, { next: deep, b: 1 })).toEqual(["key b number"]);
  });

  it("takes what is called like something inherited for what it is", () => {
    const event = JSON.parse('{"__proto__":{"b":1},"constructor":{"c":1},"a":1}');
    expect(drift(z.looseObject({ a: z.any() }), event)).toEqual([
      "key __proto__ object",
      "key constructor object",
    ]);
    expect(drift(z.looseObject({ constructor: z.looseObject({ d: z.any() }) }), event)).toEqual([
      "key __proto__ object",
      "key constructor.c number",
      "key a number",
    ]);
  });
});

describe("what is reported", () => {
  // None is a name, nor part of one.
  const needles = [
    ...["Mirela Dravetz", "AB1234567", "1990-01-01", "b86a3cbe-7880-4759-a4f3-9bcabac3cf3c"],
    ...["mirela@dravetz.test", "+43 660 4711", "d41d8cd98f00b204e9800998ecf8427e", "Ünal"],
  ];
  const needle = fc.constantFrom(...needles);
  const names = Object.keys(known);
  const key = fc.oneof(needle, fc.constantFrom(...names, "novel", "is", "name", "age", "left"));
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 6 },
      needle,
      fc.constantFrom(null, true, 5),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(key, tie("json"), { maxKeys: 6 }),
    ),
  }));

  it.each(libraries)("never holds a value, nor a key that is no name: %s", (_name, schema) => {
    fc.assert(
      fc.property(json, fc.dictionary(fc.constantFrom(...names), json), (whole, parts) => {
        const told = JSON.stringify([
          driftIn(schema, whole),
          driftIn(schema, { ...known, ...parts }),
        ]);
        for (const one of needles) expect(told).not.toContain(one);
        // What it says is made of names and stars alone.
        for (const { path } of driftIn(schema, { ...known, ...parts })) {
          expect(path).toMatch(/^(?:(?:[a-z]+|\*)(?:\.|$))*$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
