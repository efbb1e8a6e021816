import { describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { compiled } from "#compiled";
import { safeIssues } from "../../src/internal/issues.js";
import type { StandardSchema } from "../../src/internal/standard-schema.js";

const schema = z.looseObject({
  id: z.string().check(z.minLength(1)),
  checks: z.nullish(z.catchall(z.object({}), z.looseObject({ status: z.string() }))),
  at: z.optional(z.number()),
});

const events: readonly unknown[] = [
  { id: "1", at: 5, checks: { mrz: { status: "verified", data: [] } }, more: { kept: true } },
  { at: undefined, id: "1", checks: null },
  { id: "" },
  { id: "1", checks: { mrz: { status: 5 }, liveness: [] }, at: "now" },
  JSON.parse('{"id":"1","__proto__":{"at":"x"},"constructor":1}'),
  [],
  null,
  "1",
];

const answers = (one: StandardSchema): string =>
  JSON.stringify(events.map((event) => one["~standard"].validate(event)));

describe("the validators of a provider's schemas", () => {
  it("say of each event what the schema says, from the first to the three thousandth", () => {
    const { DOCVER: validator } = compiled({ DOCVER: schema });
    for (let time = 0; time < 400; time += 1) expect(answers(validator)).toBe(answers(schema));
  });

  it("are known for schemas of Zod, and declare the same fields", () => {
    const { DOCVER: validator } = compiled({ DOCVER: schema });
    expect(validator["~standard"]).toMatchObject({ vendor: "zod", version: 1 });
    const issues = [{ message: "", path: ["checks", "mrz", "status"] }];
    const known = safeIssues(issues, validator, { checks: { mrz: {} } });
    expect(known).toEqual([{ path: "checks.*.status" }]);
  });

  it("are not compiled for an application that wants no code made of text", () => {
    const made = vi.spyOn(globalThis, "Function");
    z.config({ jitless: true });
    try {
      const { DOCVER: validator } = compiled({ DOCVER: schema });
      for (let time = 0; time < 200; time += 1) expect(answers(validator)).toBe(answers(schema));
      expect(made).not.toHaveBeenCalled();
    } finally {
      z.config({ jitless: undefined });
      made.mockRestore();
    }
  });

  it("do without a compiler, which older versions of Zod have not", async () => {
    vi.doMock("zod/mini", () => ({ ...z, compile: undefined }));
    const { compiled: old } = await import("../../src/internal/compiled.node.js");
    const { DOCVER: validator } = old({ DOCVER: schema });
    for (let time = 0; time < 200; time += 1) expect(answers(validator)).toBe(answers(schema));
    vi.doUnmock("zod/mini");
  });
});
