import { describe, expect, it } from "vitest";
import { validas, validasEvent, validasSamples } from "../../src/providers/validas.js";
import { signDelivery } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";

const bearer = { token: "vd-fixed-token-5b1f0c7e93a84d26b0e1" };
const read = (event: unknown, fields?: object) => {
  const provider = validas({ bearer, ...(fields === undefined ? {} : { fields }) });
  return provider.verify(signDelivery(provider, event));
};

describe("a body", () => {
  it.each([
    [{ validation_id: "1", status: "confirmed" }, "1"],
    [{ validationId: "2", validation_status: "confirmed" }, "2"],
    [{ id: "3", status: "confirmed" }, "3"],
    [{ data: { validation_id: "4", status: "confirmed" } }, "4"],
    [{ data: { id: "5", status: "confirmed" } }, "5"],
    [{ validation_id: "", id: "6", status: "confirmed", data: null }, "6"],
    [{ validation_id: 7, status: "confirmed", data: [] }, undefined],
  ])("is read where its fields are: %o", async (event, subject) => {
    const message = await read(event);
    expect(message).toMatchObject({
      known: true,
      type: "confirmed",
      event: { status: "confirmed", rawStatus: "confirmed" },
    });
    expect(message.subject).toBe(subject);
    expect((message.event as { validationId?: string }).validationId).toBe(subject);
  });

  it("is read by the more telling of two names", async () => {
    const status = "confirmed";
    expect((await read({ validation_id: "1", validationId: "2", id: "3", status })).subject).toBe(
      "1",
    );
    expect((await read({ validationId: "2", id: "3", status })).subject).toBe("2");
    expect((await read({ id: "3", data: { validation_id: "4" }, status })).subject).toBe("3");
    expect((await read({ data: { id: "5", validation_id: "4" }, status })).subject).toBe("4");
    expect((await read({ status, validation_status: "deleted" })).type).toBe("confirmed");
    const outside = { validation_status: "deleted", data: { status } };
    expect((await read(outside)).type).toBe("deleted");
  });

  it("is put right in the one spelling that is documented wrong, and keeps what was sent", async () => {
    expect(await read({ id: "1", status: "documen2-uploaded" })).toMatchObject({
      type: "document2-uploaded",
      event: { status: "document2-uploaded", rawStatus: "documen2-uploaded" },
    });
  });

  it.each([[{ id: "1", status: "canceled" }], [{ id: "1" }], [[]], ['"text"'], [null]])(
    "without a known status is not known: %o",
    async (event) => {
      expect(await read(event)).toMatchObject({ known: false });
    },
  );

  it("can be read in places that the user names", async () => {
    const event = {
      event: { state: "confirmed", ref: "v-9", at: "2026-02-01T10:00:00Z" },
      status: "deleted",
    };
    const inner = (key: string) => (body: { event?: Record<string, string> }) => body.event?.[key];
    const fields = { status: inner("state"), validationId: inner("ref"), occurredAt: inner("at") };
    expect(await read(event, fields)).toMatchObject({
      type: "confirmed",
      subject: "v-9",
      occurredAt: new Date("2026-02-01T10:00:00Z"),
      event: { status: "confirmed", validationId: "v-9" },
    });
    expect(await read('"text"', fields)).toMatchObject({ known: false });
  });

  it("is one message with another of the same bytes, unless the user names an id", async () => {
    const event = { validation_id: "1", status: "document-uploaded", event_id: "e-7" };
    expect((await read(event)).id).toMatch(/^[0-9a-f]{64}$/);
    const fields = { id: (body: { event_id?: string }) => body.event_id };
    expect((await read(event, fields)).id).toBe("e-7");
    expect((await read("[]", fields)).id).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is off its schema where the user's function trips over it", async () => {
    const status = (body: { a?: { b: string } }) => (body.a as { b: string }).b;
    expect(await codeOf(() => read({ status: "confirmed" }, { status }))).toBe("payload_invalid");
  });
});

