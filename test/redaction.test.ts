import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { exportJWK, SignJWT } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { toExpressHandler } from "../src/adapters/express.js";
import { toFetchHandler } from "../src/adapters/fetch.js";
import type { Delivery } from "../src/delivery.js";
import * as kinds from "../src/error-kinds.js";
import { isWebhookError, WebhookError, type WebhookErrorCode } from "../src/errors.js";
import type { Outcome } from "../src/outcome.js";
import type { Provider } from "../src/provider.js";
import { cr3dentials, cr3dentialsSamples } from "../src/providers/cr3dentials.js";
import { dataspike, dataspikeSamples } from "../src/providers/dataspike.js";
import { screver, screverSamples } from "../src/providers/screver.js";
import { validas } from "../src/providers/validas.js";
import { vove, voveSamples } from "../src/providers/vove.js";
import { createReceiver } from "../src/receiver.js";
import type { ReceiverOptions } from "../src/receiver-options.js";
import type { AsyncScheme, Scheme } from "../src/scheme.js";
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
import { signDelivery } from "../src/testing.js";
import { type Canary, leaksOf } from "./helpers/leaks.js";

// Nothing here resembles a word, so that eight characters of it in an error are no accident.
const noise = (seed: string, length = 40) =>
  createHash("sha512").update(seed).digest("base64").replace(/\W/g, "").slice(0, length);

const secretText = noise("secret");
const secretBytes = createHash("sha256").update("key").digest();
const whsec = `whsec_${secretBytes.toString("base64")}`;
const id = `msg_${noise("id", 20)}`;
const person = `${noise("name", 16)} Žofie`;
const document = noise("document");
const body = JSON.stringify({ type: "new", name: person, document });
const headerValue = noise("header value", 64);
const time = 1_700_000_000;
const now = () => time * 1000;

const pair = generateKeyPairSync("ed25519");
const publicBytes = Buffer.from(
  (pair.publicKey.export({ format: "jwk" }) as { x: string }).x,
  "base64url",
);
const whpk = `whpk_${publicBytes.toString("base64")}`;

const canaries: Canary[] = [
  secretText,
  secretBytes,
  publicBytes,
  id,
  person,
  document,
  headerValue,
];

/** Remembers a value as one that must not be seen. */
function watched<Value extends string>(value: Value): Value {
  canaries.push(value);
  return value;
}

type Text = string | Uint8Array;

const macOf = (key: Text, form: "hex" | "base64", ...parts: Text[]) =>
  watched(createHmac("sha256", key).update(parts.join("")).digest(form));

const svixHeaders = (signature: string, at = time) => ({
  "svix-id": id,
  "svix-timestamp": String(at),
  "svix-signature": signature,
});
const v1 = (text: string, at = time, key: Text = secretBytes) =>
  `v1,${macOf(key, "base64", `${id}.${at}.`, text)}`;
const v1a = (text: string, at = time) =>
  `v1a,${watched(sign(null, Buffer.from(`${id}.${at}.${text}`), pair.privateKey).toString("base64"))}`;
const stamp = (text: string, at = time, key: Text = secretText) =>
  `t=${at},v1=${macOf(key, "hex", `${at}.`, text)}`;

const notJson = `{"name": ${person}`;
const notUtf8 = Buffer.concat([Buffer.from(person), Buffer.from([0xff, 0xfe])]);
const parsed = { headers: {}, body: { name: person } } as unknown as Delivery;
const unreadable = { headers: {}, body: 42 } as unknown as Delivery;

/** Code, and what provokes it. */
type Provocation = readonly [code: WebhookErrorCode, provoke: () => unknown];

/** A mistaken set-up, past the types. */
const wrong = <Options>(options: unknown): Options => options as Options;

/** What every scheme with a shared secret refuses in its options. */
function secretProvocations(
  make: (secret: unknown, options?: object) => unknown,
  malformed: readonly unknown[],
): readonly Provocation[] {
  return [
    ["secret_missing", () => make("")],
    ["secret_missing", () => make([whsec, undefined])],
    ...malformed.map((secret): Provocation => ["secret_malformed", () => make(secret)]),
    ["secret_malformed", () => make({ value: { secretText }, label: "x" })],
    ["secret_too_short", () => make(whsec, { minSecretBytes: 1024 })],
    ["option_invalid", () => make(whsec, { minSecretBytes: secretText })],
    ["option_invalid", () => make({ value: whsec, label: { secretText } })],
    ["option_invalid", () => make(whsec, { surplus: secretText })],
    ["option_invalid", () => make(whsec, { header: `no header name: ${headerValue}` })],
  ];
}

