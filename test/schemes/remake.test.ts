import { describe, expect, it } from "vitest";
import type { AsyncScheme, Scheme } from "../../src/scheme.js";
import { allOf } from "../../src/schemes/all-of.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { bearerToken } from "../../src/schemes/bearer-token.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { stampedHmac } from "../../src/schemes/stamped-hmac.js";
import { svix } from "../../src/schemes/svix.js";
import { svixAsymmetric } from "../../src/schemes/svix-asymmetric.js";
import { codeOf } from "../helpers/code-of.js";
import { mac, stamp, svixHeaders } from "../helpers/sign.js";

const given = "the-secret-that-was-given";
const other = "another-secret-that-fits";
const header = "x-signature";
const body = '{"a":1}';
const now = () => 1_700_000_000_000;
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A scheme under the one secret, as remade, and a delivery under the other. */
const schemes: readonly (readonly [
  name: string,
  scheme: Scheme,
  headers: Readonly<Record<string, string>>,
  replacement: string,
])[] = [
  ["svix", svix({ secret: base64(given), now }), svixHeaders(other, { body }), base64(other)],
  [
    "hmac",
    hmac({ secret: given, header, prefix: "sha256=", encoding: "base64" }),
    { [header]: `sha256=${mac(other, "base64", body)}` },
    other,
  ],
  [
    "stampedHmac",
    stampedHmac({ secret: given, header, toleranceSeconds: 60, now }),
    { [header]: stamp(other, body) },
    other,
  ],
  [
    "headerSecret",
    headerSecret({ secret: given, header, prefix: "Token " }),
    { [header]: `Token ${other}` },
    other,
  ],
  ["bearerToken", bearerToken({ token: given }), { authorization: `Bearer ${other}` }, other],
];

describe("a scheme that is made again", () => {
  it.each(schemes)(
    "is the same with another secret: %s",
    async (name, scheme, headers, replacement) => {
      const seen: unknown[] = [];
      const remade = scheme.remake?.((secrets) => {
        seen.push(secrets);
        return replacement;
      }) as Scheme;
      expect(seen).toEqual([name === "svix" ? base64(given) : given]);
      expect(await codeOf(() => scheme.verify({ headers, body }))).toMatch(
        /_(?:mismatch|invalid)$/,
      );
      expect(remade.verify({ headers, body }).scheme).toBe(name);
      const { verify: _verify, sign: _sign, remake: _remake, ...facts } = scheme;
      expect(remade).toMatchObject(facts);
    },
  );

  it("takes a public key as any other secret, and refuses what is none", async () => {
    const publicKey = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const scheme = svixAsymmetric({ publicKey, now });
    expect(scheme.remake?.((secrets) => secrets).name).toBe("svixAsymmetric");
    expect(await codeOf(() => scheme.remake?.(() => base64(other)))).toBe("secret_malformed");
  });

  it("shows its secret to nobody that only looks at it", () => {
    for (const [, scheme] of schemes) {
      expect(JSON.stringify(scheme)).not.toContain(given);
      expect(Object.values(scheme).filter((value) => typeof value === "object")).toEqual([]);
    }
  });

  it("of several shows them, and whether all have to hold or any", () => {
    const parts = [
      hmac({ secret: given, header }),
      headerSecret({ secret: given, header }),
    ] as const;
    const both: Scheme | AsyncScheme = allOf(...parts);
    const either: Scheme | AsyncScheme = anyOf(...parts);
    expect([both.all, both.any, both.remake]).toEqual([parts, undefined, undefined]);
    expect([either.all, either.any, either.remake]).toEqual([undefined, parts, undefined]);
  });
});
