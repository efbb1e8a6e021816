import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type Cr3dentialsOptions,
  cr3dentials,
  cr3dentialsEvent,
  cr3dentialsSamples,
} from "../../src/providers/cr3dentials.js";
import { signDelivery } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";
import { mac } from "../helpers/sign.js";

const signingSecret = "cr3-signing-secret-4f1d9b27";
const header = { name: "X-API-Key", value: "cr3-header-secret-a80c53e1" };
const provider = cr3dentials({ signingSecret });
const read = (event: unknown) => provider.verify(signDelivery(provider, event));
const completed = cr3dentialsSamples["verification.completed"];

describe("the re-serialised fallback", () => {
  const event = { type: "verification.completed", data: { verificationId: "é", ratio: 1.5 } };
  const sent =
    '{ "type": "verification.completed", "data": { "verificationId": "\\u00e9", "ratio": 1.50 } }\n';
  const compact = JSON.stringify(event);
  const delivery = {
    headers: { "x-webhook-signature": mac(signingSecret, "hex", compact) },
    body: sent,
  };
  const lenient = cr3dentials({ signingSecret, reserialize: "json-stringify" });

  it("is off unless it is asked for", async () => {
    expect(await codeOf(() => provider.verify(delivery))).toBe("signature_mismatch");
  });

  it("returns the re-serialised text as the body, never the bytes that were sent", async () => {
    for (const body of [sent, Buffer.from(sent)]) {
      const message = await lenient.verify({ ...delivery, body });
      expect(message.delivery.text()).toBe(compact);
      expect(message.event).toEqual(event);
    }
  });

  it("is not used where the bytes themselves are signed", async () => {
    const headers = { "x-webhook-signature": mac(signingSecret, "hex", sent) };
    expect((await lenient.verify({ headers, body: sent })).delivery.text()).toBe(sent);
  });

  it.each([
    ["another event", { ...delivery, body: sent.replace("1.50", "2.50") }, "signature_mismatch"],
    ["no JSON", { ...delivery, body: "{" }, "signature_mismatch"],
    ["no UTF-8", { ...delivery, body: Buffer.from([0x22, 0xff, 0x22]) }, "signature_mismatch"],
    [
      "an ArrayBuffer of something else",
      { ...delivery, body: new ArrayBuffer(3) },
      "signature_mismatch",
    ],
    ["no signature", { ...delivery, headers: {} }, "signature_missing"],
    ["a parsed body", { ...delivery, body: event as never }, "body_already_parsed"],
  ])("refuses %s", async (_name, bad, code) => {
    expect(await codeOf(() => lenient.verify(bad))).toBe(code);
  });
});

it("reads no replacement character into a body that it writes again", async () => {
  const lenient = cr3dentials({ signingSecret, reserialize: "json-stringify" });
  const text = JSON.stringify({
    type: "verification.completed",
    data: { verificationId: "\ufffd" },
  });
  const [before = "", after = ""] = text.split("\ufffd");
  const sent = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
  const headers = { "x-webhook-signature": mac(signingSecret, "hex", text) };
  expect(await codeOf(() => lenient.verify({ headers, body: sent }))).toBe("signature_mismatch");
});

it.each<[string, unknown]>([
  ["data.verificationId", { ...completed, data: { ...completed.data, verificationId: "" } }],
  ["data.sessionId", { ...completed, data: { ...completed.data, sessionId: true } }],
  ["data.formattedData", { ...completed, data: { ...completed.data, formattedData: "x" } }],
  [
    "data.metadata.verifiedAt",
    { ...completed, data: { ...completed.data, metadata: { verifiedAt: 1 } } },
  ],
  ["status", { ...completed, status: 1 }],
  ["completedAt", { ...cr3dentialsSamples["session.completed"], completedAt: 1 }],
  ["platformId", { ...cr3dentialsSamples["session.error"], platformId: "12" }],
])("refuses what does not fit in %s", async (path, event) => {
  await expect(read(event)).rejects.toMatchObject({
    code: "payload_invalid",
    details: { issues: [{ path }] },
  });
});

it.each([{ sessionId: "s-1", status: 5 }, { sessionId: "s-1" }, { status: "COMPLETED" }])(
  "does not know %o",
  async (event) => {
    expect(await read(event)).toMatchObject({ known: false, type: "unknown" });
  },
);

it("decides on a session that has data of its own, and by one proof where one is all there is", async () => {
  const session = { ...cr3dentialsSamples["session.completed"], data: {} };
  expect(await read(session)).toMatchObject({ decision: "positive", delivery: { scheme: "hmac" } });
});

it("has the time of its end where that is all there is", async () => {
  const { metadata: _metadata, ...data } = completed.data;
  const event = { ...completed, data, completedAt: "2026-01-15T15:00:00Z" };
  expect((await read(event)).occurredAt).toEqual(new Date("2026-01-15T15:00:00Z"));
});

