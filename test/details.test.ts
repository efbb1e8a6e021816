import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { toFastifyPlugin } from "../src/adapters/fastify.js";
import type { WebhookError } from "../src/errors.js";
import { defineProvider } from "../src/provider.js";
import { cr3dentials } from "../src/providers/cr3dentials.js";
import { dataspike } from "../src/providers/dataspike.js";
import { screver } from "../src/providers/screver.js";
import { validas } from "../src/providers/validas.js";
import { vove } from "../src/providers/vove.js";
import { createReceiver, requireReceiver } from "../src/receiver.js";
import type { AsyncScheme } from "../src/scheme.js";
import { allOf } from "../src/schemes/all-of.js";
import { anyOf } from "../src/schemes/any-of.js";
import { bearerIntrospection } from "../src/schemes/bearer-introspection.js";
import { bearerJwt } from "../src/schemes/bearer-jwt.js";
import { bearerToken } from "../src/schemes/bearer-token.js";
import { headerSecret } from "../src/schemes/header-secret.js";
import { hmac } from "../src/schemes/hmac.js";
import { stampedHmac } from "../src/schemes/stamped-hmac.js";
import { svix } from "../src/schemes/svix.js";
import { svixAsymmetric } from "../src/schemes/svix-asymmetric.js";
import { unsigned } from "../src/schemes/unsigned.js";
import { memoryStore } from "../src/stores/memory.js";
import { signDelivery, tamper } from "../src/testing.js";
import { mac, stamp, svixHeaders } from "./helpers/sign.js";
import { specDelivery, specProvider } from "./helpers/spec-provider.js";

const secret = "a-secret-of-some-length";
const other = "another-secret-of-length";
const key = Buffer.alloc(24, 5);
const header = "x-s";
const body = "{}";
const now = () => 1_700_000_000_000;
const introspect = async () => ({ active: true });

/** What a call throws, or rejects with, says about itself. */
async function told(call: () => unknown): Promise<readonly [code: string, details: object]> {
  try {
    await call();
  } catch (error) {
    const { code, details } = error as WebhookError;
    return [code, details];
  }
  throw new Error("Nothing was thrown.");
}

