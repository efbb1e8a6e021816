import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type DataspikeEvent,
  dataspike,
  dataspikeEvent,
  dataspikeSamples,
} from "../../src/providers/dataspike.js";
import { signDelivery } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";
import { fixtureCase, recorded } from "../helpers/fixtures.js";
import { stamp } from "../helpers/sign.js";

const secret = "whsec_a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1";
const provider = dataspike({ secret });
const { DOCVER, AML_SCREENING } = dataspikeSamples;

const eventOf = async (name: string) => {
  const one = fixtureCase("dataspike", name);
  const { headers, body } = recorded("dataspike", one);
  const message = await dataspike(one.options as never).verify(
    { headers, body },
    { now: () => one.now * 1000 },
  );
  if (!message.known) throw new Error(message.type);
  return message;
};

describe("payloads", () => {
  it("fills errors from its misspelling, and keeps both", async () => {
    const { event } = await eventOf("docver-erros-alias");
    if (event.event_type !== "DOCVER") throw new Error(event.event_type);
    expect(event.payload.checks?.id_card).toMatchObject({
      errors: ["document is expired"],
      erros: ["document is expired"],
    });
    const both = {
      ...DOCVER,
      payload: { ...DOCVER.payload, checks: { a: { status: "failed", errors: [1], erros: [2] } } },
    };
    const read = dataspikeEvent.parse(both) as typeof DOCVER;
    expect(read.payload.checks?.a).toMatchObject({ errors: [1], erros: [2] });
  });

  it.each(["aml-screening-2023", "aml-legacy"])(
    "fills search_response from its older name in %s",
    async (name) => {
      const { event } = await eventOf(name);
      const { search_response: now, search_result: before } = event.payload as Record<
        string,
        unknown
      >;
      expect(before).toBeTypeOf("object");
      expect(now).toEqual(before);
    },
  );

  it("keeps search_response where both are there", () => {
    const payload = {
      ...AML_SCREENING.payload,
      search_response: { requested_name: "new" },
      search_result: { requested_name: "old" },
    };
    const read = dataspikeEvent.parse({ ...AML_SCREENING, payload }) as typeof AML_SCREENING;
    expect(read.payload.search_response?.requested_name).toBe("new");
  });

  it("keeps what it does not know", async () => {
    const odd = {
      ...DOCVER,
      extra: 1,
      payload: { ...DOCVER.payload, poi_data: { a: [] }, status: "paused" },
    };
    const message = await provider.verify(signDelivery(provider, odd));
    expect(message).toMatchObject({
      known: true,
      event: { extra: 1, payload: { poi_data: { a: [] }, status: "paused" } },
    });
    expect(message.decision).toBeUndefined();
  });

  it.each(["constructor", "__proto__", "toString"])(
    "does not decide on the status %s",
    async (status) => {
      const odd = { ...DOCVER, payload: { ...DOCVER.payload, status } };
      expect((await provider.verify(signDelivery(provider, odd))).decision).toBeUndefined();
    },
  );

  it("decides by the status of a verification, not by its checks", async () => {
    const checks = { passport: { status: "in_progress", data: [] } };
    const event = { ...DOCVER, payload: { ...DOCVER.payload, checks } };
    expect(await provider.verify(signDelivery(provider, event))).toMatchObject({
      decision: "positive",
    });
  });

  it("has the time of the event, cut to milliseconds", async () => {
    const message = await provider.verify(
      signDelivery(provider, { ...DOCVER, timestamp: "2023-07-18T17:17:17.380971021Z" }),
    );
    expect(message.occurredAt?.toISOString()).toBe("2023-07-18T17:17:17.380Z");
  });

  it.each([
    ["no id", { ...DOCVER, id: undefined }, "id"],
    ["an empty id", { ...DOCVER, id: "" }, "id"],
    ["no payload", { ...DOCVER, payload: undefined }, "payload"],
    ["text for a payload", { ...DOCVER, payload: "x" }, "payload"],
    [
      "no applicant",
      { ...DOCVER, payload: { ...DOCVER.payload, applicant_id: undefined } },
      "payload.applicant_id",
    ],
    [
      "a number for a status",
      { ...DOCVER, payload: { ...DOCVER.payload, status: 1 } },
      "payload.status",
    ],
  ])("refuses %s, and says where", async (_name, event, path) => {
    await expect(provider.verify(signDelivery(provider, event))).rejects.toMatchObject({
      code: "payload_invalid",
      details: { issues: [{ path }] },
    });
  });

  const { DOCVER_CHECKS } = dataspikeSamples;
  const of = (type: keyof typeof dataspikeSamples, payload: object) => {
    const sample = dataspikeSamples[type];
    return { ...sample, payload: { ...sample.payload, ...payload } };
  };

  it.each<[string, unknown]>([
    ["payload.checks.*.status", of("DOCVER", { checks: { face: { status: 1 } } })],
    ["payload.checks.*", of("DOCVER", { checks: { face: "verified" } })],
    [
      "payload.checks.*.errors",
      of("DOCVER", { checks: { face: { status: "failed", errors: "x" } } }),
    ],
    [
      "payload.documents.0.document_id",
      of("DOCVER", { documents: [{ document_id: 1, document_type: "x" }] }),
    ],
    ["payload.screening_id", of("AML_SCREENING", { screening_id: "" })],
    ["payload.screening_id", of("AML", { screening_id: 1 })],
    ["payload.applicant_id", of("AML", { applicant_id: 1 })],
    ["payload.risk_score.type", of("AML_SCREENING", { risk_score: { type: 1 } })],
    ["payload.search_response.data", of("AML_SCREENING", { search_response: { data: {} } })],
    ["payload.search_result.data", of("AML", { search_result: { data: "x" } })],
    ["payload.verification_id", of("DOCVER_CHECKS", { verification_id: "" })],
    [
      "payload.result.status",
      of("DOCVER_CHECKS", { result: { ...DOCVER_CHECKS.payload.result, status: null } }),
    ],
    ["payload.applicant_id", of("APPLICANT", { applicant_id: 1 })],
    ["payload.applicant_id", of("TRANSACTION_MONITORING", { applicant_id: 1 })],
    ["payload.applicant_id", of("KYT_WALLET_CHECK", { applicant_id: 1 })],
    ["timestamp", { ...DOCVER, timestamp: 1 }],
  ])("refuses what is not text, or no list, or blank, in %s", async (path, event) => {
    await expect(provider.verify(signDelivery(provider, event))).rejects.toMatchObject({
      code: "payload_invalid",
      details: { issues: [{ path }] },
    });
  });

  it("takes null where nothing has happened yet", async () => {
    const empty = { attempts: null, response_code: null, last_attempt_at: null };
    for (const event of [
      { ...DOCVER, ...empty },
      of("DOCVER", { documents: null, checks: null, document_ids: null, is_sandbox: null }),
      of("DOCVER", { checks: { face: { status: "pending", errors: null, data: null } } }),
      of("AML_SCREENING", { risk_score: null, search_response: null, search_result: null }),
    ]) {
      expect(await provider.verify(signDelivery(provider, event))).toMatchObject({ known: true });
    }
  });

  it("decides on verifications alone, though other payloads may have a status", async () => {
    for (const [type, sample] of Object.entries(dataspikeSamples)) {
      const event = { ...sample, payload: { ...sample.payload, status: "verified" } };
      const { decision } = await provider.verify(signDelivery(provider, event));
      expect([type, decision]).toEqual([type, type === "DOCVER" ? "positive" : undefined]);
    }
  });

  it("narrows by event_type", () => {
    const read = (event: DataspikeEvent) => {
      switch (event.event_type) {
        case "DOCVER":
          expectTypeOf(event.payload.applicant_id).toEqualTypeOf<string>();
          return event.payload.status;
        case "AML_SCREENING":
          expectTypeOf(event.payload.screening_id).toEqualTypeOf<string>();
          return event.payload.risk_score?.type;
        default:
          return event.event_type;
      }
    };
    expect(read(dataspikeEvent.parse(DOCVER))).toBe("verified");
  });
});

