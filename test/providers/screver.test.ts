import { describe, expect, it } from "vitest";
import { screver, screverEvent, screverSamples } from "../../src/providers/screver.js";
import { signDelivery } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";
import { mac } from "../helpers/sign.js";

const first = "33d30530-fe4b-469e-9e14-e9ef19b9775b";
const second = "b2d2693b-f1ad-44c4-b9b6-0cf3534dd00b";
const any = "970808e3-52ac-4d8c-b584-5c8123a72698";
const signed = (secret: string, event: unknown) => {
  const body = JSON.stringify(event);
  return { headers: { "x-api-signature": mac(secret, "hex", body) }, body };
};
const { optionSelected, surveyCompleted } = screverSamples;

describe("the type", () => {
  const provider = screver({
    endpoints: [
      { secret: [first, { value: "an-older-secret-of-it", label: "old" }], type: "optionSelected" },
      { secret: second, type: "surveyCompleted" },
      { secret: any, type: "*" },
    ],
  });

  it.each([
    ["its registration", first, optionSelected, "optionSelected", []],
    [
      "its registration, by a secret being replaced",
      "an-older-secret-of-it",
      optionSelected,
      "optionSelected",
      [],
    ],
    [
      "its registration, whatever the body looks like",
      second,
      optionSelected,
      "surveyCompleted",
      [],
    ],
    [
      "the body, flagged, for a registration of all types",
      any,
      optionSelected,
      "optionSelected",
      ["type_inferred"],
    ],
    [
      "the body, flagged, for a registration of all types",
      any,
      surveyCompleted,
      "surveyCompleted",
      ["type_inferred"],
    ],
    [
      "surveyItemId alone, not the answer",
      any,
      { ...surveyCompleted, answer: { a: 1 } },
      "surveyCompleted",
      ["type_inferred"],
    ],
  ])("follows from %s", async (_name, secret, event, type, flags) => {
    expect(await provider.verify(signed(secret, event))).toMatchObject({
      known: true,
      type,
      flags,
    });
  });

  it.each([[{ timestamp: "x" }], [{ meta: {} }], [{ answer: 5 }], [[]], [null]])(
    "is not known for %o",
    async (event) => {
      expect(await provider.verify(signed(any, event))).toMatchObject({
        known: false,
        type: "unknown",
      });
    },
  );

  it("is read off the body of a delivery that something else has proven", async () => {
    const { delivery } = await provider.verify(signed(any, optionSelected));
    expect(await provider.read({ ...delivery, secret: { index: 9 } })).toMatchObject({
      type: "optionSelected",
      flags: ["type_inferred"],
    });
  });

  it("tells which secret fitted", async () => {
    const { delivery } = await provider.verify(signed("an-older-secret-of-it", optionSelected));
    expect(delivery.secret).toEqual({ index: 1, label: "old" });
  });

  it("is read off the body where one secret is all there is", async () => {
    const one = screver({ secret: [first, second] });
    for (const secret of [first, second]) {
      expect(await one.verify(signed(secret, optionSelected))).toMatchObject({
        flags: ["type_inferred"],
      });
    }
    expect(await codeOf(() => one.verify(signed(any, optionSelected)))).toBe("signature_mismatch");
  });
});

it.each<[string, unknown]>([
  ["timestamp", { ...surveyCompleted, timestamp: true }],
  ["meta", { ...surveyCompleted, meta: "x" }],
  ["surveyItemId", { ...optionSelected, surveyItemId: "" }],
  ["question._id", { ...optionSelected, question: { _id: 1 } }],
  ["question.name", { ...optionSelected, question: { name: "x" } }],
])("refuses what does not fit in %s", async (path, event) => {
  const provider = screver({ secret: first });
  await expect(provider.verify(signed(first, event))).rejects.toMatchObject({
    code: "payload_invalid",
    details: { issues: [{ path }] },
  });
});

it("has the time where it can be read", async () => {
  const provider = screver({ secret: first });
  expect((await provider.verify(signed(first, surveyCompleted))).occurredAt?.toISOString()).toBe(
    "2026-03-02T11:25:00.731Z",
  );
  for (const timestamp of ["yesterday", 1_570_518_913]) {
    const message = await provider.verify(signed(first, { ...surveyCompleted, timestamp }));
    expect(message).toMatchObject({ known: true });
    expect(message.occurredAt).toBeUndefined();
  }
});

it("is one message however it was registered: the id is the body's", async () => {
  const ids = await Promise.all(
    [
      screver({ secret: first }),
      screver({ endpoints: [{ secret: first, type: "optionSelected" }] }),
    ].map(async (provider) => (await provider.verify(signDelivery(provider, optionSelected))).id),
  );
  expect(new Set(ids).size).toBe(1);
});

it("exports a schema that reads every sample", () => {
  for (const sample of Object.values(screverSamples))
    expect(screverEvent.parse(sample)).toEqual(sample);
  expect(screverEvent.safeParse({}).success).toBe(false);
});

it.each([
  [undefined, "option_invalid"],
  [{}, "option_invalid"],
  [{ secret: first, endpoints: [] }, "option_invalid"],
  [{ endpoints: [] }, "option_invalid"],
  [{ endpoints: {} }, "option_invalid"],
  [{ endpoints: [null] }, "option_invalid"],
  [{ endpoints: [{ secret: first, type: "any" }] }, "option_invalid"],
  [{ endpoints: [{ secret: first, type: "*", url: "x" }] }, "option_invalid"],
  [{ endpoints: [{ type: "*" }] }, "secret_missing"],
  [
    {
      endpoints: [
        { secret: first, type: "*" },
        { secret: { value: first }, type: "optionSelected" },
      ],
    },
    "option_invalid",
  ],
  [
    {
      endpoints: [
        { secret: first, type: "*" },
        { secret: [second, first], type: "*" },
      ],
    },
    "none",
  ],
  [{ secret: "" }, "secret_missing"],
  [{ secret: [] }, "secret_missing"],
  [{ secret: "short" }, "secret_too_short"],
])("refuses the options %o", async (options, code) => {
  expect(await codeOf(() => screver(options as never))).toBe(code);
});