// What a set-up is told is all that its author has: the option by its name, and what would do.
describe("a wrong option", () => {
  const svixOf = (options: object) => () => svix({ secret: key, ...options });
  const hmacOf = (options: object) => () => hmac({ secret, header, ...options });
  const stampedOf = (options: object) => () => stampedHmac({ secret, header, ...options });
  const sharedOf = (options: object) => () => headerSecret({ secret, header, ...options });
  const tokenOf = (options: object) => () => bearerToken({ token: secret, ...options });
  const askedOf = (options: object) => () => bearerIntrospection({ introspect, ...options });
  const jwtOf = (options: object) => () =>
    bearerJwt({ issuer: "i", audience: "a", jwks: { keys: [{ kty: "EC" }] }, ...options });
  const remoteOf = (options: object) =>
    jwtOf({ jwks: undefined, jwksUrl: "https://a.test", ...options });
  const dataspikeOf = (options: object) => () => dataspike(options as never);
  const fieldsOf = (fields: object) => () => validas({ bearer: { token: secret }, fields });
  const cr3Of = (options: object) => () => cr3dentials(options);
  const screverOf = (options: object) => () => screver(options as never);
  const storeOf = (options: unknown) => () => memoryStore(options as object);
  const receiverOf = (options: object) => () => createReceiver(specProvider(), options);
  const schema = { a: z.looseObject({}) };
  const providerOf = (options: object) => () =>
    defineProvider({ name: "p", scheme: hmac({ secret, header }), schema, ...options } as never);
  const signing = (options: object) => () => signDelivery(specProvider(), {}, options);

  const jwtOptions = [
    ...["issuer", "audience", "jwks", "jwksUrl", "algorithms", "typ", "subject"],
    ...["maxTokenAgeSeconds", "clockToleranceSeconds", "now", "fetch"],
  ];
  // All that are asymmetric and registered: what the documentation of the option says.
  const algorithms = [
    ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
  ];
  const dataspikeOptions = ["secret", "toleranceSeconds", "now", "minSecretBytes"];
  const voveOptions = ["secret", "expect", "toleranceSeconds", "now", "minSecretBytes"];
  const cr3Options = ["signingSecret", "header", "mode", "reserialize", "minSecretBytes"];
  const headerNamed = "a header name";
  const clock = "a clock in milliseconds";
  const tolerance = "a whole number from 0 to 31536000";
  const bytes = "a whole number from 1 to 1024";
  const notBlank = "text that is not blank";
  const svixOptions = ["secret", "toleranceSeconds", "now", "minSecretBytes"];
  const hmacOptions = [
    "secret",
    "header",
    "prefix",
    "encoding",
    "secretEncoding",
    "minSecretBytes",
  ];
  const stampedOptions = [
    ...["secret", "header", "secretEncoding", "toleranceSeconds", "now", "minSecretBytes"],
  ];
  const askedOptions = [
    ...["introspect", "issuer", "audience", "cacheSeconds", "clockToleranceSeconds", "now"],
  ];
  const receiverOptions = [
    ...["on", "onUnknown", "onInvalid", "onOutcome", "onDrift", "confirm", "store", "order"],
    ...["leaseMs", "ttlMs", "deadlineMs", "maxBodyBytes", "now"],
  ];
  const receiverOrder = (order: object) => receiverOf({ order });
  const providerOptions = [
    ...["name", "scheme", "schema", "type", "id", "subject", "occurredAt", "decision", "flags"],
    ...["docs", "timeoutMs", "retry"],
  ];
  const reading = "a field's name or a function";
  const validators = "a Standard Schema validator, or one for each message type";

  it.each<[string, () => unknown, option: string, expected: string | readonly string[]]>([
    ["no options", () => svix(undefined as never), "options", "an object"],
    ["svix", svixOf({ odd: 1 }), "odd", svixOptions],
    ["svix", svixOf({ toleranceSeconds: -1 }), "toleranceSeconds", tolerance],
    ["svix", svixOf({ now: 5 }), "now", clock],
    ["svix", svixOf({ minSecretBytes: 0 }), "minSecretBytes", bytes],
    ["svix", svixOf({ secret: { value: key, label: 5 } }), "label", "a string"],
    ["hmac", hmacOf({ odd: 1 }), "odd", hmacOptions],
    ["hmac", hmacOf({ header: "a b" }), "header", headerNamed],
    ["hmac", hmacOf({ prefix: 5 }), "prefix", "a string"],
    ["hmac", hmacOf({ encoding: "utf8" }), "encoding", ["hex", "base64"]],
    ["hmac", hmacOf({ secretEncoding: "b64" }), "secretEncoding", ["utf8", "hex", "base64"]],
    ["stampedHmac", stampedOf({ odd: 1 }), "odd", stampedOptions],
    ["stampedHmac", stampedOf({ header: "" }), "header", headerNamed],
    ["stampedHmac", stampedOf({ toleranceSeconds: 0.5 }), "toleranceSeconds", tolerance],
    ["headerSecret", sharedOf({ odd: 1 }), "odd", ["secret", "header", "prefix", "minSecretBytes"]],
    ["headerSecret", sharedOf({ header: 5 }), "header", headerNamed],
    ["headerSecret", sharedOf({ prefix: null }), "prefix", "a string"],
    ["bearerJwt", jwtOf({ odd: 1 }), "odd", jwtOptions],
    ["bearerJwt", jwtOf({ issuer: " " }), "issuer", notBlank],
    ["bearerJwt", jwtOf({ audience: 5 }), "audience", notBlank],
    ["bearerJwt", jwtOf({ typ: "" }), "typ", notBlank],
    ["bearerJwt", jwtOf({ subject: "" }), "subject", notBlank],
    ["bearerJwt", jwtOf({ algorithms: ["HS256"] }), "algorithms", algorithms],
    [
      "bearerJwt",
      jwtOf({ jwks: undefined }),
      "jwks",
      "an array of public keys in keys, or jwksUrl",
    ],
    ["bearerJwt", jwtOf({ jwks: {} }), "jwks", "an array of public keys in keys, or jwksUrl"],
    ["bearerJwt", remoteOf({ jwksUrl: "http://a.test" }), "jwksUrl", "an https address"],
    ["bearerJwt", remoteOf({ fetch: 5 }), "fetch", "a function"],
    ["bearerJwt", jwtOf({ now: 5 }), "now", clock],
    [
      "bearerJwt",
      jwtOf({ maxTokenAgeSeconds: 0 }),
      ...(["maxTokenAgeSeconds", "a whole number from 1 to 31536000"] as const),
    ],
    [
      "bearerJwt",
      jwtOf({ clockToleranceSeconds: 601 }),
      ...(["clockToleranceSeconds", "a whole number from 0 to 600"] as const),
    ],
    [
      "bearerIntrospection",
      askedOf({ cacheSeconds: 301 }),
      ...(["cacheSeconds", "a whole number from 0 to 300"] as const),
    ],
    ["dataspike", dataspikeOf({ secret, odd: 1 }), "odd", dataspikeOptions],
    ["dataspike", dataspikeOf({}), "secret", "exactly one of secret, header and unsigned"],
    [
      "dataspike",
      dataspikeOf({ header: { name: "x-k", value: secret }, now }),
      ...(["now", ["header", "minSecretBytes"]] as const),
    ],
    ["dataspike", dataspikeOf({ header: { odd: 1 } }), "odd", ["name", "value"]],
    ["vove", () => vove({ secret: key, odd: 1 } as never), "odd", voveOptions],
    [
      "vove",
      () => vove({ secret: key, expect: "all" } as never),
      ...(["expect", ["any", "idv", "aml", "kyb"]] as const),
    ],
    ["validas", () => validas({ odd: 1 } as never), "odd", ["bearer", "fields"]],
    [
      "validas",
      () => validas({ bearer: "token" } as never),
      ...(["bearer", "an object with jwks, jwksUrl, introspect or token"] as const),
    ],
    ["validas", fieldsOf({ odd: 1 }), "odd", ["validationId", "status", "id", "occurredAt"]],
    ["validas", fieldsOf({ status: "state" }), "fields.status", "a function"],
    ["cr3dentials", cr3Of({ odd: 1 }), "odd", cr3Options],
    ["cr3dentials", cr3Of({}), "signingSecret", "at least one of signingSecret and header"],
    ["cr3dentials", cr3Of({ mode: "both" }), "mode", ["all", "any"]],
    ["cr3dentials", cr3Of({ reserialize: 5 }), "reserialize", ["no", "json-stringify"]],
    [
      "cr3dentials",
      cr3Of({ header: { name: "x", value: secret }, reserialize: "json-stringify" }),
      ...(["reserialize", "used with signingSecret only"] as const),
    ],
    ["cr3dentials", cr3Of({ header: { odd: 1 } }), "odd", ["name", "value"]],
    ["screver", screverOf({ odd: 1 }), "odd", ["secret", "endpoints", "minSecretBytes"]],
    ["screver", screverOf({}), "secret", "either secret or endpoints"],
    ["screver", screverOf({ endpoints: [] }), "endpoints", "at least one { secret, type }"],
    ["screver", screverOf({ endpoints: [{ odd: 1 }] }), "odd", ["secret", "type"]],
    [
      "screver",
      screverOf({ endpoints: [{ secret, type: "odd" }] }),
      ...(["type", ["*", "optionSelected", "surveyCompleted"]] as const),
    ],
    [
      "screver",
      screverOf({
        endpoints: [
          { secret, type: "*" },
          { secret, type: "optionSelected" },
        ],
      }),
      ...(["endpoints", "a secret of its own for each type"] as const),
    ],
    ["bearerToken", tokenOf({ odd: 1 }), "odd", ["token", "minSecretBytes"]],
    ["bearerIntrospection", askedOf({ odd: 1 }), "odd", askedOptions],
    ["bearerIntrospection", askedOf({ introspect: 1 }), "introspect", "a function"],
    ["bearerIntrospection", askedOf({ issuer: "" }), "issuer", notBlank],
    ["bearerIntrospection", askedOf({ audience: 5 }), "audience", notBlank],
    [
      "bearerIntrospection",
      askedOf({ clockToleranceSeconds: 601 }),
      ...(["clockToleranceSeconds", "a whole number from 0 to 600"] as const),
    ],
    [
      "unsigned",
      () => unsigned("yes" as never),
      ...(["unsigned", "the words i-accept-forged-events"] as const),
    ],
    [
      "svixAsymmetric",
      () => svixAsymmetric({ publicKey: key, odd: 1 } as never),
      ...(["odd", ["publicKey", "toleranceSeconds", "now"]] as const),
    ],
    ["allOf", allOf as () => unknown, "schemes", "at least one scheme"],
    ["anyOf", () => anyOf({} as never), "schemes", "at least one scheme"],
    ["memoryStore", storeOf(null), "options", "an object"],
    ["memoryStore", storeOf({ odd: 1 }), "odd", ["maxEntries", "ttlMs", "now"]],
    ["memoryStore", storeOf({ maxEntries: 0 }), "maxEntries", "a whole number from 1 to 10000000"],
    ["memoryStore", storeOf({ ttlMs: 0 }), "ttlMs", "a whole number from 1 to 31622400000"],
    ["createReceiver", () => createReceiver({} as never), "provider", "a provider"],
    ["createReceiver", receiverOf({ odd: 1 }), "odd", receiverOptions],
    ["createReceiver", receiverOf({ on: [] }), "on", "an object of handlers"],
    ["createReceiver", receiverOf({ on: { created: 1 } }), "on.created", "a function"],
    ["createReceiver", receiverOf({ on: { odd: () => 1 } }), "on.odd", ["created", "deleted"]],
    ["createReceiver", receiverOf({ onUnknown: 1 }), "onUnknown", "a function"],
    ["createReceiver", receiverOf({ onInvalid: 1 }), "onInvalid", "a function"],
    ["createReceiver", receiverOf({ onOutcome: 1 }), "onOutcome", "a function"],
    ["createReceiver", receiverOf({ onDrift: 1 }), "onDrift", "a function"],
    ["createReceiver", receiverOf({ confirm: true }), "confirm", "a function"],
    ["createReceiver", receiverOf({ store: {} }), "store", "a store, or false"],
    ["createReceiver", receiverOf({ order: 1 }), "options", "an object"],
    ["createReceiver", receiverOrder({ odd: 1 }), "odd", ["onStale", "subject"]],
    ["createReceiver", receiverOrder({}), "order.onStale", ["skip", "flag"]],
    [
      "createReceiver",
      receiverOrder({ onStale: "skip", subject: "type" }),
      ...(["order.subject", "a function"] as const),
    ],
    [
      "createReceiver",
      receiverOf({ order: { onStale: "skip" }, store: false }),
      ...(["order", "a store that keeps it"] as const),
    ],
    [
      "createReceiver",
      receiverOf({ leaseMs: 1 }),
      ...(["leaseMs", "a whole number from 1000 to 3600000"] as const),
    ],
    [
      "createReceiver",
      receiverOf({ ttlMs: 1 }),
      ...(["ttlMs", "a whole number from 1000 to 31622400000"] as const),
    ],
    [
      "createReceiver",
      receiverOf({ deadlineMs: 0 }),
      ...(["deadlineMs", "a whole number from 1 to 600000"] as const),
    ],
    [
      "createReceiver",
      receiverOf({ maxBodyBytes: 0 }),
      ...(["maxBodyBytes", "a whole number from 1 to 1073741824"] as const),
    ],
    ["createReceiver", receiverOf({ now: 1 }), "now", clock],
    ["an adapter", () => requireReceiver({} as never), "receiver", "what createReceiver returns"],
    [
      "an adapter",
      () => requireReceiver(undefined as never),
      ...(["receiver", "what createReceiver returns"] as const),
    ],
    [
      "toFastifyPlugin",
      () => toFastifyPlugin(createReceiver(specProvider()), { path: "hook" }),
      ...(["path", "a path, from /"] as const),
    ],
    ["defineProvider", providerOf({ odd: 1 }), "odd", providerOptions],
    ["defineProvider", providerOf({ name: "P" }), "name", "lower-case letters, digits, - and _"],
    ["defineProvider", providerOf({ scheme: {} }), "scheme", "a scheme"],
    ["defineProvider", providerOf({ schema: {} }), "schema", validators],
    ["defineProvider", providerOf({ type: 5 }), "type", reading],
    ["defineProvider", providerOf({ id: 5 }), "id", reading],
    ["defineProvider", providerOf({ subject: 5 }), "subject", reading],
    ["defineProvider", providerOf({ occurredAt: 5 }), "occurredAt", reading],
    [
      "defineProvider",
      providerOf({ timeoutMs: 0 }),
      ...(["timeoutMs", "a whole number from 1 to 600000"] as const),
    ],
    [
      "signDelivery",
      signing({ odd: 1 }),
      "odd",
      ["now", "id", "secretIndex", "token", "privateKey"],
    ],
    ["signDelivery", signing({ secretIndex: 1 }), "secretIndex", "a position"],
    ["signDelivery", signing({ secretIndex: -1 }), "secretIndex", "a whole number from 0 to 1000"],
    [
      "signDelivery",
      () => signDelivery({ ...specProvider(), scheme: { verify() {} } } as never, {}),
      ...(["provider", "a provider whose scheme can sign"] as const),
    ],
    [
      "tamper",
      () => tamper(specDelivery({}), "odd" as never),
      ...(["how", "one of body, empty, signature, timestamp, id, unsigned"] as const),
    ],
    [
      "tamper",
      () => tamper(specDelivery({}), "timestamp"),
      ...(["how", "something that the delivery has"] as const),
    ],
  ])("is named to the author of the set-up: %s", async (_name, call, option, expected) => {
    expect(await told(call)).toEqual(["option_invalid", { option, expected }]);
  });

  it.each([
    ["hmac", hmac({ secret, header })],
    ["headerSecret", headerSecret({ secret, header })],
    ["bearerToken", bearerToken({ token: secret })],
  ])("is the position of a secret that there is none for: %s", async (_name, scheme) => {
    const context = { timestamp: 0, id: "i", secretIndex: 1, token: undefined };
    expect(await told(() => scheme.sign?.(Buffer.from(body), context))).toEqual([
      "option_invalid",
      { option: "secretIndex", expected: "a position" },
    ]);
  });

  it("is a token that only an authorization server can issue", async () => {
    const context = { timestamp: 0, id: "i", secretIndex: 0, token: undefined };
    for (const scheme of [bearerIntrospection({ introspect }), jwtOf({})() as AsyncScheme]) {
      expect(await told(() => scheme.sign?.(Buffer.from(body), context))).toEqual([
        "option_invalid",
        { option: "token", expected: "a token of your authorization server" },
      ]);
    }
  });

  it("is a clock that stands at no time", async () => {
    for (const broken of [() => Number.NaN, () => "now", 5]) {
      const delivery = { headers: svixHeaders(key, { body }), body };
      expect(
        await told(() => svix({ secret: key }).verify(delivery, { now: broken as never })),
      ).toEqual(["option_invalid", { option: "now", expected: clock }]);
    }
  });
});