/** What every scheme says of deliveries that are none. */
function requestProvocations(scheme: Scheme | AsyncScheme): readonly Provocation[] {
  return [
    ["body_already_parsed", () => scheme.verify(parsed)],
    ["body_unreadable", () => scheme.verify(unreadable)],
  ];
}

/** What a proven body can still be. */
function payloadProvocations(
  scheme: Scheme | AsyncScheme,
  headersFor: (body: Text) => Record<string, string>,
): readonly Provocation[] {
  const verified = async (text: Text) => scheme.verify({ headers: headersFor(text), body: text });
  return [
    ["payload_not_json", async () => (await verified(notJson)).json()],
    ["payload_not_utf8", async () => (await verified(notUtf8)).text()],
  ];
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const issuer = "https://issuer.example";
const audience = "https://receiver.example/webhooks";
const jwks = { keys: [{ ...(await exportJWK(rsa.publicKey)), alg: "RS256", kid: "k1" }] };
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function jwt(claims: Record<string, unknown> = {}, key = rsa.privateKey): Promise<string> {
  const token = await new SignJWT({
    ...{ iss: issuer, aud: audience, exp: time + 60, sub: person },
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .sign(key);
  for (const part of token.split(".").slice(1)) watched(part);
  return token;
}

const bearing = (token: string, text: Text = body) => ({
  headers: { authorization: `Bearer ${token}` },
  body: text,
});
const opaque = watched(noise("opaque token", 48));
const badTokens: readonly string[] = [`${opaque}!`, `${opaque} ${opaque}`, `${opaque}é`];

const schemes: Readonly<
  Record<string, () => readonly Provocation[] | Promise<readonly Provocation[]>>
> = {
  svix: () => {
    const scheme = svix({ secret: whsec, now });
    const verify =
      (headers: Delivery["headers"], text: string = body) =>
      () =>
        scheme.verify({ headers, body: text });
    const headers = svixHeaders(v1(body));
    return [
      ...secretProvocations(
        (secret, options) => svix(wrong({ secret, ...options })),
        [`"${whsec}"`, `${whsec}\n`, `v1,${whsec}`, whpk, secretText.slice(0, 5)],
      ),
      ...requestProvocations(scheme),
      ["option_invalid", () => svix(wrong({ secret: whsec, toleranceSeconds: secretText }))],
      ["header_duplicated", verify([...Object.entries(headers), ["svix-id", headerValue]])],
      ["signature_missing", verify({ ...headers, "svix-signature": "" })],
      ["signature_malformed", verify(svixHeaders(`v1,${headerValue}`))],
      ["signature_malformed", verify(svixHeaders(`${v1(body)}, ${v1(body)}`))],
      ["signature_mismatch", verify(headers, `${body} `)],
      ["signature_mismatch", verify(svixHeaders(v1(body, time, secretText)))],
      ["id_missing", verify({ ...headers, "svix-id": "" })],
      ["id_malformed", verify({ ...headers, "svix-id": `${id}.${headerValue}` })],
      ["timestamp_missing", verify({ ...headers, "svix-timestamp": "" })],
      ["timestamp_malformed", verify({ ...headers, "svix-timestamp": headerValue })],
      ["timestamp_too_old", verify(svixHeaders(v1(body, time - 301), time - 301))],
      ["timestamp_too_new", verify(svixHeaders(v1(body, time + 301), time + 301))],
      ...payloadProvocations(scheme, (text) => {
        const mac = createHmac("sha256", secretBytes).update(`${id}.${time}.`).update(text);
        return svixHeaders(`v1,${watched(mac.digest("base64"))}`);
      }),
    ];
  },
  svixAsymmetric: () => {
    const scheme = svixAsymmetric({ publicKey: whpk, now });
    const make = (publicKey: unknown, options = {}) =>
      svixAsymmetric(wrong({ publicKey, ...options }));
    const verify =
      (headers: Delivery["headers"], text: string = body) =>
      () =>
        scheme.verify({ headers, body: text });
    const headers = svixHeaders(v1a(body));
    const order8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    return [
      ["secret_missing", () => make("")],
      ["secret_malformed", () => make(`"${whpk}"`)],
      ["secret_malformed", () => make(whsec)],
      ["secret_malformed", () => make(`whsk_${secretBytes.toString("base64")}`)],
      ["secret_malformed", () => make(Buffer.from(order8, "hex"))],
      ["secret_too_short", () => make(secretBytes.subarray(1))],
      ["option_invalid", () => make(whpk, { secret: whsec })],
      ["option_invalid", () => make({ value: whpk, label: { secretText } })],
      [
        "option_invalid",
        () => scheme.sign?.(Buffer.from(body), wrong({ privateKey: `whsk_${secretText}` })),
      ],
      ...requestProvocations(scheme),
      ["header_duplicated", verify([...Object.entries(headers), ["svix-signature", headerValue]])],
      ["signature_missing", verify({ ...headers, "svix-signature": "" })],
      ["signature_malformed", verify(svixHeaders(`v1a,${headerValue}`))],
      ["signature_malformed", verify(svixHeaders(`${v1a(body)} `.repeat(9).trim()))],
      ["signature_mismatch", verify(headers, `${body} `)],
      ["id_missing", verify({ ...headers, "svix-id": "" })],
      ["id_malformed", verify({ ...headers, "svix-id": `${id}.${headerValue}` })],
      ["timestamp_missing", verify({ ...headers, "svix-timestamp": "" })],
      ["timestamp_malformed", verify({ ...headers, "svix-timestamp": headerValue })],
      ["timestamp_too_old", verify(svixHeaders(v1a(body, time - 301), time - 301))],
      ["timestamp_too_new", verify(svixHeaders(v1a(body, time + 301), time + 301))],
      ...payloadProvocations(scheme, (text) => {
        const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), Buffer.from(text)]);
        return svixHeaders(`v1a,${sign(null, signed, pair.privateKey).toString("base64")}`);
      }),
    ];
  },
  hmac: () => {
    const header = "x-signature";
    const scheme = hmac({ secret: secretText, header });
    const verify =
      (value: string | readonly string[], text: string = body) =>
      () =>
        scheme.verify({ headers: { [header]: value }, body: text });
    return [
      ...secretProvocations(
        (secret, options) => hmac(wrong({ header, secret, ...options })),
        [`"${secretText}"`, `${secretText}\n`, whpk],
      ),
      [
        "secret_malformed",
        () => hmac({ header, secret: `${secretText}!`, secretEncoding: "base64" }),
      ],
      ["secret_malformed", () => hmac({ header, secret: secretText, secretEncoding: "hex" })],
      ["option_invalid", () => hmac(wrong({ header, secret: whsec, encoding: secretText }))],
      ["option_invalid", () => hmac(wrong({ header, secret: whsec, prefix: { secretText } }))],
      ...requestProvocations(scheme),
      ["header_duplicated", verify([headerValue, macOf(secretText, "hex", body)])],
      ["signature_missing", verify("")],
      ["signature_malformed", verify(headerValue)],
      ["signature_malformed", verify(`${macOf(secretText, "hex", body)}00`)],
      ["signature_mismatch", verify(macOf(secretText, "hex", body), `${body} `)],
      ["signature_mismatch", verify(macOf(secretBytes, "hex", body))],
      ...payloadProvocations(scheme, (text) => ({
        [header]: watched(createHmac("sha256", secretText).update(text).digest("hex")),
      })),
    ];
  },
  stampedHmac: () => {
    const header = "x-stamp";
    const scheme = stampedHmac({ secret: secretText, header, now });
    const verify =
      (value: string | readonly string[], text: string = body) =>
      () =>
        scheme.verify({ headers: { [header]: value }, body: text });
    const signature = stamp(body).split("v1=")[1];
    return [
      ...secretProvocations(
        (secret, options) => stampedHmac(wrong({ header, secret, ...options })),
        [`"${secretText}"`, `${secretText}\n`, whpk],
      ),
      [
        "option_invalid",
        () => stampedHmac(wrong({ header, secret: whsec, toleranceSeconds: secretText })),
      ],
      ...requestProvocations(scheme),
      ["header_duplicated", verify([headerValue, stamp(body)])],
      ["signature_missing", verify("")],
      ["signature_malformed", verify(`t=${time},v1=${headerValue}`)],
      ["timestamp_malformed", verify(`t=${time},t=${headerValue},v1=${signature}`)],
      ["signature_mismatch", verify(stamp(body), `${body} `)],
      ["timestamp_missing", verify(`v1=${signature}`)],
      ["timestamp_malformed", verify(`t=${headerValue},v1=${signature}`)],
      ["timestamp_too_old", verify(stamp(body, time - 301))],
      ["timestamp_too_new", verify(stamp(body, time + 301))],
      ...payloadProvocations(scheme, (text) => {
        const mac = createHmac("sha256", secretText).update(`${time}.`).update(text).digest("hex");
        return { [header]: `t=${time},v1=${watched(mac)}` };
      }),
    ];
  },
  headerSecret: () => {
    const header = "x-secret";
    const scheme = headerSecret({ secret: secretText, header });
    const verify = (value: string | readonly string[]) => () =>
      scheme.verify({ headers: { [header]: value }, body });
    return [
      ...secretProvocations(
        (secret, options) => headerSecret(wrong({ header, secret, ...options })),
        [`"${secretText}"`, `${secretText}\n`, whpk, `${secretText}é`],
      ),
      ...requestProvocations(scheme),
      ["header_duplicated", verify([secretText, headerValue])],
      ["secret_header_missing", verify("")],
      ["secret_header_mismatch", verify(headerValue)],
      ["secret_header_mismatch", verify(`${secretText} `)],
      ...payloadProvocations(scheme, () => ({ [header]: secretText })),
    ];
  },
  bearerToken: () => {
    const scheme = bearerToken({ token: opaque });
    const verify = (authorization: string | readonly string[]) => () =>
      scheme.verify({ headers: { authorization }, body });
    return [
      ...secretProvocations(
        (token, options) => bearerToken(wrong({ token, ...options })),
        [`"${opaque}"`, `${opaque}\n`, whpk, `${opaque} ${opaque}`],
      ),
      ...requestProvocations(scheme),
      ["header_duplicated", verify([`Bearer ${opaque}`, `Bearer ${headerValue}`])],
      ["token_missing", verify(`Basic ${headerValue}`)],
      ...badTokens.map((token): Provocation => ["token_malformed", verify(`Bearer ${token}`)]),
      ["token_invalid", verify(`Bearer ${headerValue}`)],
      ...payloadProvocations(scheme, () => ({ authorization: `Bearer ${opaque}` })),
    ];
  },
  bearerJwt: async () => {
    const options = { issuer, audience, jwks, now };
    const scheme = bearerJwt(options);
    const verify = (token: string) => () => scheme.verify(bearing(token));
    const [genuine, expired, forged, elsewhere, early, unexpiring] = await Promise.all([
      jwt(),
      jwt({ exp: time - 60 }),
      jwt({}, otherRsa.privateKey),
      jwt({ aud: headerValue, iss: headerValue }),
      jwt({ nbf: time + 60 }),
      jwt({ exp: undefined }),
    ]);
    const [head, claims] = genuine.split(".");
    const unreachable = bearerJwt({
      ...{ issuer, audience, now },
      jwksUrl: "https://issuer.example/jwks",
      fetch: async () => {
        throw new Error(`no way to ${genuine}`);
      },
    });
    return [
      ["option_invalid", () => bearerJwt(wrong({ ...options, issuer: { secretText } }))],
      ["option_invalid", () => bearerJwt(wrong({ ...options, algorithms: [secretText] }))],
      [
        "option_invalid",
        () => bearerJwt(wrong({ ...options, jwks: { keys: [{ k: secretText }] } })),
      ],
      [
        "option_invalid",
        () => bearerJwt({ issuer, audience, jwksUrl: `http://user:${secretText}@issuer.example/` }),
      ],
      ["option_invalid", () => bearerJwt(wrong({ ...options, surplus: secretText }))],
      ...requestProvocations(scheme),
      [
        "header_duplicated",
        () => scheme.verify({ headers: { authorization: [opaque, headerValue] }, body }),
      ],
      ["token_missing", () => scheme.verify({ headers: { authorization: headerValue }, body })],
      ...badTokens.map((token): Provocation => ["token_malformed", verify(token)]),
      ["token_malformed", verify(opaque)],
      ["token_malformed", verify(`${opaque}.${claims}.${opaque}`)],
      ["token_invalid", verify(`${head}.${opaque}.${opaque}`)],
      ["token_invalid", verify(forged)],
      ["token_invalid", verify(elsewhere)],
      ["token_invalid", verify(early)],
      ["token_invalid", verify(unexpiring)],
      ["token_invalid", verify(`${head}.${claims}.${opaque}`)],
      ["token_expired", verify(expired)],
      ["key_unavailable", () => unreachable.verify(bearing(genuine))],
      ...payloadProvocations(scheme, () => ({ authorization: `Bearer ${genuine}` })),
    ];
  },
  bearerIntrospection: () => {
    const asking = (introspect: (token: string) => unknown, more: object = {}) =>
      bearerIntrospection(wrong({ introspect, now, ...more }));
    const answering = (answer: unknown, more?: object) => () =>
      asking(async () => answer, more).verify(bearing(opaque));
    const scheme = asking(async () => ({ active: true }));
    return [
      ["option_invalid", () => asking(wrong(secretText))],
      ["option_invalid", () => asking(async () => ({}), { issuer: { secretText } })],
      ["option_invalid", () => asking(async () => ({}), { surplus: secretText })],
      ...requestProvocations(scheme),
      ["token_missing", () => scheme.verify({ headers: {}, body })],
      ...badTokens.map(
        (token): Provocation => ["token_malformed", () => scheme.verify(bearing(token))],
      ),
      ["token_invalid", answering({ active: false, sub: person })],
      ["key_unavailable", answering({ active: person })],
      ["token_invalid", answering({ active: true, nbf: time + 60, sub: person })],
      ["token_invalid", answering({ active: true, iss: headerValue }, { issuer })],
      ["token_invalid", answering({ active: true, aud: [headerValue] }, { audience })],
      ["token_expired", answering({ active: true, exp: time - 60, sub: person })],
      [
        "key_unavailable",
        () =>
          asking(async (token) => {
            throw new Error(`401 for ${token} of ${secretText}`);
          }).verify(bearing(opaque)),
      ],
      ...payloadProvocations(scheme, () => ({ authorization: `Bearer ${opaque}` })),
    ];
  },
  unsigned: () => {
    const scheme = unsigned("i-accept-forged-events");
    return [
      ["option_invalid", () => unsigned(wrong(secretText))],
      ...requestProvocations(scheme),
      ...payloadProvocations(scheme, () => ({})),
    ];
  },
  "allOf and anyOf": () => {
    const header = headerSecret({ secret: secretText, header: "x-secret" });
    const signature = svix({ secret: whsec, now });
    const all = allOf(header, signature);
    const any = anyOf(signature, header);
    const headers = { ...svixHeaders(v1(body)), "x-secret": secretText };
    const wrongSecret = { ...headers, "x-secret": headerValue };
    const twoIds = { ...headers, "svix-id": [id, headerValue] };
    return [
      ["option_invalid", () => allOf(wrong({ secretText }))],
      ["option_invalid", () => anyOf(wrong({ secretText }))],
      ...requestProvocations(all),
      ...requestProvocations(any),
      ["secret_header_mismatch", () => all.verify({ headers: wrongSecret, body })],
      ["signature_mismatch", () => all.verify({ headers, body: `${body} ` })],
      ["header_duplicated", () => all.verify({ headers: twoIds, body })],
      ["signature_mismatch", () => any.verify({ headers: wrongSecret, body: `${body} ` })],
      [
        "header_duplicated",
        () => any.verify({ headers: { ...twoIds, "x-secret": headerValue }, body }),
      ],
    ];
  },
};

