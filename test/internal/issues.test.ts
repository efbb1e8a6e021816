import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as classic from "zod";
import * as z from "zod/mini";
import { isWebhookError } from "../../src/errors.js";
import { defineProvider } from "../../src/provider.js";
import { hmac } from "../../src/schemes/hmac.js";
import { signDelivery } from "../../src/testing.js";
import { leaksOf } from "../helpers/leaks.js";

const person = "Nives Altamira, 1990-01-01";
const scheme = hmac({ secret: "a-secret-for-the-tests", header: "x-signature" });

interface Issue {
  readonly path: string;
  readonly expected?: string;
}

/** What an error says of an event that does not fit; never what stood in it. */
async function issuesOf(schema: unknown, event: unknown): Promise<readonly Issue[]> {
  const provider = defineProvider({ name: "p", scheme, schema: schema as never });
  try {
    await provider.verify(signDelivery(provider, event));
  } catch (error) {
    if (!isWebhookError(error, "payload_invalid")) throw error;
    expect(leaksOf(error, [person])).toEqual([]);
    return error.details.issues as readonly Issue[];
  }
  throw new Error("the event fits");
}

const event = { status: person, people: { [person]: { age: person } }, list: [{ name: 5 }] };
const paths = ["status", "people.*.age", "list.0.name"];

describe("the issues of an event", () => {
  it.each([
    [
      "Zod",
      classic.looseObject({
        status: classic.enum(["approved"]),
        people: classic.record(classic.string(), classic.looseObject({ age: classic.number() })),
        list: classic.array(classic.looseObject({ name: classic.string() })),
      }),
    ],
    [
      "its small form",
      z.looseObject({
        status: z.enum(["approved"]),
        people: z.record(z.string(), z.looseObject({ age: z.number() })),
        list: z.array(z.looseObject({ name: z.string() })),
      }),
    ],
  ])("name what a schema of %s declares and expects", async (_name, schema) => {
    const issues = await issuesOf(schema, event);
    expect(issues.map(({ path }) => path)).toEqual(paths);
    expect(issues.map(({ expected }) => expected)).toEqual([
      'one of "approved"',
      "number",
      "string",
    ]);
  });

  it("name what a schema of Valibot declares and expects", async () => {
    const schema = v.looseObject({
      status: v.picklist(["approved"]),
      people: v.record(v.string(), v.looseObject({ age: v.number() })),
      list: v.array(v.looseObject({ name: v.string() })),
    });
    const issues = await issuesOf(schema, event);
    expect(issues.map(({ path }) => path)).toEqual(paths);
    expect(issues.map(({ expected }) => expected)).toEqual(['"approved"', "number", "string"]);
  });

  it("take nothing from a validator that quotes the value, such as ArkType", async () => {
    const schema = type({ status: "'approved' | 'rejected' | number" });
    const quoted = schema({ status: person });
    expect(JSON.stringify(quoted)).toContain(person);
    expect(await issuesOf(schema, { status: person })).toEqual([{ path: "*" }]);
  });

  it("take nothing from checks of the user's own", async () => {
    const ownZod = z.looseObject({ status: z.string() }).check((context) => {
      context.issues.push({
        code: "custom",
        input: context.value,
        expected: context.value.status,
        values: [context.value.status],
      } as never);
    });
    expect(await issuesOf(ownZod, { status: person })).toEqual([{ path: "" }]);
    const ownValibot = v.pipe(
      v.looseObject({ status: v.string() }),
      v.rawCheck(({ dataset, addIssue }) => {
        if (dataset.typed) addIssue({ expected: dataset.value.status, message: person });
      }),
    );
    expect(await issuesOf(ownValibot, { status: person })).toEqual([{ path: "" }]);
  });

  it("survive a schema with a large number in it", async () => {
    const schema = z.looseObject({ status: z.union([z.literal(1n), z.literal("new")]) });
    expect(await issuesOf(schema, { status: person })).toMatchObject([{ path: "status" }]);
    expect(await issuesOf(z.looseObject({ status: z.literal(1n) }), { status: person })).toEqual([
      { path: "status", expected: "one of 1" },
    ]);
  });

  it("name the rest where a part of the schema wants the event or goes on for ever", async () => {
    const choosy = v.looseObject({
      first: v.lazy((input) => ((input as { a: 1 }).a === 1 ? v.string() : v.number())),
      second: v.string(),
    });
    expect((await issuesOf(choosy, { first: person, second: 5 })).map(({ path }) => path)).toEqual([
      "first",
      "second",
    ]);
    const endless = (): z.ZodMiniType => z.looseObject({ next: z.lazy(endless), at: z.string() });
    expect((await issuesOf(endless(), { next: {}, at: 5 })).length).toBeGreaterThan(0);
  });

  it("name what a schema declares that holds itself", async () => {
    const person = z.looseObject({ age: z.number(), parent: z.optional(z.lazy(() => parent)) });
    const parent: z.ZodMiniType = z.looseObject({ profession: z.string() });
    const issues = await issuesOf(person, { age: 5, parent: { profession: 5 } });
    expect(issues.map(({ path }) => path)).toEqual(["parent.profession"]);
  });

  it("take nothing from a validator that only looks like one that is known", async () => {
    const issue = { message: "", kind: "schema", code: "invalid_type", expected: person };
    const schema = {
      "~standard": { version: 1, vendor: "other", validate: () => ({ issues: [issue] }) },
    };
    expect(await issuesOf(schema, {})).toEqual([{ path: "" }]);
  });

  it("read nothing that the event inherits", async () => {
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "", path: ["constructor", "name"] }] }),
      },
    };
    expect(await issuesOf(schema, {})).toEqual([{ path: "*.*" }]);
  });
});
