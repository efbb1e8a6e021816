import { describe, expect, it } from "vitest";
import type { Provider } from "../../src/provider.js";
import { cr3dentials, cr3dentialsSamples } from "../../src/providers/cr3dentials.js";
import { dataspike, dataspikeSamples } from "../../src/providers/dataspike.js";
import { screver, screverSamples } from "../../src/providers/screver.js";
import { validas, validasSamples } from "../../src/providers/validas.js";
import { vove, voveSamples } from "../../src/providers/vove.js";
import { driftsOf, driftsOfEvent, withValue } from "../helpers/drifts.js";
import { fixtureCases, providerModules, recorded } from "../helpers/fixtures.js";

const plain = "an-invented-secret-for-tests";
const configured = {
  cr3dentials: [cr3dentials({ signingSecret: plain }), cr3dentialsSamples],
  dataspike: [dataspike({ secret: `whsec_${"ab".repeat(32)}` }), dataspikeSamples],
  screver: [screver({ secret: plain }), screverSamples],
  validas: [validas({ bearer: { token: plain } }), validasSamples],
  vove: [vove({ secret: `whsec_${Buffer.alloc(24, 7).toString("base64")}` }), voveSamples],
} as unknown as Readonly<Record<string, readonly [Provider, Readonly<Record<string, object>>]>>;

const providerOf = (id: string): Provider => (configured[id] as readonly [Provider, object])[0];
const sampleOf = (id: string, type: string): object =>
  (configured[id] as readonly [Provider, Record<string, object>])[1][type] as object;

/** What fixtures hold that no document has: invented to see that it is let through. */
const invented: Readonly<Record<string, string>> = {
  "cr3dentials gen1-failed": "value data.status string",
  "cr3dentials gen1-other-data-status": "value data.status string",
  "cr3dentials gen1-verified-lower-case": "value data.status string",
  "cr3dentials gen1-unknown-type": "type verification.expired",
  "cr3dentials gen1-unknown-type-success": "type verification.review_completed",
  "cr3dentials gen2-unknown-status": "type session.expired",
  "cr3dentials custom-template": "type unknown",
  "dataspike docver-unknown-status": "value payload.status string",
  "dataspike unknown-event-type": "type ADDRESS_CHECK",
  "screver unknown-body": "type unknown",
  "screver endpoints-wildcard-unknown": "type unknown",
  "validas no-status": "type unknown",
  "validas unknown-status": "type under-review",
  "validas unknown-status-american-spelling": "type canceled",
  "vove idv-suspected-aml-check": "key extra object",
  "vove unknown-status": "type on_hold",
  "vove unknown-status-case": "type SUCCESSFUL",
  "vove standard-webhooks-vector": "type unknown",
};

const line = (drift: Awaited<ReturnType<typeof driftsOf>>[number]): string =>
  drift.kind === "type" ? `type ${drift.messageType}` : `${drift.kind} ${drift.path} ${drift.type}`;

it("knows every provider that there is", () => {
  expect(Object.keys(configured)).toEqual(providerModules.map(({ id }) => id).sort());
});

describe.each(providerModules)("$id", ({ id, factory }) => {
  const genuine = fixtureCases(id).filter(({ expect: { verify } }) => verify === "ok");

  it.each(genuine)("has no drift in $name but what the fixture invents", async (one) => {
    const { headers, body } = recorded(id, one);
    const provider = factory(one.options);
    const message = await provider.verify({ headers, body }, { now: () => one.now * 1000 });
    const drifts = await driftsOf(provider, message);
    expect(drifts.map(line).join()).toBe(invented[`${id} ${one.name}`] ?? "");
    for (const drift of drifts) {
      expect(drift.provider).toBe(id);
      if (message.known) expect(drift.messageType).toBe(message.type);
    }
  });

  it("has no drift in any of its samples", async () => {
    const [provider, samples] = configured[id] as readonly [Provider, object];
    for (const sample of Object.values(samples)) {
      expect(await driftsOfEvent(provider, sample)).toEqual([]);
    }
  });
});

