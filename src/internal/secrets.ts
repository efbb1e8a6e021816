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

/** How a secret is written. */
export interface SecretForm {
  /** The form in a few words, for whoever gave another. */
  readonly expected: string;
  /** Turns a secret's text into the key; `undefined` for text that is not written so. */
  readonly decode: (text: string) => Uint8Array | undefined;
}

const prefix = "whsec_";
const withoutPrefix = (text: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;

/** A secret in base64; the prefix `whsec_` is no part of the key. */
export const base64Secret: SecretForm = {
  expected: "a symmetric key in base64",
  decode: (text) => decodeBase64(withoutPrefix(text)),
};

/** A secret in hex; the prefix `whsec_` is no part of the key. */
export const hexSecret: SecretForm = {
  expected: "a symmetric key in hex",
  decode: (text) => decodeHex(withoutPrefix(text)),
};

// A key of asymmetric signatures; quotes around it; a template that was not filled in, or with something that is no text.
const mistaken = /^wh[ps]k_|^(["'`]).*\1$|(?:^|\s)(?:undefined|null)+$|\[object |\$\{/s;

/**
 * A secret that is used as text. White space at either end is a paste mistake, and so is what looks like an
 * unfilled template; a key that really looks so can be given as bytes.
 */
export const textSecret: SecretForm = {
  expected: "the text of a symmetric key, with nothing around it",
  decode: (text) => (text.trim() === text && !mistaken.test(text) ? utf8Bytes(text) : undefined),
};

function readSecret(
  secret: unknown,
  { expected, decode }: SecretForm,
  least: number,
  index: number,
): SecretKey {
  const holder = Object(secret) as { readonly value?: unknown; readonly label?: unknown };
  const { label } = holder;
  if (label !== undefined && typeof label !== "string") invalidOption("label", "a string");
  let key: Uint8Array | undefined;
  const given = ("value" in holder ? holder.value : secret) ?? "";
  if (isBytes(given)) {
    key = new Uint8Array(given);
  } else if (typeof given === "string") {
    if (/^(?:\s*|undefined|null)$/.test(given)) throw new WebhookError(secretMissing, { index });
    key = decode(given);
  }
  if (key === undefined) throw new WebhookError(secretMalformed, { index, expected });
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
  form: SecretForm,
  minSecretBytes: unknown,
): readonly SecretKey[] {
  // A shorter key can be guessed offline by whoever saw one delivery.
  const least = wholeNumber("minSecretBytes", minSecretBytes, 16, 1, 1024);
  // Spread, so that a hole is a secret that is missing.
  const list: readonly unknown[] = Array.isArray(secrets) ? [...secrets] : [secrets];
  if (list.length === 0) throw new WebhookError(secretMissing);
  return list.map((secret, index) => readSecret(secret, form, least, index));
}