it("takes no confirmation for a success", async () => {
  const decisions = await Promise.all(
    Object.values(validasSamples).map(async (sample) => (await read(sample)).decision),
  );
  expect(decisions).not.toContain("positive");
  expect((await read(validasSamples.confirmed)).decision).toBeUndefined();
  expect((await read(validasSamples.deleted)).decision).toBeUndefined();
  expect((await read(validasSamples.cancelled)).decision).toBe("negative");
  expect((await read(validasSamples["on-course"])).decision).toBe("pending");
});

it("exports a schema that reads every sample", () => {
  for (const [type, sample] of Object.entries(validasSamples)) {
    expect(validasEvent.parse(sample)).toMatchObject({ ...sample, status: type, rawStatus: type });
  }
  expect(validasEvent.safeParse({ status: "x" }).success).toBe(false);
  expect(validasEvent.safeParse(5).success).toBe(false);
});

const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", x: "A".repeat(43) }] };
const introspect = async () => ({ active: true });

it.each([
  [undefined, "option_invalid"],
  [{}, "option_invalid"],
  [{ bearer: undefined }, "option_invalid"],
  [{ bearer: "token" }, "option_invalid"],
  [{ bearer: {} }, "option_invalid"],
  [{ bearer: { token: "" } }, "secret_missing"],
  [{ bearer: { token: "short" } }, "secret_too_short"],
  [{ bearer: { introspect: "url" } }, "option_invalid"],
  [{ bearer: { issuer: "x", audience: "y" } }, "option_invalid"],
  [{ bearer: { ...bearer, introspect } }, "option_invalid"],
  [{ bearer: { ...bearer, jwks: { keys: [] } } }, "option_invalid"],
  [{ bearer: { introspect, jwksUrl: "https://a.test" } }, "option_invalid"],
  [{ bearer: null }, "option_invalid"],
  [{ bearer: [] }, "option_invalid"],
  [{ bearer: { jwks } }, "option_invalid"],
  [{ bearer: { issuer: "x", jwks } }, "option_invalid"],
  [{ bearer: { audience: "y", jwks } }, "option_invalid"],
  [{ bearer: { issuer: "x", audience: "y", jwks, jwksUrl: "https://x.test/k" } }, "option_invalid"],
  [{ bearer: { issuer: "x", audience: "y", jwksUrl: undefined } }, "option_invalid"],
  [{ bearer: { issuer: "x", audience: "y", jwksUrl: "http://x.test/k" } }, "option_invalid"],
  [{ bearer: { issuer: "x", audience: "y", introspect: undefined } }, "option_invalid"],
  [{ bearer: { introspect, jwks } }, "option_invalid"],
  [{ bearer: { introspect, cacheSeconds: Number.NaN } }, "option_invalid"],
  [{ bearer: { introspect, token: "a-token-of-some-length" } }, "option_invalid"],
  [{ bearer: { token: undefined } }, "secret_missing"],
  [{ bearer: { token: "a-token-of-some-length", jwks } }, "option_invalid"],
  [{ bearer, fields: null }, "option_invalid"],
  [{ bearer, fields: { status: "state" } }, "option_invalid"],
  [{ bearer, fields: { ref: () => "1" } }, "option_invalid"],
  [{ bearer, secret: "x" }, "option_invalid"],
])("refuses the options %o", async (options, code) => {
  expect(await codeOf(() => validas(options as never))).toBe(code);
});

it("takes issuer and audience beside a fixed token, which has neither", async () => {
  const named = { ...bearer, issuer: "https://auth.example.test/", audience: "hooks" };
  const provider = validas({ bearer: named });
  expect(await provider.verify(signDelivery(provider, validasSamples.confirmed))).toMatchObject({
    type: "confirmed",
  });
});

it("takes undefined for fields that are left out", async () => {
  expect(await read({ id: "1", status: "confirmed" }, { status: undefined })).toMatchObject({
    type: "confirmed",
  });
});
