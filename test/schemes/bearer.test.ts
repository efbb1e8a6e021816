import { createHash, createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportPKCS8, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { storeUnavailable } from "../../src/error-kinds.js";
import { WebhookError } from "../../src/errors.js";
import { bearerIntrospection } from "../../src/schemes/bearer-introspection.js";
import { type BearerJwtOptions, bearerJwt } from "../../src/schemes/bearer-jwt.js";
import { bearerToken } from "../../src/schemes/bearer-token.js";
import { codeOf } from "../helpers/code-of.js";

const issuer = "https://auth.example.test/";
const audience = "https://hooks.example.test/validas";
const time = 1_700_000_000;
const now = () => time * 1000;
const body = "{}";
const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, body });

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let keys: Keys;
let otherKeys: Keys;
let jwks: JSONWebKeySet;
let options: BearerJwtOptions;

beforeAll(async () => {
  keys = await generateKeyPair("ES256", { extractable: true });
  otherKeys = await generateKeyPair("ES256", { extractable: true });
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "one", alg: "ES256" }] };
  options = { issuer, audience, jwks, now };
});

interface TokenParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Record<string, unknown>;
  readonly key?: Keys["privateKey"];
}

function token({
  claims = {},
  header = {},
  key = keys.privateKey,
}: TokenParts = {}): Promise<string> {
  const payload = { iss: issuer, aud: audience, exp: time + 60, iat: time, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(key);
}

const base64url = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

describe("bearerJwt", () => {
  it("proves that the issuer made the token for this audience, and says that the body is not bound", async () => {
    const verified = await bearerJwt(options).verify(bearing(await token()));
    expect(verified).toMatchObject({ scheme: "bearerJwt", bindsBody: false, secret: { index: 0 } });
    expect(verified.text()).toBe(body);
    expect(bearerJwt(options)).toMatchObject({ bindsBody: false, bindsTime: false, async: true });
  });

  it("takes one of several audiences, and the scheme's name in any case", async () => {
    const several = await token({ claims: { aud: ["https://other.example.test", audience] } });
    const headers = { Authorization: `bEARER ${several}` };
    expect((await bearerJwt(options).verify({ headers, body })).text()).toBe(body);
  });

  it.each<[string, TokenParts, string, string?]>([
    ["has expired", { claims: { exp: time - 6 } }, "token_expired", "exp"],
    ["never expires", { claims: { exp: undefined } }, "token_invalid", "exp"],
    ["expires at no number", { claims: { exp: "never" } }, "token_invalid", "exp"],
    [
      "is for another audience",
      { claims: { aud: "https://other.example.test" } },
      "token_invalid",
      "aud",
    ],
    ["has no audience", { claims: { aud: undefined } }, "token_invalid", "aud"],
    [
      "is from another issuer",
      { claims: { iss: "https://evil.example.test" } },
      "token_invalid",
      "iss",
    ],
    ["has no issuer", { claims: { iss: undefined } }, "token_invalid", "iss"],
    ["is not valid yet", { claims: { nbf: time + 6 } }, "token_invalid", "nbf"],
    ["was issued in the future", { claims: { iat: time + 6 } }, "token_invalid", "iat"],
    ["names a key that is not there", { header: { kid: "two" } }, "token_invalid"],
    ["has a critical extension", { header: { crit: ["x"], x: 1 } }, "token_invalid"],
  ])("refuses a token that %s", async (_name, parts, code, claim) => {
    let bad: string;
    try {
      bad = await token(parts);
    } catch {
      // jose does not sign what it would not verify.
      const head = base64url({ alg: "ES256", kid: "one", ...parts.header });
      bad = `${head}.${base64url({})}.AAAA`;
    }
    const refusal = bearerJwt(options).verify(bearing(bad));
    await expect(refusal).rejects.toMatchObject({
      code,
      details: claim === undefined ? {} : { claim },
    });
  });

  it("refuses a token of another key, of the public key as a secret, and of no key", async () => {
    const scheme = bearerJwt(options);
    const forged = await token({ key: otherKeys.privateKey });
    expect(await codeOf(() => scheme.verify(bearing(forged)))).toBe("token_invalid");

    const claims = base64url({ iss: issuer, aud: audience, exp: time + 60 });
    const unsigned = `${base64url({ alg: "none" })}.${claims}.`;
    expect(await codeOf(() => scheme.verify(bearing(unsigned)))).toBe("token_invalid");

    const head = base64url({ alg: "HS256", kid: "one" });
    const publicKey = JSON.stringify(jwks.keys[0]);
    const mac = createHmac("sha256", publicKey).update(`${head}.${claims}`).digest("base64url");
    expect(await codeOf(() => scheme.verify(bearing(`${head}.${claims}.${mac}`)))).toBe(
      "token_invalid",
    );
  });

  it("refuses a token whose expiry reads as infinite", async () => {
    const head = base64url({ alg: "ES256", kid: "one" });
    const claims = base64url(`{"iss":"${issuer}","aud":"${audience}","exp":1e400}`);
    const { createSign } = await import("node:crypto");
    const pem = await exportPKCS8(keys.privateKey);
    const signature = createSign("sha256")
      .update(`${head}.${claims}`)
      .sign({ key: pem, dsaEncoding: "ieee-p1363" })
      .toString("base64url");
    const refusal = bearerJwt(options).verify(bearing(`${head}.${claims}.${signature}`));
    await expect(refusal).rejects.toMatchObject({
      code: "token_invalid",
      details: { claim: "exp" },
    });
  });

  it.each([
    ["nothing", undefined, "token_missing"],
    ["another scheme", "Basic dXNlcjpwYXNz", "token_missing"],
    ["a scheme alone", "Bearer", "token_malformed"],
    ["an empty token", "Bearer ", "token_malformed"],
    ["two spaces", "Bearer  abc.def.ghi", "token_malformed"],
    ["two tokens", "Bearer abc.def.ghi, Bearer abc.def.ghi", "token_malformed"],
    ["text that is no token", "Bearer not a token", "token_malformed"],
    ["one part", "Bearer abc", "token_malformed"],
    ["five parts", "Bearer a.b.c.d.e", "token_malformed"],
    ["parts that are no JSON", "Bearer abc.def.ghi", "token_malformed"],
    ["a very long token", `Bearer ${"a".repeat(20_000)}`, "token_malformed"],
  ])("refuses %s", async (_name, authorization, code) => {
    expect(
      await codeOf(() => bearerJwt(options).verify({ headers: { authorization }, body })),
    ).toBe(code);
  });

  it("refuses two tokens in two headers", async () => {
    const headers = { authorization: ["Bearer a", "Bearer b"] };
    expect(await codeOf(() => bearerJwt(options).verify({ headers, body }))).toBe(
      "header_duplicated",
    );
  });

  it("checks typ, sub and the token's age where that is asked for", async () => {
    const strict = bearerJwt({
      ...options,
      typ: "at+jwt",
      subject: "validas",
      maxTokenAgeSeconds: 30,
    });
    const good = { header: { typ: "at+jwt" }, claims: { sub: "validas" } };
    expect((await strict.verify(bearing(await token(good)))).text()).toBe(body);
    for (const bad of [
      { ...good, header: { typ: "JWT" } },
      { ...good, claims: { sub: "other" } },
      { ...good, claims: { sub: "validas", iat: time - 36 } },
    ]) {
      const refused = await token(bad);
      expect(await codeOf(() => strict.verify(bearing(refused)))).toMatch(
        /^token_(?:invalid|expired)$/,
      );
    }
  });

  it("gives a clock that differs five seconds, or as many as it is told", async () => {
    const expired = await token({ claims: { exp: time - 4 } });
    expect((await bearerJwt(options).verify(bearing(expired))).text()).toBe(body);
    const exact = bearerJwt({ ...options, clockToleranceSeconds: 0 });
    expect(await codeOf(() => exact.verify(bearing(expired)))).toBe("token_expired");
    const early = { now: () => (time - 5) * 1000 };
    expect((await bearerJwt(options).verify(bearing(expired), early)).text()).toBe(body);
    expect(await codeOf(() => exact.verify(bearing(expired), early))).toBe("token_invalid");
  });

  it("tries every key where the token names none", async () => {
    const set = {
      keys: await Promise.all([otherKeys, keys].map(({ publicKey }) => exportJWK(publicKey))),
    };
    const scheme = bearerJwt({ ...options, jwks: set });
    const nameless = await token({ header: { kid: undefined } });
    expect((await scheme.verify(bearing(nameless))).text()).toBe(body);
    const strangers = await generateKeyPair("ES256");
    const forged = await token({ header: { kid: undefined }, key: strangers.privateKey });
    expect(await codeOf(() => scheme.verify(bearing(forged)))).toBe("token_invalid");
    const expired = await token({ header: { kid: undefined }, claims: { exp: time - 60 } });
    expect(await codeOf(() => scheme.verify(bearing(expired)))).toBe("token_expired");
  });

  it.each([
    { issuer: undefined },
    { issuer: " " },
    { audience: undefined },
    { audience: "" },
    { audience: ["a"] },
    { jwks: undefined },
    { jwks: {} },
    { jwks: null },
    { jwks: { keys: [] } },
    { jwks: { keys: ["x"] } },
    { jwks: { keys: [{ kty: "oct", k: "AAAA" }] } },
    { jwks: { keys: [{ kty: "OKP", crv: "Ed25519", x: "AAAA", d: "AAAA" }] } },
    { jwks: undefined, jwksUrl: "https://auth.example.test/keys", fetch: 5 },
    { jwksUrl: "https://auth.example.test/keys" },
    { jwks: undefined, jwksUrl: "http://auth.example.test/keys" },
    { jwks: undefined, jwksUrl: "ftp://127.0.0.1/keys" },
    { jwks: undefined, jwksUrl: "http://127.0.0.1.example.test/keys" },
    { jwks: undefined, jwksUrl: "http://localhost.example.test/keys" },
    { jwks: undefined, jwksUrl: "http://not-localhost/keys" },
    { jwks: { keys: [{ kty: "EC" }, { kty: "oct", k: "AAAA" }] } },
    { jwks: { keys: [{ kty: "RSA-2" }] } },
    { jwks: { keys: [{ kty: "XEC" }] } },
    { jwks: undefined, jwksUrl: "no address" },
    { algorithms: [] },
    { algorithms: "ES256" },
    { algorithms: ["ES256", "HS256"] },
    { algorithms: ["none"] },
    { typ: "" },
    { subject: 5 },
    { maxTokenAgeSeconds: 0 },
    { clockToleranceSeconds: -1 },
    { now: 5 },
    { iss: issuer },
  ])("refuses the option %o", async (odd) => {
    expect(await codeOf(() => bearerJwt({ ...options, ...odd } as never))).toBe("option_invalid");
  });

  it.each([
    "http://localhost/",
    "http://127.10.20.30:8080/keys",
    "http://[::1]/",
    "https://a.test/",
  ])("takes keys from %s", (jwksUrl) => {
    expect(bearerJwt({ ...options, jwks: undefined, jwksUrl }).name).toBe("bearerJwt");
  });

  it("does not take a broken clock for a key server out of reach", async () => {
    const good = await token();
    expect(
      await codeOf(() => bearerJwt({ ...options, now: () => Number.NaN }).verify(bearing(good))),
    ).toBe("option_invalid");
  });

  it("sends the token it is given, and asks for one otherwise", async () => {
    const { sign } = bearerJwt(options);
    const context = { id: "", timestamp: 0, secretIndex: 0 };
    expect(sign?.(new Uint8Array(), { ...context, token: "abc" })).toEqual([
      { name: "authorization", value: "Bearer abc", role: "token" },
    ]);
    expect(await codeOf(() => sign?.(new Uint8Array(), context))).toBe("option_invalid");
  });

  describe("with a key server", () => {
    let server: Server;
    let url: string;
    let answer: { status: number; body: string };
    let asked = 0;

    beforeAll(async () => {
      server = createServer((_request, response) => {
        asked += 1;
        response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    });
    afterAll(() => void server.close());

    it("fetches the keys once", async () => {
      answer = { status: 200, body: JSON.stringify(jwks) };
      asked = 0;
      const scheme = bearerJwt({ issuer, audience, jwksUrl: url, now });
      const good = await token();
      await scheme.verify(bearing(good));
      await scheme.verify(bearing(good));
      expect(asked).toBe(1);
    });

    it.each([
      [503, ""],
      [200, "not JSON"],
      [200, '{"keys":5}'],
    ])("asks for a retry when it answers %s %s", async (status, text) => {
      answer = { status, body: text };
      const scheme = bearerJwt({ issuer, audience, jwksUrl: new URL(url), now });
      const good = await token();
      expect(await codeOf(() => scheme.verify(bearing(good)))).toBe("key_unavailable");
    });

    it("asks for a retry when it does not answer, and recovers", async () => {
      const failing = { down: true };
      const good = await token();
      const scheme = bearerJwt({
        issuer,
        audience,
        jwksUrl: "https://auth.example.test/keys",
        now,
        fetch: async () => {
          if (failing.down) throw new TypeError("fetch failed");
          return Response.json(jwks);
        },
      });
      expect(await codeOf(() => scheme.verify(bearing(good)))).toBe("key_unavailable");
      failing.down = false;
      expect((await scheme.verify(bearing(good))).text()).toBe(body);
    });
  });

  it.each([null, undefined, "text", 5])(
    "takes %s, thrown while keys are fetched, for a server out of reach",
    async (thrown) => {
      const fetch = () => Promise.reject(thrown);
      const scheme = bearerJwt({
        issuer,
        audience,
        jwksUrl: "https://auth.example.test/k",
        now,
        fetch,
      });
      const good = await token();
      expect(await codeOf(() => scheme.verify(bearing(good)))).toBe("key_unavailable");
    },
  );

  it("names jose where it is not installed", async () => {
    // What import() rejects with; a consumer without jose is tried for real in the package tests.
    const missing = () => {
      throw Object.assign(new Error("Cannot find package 'jose'"), {
        code: "ERR_MODULE_NOT_FOUND",
      });
    };
    vi.doMock("jose", async (original) => ({ ...(await original<object>()), jwtVerify: missing }));
    try {
      vi.resetModules();
      const { bearerJwt: fresh } = await import("../../src/schemes/bearer-jwt.js");
      const refusal = fresh(options).verify(bearing("e30.e30."));
      await expect(refusal).rejects.toMatchObject({
        code: "key_unavailable",
        details: { missing: "the package jose" },
      });
    } finally {
      vi.doUnmock("jose");
      vi.resetModules();
    }
  });

  it("keeps the token out of what it throws", async () => {
    const expired = await token({ claims: { exp: 1, name: "Nives Ałtamira" } });
    const { inspect } = await import("node:util");
    await bearerJwt(options)
      .verify(bearing(expired))
      .then(
        () => expect.unreachable(),
        (error: WebhookError) => {
          const shown =
            inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) +
            JSON.stringify(error);
          for (const part of expired.split(".")) expect(shown).not.toContain(part);
          expect(shown).not.toContain("Nives");
          expect(error.cause).toBeUndefined();
        },
      );
  });
});

describe("bearerToken", () => {
  const fixed = "vd-fixed-token-5b1f0c7e93a84d26b0e1";

  it("proves that the sender knows the token", () => {
    const scheme = bearerToken({
      token: ["another-token-of-length", { value: fixed, label: "validas" }],
    });
    expect(scheme.verify(bearing(fixed))).toMatchObject({
      scheme: "bearerToken",
      bindsBody: false,
      secret: { index: 1, label: "validas" },
    });
    expect(scheme).toMatchObject({ bindsBody: false, bindsTime: false });
  });

  it.each([
    [undefined, "token_missing"],
    [fixed, "token_missing"],
    [`Token Bearer ${fixed}`, "token_missing"],
    ["Bearer", "token_malformed"],
    [`Bearer ${fixed}x`, "token_invalid"],
    [`Bearer ${fixed} `, "token_malformed"],
  ])("refuses %s", async (authorization, code) => {
    const delivery = { headers: { authorization }, body };
    expect(await codeOf(() => bearerToken({ token: fixed }).verify(delivery))).toBe(code);
  });

  it("refuses set-ups that cannot be meant", async () => {
    expect(await codeOf(() => bearerToken({ token: "" }))).toBe("secret_missing");
    expect(await codeOf(() => bearerToken({ token: "short" }))).toBe("secret_too_short");
    for (const odd of [
      "Bearer a-token-of-some-length",
      "my$ecret!token!value!x",
      "=a-token-of-length",
    ]) {
      expect(await codeOf(() => bearerToken({ token: odd }))).toBe("secret_malformed");
    }
    expect(await codeOf(() => bearerToken({ token: fixed, issuer } as never))).toBe(
      "option_invalid",
    );
    expect(bearerToken({ token: "short", minSecretBytes: 5 }).name).toBe("bearerToken");
  });

  it("makes its header", () => {
    const { sign } = bearerToken({ token: fixed });
    const context = { id: "", timestamp: 0, secretIndex: 0 };
    expect(sign?.(new Uint8Array(), context)[0]?.value).toBe(`Bearer ${fixed}`);
    expect(sign?.(new Uint8Array(), { ...context, token: "t" })[0]?.value).toBe("Bearer t");
  });
});

describe("bearerIntrospection", () => {
  const active = { active: true, iss: issuer, aud: audience, exp: time + 60 };
  const asking = (response: unknown, extra = {}) =>
    bearerIntrospection({
      introspect: async () => response as never,
      issuer,
      audience,
      now,
      ...extra,
    });

  it("proves that the server calls the token active", async () => {
    const asked: string[] = [];
    const scheme = bearerIntrospection({
      introspect: async (given) => {
        asked.push(given);
        return { active: true };
      },
    });
    expect(await scheme.verify(bearing("opaque-token"))).toMatchObject({
      scheme: "bearerIntrospection",
      bindsBody: false,
    });
    expect(asked).toEqual(["opaque-token"]);
    expect(scheme).toMatchObject({ async: true, bindsBody: false, bindsTime: false });
  });

  it.each([
    ["everything right", active, "none"],
    ["one of several audiences", { ...active, aud: ["x", audience] }, "none"],
    ["a token just expired", { ...active, exp: time - 4 }, "none"],
    ["an inactive token", { ...active, active: false }, "token_invalid"],
    // No answer to the question: the server, or the way to it, is at fault, and a retry may succeed.
    ["the text true", { ...active, active: "true" }, "key_unavailable"],
    ["an error of the server", { error: "invalid_client" }, "key_unavailable"],
    ["nothing", undefined, "key_unavailable"],
    ["null", null, "key_unavailable"],
    ["another issuer", { ...active, iss: "x" }, "token_invalid"],
    ["no issuer", { ...active, iss: undefined }, "token_invalid"],
    ["another audience", { ...active, aud: "x" }, "token_invalid"],
    ["no audience", { ...active, aud: undefined }, "token_invalid"],
    ["an expired token", { ...active, exp: time - 5 }, "token_expired"],
    ["an expiry that is no number", { ...active, exp: "soon" }, "key_unavailable"],
    ["an expiry that was left out as null", { ...active, exp: null, nbf: null }, "none"],
    ["a token of the future", { ...active, nbf: time + 6 }, "token_invalid"],
    ["a start that is no number", { ...active, nbf: "soon" }, "key_unavailable"],
    ["a token that has begun", { ...active, nbf: time + 5 }, "none"],
  ])("on %s says %s", async (_name, response, code) => {
    expect(await codeOf(() => asking(response).verify(bearing("opaque")))).toBe(code);
  });

  describe("remembers", () => {
    let seconds: number;
    let asked: string[];
    let exp: number | undefined;
    let revoked: boolean;
    const scheme = (extra = {}) =>
      bearerIntrospection({
        introspect: async (given) => {
          asked.push(given);
          return { active: !revoked, ...(exp === undefined ? {} : { exp }) };
        },
        now: () => seconds * 1000,
        ...extra,
      });
    const text = async (one: ReturnType<typeof scheme>, given = "opaque") =>
      codeOf(() => one.verify(bearing(given)));
    beforeEach(() => {
      seconds = time;
      asked = [];
      exp = undefined;
      revoked = false;
    });

    it("an accepted token for ten seconds, or as many as it is told", async () => {
      for (const [one, kept] of [
        [scheme(), 10],
        [scheme({ cacheSeconds: 2 }), 2],
      ] as const) {
        seconds = time;
        asked = [];
        expect(await text(one)).toBe("none");
        seconds = time + kept - 1;
        expect(await text(one)).toBe("none");
        expect(asked).toHaveLength(1);
        seconds = time + kept;
        expect(await text(one)).toBe("none");
        expect(asked).toHaveLength(2);
      }
    });

    it("nothing where it is told so", async () => {
      const one = scheme({ cacheSeconds: 0 });
      await Promise.all([text(one), text(one)]);
      await text(one);
      expect(asked).toHaveLength(3);
    });

    it("a token no longer than it lasts, without leeway", async () => {
      exp = time + 3;
      const one = scheme();
      expect(await text(one)).toBe("none");
      seconds = time + 2;
      expect(await text(one)).toBe("none");
      expect(asked).toHaveLength(1);
      seconds = time + 3;
      expect(await text(one)).toBe("none");
      expect(asked).toHaveLength(2);
    });

    it("a token, and still looks at the clock of the call", async () => {
      exp = time + 60;
      const one = scheme();
      expect(await text(one)).toBe("none");
      const late = { now: () => (time + 65) * 1000 };
      expect(await codeOf(() => one.verify(bearing("opaque"), late))).toBe("token_expired");
      expect(asked).toHaveLength(1);
    });

    it("nothing from the future of a clock that was put back", async () => {
      const one = scheme();
      await text(one);
      seconds = time - 1;
      await text(one);
      expect(asked).toHaveLength(2);
    });

    it("nothing that was asked about again, whatever the clock says then", async () => {
      const one = scheme();
      await text(one);
      seconds = time + 100;
      revoked = true;
      expect(await text(one)).toBe("token_invalid");
      seconds = time + 5;
      expect(await text(one)).toBe("token_invalid");
    });

    it("each token for itself", async () => {
      const one = scheme();
      await text(one, "opaque");
      await text(one, "opaque2");
      expect(asked).toEqual(["opaque", "opaque2"]);
    });

    it("a thousand tokens, and forgets the one that was not used for longest", async () => {
      const one = scheme();
      for (let n = 0; n < 1000; n += 1) await text(one, `token-${n}`);
      // Asked about again, a token takes no other's place.
      seconds = time + 10;
      await text(one, "token-1");
      seconds = time + 5;
      asked = [];
      await text(one, "token-0");
      expect(asked).toEqual([]);
      await text(one, "token-1000");
      asked = [];
      await text(one, "token-0");
      await text(one, "token-3");
      expect(asked).toEqual([]);
      await text(one, "token-2");
      expect(asked).toEqual(["token-2"]);
    });

    it("no failure: whoever asked together fails together, and the next one asks again", async () => {
      let failing = true;
      const one = scheme({
        introspect: async (given: string) => {
          asked.push(given);
          if (failing) throw new Error(given);
          return { active: true };
        },
      });
      expect(await Promise.all([text(one), text(one)])).toEqual([
        "key_unavailable",
        "key_unavailable",
      ]);
      expect(asked).toHaveLength(1);
      failing = false;
      expect(await text(one)).toBe("none");
      expect(asked).toHaveLength(2);
    });

    it("a hash in the place of a token, and nothing about a person", async () => {
      const set = vi.spyOn(Map.prototype, "set");
      try {
        const one = scheme({ introspect: async () => ({ active: true, sub: "Nives Altamira" }) });
        expect(await text(one, "a-token-to-look-for")).toBe("none");
        const hash = createHash("sha256").update("a-token-to-look-for").digest("hex");
        const kept = set.mock.calls.map((call) => JSON.stringify(call)).join("\n");
        expect(kept).toContain(hash);
        expect(kept).not.toMatch(/a-token-to-look-for|Nives/);
      } finally {
        set.mockRestore();
      }
    });
  });

  it("gives up on a question after three seconds, and does not wait for its answer the next time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let hanging = true;
      const signals: AbortSignal[] = [];
      const one = bearerIntrospection({
        introspect: async (_token, { signal }) => {
          signals.push(signal);
          return hanging ? new Promise<never>(() => undefined) : { active: true };
        },
      });
      const first = codeOf(() => one.verify(bearing("opaque")));
      await vi.advanceTimersByTimeAsync(2999);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
      await vi.advanceTimersByTimeAsync(1);
      expect(await first).toBe("key_unavailable");
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      hanging = false;
      expect(await codeOf(() => one.verify(bearing("opaque")))).toBe("none");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("asks for a retry when the server is out of reach, and passes nothing on of what was thrown", async () => {
    const failing = (error: unknown) =>
      bearerIntrospection({ introspect: () => Promise.reject(error) }).verify(bearing("opaque"));
    const own = new WebhookError(storeUnavailable, { token: "opaque" });
    for (const error of [new Error("connect ECONNREFUSED opaque"), own, undefined]) {
      await expect(failing(error)).rejects.toMatchObject({ code: "key_unavailable", details: {} });
    }
    const throwing = bearerIntrospection({
      introspect: () => {
        throw new Error("sync");
      },
    });
    expect(await codeOf(() => throwing.verify(bearing("opaque")))).toBe("key_unavailable");
  });

  it("takes the clock of the call", async () => {
    const late = { now: () => (time + 100) * 1000 };
    expect(await codeOf(() => asking(active).verify(bearing("opaque"), late))).toBe(
      "token_expired",
    );
  });

  it.each([
    { introspect: undefined },
    { issuer: "" },
    { issuer: " " },
    { audience: 5 },
    { clockToleranceSeconds: 601 },
    { cacheSeconds: -1 },
    { cacheSeconds: 301 },
    { cacheSeconds: 0.5 },
    { token: "x" },
  ])("refuses the option %o", async (odd) => {
    const all = { introspect: async () => ({ active: true }), ...odd };
    expect(await codeOf(() => bearerIntrospection(all as never))).toBe("option_invalid");
  });

  it("sends the token it is given, and asks for one otherwise", async () => {
    const { sign } = asking(active);
    const context = { id: "", timestamp: 0, secretIndex: 0 };
    expect(sign?.(new Uint8Array(), { ...context, token: "t" })[0]?.value).toBe("Bearer t");
    expect(await codeOf(() => sign?.(new Uint8Array(), context))).toBe("option_invalid");
  });
});
