import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isWebhookError } from "../src/errors.js";
import { cr3dentials } from "../src/providers/cr3dentials.js";
import { dataspike } from "../src/providers/dataspike.js";
import { screver } from "../src/providers/screver.js";
import { validas } from "../src/providers/validas.js";
import { vove } from "../src/providers/vove.js";
import { bearerIntrospection } from "../src/schemes/bearer-introspection.js";
import { bearerJwt } from "../src/schemes/bearer-jwt.js";
import { bearerToken } from "../src/schemes/bearer-token.js";
import { headerSecret } from "../src/schemes/header-secret.js";
import { hmac } from "../src/schemes/hmac.js";
import { stampedHmac } from "../src/schemes/stamped-hmac.js";
import { svix } from "../src/schemes/svix.js";
import { unsigned } from "../src/schemes/unsigned.js";
import { codeOf } from "./helpers/code-of.js";

const secret = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";
const header = "x-proof";
const issuer = "https://auth.example.test/";
const audience = "https://hooks.example.test/";
const jwks = { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] };

describe("what a scheme declares", () => {
  it.each([
    ["svix", () => svix({ secret }), true, true],
    ["svix", () => svix({ secret, toleranceSeconds: false }), true, false],
    ["stampedHmac", () => stampedHmac({ secret, header }), true, true],
    ["hmac", () => hmac({ secret, header }), true, false],
    ["headerSecret", () => headerSecret({ secret, header }), false, false],
    ["bearerToken", () => bearerToken({ token: secret }), false, false],
    ["bearerJwt", () => bearerJwt({ issuer, audience, jwks }), false, false],
    [
      "bearerIntrospection",
      () => bearerIntrospection({ introspect: async () => ({ active: true }) }),
      false,
      false,
    ],
    ["unsigned", () => unsigned("i-accept-forged-events"), false, false],
  ] as const)("is its name, and what it binds: %s", (name, scheme, bindsBody, bindsTime) => {
    expect({ ...scheme() }).toMatchObject({ name, bindsBody, bindsTime });
  });

  it("is what it takes for an algorithm: asymmetric ones alone", () => {
    try {
      bearerJwt({ issuer, audience, jwks, algorithms: ["HS256"] });
      expect.unreachable();
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      expect(error.details.expected).toEqual([
        ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
        ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
      ]);
    }
  });
});

describe("bearerJwt", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keys = { keys: [rsa.publicKey.export({ format: "jwk" })] };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const headersOf = (signature: string) => ({
    authorization: `Bearer ${part({ alg: "RS256" })}.${part({})}.${signature}`,
  });

  it("takes a signature in one spelling, and looks at no other", async () => {
    const scheme = bearerJwt({ issuer, audience, jwks: keys });
    const code = (signature: string) =>
      codeOf(() => scheme.verify({ headers: headersOf(signature), body: "" }));
    expect(await code("AA")).toBe("token_invalid");
    for (const spelling of ["AB", "AA==", "A"]) {
      expect(await code(spelling)).toBe("token_malformed");
    }
  });

  it("does not blame a missing package for keys that are out of reach", async () => {
    const scheme = bearerJwt({
      ...{ issuer, audience },
      jwksUrl: "https://auth.example.test/jwks",
      fetch: () => Promise.reject(new Error("down")),
    });
    const refusal = scheme.verify({ headers: headersOf("AA"), body: "" });
    await expect(refusal).rejects.toMatchObject({ code: "key_unavailable", details: {} });
  });

  it.each(["xhttps://auth.example.test/", "ftp://127.0.0.1/", "http://127.0.0.1.example.test/"])(
    "fetches no keys from %s",
    async (jwksUrl) => {
      expect(await codeOf(() => bearerJwt({ issuer, audience, jwksUrl }))).toBe("option_invalid");
    },
  );
});

describe("a token that the server calls active", () => {
  it("is proven whoever issued it and for whom, unless that is asked for", async () => {
    const answer = { active: true, iss: issuer, aud: audience };
    const scheme = bearerIntrospection({ introspect: async () => answer });
    const headers = { authorization: "Bearer opaque" };
    const verified = await scheme.verify({ headers, body: "" });
    expect(verified).toMatchObject({ scheme: "bearerIntrospection", secret: { index: 0 } });
  });
});

describe("a fixed token", () => {
  it.each([
    `(${secret}`,
    `${secret})`,
    `${secret}=a`,
    `=${secret}`,
    `${secret}===`,
    "žluťoučký-kůň-úpěl",
  ])("that no header can carry is refused: %s", async (token) => {
    expect(await codeOf(() => bearerToken({ token }))).toBe("secret_malformed");
    const authorization = `Bearer ${token}`;
    const scheme = bearerToken({ token: secret });
    expect(await codeOf(() => scheme.verify({ headers: { authorization }, body: "" }))).toBe(
      "token_malformed",
    );
  });
});

describe("what is known of a sender", () => {
  const svixDelays = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];

  it.each([
    [
      "dataspike",
      () => dataspike({ secret: `whsec_${"ab".repeat(32)}` }),
      "https://docs.dataspike.io/webhooks",
    ],
    ["vove", () => vove({ secret }), "https://docs.voveid.com/docs/api/webhooks"],
    [
      "validas",
      () => validas({ bearer: { token: secret } }),
      "https://docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/",
    ],
    [
      "cr3dentials",
      () => cr3dentials({ signingSecret: secret }),
      "https://docs.cr3dentials.xyz/essentials/webhooks",
    ],
    ["screver", () => screver({ secret }), "https://github.com/CoRMapp/screver-api-docs"],
  ])("%s: where its documentation is", (name, provider, docs) => {
    expect(provider()).toMatchObject({ name, docs });
  });

  it("is when it tries again, with the source", () => {
    expect(vove({ secret }).retry).toEqual({
      delaysSeconds: svixDelays,
      source: expect.stringMatching(/^docs\.svix\.com\/retries, read 2026-11-20/),
    });
    expect(cr3dentials({ signingSecret: secret }).retry).toEqual({
      delaysSeconds: [1, 2, 4, 8, 16],
      source: expect.stringMatching(/^docs\.cr3dentials\.xyz\/.*, read 2026-11-20/),
    });
  });
});
