import { describe, expect, it } from "vitest";
import * as kinds from "../../src/error-kinds.js";
import { type ErrorKind, WebhookError } from "../../src/errors.js";
import type { AsyncScheme, Scheme } from "../../src/scheme.js";
import { allOf } from "../../src/schemes/all-of.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { bearerIntrospection } from "../../src/schemes/bearer-introspection.js";
import { bearerToken } from "../../src/schemes/bearer-token.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { stampedHmac } from "../../src/schemes/stamped-hmac.js";
import { svix } from "../../src/schemes/svix.js";
import { unsigned } from "../../src/schemes/unsigned.js";
import { codeOf } from "../helpers/code-of.js";
import { mac, stamp, svixHeaders } from "../helpers/sign.js";

const secret = "a-secret-of-some-length";
const key = Buffer.alloc(24, 3);
const body = '{"a":1}';
const signature = mac(secret, "hex", body);
const now = () => 1_700_000_000_000;
const signed = hmac({ secret, header: "x-signature" });
const shared = headerSecret({ secret, header: "x-key" });
const branded = svix({ secret: key, now });
const asked = bearerIntrospection({
  introspect: async (token) => {
    if (token === "down") throw new Error("down");
    return { active: token === "good" };
  },
});

const right = { "x-signature": signature, "x-key": secret, authorization: "Bearer good" };
const wrong = {
  "x-signature": "0".repeat(64),
  "x-key": "another-secret-of-length",
  authorization: "Bearer bad",
};

describe("allOf", () => {
  it("holds when all hold, with the body of the one that binds it", () => {
    const verified = allOf(shared, signed).verify({ headers: right, body });
    expect(verified).toMatchObject({ scheme: "allOf", bindsBody: true, secret: { index: 0 } });
    expect(verified.text()).toBe(body);
  });

  it("keeps the id and the time that one of them proves", () => {
    const headers = { ...right, ...svixHeaders(key, { body }) };
    expect(allOf(signed, branded).verify({ headers, body })).toMatchObject({
      id: "msg_1",
      timestamp: new Date(now()),
    });
  });

  it("holds without one that binds the body, and says so", () => {
    const verified = allOf(shared).verify({ headers: right, body });
    expect(verified).toMatchObject({ scheme: "allOf", bindsBody: false });
    expect(verified).not.toHaveProperty("id");
    expect(verified).not.toHaveProperty("timestamp");
  });

  it.each([
    [{ ...right, "x-key": wrong["x-key"] }, "secret_header_mismatch"],
    [{ ...right, "x-signature": wrong["x-signature"] }, "signature_mismatch"],
    [{ "x-key": secret }, "signature_missing"],
    [{ "x-signature": signature }, "secret_header_missing"],
    [{}, "signature_missing"],
  ])("refuses %o with what the first failing one says", async (headers, code) => {
    expect(await codeOf(() => allOf(signed, shared).verify({ headers, body }))).toBe(code);
  });

  it("waits for one that has to ask", async () => {
    const both: AsyncScheme = allOf(signed, asked);
    expect(both.async).toBe(true);
    expect((await both.verify({ headers: right, body })).bindsBody).toBe(true);
    const unbound = await allOf(shared, asked).verify({ headers: right, body });
    expect([unbound.text(), unbound.bindsBody]).toEqual([body, false]);
    for (const [headers, code] of [
      [{ ...right, authorization: wrong.authorization }, "token_invalid"],
      [{ ...right, "x-signature": wrong["x-signature"] }, "signature_mismatch"],
    ] as const) {
      const refusal = both.verify({ headers, body });
      await expect(refusal).rejects.toMatchObject({ code });
    }
  });

  it("knows what it binds", () => {
    expect(allOf(shared, signed)).toMatchObject({
      name: "allOf",
      bindsBody: true,
      bindsTime: false,
    });
    expect(allOf(shared, branded)).toMatchObject({ bindsBody: true, bindsTime: true });
    expect(allOf(shared, asked)).toMatchObject({ bindsBody: false, bindsTime: false });
  });
});