describe("two proofs", () => {
  const body = JSON.stringify(completed);
  const signature = { "x-webhook-signature": mac(signingSecret, "hex", body) };
  const secret = { "X-API-Key": header.value };

  it("must both hold", async () => {
    const both = cr3dentials({ signingSecret, header });
    expect(await codeOf(() => both.verify({ headers: { ...signature, ...secret }, body }))).toBe(
      "none",
    );
    expect(await codeOf(() => both.verify({ headers: signature, body }))).toBe(
      "secret_header_missing",
    );
    expect(await codeOf(() => both.verify({ headers: secret, body }))).toBe("signature_missing");
    expect(both.scheme.bindsBody).toBe(true);
  });

  it("need one to hold where that is asked for", async () => {
    const either = cr3dentials({ signingSecret, header, mode: "any" });
    expect(await codeOf(() => either.verify({ headers: signature, body }))).toBe("none");
    expect(await codeOf(() => either.verify({ headers: secret, body }))).toBe("none");
    expect(await codeOf(() => either.verify({ headers: {}, body }))).toBe("signature_missing");
    expect(either.scheme.bindsBody).toBe(false);
  });
});

describe("a message", () => {
  it.each([
    [{ status: "success", data: { status: "VERIFIED" } }, "positive"],
    [{ status: "success", data: { status: "verified" } }, undefined],
    [{ status: "success", data: {} }, undefined],
    [{ status: "pending", data: { status: "VERIFIED" } }, undefined],
    [{ data: { status: "VERIFIED" } }, undefined],
    [{ status: "failed", data: { status: "VERIFIED" } }, "negative"],
  ])("of %o decides %s", async ({ data, ...fields }, decision) => {
    const event = {
      type: "verification.completed",
      ...fields,
      data: { verificationId: "v", ...data },
    };
    expect((await read(event)).decision).toBe(decision);
  });

  it.each([
    [{ ...completed }, "verification.completed:ver_abc123:VERIFIED", "2026-01-15T14:30:00.000Z"],
    [
      { type: "verification.completed", status: "failed", data: { verificationId: "v" } },
      "verification.completed:v::failed",
      undefined,
    ],
    [
      { type: "verification.completed", data: { verificationId: "v" } },
      "verification.completed:v:",
      undefined,
    ],
    [
      cr3dentialsSamples["session.error"],
      `${cr3dentialsSamples["session.error"].sessionId}:ERROR`,
      "2026-01-15T15:00:00.000Z",
    ],
  ])("of %o has its id and time", async (event, id, at) => {
    const message = await read(event);
    expect(message.id).toBe(id);
    expect(message.occurredAt?.toISOString()).toBe(at);
  });

  it("of an unknown shape has a hash for an id: objects would all look alike", async () => {
    for (const event of [
      { type: "verification.expired", data: { verificationId: { a: 1 } } },
      { sessionId: { a: 1 }, status: "NEW" },
      { type: "verification.expired", data: { verificationId: "v", status: {} } },
      { type: "x" },
      { type: "verification.reviewed", data: { verificationId: "v" } },
      { sessionId: "s", status: "session.completed" },
      [],
      null,
    ]) {
      const message = await read(event);
      expect(message.known).toBe(false);
      expect(message.id).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it("that fails beside the same detailed status is another one: it must not be dropped as a duplicate", async () => {
    const ids = await Promise.all(
      ["success", "failed"].map(async (status) => (await read({ ...completed, status })).id),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it("is of the type that it names, whatever else it looks like", async () => {
    const flat = { sessionId: "s", status: "COMPLETED" };
    expect(await read(flat)).toMatchObject({ type: "session.completed", decision: "positive" });
    const renamed = await read({ ...flat, type: "session.reopened" });
    expect(renamed).toMatchObject({ known: false, type: "session.reopened" });
    expect(renamed.decision).toBeUndefined();
    expect(await codeOf(() => read({ ...flat, type: "session.cancelled" }))).toBe(
      "payload_invalid",
    );
  });

  it("of an unknown session status is not known", async () => {
    for (const [status, type] of [
      ["EXPIRED", "session.expired"],
      ["completed", "completed"],
      ["Completed", "Completed"],
    ]) {
      expect(await read({ sessionId: "s", status })).toMatchObject({ known: false, type });
    }
    expect(await codeOf(() => read({ sessionId: 5, status: "COMPLETED" }))).toBe("payload_invalid");
  });
});

it("exports a schema that reads every sample", () => {
  for (const sample of Object.values(cr3dentialsSamples))
    expect(cr3dentialsEvent.parse(sample)).toEqual(sample);
  const event = cr3dentialsEvent.parse(completed);
  expectTypeOf(event).not.toBeAny();
});

it.each<[unknown, string]>([
  [undefined, "option_invalid"],
  [{}, "option_invalid"],
  [{ signingSecret: "" }, "secret_missing"],
  [{ signingSecret: undefined }, "secret_missing"],
  [{ signingSecret: "your-secret" }, "secret_too_short"],
  [{ signingSecret, header: { name: "X", value: "" } }, "secret_missing"],
  [{ signingSecret, header: { name: "X" } }, "secret_missing"],
  [{ signingSecret, header: null }, "option_invalid"],
  [{ header: { ...header, prefix: "x" } }, "option_invalid"],
  [{ signingSecret, mode: "either" }, "option_invalid"],
  [{ signingSecret, reserialize: true }, "option_invalid"],
  [{ header, reserialize: "json-stringify" }, "option_invalid"],
  [{ signingSecret, secret: "x" }, "option_invalid"],
])("refuses the options %o", async (options, code) => {
  expect(await codeOf(() => cr3dentials(options as Cr3dentialsOptions))).toBe(code);
});

it("takes a shorter secret where that is asked for", () => {
  expect(cr3dentials({ signingSecret: "your-secret", minSecretBytes: 11 }).name).toBe(
    "cr3dentials",
  );
});
