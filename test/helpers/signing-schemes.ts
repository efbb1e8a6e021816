import { createPrivateKey, createPublicKey, sign as signWith } from "node:crypto";
import fc from "fast-check";
import type { Secret } from "../../src/internal/secrets.js";
import type { Scheme } from "../../src/scheme.js";
import { allOf } from "../../src/schemes/all-of.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { bearerToken } from "../../src/schemes/bearer-token.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { stampedHmac } from "../../src/schemes/stamped-hmac.js";
import { svix } from "../../src/schemes/svix.js";
import { svixAsymmetric } from "../../src/schemes/svix-asymmetric.js";
import { mac, stamp, svixHeaders } from "./sign.js";

/** What a sender signs. */
export interface Signed {
  readonly body: Uint8Array;
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** A scheme that signs, with what is known of it from elsewhere. */
export interface SigningScheme {
  readonly name: string;
  /** Keys that it takes. */
  readonly key: fc.Arbitrary<Buffer>;
  /** A key as its secret is written. */
  readonly write: (key: Buffer) => Secret;
  readonly make: (secrets: readonly Secret[], now?: () => number) => Scheme;
  /** The headers that node:crypto makes. */
  readonly headers: (key: Buffer, signed: Signed) => Readonly<Record<string, string>>;
  /** The private key that signs, where a secret does not. */
  readonly privateKey?: (key: Buffer) => string;
  /** Headers that it takes and that bind least, where it takes others as well. */
  readonly loosest?: SigningScheme["headers"];
  readonly bindsBody: boolean;
  readonly bindsTime: boolean;
}

const bytes = (constraints: { minLength: number; maxLength: number }) =>
  fc
    .uint8Array(constraints)
    .filter((key) => key.some((byte) => byte !== 0))
    .map((key) => Buffer.from(key));
const anyKey = bytes({ minLength: 16, maxLength: 200 });
const textKey = (pattern: RegExp) => fc.stringMatching(pattern).map((text) => Buffer.from(text));
const visible = textKey(/^k[!-~]{14,60}k$/).filter((key) => !/\$\{|\[object /.test(key.toString()));

const asBytes = (key: Buffer): Secret => key;
const asText = (key: Buffer): Secret => key.toString();

const header = "x-signature";
const written = { hex: "hex", base64: "base64", utf8: "utf8" } as const;

const hmacSchemes = (["hex", "base64"] as const).flatMap((encoding) =>
  Object.values(written).map(
    (secretEncoding): SigningScheme => ({
      name: `hmac, ${encoding}, secret in ${secretEncoding}`,
      key: secretEncoding === "utf8" ? visible : anyKey,
      write: (key) => key.toString(secretEncoding),
      make: (secret) => hmac({ secret, header, prefix: "sha256=", encoding, secretEncoding }),
      headers: (key, { body }) => ({ [header]: `sha256=${mac(key, encoding, body)}` }),
      bindsBody: true,
      bindsTime: false,
    }),
  ),
);

/** The Ed25519 key pair of a seed, in DER as RFC 8410 frames it. */
function pairOf(seed: Buffer) {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return { key, publicKey: Buffer.from(x, "base64url") };
}

/** Every scheme that signs. */
export const signingSchemes: readonly SigningScheme[] = [
  {
    name: "svix",
    key: anyKey,
    write: (key) => `whsec_${key.toString("base64")}`,
    make: (secret, now) => svix({ secret, now }),
    headers: svixHeaders,
    bindsBody: true,
    bindsTime: true,
  },
  {
    name: "svix, any time",
    key: anyKey,
    write: (key) => key.toString("base64").replace(/=+$/, ""),
    make: (secret) => svix({ secret, toleranceSeconds: false }),
    headers: svixHeaders,
    bindsBody: true,
    bindsTime: false,
  },
  {
    name: "svixAsymmetric",
    key: bytes({ minLength: 32, maxLength: 32 }),
    write: (seed) => `whpk_${pairOf(seed).publicKey.toString("base64")}`,
    privateKey: (seed) =>
      `whsk_${Buffer.concat([seed, pairOf(seed).publicKey]).toString("base64")}`,
    make: (publicKey, now) => svixAsymmetric({ publicKey, now }),
    headers: (seed, { id, timestamp, body }) => {
      const text = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
      return {
        "svix-id": id,
        "svix-timestamp": String(timestamp),
        "svix-signature": `v1a,${signWith(null, text, pairOf(seed).key).toString("base64")}`,
      };
    },
    bindsBody: true,
    bindsTime: true,
  },
  ...hmacSchemes,
  {
    name: "stampedHmac",
    key: anyKey,
    write: (key) => ({ value: `whsec_${key.toString("hex").toUpperCase()}` }),
    make: (secret, now) => stampedHmac({ secret, header, secretEncoding: "hex", now }),
    headers: (key, { body, timestamp }) => ({ [header]: stamp(key, body, timestamp) }),
    bindsBody: true,
    bindsTime: true,
  },
  {
    name: "headerSecret",
    key: visible,
    write: asText,
    make: (secret) => headerSecret({ secret, header, prefix: "Token " }),
    headers: (key) => ({ [header]: `Token ${key}` }),
    bindsBody: false,
    bindsTime: false,
  },
  {
    name: "bearerToken",
    key: textKey(/^[A-Za-z0-9\-._~+/]{16,60}={0,2}$/),
    write: asText,
    make: (token) => bearerToken({ token }),
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    bindsBody: false,
    bindsTime: false,
  },
  {
    name: "allOf",
    key: visible,
    write: asBytes,
    make: (secret, now) => allOf(headerSecret({ secret, header }), svix({ secret, now })),
    headers: (key, signed) => ({ [header]: String(key), ...svixHeaders(key, signed) }),
    bindsBody: true,
    bindsTime: true,
  },
  {
    name: "anyOf",
    key: anyKey,
    write: asBytes,
    make: (secret, now) =>
      anyOf(stampedHmac({ secret, header, now }), svix({ secret, now }), hmac({ secret, header })),
    headers: (key, { body, timestamp }) => ({ [header]: stamp(key, body, timestamp) }),
    loosest: (key, { body }) => ({ [header]: mac(key, "hex", body) }),
    bindsBody: true,
    bindsTime: false,
  },
  {
    name: "anyOf with a header secret",
    key: visible,
    write: asBytes,
    make: (secret, now) => anyOf(svix({ secret, now }), headerSecret({ secret, header })),
    headers: svixHeaders,
    loosest: (key) => ({ [header]: String(key) }),
    bindsBody: false,
    bindsTime: false,
  },
];