describe("anyOf", () => {
  it("holds when one holds, and tells which", () => {
    const either: Scheme = anyOf(signed, shared);
    expect(either.verify({ headers: { "x-key": secret }, body })).toMatchObject({
      scheme: "headerSecret",
      bindsBody: false,
    });
    expect(either.verify({ headers: right, body })).toMatchObject({
      scheme: "hmac",
      bindsBody: true,
    });
  });

  it.each([
    ["what fits worst", { "x-signature": wrong["x-signature"] }, "signature_mismatch"],
    ["what is malformed", { "x-signature": "abc" }, "signature_malformed"],
    ["the first that is missing", {}, "signature_missing"],
    ["what is stale", svixHeaders(key, { body, timestamp: 1 }), "timestamp_too_old"],
    [
      "what is from the future",
      svixHeaders(key, { body, timestamp: 1_800_000_000 }),
      "timestamp_too_new",
    ],
    ["the first of two mismatches", { ...wrong }, "signature_mismatch"],
    [
      "a doubled header",
      { "x-key": [secret, secret], "x-signature": "0".repeat(64) },
      "header_duplicated",
    ],
  ])("says %s", async (_name, headers, code) => {
    expect(await codeOf(() => anyOf(signed, shared, branded).verify({ headers, body }))).toBe(code);
  });

  it("waits for one that has to ask, and asks for a retry when that one cannot be asked", async () => {
    const either: AsyncScheme = anyOf(signed, asked);
    expect(either.async).toBe(true);
    expect(
      await either.verify({ headers: { authorization: right.authorization }, body }),
    ).toMatchObject({
      scheme: "bearerIntrospection",
    });
    expect(await either.verify({ headers: { "x-signature": signature }, body })).toMatchObject({
      scheme: "hmac",
    });
    const down = { "x-signature": wrong["x-signature"], authorization: "Bearer down" };
    await expect(either.verify({ headers: down, body })).rejects.toMatchObject({
      code: "key_unavailable",
    });
  });

  it("lets what is not our error through", async () => {
    const broken: Scheme = {
      name: "broken",
      bindsBody: true,
      bindsTime: true,
      verify: () => {
        throw new TypeError("broken");
      },
    };
    expect(() => anyOf(broken, signed).verify({ headers: right, body })).toThrow(TypeError);
    await expect(anyOf(asked, broken).verify({ headers: {}, body })).rejects.toThrow(TypeError);
  });

  it("weighs a key server out of reach above a mismatch", async () => {
    const unreachable: Scheme = {
      ...signed,
      verify: () => {
        throw new WebhookError(kinds.keyUnavailable);
      },
    };
    expect(await codeOf(() => anyOf(signed, unreachable).verify({ headers: wrong, body }))).toBe(
      "key_unavailable",
    );
  });

  it.each([
    ["key_unavailable", "token_expired"],
    ["timestamp_too_old", "signature_mismatch"],
    ["token_expired", "secret_header_mismatch"],
    ["token_invalid", "signature_malformed"],
    ["signature_malformed", "token_missing"],
    ["header_duplicated", "key_unavailable"],
  ])("says %s sooner than %s, in either order", async (more, less) => {
    const refusing = (code: string): Scheme => ({
      ...signed,
      verify: () => {
        throw new WebhookError(Object.values(kinds).find(([one]) => one === code) as ErrorKind);
      },
    });
    const delivery = { headers: {}, body };
    for (const pair of [[more, less] as const, [less, more] as const]) {
      const [one, other] = [refusing(pair[0]), refusing(pair[1])];
      expect(await codeOf(() => anyOf(one, other).verify(delivery))).toBe(more);
    }
  });

  it("knows what it binds", () => {
    expect(anyOf(shared, signed)).toMatchObject({
      name: "anyOf",
      bindsBody: false,
      bindsTime: false,
    });
    expect(anyOf(signed, branded)).toMatchObject({ bindsBody: true, bindsTime: false });
    expect(anyOf(branded, branded)).toMatchObject({ bindsBody: true, bindsTime: true });
    expect(anyOf(signed, asked)).toMatchObject({ bindsBody: false });
  });
});