it("has no fixture left on the list that invents nothing", () => {
  const names = providerModules.flatMap(({ id }) =>
    fixtureCases(id).map(({ name }) => `${id} ${name}`),
  );
  expect(Object.keys(invented).filter((name) => !names.includes(name))).toEqual([]);
});

describe("a new key", () => {
  const check = "payload.checks.document_mrz";
  const files = [{ document_id: "d", document_type: "passport" }];
  it.each<[id: string, type: string, place: string, path: string]>([
    ["cr3dentials", "verification.completed", "novel", "novel"],
    ["cr3dentials", "verification.completed", "data.novel", "data.novel"],
    ["cr3dentials", "verification.completed", "data.metadata.novel", "data.metadata.novel"],
    ["cr3dentials", "session.completed", "novel", "novel"],
    ["cr3dentials", "session.terminated", "novel", "novel"],
    ["dataspike", "DOCVER", "novel", "novel"],
    ["dataspike", "DOCVER", "payload.novel", "payload.novel"],
    ["dataspike", "DOCVER", `${check}.novel`, "payload.checks.*.novel"],
    ["dataspike", "DOCVER", "payload.documents.0.novel", "payload.documents.*.novel"],
    ["dataspike", "AML_SCREENING", "payload.novel", "payload.novel"],
    ["dataspike", "AML_SCREENING", "payload.risk_score.novel", "payload.risk_score.novel"],
    [
      "dataspike",
      "AML_SCREENING",
      "payload.search_response.novel",
      "payload.search_response.novel",
    ],
    ["dataspike", "AML", "payload.novel", "payload.novel"],
    ["dataspike", "DOCVER_CHECKS", "payload.result.novel", "payload.result.novel"],
    ["dataspike", "APPLICANT", "novel", "novel"],
    ["screver", "optionSelected", "novel", "novel"],
    ["screver", "optionSelected", "question.novel", "question.novel"],
    ["screver", "surveyCompleted", "novel", "novel"],
    ["vove", "idv.successful", "novel", "novel"],
    ["vove", "user.aml.cleared", "novel", "novel"],
    ["vove", "kyb.case.completed", "novel", "novel"],
  ])("of %s, %s is reported at its place: %s", async (id, type, place, path) => {
    const sample = sampleOf(id, type);
    const event = place.startsWith("payload.documents")
      ? withValue(sample, "payload.documents", files)
      : sample;
    for (const [value, jsonType] of [
      ["Mirela Dravetz", "string"],
      [5, "number"],
      [false, "boolean"],
      [null, "null"],
      [[1], "array"],
      [{ a: 1 }, "object"],
    ] as const) {
      expect(await driftsOfEvent(providerOf(id), withValue(event, place, value))).toEqual([
        { provider: id, kind: "key", messageType: type, path, type: jsonType },
      ]);
    }
  });

  it.each<[id: string, type: string, place: string, value: unknown]>([
    ["cr3dentials", "verification.completed", "data.formattedData.novel", 1],
    ["cr3dentials", "verification.completed", "data.proofData", { novel: { deep: 1 } }],
    ["cr3dentials", "session.completed", "extractedData", { novel: 1 }],
    ["dataspike", "DOCVER", `${check}.data`, { novel: { deep: 1 } }],
    ["dataspike", "DOCVER", `${check}.errors`, [{ novel: 1 }]],
    ["dataspike", "DOCVER", "payload.checks.brand_new_check", { status: "verified" }],
    ["dataspike", "APPLICANT", "payload.novel", { deep: 1 }],
    ["dataspike", "TRANSACTION_MONITORING", "payload.novel", 1],
    ["dataspike", "KYT_WALLET_CHECK", "payload.novel", 1],
    ["dataspike", "AML_SCREENING", "payload.search_request", { novel: 1 }],
    ["screver", "optionSelected", "meta.novel", 1],
    ["screver", "optionSelected", "answer", { novel: 1 }],
    ["screver", "surveyCompleted", "survey", { id: "s", name: "n" }],
    ["validas", "confirmed", "novel", { deep: 1 }],
  ])("of %s, %s is none where no document says which there are: %s", async (...given) => {
    const [id, type, place, value] = given;
    const event = withValue(sampleOf(id, type), place, value);
    expect(await driftsOfEvent(providerOf(id), event)).toEqual([]);
  });
});

