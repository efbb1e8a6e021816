import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import type { Provider } from "../../src/provider.js";
import { cr3dentials } from "../../src/providers/cr3dentials.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { screver } from "../../src/providers/screver.js";
import { vove } from "../../src/providers/vove.js";
import type { Scheme } from "../../src/scheme.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { stampedHmac } from "../../src/schemes/stamped-hmac.js";
import { svix } from "../../src/schemes/svix.js";
import { svixAsymmetric } from "../../src/schemes/svix-asymmetric.js";

export type Headers = Readonly<Record<string, string>>;
export type Named = Pick<Provider, "name" | "scheme">;
type Bytes = string | Uint8Array;

export const now = 1_795_000_000;
export const clock = () => now * 1000;

/** How a delivery is signed, where it is not as usual. */
export interface Signing {
  readonly time?: number | string;
  readonly id?: string;
  readonly key?: Bytes;
  readonly hash?: string;
}

/** A vendor that signs bodies, played with node:crypto alone. */
export interface Sender {
  readonly name: string;
  /** The secret as the dashboard shows it, and the key that it stands for. */
  readonly secret: string;
  readonly key: Bytes;
  readonly provider: (secret?: unknown) => Named;
  readonly headers: (body: Bytes, signing?: Signing) => Headers;
  /** The time is signed. */
  readonly timed: boolean;
  /** The header with the signature. */
  readonly header: string;
}

const bytes = Buffer.from("5f2d9c0b7e4a18836d21f0ce94b7a35d4410c8e2bb6f7093", "hex");
const text = "q7Zt-Kd20xUe5sWb9RmN4vLc";

function mac(signing: Signing, key: Bytes, encoding: "hex" | "base64", ...parts: Bytes[]): string {
  const made = createHmac(signing.hash ?? "sha256", signing.key ?? key);
  for (const part of parts) made.update(part);
  return made.digest(encoding);
}

const named = (name: string, scheme: Scheme): Named => ({ name, scheme });

function svixLike(family: "svix" | "webhook"): Sender {
  const secret = `whsec_${bytes.toString("base64")}`;
  return {
    name: family === "svix" ? "vove" : "standard webhooks",
    secret,
    key: bytes,
    provider: (given = secret) => vove({ secret: given as string }),
    headers: (body, signing = {}) => {
      const { time = now, id = "msg_2Lh9" } = signing;
      return {
        [`${family}-id`]: id,
        [`${family}-timestamp`]: String(time),
        [`${family}-signature`]: `v1,${mac(signing, bytes, "base64", `${id}.${time}.`, body)}`,
      };
    },
    timed: true,
    header: `${family}-signature`,
  };
}

const dataspikeSecret = `whsec_${bytes.toString("hex")}`;
const pair = generateKeyPairSync("ed25519");
const { x } = pair.publicKey.export({ format: "jwk" }) as { x: string };
export const publicKey = `whpk_${Buffer.from(x, "base64url").toString("base64")}`;

export const asymmetricHeaders = (body: Bytes, time = now, id = "msg_2Lh9"): Headers => ({
  "webhook-id": id,
  "webhook-timestamp": String(time),
  "webhook-signature": `v1a,${signBytes(null, Buffer.concat([Buffer.from(`${id}.${time}.`), Buffer.from(body as string)]), pair.privateKey).toString("base64")}`,
});

export const senders = {
  vove: svixLike("svix"),
  standard: svixLike("webhook"),
  dataspike: {
    name: "dataspike",
    secret: dataspikeSecret,
    key: bytes,
    provider: (secret = dataspikeSecret) => dataspike({ secret: secret as string }),
    headers: (body, signing = {}) => {
      const { time = now } = signing;
      return {
        "x-webhook-signature": `t=${time},v1=${mac(signing, bytes, "hex", `${time}.`, body)}`,
      };
    },
    timed: true,
    header: "x-webhook-signature",
  },
  screver: {
    name: "screver",
    secret: text,
    key: text,
    provider: (secret = text) => screver({ secret: secret as string }),
    headers: (body, signing = {}) => ({ "x-api-signature": mac(signing, text, "hex", body) }),
    timed: false,
    header: "x-api-signature",
  },
  cr3dentials: {
    name: "cr3dentials",
    secret: text,
    key: text,
    provider: (secret = text) =>
      cr3dentials({
        signingSecret: secret as string,
        header: { name: "x-api-key", value: "portal-header-0123456789" },
      }),
    headers: (body, signing = {}) => ({
      "x-webhook-signature": mac(signing, text, "hex", body),
      "x-api-key": "portal-header-0123456789",
    }),
    timed: false,
    header: "x-webhook-signature",
  },
  github: {
    name: "github",
    secret: text,
    key: text,
    provider: (secret = text) =>
      named(
        "github",
        hmac({ secret: secret as string, header: "x-hub-signature-256", prefix: "sha256=" }),
      ),
    headers: (body, signing = {}) => ({
      "x-hub-signature-256": `sha256=${mac(signing, text, "hex", body)}`,
    }),
    timed: false,
    header: "x-hub-signature-256",
  },
  shopify: {
    name: "shopify",
    secret: text,
    key: text,
    provider: (secret = text) =>
      named(
        "shopify",
        hmac({ secret: secret as string, header: "x-shopify-hmac-sha256", encoding: "base64" }),
      ),
    headers: (body, signing = {}) => ({
      "x-shopify-hmac-sha256": mac(signing, text, "base64", body),
    }),
    timed: false,
    header: "x-shopify-hmac-sha256",
  },
  stripe: {
    name: "stripe",
    secret: `whsec_${text}`,
    key: `whsec_${text}`,
    provider: (secret = Buffer.from(`whsec_${text}`)) =>
      named("stripe", stampedHmac({ secret: secret as string, header: "stripe-signature" })),
    headers: (body, signing = {}) => {
      const { time = now } = signing;
      return {
        "stripe-signature": `t=${time},v1=${mac(signing, `whsec_${text}`, "hex", `${time}.`, body)}`,
      };
    },
    timed: true,
    header: "stripe-signature",
  },
  either: {
    name: "either",
    secret: `whsec_${bytes.toString("base64")}`,
    key: bytes,
    provider: (secret = `whsec_${bytes.toString("base64")}`) =>
      named(
        "either",
        anyOf(
          headerSecret({ secret: "an-internal-token-0123", header: "x-internal" }),
          svix({ secret: secret as string }),
          svixAsymmetric({ publicKey }),
        ),
      ),
    headers: svixLike("svix").headers,
    timed: true,
    header: "svix-signature",
  },
} satisfies Record<string, Sender>;

export const all: readonly Sender[] = Object.values(senders);
