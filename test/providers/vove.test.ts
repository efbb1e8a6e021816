import { describe, expect, expectTypeOf, it } from "vitest";
import { type VoveEvent, vove, voveEvent, voveSamples } from "../../src/providers/vove.js";
import { signDelivery } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";

const secret = "whsec_55DdjpKiI+Yaj0PNaS53PhbtgPeOGN+r";
const read = (event: unknown, options: object = {}) => {
  const provider = vove({ secret, ...options });
  return provider.verify(signDelivery(provider, event));
};
const refId = "user-1";

describe("the type", () => {
  it.each([
    [{ status: "in_progress" }, "idv.in_progress", []],
    [{ status: "IN_PROGRESS" }, "kyb.case.in_progress", []],
    [{ status: "REJECTED" }, "user.aml.rejected", ["type_ambiguous"]],
    [{ status: "REJECTED", previousStatus: null }, "user.aml.rejected", ["type_ambiguous"]],
    [{ status: "REJECTED", previousStatus: "IN_REVIEW" }, "kyb.case.rejected", []],
    [{ status: "REJECTED", previousStatus: "SOMETHING_NEW" }, "kyb.case.rejected", []],
    [{ status: "CLEARED", previousStatus: "IN_REVIEW" }, "user.aml.cleared", []],
    [{ status: "successful", previousStatus: "IN_REVIEW" }, "idv.successful", []],
    [{ status: "REJECTED", type: "kyb.case.rejected" }, "kyb.case.rejected", []],
    [{ status: "REJECTED", eventType: "user.aml.rejected" }, "user.aml.rejected", []],
    [{ status: "REJECTED", type: "individual" }, "user.aml.rejected", ["type_ambiguous"]],
    [{ status: "successful", type: 5 }, "idv.successful", []],
  ])("of %o is %s", async (fields, type, flags) => {
    expect(await read({ refId, ...fields })).toMatchObject({ known: true, type, flags });
  });

  it.each([
    ["aml", { status: "REJECTED" }, "user.aml.rejected"],
    ["kyb", { status: "REJECTED" }, "kyb.case.rejected"],
    ["kyb", { status: "IN_REVIEW" }, "kyb.case.in_review"],
    ["idv", { status: "pending" }, "idv.pending"],
  ])("for an endpoint of %s settles %o as %s", async (expect_, fields, type) => {
    expect(await read({ refId, ...fields }, { expect: expect_ })).toMatchObject({
      known: true,
      type,
      flags: [],
    });
  });

  it.each([
    [{ status: "Successful" }, "Successful", {}],
    [{ status: "SUCCESSFUL" }, "SUCCESSFUL", {}],
    [{ status: "success" }, "success", {}],
    [{ status: "NOT_STARTED" }, "NOT_STARTED", {}],
    [{ status: "in_progress" }, "in_progress", { expect: "kyb" }],
    [{ status: 5 }, "unknown", {}],
    [{ status: "idv.successful" }, "unknown", {}],
    [{}, "unknown", {}],
    [null, "unknown", {}],
    [{ type: "kyb.ubo.invited" }, "kyb.ubo.invited", {}],
  ])("of %o is not known", async (fields, type, options) => {
    const event = fields === null ? null : { refId, ...fields };
    const message = await read(event, options);
    expect(message).toMatchObject({ known: false, type });
    expect(message.decision).toBeUndefined();
  });

  it.each([["my.idv.successful"], [["idv.successful"]], [5], ["idv"]])(
    "is not taken from %o",
    async (type) => {
      expect(await read({ status: "pending", refId, type })).toMatchObject({ type: "idv.pending" });
    },
  );

  it("of a company check has to fit as well", async () => {
    const company = { ...voveSamples["kyb.case.completed"], type: "kyb.case.completed" };
    for (const [path, odd] of [
      ["previousStatus", { previousStatus: 5 }],
      ["status", { status: "REJECTED" }],
      ["refId", { refId: "" }],
    ] as const) {
      await expect(read({ ...company, ...odd })).rejects.toMatchObject({
        code: "payload_invalid",
        details: { issues: [{ path }] },
      });
    }
  });

  it("that is named must fit the status", async () => {
    expect(await codeOf(() => read({ refId, type: "idv.successful", status: "suspected" }))).toBe(
      "payload_invalid",
    );
  });
});

describe("the subject", () => {
  it.each([
    [{ userId: "old" }, "old", []],
    [{ userId: "old", refId: null }, "old", []],
    [{ userId: "same", refId: "same" }, "same", []],
    [{ userId: null, refId: "new" }, "new", []],
    [{ userId: "old", refId: "new" }, "new", ["subject_conflict"]],
  ])("of %o is %s", async (fields, subject, flags) => {
    const message = await read({ status: "pending", ...fields });
    expect(message).toMatchObject({ subject, flags, event: { refId: subject } });
  });

  it.each([{}, { refId: "" }, { refId: 5 }, { userId: "" }, { userId: null }])(
    "must be there: %o",
    async (fields) => {
      expect(await codeOf(() => read({ status: "pending", ...fields }))).toBe("payload_invalid");
    },
  );
});

it.each([[["AML_CHECK"]], [{ code: 1 }], [5], [null], [undefined]])(
  "is not refused for a reason of another form: %o",
  async (reason) => {
    const message = await read({ status: "suspected", refId, reason });
    expect(message).toMatchObject({ known: true, decision: "negative" });
  },
);

it("has no time of its own: Svix stamps each attempt anew", async () => {
  expect((await read({ status: "pending", refId })).occurredAt).toBeUndefined();
});

it("exports a schema that reads every sample, and narrows by status", () => {
  for (const sample of Object.values(voveSamples)) expect(voveEvent.parse(sample)).toEqual(sample);
  expect(voveEvent.parse({ status: "pending", userId: "u", more: 1 })).toEqual({
    status: "pending",
    userId: "u",
    refId: "u",
    more: 1,
  });
  expect(voveEvent.safeParse({ status: "Pending", refId }).success).toBe(false);
  expect(voveEvent.safeParse(null).success).toBe(false);
  expect(voveEvent.safeParse(5).error?.issues[0]?.path).toEqual([]);
  const event: VoveEvent = voveEvent.parse(voveSamples["kyb.case.rejected"]);
  if (event.status === "REJECTED") expectTypeOf(event.previousStatus).not.toBeAny();
  // @ts-expect-error there is no such status
  expect(event.status === "APPROVED").toBe(false);
});

it.each([{ secret: undefined }, { secret: "" }])("refuses no secret: %o", async (options) => {
  expect(await codeOf(() => vove(options as never))).toBe("secret_missing");
});

it.each([{ expect: "any-of" }, { expect: 5 }, { family: "idv" }, { toleranceSeconds: -1 }])(
  "refuses the option %o",
  async (odd) => {
    expect(await codeOf(() => vove({ secret, ...odd } as never))).toBe("option_invalid");
  },
);