describe("options", () => {
  it("are one of secret, header and unsigned", async () => {
    const header = { name: "X-Token", value: "a-secret-of-some-length" };
    for (const options of [
      {},
      undefined,
      null,
      { secret, header },
      { secret, unsigned: "i-accept-forged-events" },
      { unsigned: true },
      { secret, tolerance: 5 },
      { header: { ...header, extra: 1 } },
      { header: null },
      { header, toleranceSeconds: 5 },
      { unsigned: "i-accept-forged-events", now: Date.now },
      { header: { name: "", value: "a-secret-of-some-length" } },
    ]) {
      expect(await codeOf(() => dataspike(options as never))).toBe("option_invalid");
    }
    for (const [options, code] of [
      [{ secret: "" }, "secret_missing"],
      [{ secret: undefined }, "secret_missing"],
      [{ secret: "whsec_5WbX5kEWLlfzsGNjH64Ide8lOOqUB6e8FH" }, "secret_malformed"],
      [{ secret: "whsec_a1b2c3" }, "secret_too_short"],
      [{ header: { name: "X-Token", value: "" } }, "secret_missing"],
      [{ header: { name: "X-Token", value: "short" } }, "secret_too_short"],
    ] as const) {
      expect(await codeOf(() => dataspike(options as never))).toBe(code);
    }
    expect(
      dataspike({ header: { name: "X-Token", value: "short" }, minSecretBytes: 5 }).scheme
        .bindsBody,
    ).toBe(false);
    expect(dataspike({ secret: "whsec_a1b2c3", minSecretBytes: 3 }).scheme.bindsBody).toBe(true);
  });

  it("pass tolerance and clock on", async () => {
    const body = JSON.stringify(DOCVER);
    const key = Buffer.from(secret.slice(6), "hex");
    const delivery = { headers: { "x-webhook-signature": stamp(key, body, 1000) }, body };
    const now = () => 1_100_000;
    expect(await codeOf(() => dataspike({ secret, now }).verify(delivery))).toBe("none");
    expect(
      await codeOf(() => dataspike({ secret, now, toleranceSeconds: 99 }).verify(delivery)),
    ).toBe("timestamp_too_old");
    expect(
      await codeOf(() => dataspike({ secret, toleranceSeconds: false }).verify(delivery)),
    ).toBe("none");
  });
});
