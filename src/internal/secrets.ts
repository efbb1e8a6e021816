import type { MatchedSecret } from "../delivery.js";
import { secretMalformed, secretMissing, secretTooShort } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { decodeBase64, decodeHex, isBytes, utf8Bytes } from "./bytes.js";
import { invalidOption, wholeNumber } from "./options.js";

/** A shared secret: text as the vendor shows it, the key's bytes, or either with a label for logs. */
export type Secret =
  | string
  | Uint8Array
  | { readonly value: string | Uint8Array; readonly label?: string | undefined };

/** One secret, or all that are valid while one replaces another. Every one is tried. */
export type Secrets = Secret | readonly Secret[];

/** How a secret's text stands for the key's bytes. */
export type SecretEncoding = "utf8" | "hex" | "base64";

/** A decoded secret. */
export interface SecretKey {
  readonly key: Uint8Array;
  /** What a delivery that it fits is told. */
  readonly matched: MatchedSecret;
}

/** Turns a secret's text into the key; `undefined` for text that is not written so. */
export type SecretDecoder = (text: string) => Uint8Array | undefined;

/** The key of a secret in base64; the prefix `whsec_` is no part of it. */
export const base64Secret: SecretDecoder = (text) => decodeBase64(text.replace(/^whsec_/, ""));

/** The key of a secret in hex; the prefix `whsec_` is no part of it. */
export const hexSecret: SecretDecoder = (text) => decodeHex(text.replace(/^whsec_/, ""));

// Quotes around it; a template that was not filled in, or with something that is no text.
const mistaken = /^(["'`]).*\1$|(?:^|\s)(?:undefined|null)+$|\[object |\$\{/s;

/**
 * The key of a secret that is used as text. White space at either end is a paste mistake, and so is what looks like an
 * unfilled template; a key that really looks so can be given as bytes.
 */
export const textSecret: SecretDecoder = (text) =>
  text.trim() === text && !mistaken.test(text) ? utf8Bytes(text) : undefined;

function readSecret(
  secret: unknown,
  decode: SecretDecoder,
  least: number,
  index: number,
): SecretKey {
  const labelled = typeof secret === "object" && secret !== null && "value" in secret;
  const { value, label } = (labelled ? secret : { value: secret }) as {
    value: unknown;
    label?: unknown;
  };
  if (label !== undefined && typeof label !== "string") invalidOption("label", "a string");
  let key: Uint8Array | undefined;
  const given = value ?? "";
  if (isBytes(given)) {
    key = new Uint8Array(given);
  } else if (typeof given === "string") {
    if (/^(?:\s*|undefined|null)$/.test(given)) throw new WebhookError(secretMissing, { index });
    if (/^wh[ps]k_/.test(given)) {
      throw new WebhookError(secretMalformed, { index, expected: "symmetric" });
    }
    key = decode(given);
  }
  if (key === undefined) throw new WebhookError(secretMalformed, { index });
  // HMAC pads keys with zeros: one of zeros is the empty key.
  if (key.every((byte) => byte === 0)) throw new WebhookError(secretMissing, { index });
  if (key.length < least) {
    throw new WebhookError(secretTooShort, { index, minSecretBytes: least });
  }
  return { key, matched: label === undefined ? { index } : { index, label } };
}

/**
 * Decodes secrets, once, when a scheme is made.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function readSecrets(
  secrets: unknown,
  decode: SecretDecoder,
  minSecretBytes: unknown,
): readonly SecretKey[] {
  // A shorter key can be guessed offline by whoever saw one delivery.
  const least = wholeNumber("minSecretBytes", minSecretBytes, 16, 1, 1024);
  const list: readonly unknown[] = [secrets].flat();
  if (list.length === 0) throw new WebhookError(secretMissing);
  return list.map((secret, index) => readSecret(secret, decode, least, index));
}