describe("a scheme that returns no proof", () => {
  const proofless = (value: unknown): Scheme => ({
    name: "odd",
    bindsBody: false,
    bindsTime: false,
    verify: () => value as never,
  });

  it.each([undefined, null, true, {}, Promise.resolve({})])("proves nothing: %o", async (value) => {
    const delivery = { headers: right, body };
    const saying = new TypeError("A scheme returned no verified delivery.");
    expect(() => allOf(signed, proofless(value)).verify(delivery)).toThrow(saying);
    expect(() => anyOf(proofless(value), signed).verify(delivery)).toThrow(TypeError);
    if (value instanceof Promise) return;
    await expect(allOf(asked, proofless(value)).verify(delivery)).rejects.toThrow(TypeError);
    await expect(anyOf(proofless(value), asked).verify(delivery)).rejects.toThrow(TypeError);
  });
});

describe("both", () => {
  it("take headers that can be read once", async () => {
    const once = () => ({ headers: new Headers(right).entries(), body });
    expect(allOf(signed, shared).verify(once()).text()).toBe(body);
    expect(anyOf(branded, shared).verify(once()).text()).toBe(body);
    expect((await allOf(signed, asked).verify(once())).text()).toBe(body);
    expect((await anyOf(branded, asked).verify(once())).text()).toBe(body);
  });

  it.each([allOf, anyOf])("refuse no scheme and what is none", async (combine) => {
    expect(await codeOf(() => (combine as () => unknown)())).toBe("option_invalid");
    expect(await codeOf(() => combine(undefined as never))).toBe("option_invalid");
    expect(await codeOf(() => combine({} as never))).toBe("option_invalid");
    expect(await codeOf(() => combine(signed, {} as never))).toBe("option_invalid");
    expect(await codeOf(() => combine(signed, undefined as never))).toBe("option_invalid");
  });

  it.each([undefined, null, 5])("have nothing to read in %s", async (delivery) => {
    for (const combine of [allOf, anyOf]) {
      expect(await codeOf(() => combine(signed).verify(delivery as never))).toBe("body_unreadable");
    }
  });

  it("sign with what they are made of", () => {
    const context = { id: "msg_1", timestamp: 1_700_000_000, secretIndex: 0 };
    const bytes = Buffer.from(body);
    const silent: Scheme = { name: "s", bindsBody: true, bindsTime: true, verify: signed.verify };
    expect(
      allOf(silent, signed, shared)
        .sign?.(bytes, context)
        .map(({ name }) => name),
    ).toEqual(["x-signature", "x-key"]);
    expect(
      anyOf(silent, shared, signed)
        .sign?.(bytes, context)
        .map(({ name }) => name),
    ).toEqual(["x-key"]);
    expect(anyOf(silent).sign?.(bytes, context)).toEqual([]);
  });
});

it.each<[string, Scheme | AsyncScheme]>([
  ["hmac", signed],
  ["headerSecret", shared],
  ["svix", branded],
  ["stampedHmac", stampedHmac({ secret, header: "x-stamp", now })],
  ["bearerToken", bearerToken({ token: "good-and-long-enough" })],
  ["bearerIntrospection", asked],
  ["unsigned", unsigned("i-accept-forged-events")],
  ["allOf", allOf(signed)],
])("%s is called so, in the scheme and in what it proves", async (name, scheme) => {
  const headers = { ...right, ...svixHeaders(key, { body }), "x-stamp": stamp(secret, body) };
  const authorization = name === "bearerToken" ? "Bearer good-and-long-enough" : "Bearer good";
  const proof = await scheme.verify({ headers: { ...headers, authorization }, body });
  expect([scheme.name, proof.scheme]).toEqual([name, name]);
});

describe("unsigned", () => {
  it("accepts anything once its words are said", () => {
    const scheme = unsigned("i-accept-forged-events");
    expect(scheme.verify({ headers: {}, body })).toMatchObject({
      scheme: "unsigned",
      secret: { index: 0 },
      bindsBody: false,
    });
    expect(scheme.sign?.(new Uint8Array(), { id: "", timestamp: 0, secretIndex: 0 })).toEqual([]);
    expect(scheme).toMatchObject({ bindsBody: false, bindsTime: false });
  });

  it.each([undefined, true, "yes", "I-ACCEPT-FORGED-EVENTS"])(
    "does not take %s for them",
    async (words) => {
      expect(await codeOf(() => unsigned(words as never))).toBe("option_invalid");
    },
  );
});