describe("a wrong secret", () => {
  it.each<[string, unknown, code: string, details: object]>([
    ["is absent", [], "secret_missing", {}],
    ["is blank", " ", "secret_missing", { index: 0 }],
    ["is all zeros", [key, new Uint8Array(24)], "secret_missing", { index: 1 }],
    ["is no text", 5, "secret_malformed", { index: 0, expected: "a symmetric key in base64" }],
    [
      "is no base64",
      [key, "?"],
      "secret_malformed",
      { index: 1, expected: "a symmetric key in base64" },
    ],
    ["is short", [key, "c2hvcnQ="], "secret_too_short", { index: 1, minSecretBytes: 16 }],
    [
      "is a public key",
      "whpk_x",
      "secret_malformed",
      { index: 0, expected: "a symmetric key in base64" },
    ],
    [
      "is a private key",
      "whsk_x",
      "secret_malformed",
      { index: 0, expected: "a symmetric key in base64" },
    ],
  ])("that %s is named by its position", async (_name, wrong, code, details) => {
    expect(await told(() => svix({ secret: wrong as never }))).toEqual([code, details]);
  });

  it("has no label where none was given", () => {
    const { secret: matched } = headerSecret({ secret, header }).verify({
      headers: { [header]: secret },
      body,
    });
    expect(Object.keys(matched)).toEqual(["index"]);
  });

  it("is told how it should have been written", async () => {
    const malformed = (expected: string) => ["secret_malformed", { index: 0, expected }];
    expect(await told(() => hmac({ secret: "xyz", header, secretEncoding: "hex" }))).toEqual(
      malformed("a symmetric key in hex"),
    );
    expect(await told(() => hmac({ secret: `"${secret}"`, header }))).toEqual(
      malformed("the text of a symmetric key, with nothing around it"),
    );
    expect(await told(() => svixAsymmetric({ publicKey: "whsec_AAAA" }))).toEqual(
      malformed("a public key, whpk_ and the base64 of 32 bytes"),
    );
    // The neutral element: anybody can sign for it.
    const small = new Uint8Array(32).fill(1, 0, 1);
    expect(await told(() => svixAsymmetric({ publicKey: small }))).toEqual(
      malformed("a public key, whpk_ and the base64 of 32 bytes"),
    );
  });

  it("that no header can carry is named by its position", async () => {
    const carried = ["secret_malformed", { index: 1, expected: "text that the header can carry" }];
    const secrets = [secret, "ein-Schlüssel-mit-Umlaut"];
    expect(await told(() => headerSecret({ secret: secrets, header }))).toEqual(carried);
    expect(await told(() => bearerToken({ token: secrets }))).toEqual(carried);
  });
});

