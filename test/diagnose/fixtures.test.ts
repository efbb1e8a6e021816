import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/diagnose.js";
import { fixtureCases, providerModules, recorded } from "../helpers/fixtures.js";

const cases = providerModules.flatMap(({ id, factory }) =>
  fixtureCases(id)
    .filter(({ expect: { verify } }) => verify !== "secret_too_short")
    .map((one) => ({ id, factory, one })),
);

/** What there is to say of the recorded deliveries that do not verify. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "cr3dentials/signature-missing": ["header_missing"],
  "cr3dentials/both-signature-missing": ["header_missing"],
  "cr3dentials/header-missing": ["header_missing"],
  "dataspike/too-old": ["delivery_stale"],
  "dataspike/too-new": ["clock_skew"],
  "dataspike/unsigned-refused": ["header_missing"],
  "dataspike/header-secret-missing": ["header_missing"],
  "screver/unsigned": ["header_missing"],
  "screver/upper-case-hex": ["signature_encoding"],
  "validas/token-missing": ["header_missing"],
  "validas/jwt-expired": ["delivery_stale"],
  "vove/too-old": ["delivery_stale"],
  "vove/unsigned": ["header_missing"],
};

describe("a recorded delivery", () => {
  const genuine = cases.filter(({ one }) => /^(?:ok|payload_)/.test(one.expect.verify));
  const refused = cases.filter((one) => !genuine.includes(one));

  it.each(genuine.map((one) => [`${one.id}/${one.one.name}`, one] as const))(
    "that is genuine has nothing wrong with it: %s",
    async (_title, { id, factory, one }) => {
      const provider = factory(one.options);
      const now = () => one.now * 1000;
      expect(await diagnose(recorded(id, one), provider, { now })).toEqual({
        verdict: "authentic",
        findings: [],
      });
    },
  );

  it.each(refused.map((one) => [`${one.id}/${one.one.name}`, one] as const))(
    "that is refused is explained where it can be: %s",
    async (title, { id, factory, one }) => {
      const now = () => one.now * 1000;
      const { findings, verdict, error } = await diagnose(recorded(id, one), factory(one.options), {
        now,
      });
      const codes = findings.map(({ code }) => code);
      expect(error?.code).toBe(one.expect.verify);
      expect(verdict).toBe(codes.length > 0 ? "explained" : "unexplained");
      expect({ [title]: codes }).toEqual({ [title]: expected[title] ?? [] });
    },
  );
});
