import type { StandardSchema } from "../../../internal/standard-schema.js";
import { defineProvider } from "../../../provider.js";
import type { AsyncScheme, Scheme } from "../../../scheme.js";
import { bearerJwt } from "../../../schemes/bearer-jwt.js";
import { bearerToken } from "../../../schemes/bearer-token.js";
import { headerSecret } from "../../../schemes/header-secret.js";
import { hmac } from "../../../schemes/hmac.js";
import { stampedHmac } from "../../../schemes/stamped-hmac.js";
import { svix } from "../../../schemes/svix.js";
import { svixAsymmetric } from "../../../schemes/svix-asymmetric.js";
import type { Field, Source } from "./source.js";

const secret: Field = { path: ["secret"], kind: "secrets" };
const header = (placeholder: string): Field => ({ path: ["header"], kind: "text", placeholder });
const optional = (name: string, placeholder?: string): Field => ({
  path: [name],
  kind: "text",
  optional: true,
  ...(placeholder === undefined ? {} : { placeholder }),
});
const choice = (name: string, ...choices: readonly string[]): Field => ({
  path: [name],
  kind: "choice",
  choices,
  value: choices[0] ?? "",
});
const json = (name: string, placeholder: string): Field => ({
  path: [name],
  kind: "json",
  optional: true,
  placeholder,
});

/** Whatever is JSON is an event: a scheme says nothing about it. */
const anything: StandardSchema = {
  "~standard": { version: 1, vendor: "countersign", validate: (value) => ({ value }) },
};

function source<Options>(
  id: string,
  make: (options: Options) => Scheme | AsyncScheme,
  fields: readonly Field[],
): Source {
  return {
    id,
    examples: [],
    variants: [{ title: id, fields }],
    make: (options) =>
      defineProvider({ name: "custom", scheme: make(options as Options), schema: anything }),
  };
}

/** The schemes, for senders that no provider is for. */
export const schemeSources: readonly Source[] = [
  source("svix", svix, [secret, json("toleranceSeconds", "300")]),
  source("svixAsymmetric", svixAsymmetric, [
    { path: ["publicKey"], kind: "text", placeholder: "whpk_…" },
    json("toleranceSeconds", "300"),
  ]),
  source("hmac", hmac, [
    secret,
    header("x-hub-signature-256"),
    optional("prefix", "sha256="),
    choice("encoding", "hex", "base64"),
    choice("secretEncoding", "utf8", "hex", "base64"),
  ]),
  source("stampedHmac", stampedHmac, [
    secret,
    header("x-webhook-signature"),
    choice("secretEncoding", "utf8", "hex", "base64"),
    json("toleranceSeconds", "300"),
  ]),
  source("headerSecret", headerSecret, [secret, header("x-api-key"), optional("prefix")]),
  source("bearerToken", bearerToken, [{ path: ["token"], kind: "secrets" }]),
  source("bearerJwt", bearerJwt, [
    { path: ["issuer"], kind: "text", placeholder: "https://auth.example.test/" },
    { path: ["audience"], kind: "text", placeholder: "https://example.test/webhooks" },
    { path: ["jwks"], kind: "json", placeholder: '{ "keys": [ … ] }' },
  ]),
];