// For the log of the receiver; the sender gets the status alone.
describe("a refusal", () => {
  const svixOf = (headers: object) => () =>
    svix({ secret: key, now }).verify({ headers: headers as Record<string, string>, body });
  const hmacOf = (value: unknown) => () =>
    hmac({ secret, header, prefix: "v=" }).verify({ headers: { "X-S": value as string }, body });
  const stampedOf = (value: unknown) => () =>
    stampedHmac({ secret, header, now }).verify({ headers: { "X-S": value as string }, body });
  const sharedOf = (value: unknown) => () =>
    headerSecret({ secret, header }).verify({ headers: { "X-S": value as string }, body });
  const named = { header };
  const right = svixHeaders(key, { body });
  const standard = svixHeaders(key, { body, names: "webhook" });
  const without = (headers: Record<string, string>, name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));

  it.each<[code: string, () => unknown, details: object]>([
    ["signature_missing", svixOf({}), { header: "svix-signature" }],
    ["signature_missing", svixOf(without(right, "svix-signature")), { header: "svix-signature" }],
    ["id_missing", svixOf(without(right, "svix-id")), { header: "svix-id" }],
    ["timestamp_missing", svixOf(without(right, "svix-timestamp")), { header: "svix-timestamp" }],
    [
      "signature_missing",
      svixOf(without(standard, "webhook-signature")),
      { header: "webhook-signature" },
    ],
    ["id_missing", svixOf(without(standard, "webhook-id")), { header: "webhook-id" }],
    [
      "timestamp_missing",
      svixOf(without(standard, "webhook-timestamp")),
      { header: "webhook-timestamp" },
    ],
    ["header_duplicated", svixOf({ ...right, "svix-id": ["a", "b"] }), { header: "svix-id" }],
    [
      "timestamp_too_old",
      svixOf(svixHeaders(key, { body, timestamp: 1_699_999_699 })),
      { toleranceSeconds: 300 },
    ],
    [
      "timestamp_too_new",
      svixOf(svixHeaders(key, { body, timestamp: 1_700_000_301 })),
      { toleranceSeconds: 300 },
    ],
    ["signature_missing", hmacOf(undefined), named],
    ["signature_malformed", hmacOf("0".repeat(64)), named],
    ["signature_mismatch", hmacOf(`v=${"0".repeat(64)}`), named],
    ["signature_missing", stampedOf(undefined), named],
    ["signature_malformed", stampedOf("t=1, v1=0"), named],
    ["signature_malformed", stampedOf("t=1,v1=0"), named],
    ["timestamp_missing", stampedOf(`v1=${"0".repeat(64)}`), named],
    ["timestamp_malformed", stampedOf(`t=1,t=1,v1=${"0".repeat(64)}`), named],
    ["signature_mismatch", stampedOf(stamp(other, body)), named],
    ["timestamp_too_old", stampedOf(stamp(secret, body, 1)), { toleranceSeconds: 300 }],
    ["secret_header_missing", sharedOf(undefined), named],
    ["secret_header_mismatch", sharedOf(other), named],
  ])("is told with the names and limits that matter: %s", async (code, call, details) => {
    expect(await told(call)).toEqual([code, details]);
  });

  it.each([
    [{ active: false }, "active"],
    [{ active: true, nbf: 1_700_000_006 }, "nbf"],
    [{ active: true, iss: "other" }, "iss"],
    [{ active: true, iss: "i", aud: ["other"] }, "aud"],
  ])("of a token names the claim: %o", async (response, claim) => {
    const scheme = bearerIntrospection({
      introspect: async () => response,
      issuer: "i",
      audience: "a",
      now,
    });
    const headers = { authorization: "Bearer t" };
    expect(await told(() => scheme.verify({ headers, body }))).toEqual([
      "token_invalid",
      { claim },
    ]);
  });

  it("of a body names the limit", async () => {
    const receiver = createReceiver(specProvider(), { maxBodyBytes: 10 });
    const long = "x".repeat(11);
    const headers = { "x-signature": mac(secret, "hex", long) };
    for (const announced of [{}, { "content-length": "11" }]) {
      expect(
        await receiver.receive({ headers: { ...headers, ...announced }, body: long }),
      ).toMatchObject({ error: { code: "body_too_large", details: { maxBodyBytes: 10 } } });
    }
  });

  it("of an event whose type cannot be read says what is missing", async () => {
    const provider = defineProvider({
      name: "p",
      scheme: hmac({ secret, header }),
      schema: { a: z.looseObject({}) },
      type: () => {
        throw new Error("broken");
      },
    });
    const headers = { [header]: mac(secret, "hex", body) };
    expect(await told(() => provider.verify({ headers, body }))).toEqual([
      "payload_invalid",
      { issues: [{ path: "", expected: "a type" }] },
    ]);
  });
});