async function errorOf(provoke: () => unknown): Promise<WebhookError> {
  try {
    await provoke();
  } catch (error) {
    if (isWebhookError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Every code that was thrown here; all of them have to come up. */
const seen = new Set<string>();

function expectSilence(error: WebhookError, code: WebhookErrorCode): void {
  expect(error.code).toBe(code);
  expect(leaksOf(error, canaries)).toEqual([]);
  seen.add(code);
}

describe.each(Object.entries(schemes))("%s", (_name, provocations) => {
  it("keeps what it was given out of every error", async () => {
    for (const [code, provoke] of await provocations()) {
      expectSilence(await errorOf(provoke), code);
    }
  });
});

describe("a provider", () => {
  const bearer = { issuer, audience, jwks };
  const providers = {
    cr3dentials: cr3dentials({ signingSecret: secretText }),
    dataspike: dataspike({ secret: `whsec_${secretBytes.toString("hex")}` }),
    screver: screver({ endpoints: [{ secret: secretText, type: "surveyCompleted" }] }),
    vove: vove({ secret: whsec }),
    // Of vali-Das' bodies nothing is published, so that none is invalid.
  };

  const samples: Readonly<Record<string, object>> = {
    cr3dentials: cr3dentialsSamples,
    dataspike: dataspikeSamples,
    screver: screverSamples,
    vove: voveSamples,
  };

  it.each(Object.entries(providers))(
    "%s keeps the event out of payload_invalid",
    async (name, provider) => {
      let refused = 0;
      for (const sample of Object.values(samples[name] ?? {}) as object[]) {
        for (const key of Object.keys(sample)) {
          // A value that no schema has, under the field's own name.
          const event = { ...sample, [key]: { [noise("record key")]: person } };
          const delivery = signDelivery(provider as unknown as Provider, event);
          try {
            await provider.verify(delivery);
          } catch (error) {
            if (!isWebhookError(error)) throw error;
            expectSilence(error, "payload_invalid");
            refused += 1;
          }
        }
      }
      expect(refused).toBeGreaterThan(0);
    },
  );

  it("keeps its options out of what it refuses", async () => {
    const provocations: readonly Provocation[] = [
      ["option_invalid", () => cr3dentials(wrong({ secret: secretText }))],
      ["secret_malformed", () => dataspike({ secret: `whsec_${secretText}` })],
      ["option_invalid", () => dataspike(wrong({ unsigned: secretText }))],
      ["secret_malformed", () => vove({ secret: `v1,${whsec}` })],
      ["option_invalid", () => validas(wrong({ bearer: { ...bearer, token: opaque, x: opaque } }))],
      [
        "option_invalid",
        () => screver(wrong({ endpoints: [{ secret: secretText, type: person }] })),
      ],
    ];
    for (const [code, provoke] of provocations) expectSilence(await errorOf(provoke), code);
  });
});

describe("the receiver", () => {
  const provider = vove({ secret: whsec }) as unknown as Provider;
  const delivery = signDelivery(provider, { status: "successful", refId: person });
  const type = "idv.successful";

  async function outcomeOf(
    options: ReceiverOptions<Record<string, unknown>>,
    incoming: object = delivery,
  ): Promise<Outcome<Record<string, unknown>>> {
    const receiver = createReceiver(provider, {
      store: false,
      on: { [type]: () => {} },
      ...options,
    });
    return receiver.receive(incoming as Delivery);
  }

  const streamed = { ...delivery, method: "POST", body: async () => delivery.body };
  const failing = async () => {
    throw new Error(`${person} ${secretText}`);
  };
  const store = { claim: failing, complete: failing, release: failing };

  it.each([
    ["handler_failed", { on: { [type]: failing } }, delivery],
    ["handler_timeout", { on: { [type]: () => new Promise(() => {}) }, deadlineMs: 20 }, delivery],
    ["store_unavailable", { store }, delivery],
    ["body_too_large", { maxBodyBytes: 8 }, delivery],
    ["method_not_allowed", {}, { ...streamed, method: headerValue }],
    [
      "encoding_unsupported",
      {},
      { ...streamed, headers: { ...delivery.headers, "content-encoding": headerValue } },
    ],
    ["body_unreadable", {}, { ...streamed, body: failing }],
    ["body_already_parsed", {}, { ...delivery, body: { name: person } }],
    ["payload_not_json", {}, signDelivery(provider, notJson)],
    ["payload_not_utf8", {}, signDelivery(provider, notUtf8)],
    [
      "payload_invalid",
      {},
      signDelivery(provider, { status: "successful", refId: { [person]: 1 } }),
    ],
    ["signature_mismatch", {}, { ...delivery, body: Buffer.from(body) }],
  ] as const)("keeps everything out of %s", async (code, options, incoming) => {
    const outcome = await outcomeOf(options as ReceiverOptions<Record<string, unknown>>, incoming);
    if (outcome.kind !== "rejected") throw new Error(outcome.kind);
    expectSilence(outcome.error, code);
  });

  it.each<[WebhookErrorCode, () => boolean | Promise<boolean>]>([
    ["event_unconfirmed", () => false],
    ["confirmation_unavailable", failing],
  ])("keeps everything out of %s", async (code, confirm) => {
    // What binds nothing is what is asked about.
    const scheme = headerSecret({ header: "x-secret", secret: headerValue });
    const doubtful = { ...provider, scheme } as Provider;
    const asking = createReceiver(doubtful, { on: { [type]: () => {} }, confirm });
    const headers = { ...(delivery.headers as Record<string, string>), "x-secret": headerValue };
    const outcome = await asking.receive({ headers, body: delivery.body });
    if (outcome.kind !== "rejected") throw new Error(outcome.kind);
    expectSilence(outcome.error, code);
  });
});

describe("an adapter", () => {
  const provider = vove({ secret: whsec }) as unknown as Provider;
  const observed: Outcome<Record<string, unknown>>[] = [];
  const receiver = createReceiver(provider, {
    maxBodyBytes: 256,
    onOutcome: (outcome) => observed.push(outcome),
  });
  const app = express();
  app.post("/parsed", express.json(), toExpressHandler(receiver));
  app.use("/raw", toExpressHandler(receiver));
  const server = createServer(app).listen(0, "127.0.0.1");
  afterAll(() => server.close());

  async function observe(send: () => Promise<unknown>): Promise<WebhookError> {
    observed.length = 0;
    await send();
    const [outcome] = observed;
    if (outcome?.kind !== "rejected") throw new Error(`observed ${outcome?.kind}`);
    return outcome.error;
  }

  it("keeps a request out of its errors, and says nothing to the sender", async () => {
    if (!server.listening) await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { "content-type": "application/json", "x-extra": headerValue };
    const post = (path: string, text: string) => async () => {
      const response = await fetch(origin + path, { method: "POST", headers, body: text });
      expect(await response.text()).toBe("");
    };
    const large = JSON.stringify({ name: person.repeat(20) });
    expectSilence(await observe(post("/parsed", body)), "body_already_parsed");
    expectSilence(await observe(post("/raw", large)), "body_too_large");
    const used = new Request("http://localhost/", { method: "POST", headers, body });
    await used.text();
    const handle = toFetchHandler(receiver);
    expectSilence(await observe(() => handle(used)), "body_already_parsed");
    const request = new Request("http://localhost/", { method: "POST", headers, body: large });
    expectSilence(await observe(() => handle(request)), "body_too_large");
  });
});

describe("this test", () => {
  it("has seen every code there is", () => {
    const codes = Object.values(kinds).map(([code]) => code);
    expect([...seen].sort()).toEqual([...codes].sort());
  });

  it.each([
    ["text", { found: secretText }],
    ["a part of a text", { found: `…${person.slice(3, 11)}…` }],
    ["bytes", { found: new Uint8Array(secretBytes) }],
    ["a Buffer", { found: [{ deep: secretBytes }] }],
    ["hex", { found: secretBytes.toString("hex") }],
    ["base64", { found: secretBytes.toString("base64") }],
  ])("would notice %s in an error's details", (_form, details) => {
    const error = new WebhookError(kinds.optionInvalid, details);
    expect(leaksOf(error, canaries)).not.toEqual([]);
  });

  it("would notice a cause, a hidden property and a message", () => {
    const error = () => new WebhookError(kinds.optionInvalid);
    const cause = Object.assign(error(), { cause: new Error(person) });
    const hidden = Object.defineProperty(error(), "raw", { value: body });
    const spoken = Object.assign(error(), { message: `not ${headerValue}` });
    for (const one of [cause, hidden, spoken]) expect(leaksOf(one, canaries)).not.toEqual([]);
  });
});