describe("a new value", () => {
  const verification = ["initial", "pending", "in_progress", "verified", "failed"];
  const check = ["verified", "failed", "in_progress", "pending"];
  it.each<[id: string, type: string, place: string, path: string, known: readonly string[]]>([
    ["cr3dentials", "verification.completed", "status", "status", ["success", "failed"]],
    ["cr3dentials", "verification.completed", "data.status", "data.status", ["VERIFIED"]],
    [
      ...(["dataspike", "DOCVER", "payload.status", "payload.status"] as const),
      [...verification, "canceled", "expired"],
    ],
    [
      ...(["dataspike", "DOCVER", "payload.checks.face.status"] as const),
      ...(["payload.checks.*.status", check] as const),
    ],
    ["dataspike", "DOCVER_CHECKS", "payload.result.status", "payload.result.status", check],
    [
      ...(["dataspike", "AML_SCREENING", "payload.risk_score.type"] as const),
      ...(["payload.risk_score.type", ["Low", "Medium", "High", "UnknownScore"]] as const),
    ],
    [
      ...(["dataspike", "AML", "payload.risk_score.type"] as const),
      ...(["payload.risk_score.type", ["noMatches"]] as const),
    ],
    [
      ...(["screver", "optionSelected", "question.type", "question.type"] as const),
      ["text", "netPromoterScore", "csat"],
    ],
    [
      ...(["vove", "idv.suspected", "reason", "reason"] as const),
      ["DOCUMENT_INFO_MISMATCHED", "AML_CHECK", "DOCUMENT_MISMATCH"],
    ],
    [
      ...(["vove", "kyb.case.completed", "previousStatus", "previousStatus"] as const),
      ["NOT_STARTED", "IN_PROGRESS", "IN_REVIEW", "COMPLETED", "REJECTED"],
    ],
  ])("of %s, %s, %s is reported as %s, and a documented one is none", async (...given) => {
    const [id, type, place, path, known] = given;
    const event = (value: string) => withValue(sampleOf(id, type), place, value);
    for (const value of known) {
      expect(await driftsOfEvent(providerOf(id), event(value))).toEqual([]);
    }
    for (const value of ["brand_new", "Mirela Dravetz", ""]) {
      expect(await driftsOfEvent(providerOf(id), event(value))).toEqual([
        { provider: id, kind: "value", messageType: type, path, type: "string" },
      ]);
    }
  });
});

describe("a new type", () => {
  it.each<[id: string, event: unknown, messageType: string]>([
    ["cr3dentials", { type: "verification.expired", data: {} }, "verification.expired"],
    ["cr3dentials", { sessionId: "s", status: "EXPIRED" }, "session.expired"],
    ["dataspike", { event_type: "ADDRESS_CHECK", id: "1" }, "ADDRESS_CHECK"],
    ["dataspike", { event_type: "Mirela Dravetz", id: "1" }, "*"],
    ["dataspike", {}, "unknown"],
    ["screver", {}, "unknown"],
    ["validas", { status: "under-review" }, "under-review"],
    ["validas", { status: "AB1234567" }, "*"],
    ["vove", { status: "on_hold" }, "on_hold"],
    ["vove", [], "unknown"],
  ])("of %s is reported, and nothing else of it: %j", async (id, event, messageType) => {
    expect(await driftsOfEvent(providerOf(id), event)).toEqual([
      { provider: id, kind: "type", messageType },
    ]);
  });
});
