import type { Delivery, VerifiedDelivery } from "../delivery.js";
import { secretMalformed, signatureMalformed } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { concatBytes, decodeBase64, encodeBase64 } from "../internal/bytes.js";
import type { FreshnessOptions } from "../internal/clock.js";
import {
  isPublicKey,
  publicKeyBytes,
  publicKeyOf,
  signEd25519,
  verifyEd25519,
} from "../internal/ed25519.js";
import type { Keyring } from "../internal/keyring.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import { readSecrets, type SecretForm, type Secrets } from "../internal/secrets.js";
import { svixScheme } from "../internal/svix-scheme.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link svixAsymmetric}. */
export interface SvixAsymmetricOptions extends FreshnessOptions {
  /**
   * The sender's public key, `whpk_` and the base64 of 32 bytes, or those bytes. Several while one replaces another; a
   * label tells which one fitted.
   */
  readonly publicKey: Secrets;
}

// 64 bytes in canonical base64: the last digit has four bits to spare, and all are zero.
const pattern = /^v1a,[A-Za-z0-9+/]{85}[AQgw]==$/;

// Each is hashed with the whole body and costs milliseconds, and anybody can send them.
const mostSignatures = 4;

const publicKeyForm: SecretForm = {
  expected: "a public key, whpk_ and the base64 of 32 bytes",
  decode: (text) => {
    const key = text.startsWith("whpk_") ? decodeBase64(text.slice(5)) : undefined;
    return key?.length === publicKeyBytes ? key : undefined;
  },
};

/** Reads the private key of a test, and returns its seed: `whsk_` and the base64 of seed and public key. */
function readPrivateKey(text: string | undefined): Uint8Array {
  const key = text?.startsWith("whsk_") ? decodeBase64(text.slice(5)) : undefined;
  const seed = key?.subarray(0, 32) ?? new Uint8Array();
  if (key?.length !== 64 || encodeBase64(publicKeyOf(seed)) !== encodeBase64(key.subarray(32))) {
    invalidOption("privateKey", "whsk_ and the base64 of 64 bytes, seed and public key");
  }
  return seed;
}

const signed = (parts: readonly string[], body: Uint8Array): Uint8Array =>
  concatBytes([...parts.map((part) => `${part}.`), body]);

function publicKeyring(secrets: Secrets): Keyring {
  const keys = readSecrets(secrets, publicKeyForm, publicKeyBytes);
  for (const { key, matched } of keys) {
    if (!isPublicKey(key)) {
      const { expected } = publicKeyForm;
      throw new WebhookError(secretMalformed, { index: matched.index, expected });
    }
  }
  return {
    match: (entries, parts, body) => {
      const signatures = entries.filter((entry) => pattern.test(entry));
      if (signatures.length > mostSignatures) throw new WebhookError(signatureMalformed);
      const message = signed(parts, body);
      const given = signatures.map((entry) => decodeBase64(entry.slice(4)) as Uint8Array);
      const fits = (key: Uint8Array) => given.some((one) => verifyEd25519(one, message, key));
      return keys.find(({ key }) => fits(key))?.matched;
    },
    sign: ({ privateKey }, parts, body) =>
      `v1a,${encodeBase64(signEd25519(signed(parts, body), readPrivateKey(privateKey)))}`,
  };
}

/**
 * Makes the scheme of Standard Webhooks' asymmetric signatures (`v1a`): ed25519 over id, time and body, in the headers
 * that {@link svix} reads. `anyOf(svix(…), svixAsymmetric(…))` serves a sender that changes from one to the other.
 *
 * Guarantees that the body, the id and the time are the sender's and that the time is near the clock; a receiver's leaked
 * configuration lets nobody sign. Verification follows RFC 8032 strictly: signatures in full length and canonical form,
 * no public key of small or mixed order. At most 4 `v1a` signatures are accepted in one delivery, for each costs
 * milliseconds with every key. Source: Standard Webhooks specification, “Signature scheme”, read 2026-11.
 *
 * Exported from `countersign/schemes/svix-asymmetric`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed` (also for a private key, a symmetric secret and a public
 * key that nobody should use), `secret_too_short`, `option_invalid`
 */
export function svixAsymmetric(options: SvixAsymmetricOptions): Scheme {
  checkOptions(options, ["publicKey", "toleranceSeconds", "now"]);
  const keys = publicKeyring(options.publicKey);
  return svixScheme("svixAsymmetric", pattern, keys, options, (rewrite) =>
    svixAsymmetric({ ...options, publicKey: rewrite(options.publicKey) }),
  );
}

/**
 * Proves a delivery signed as {@link svixAsymmetric} describes.
 *
 * Exported from `countersign/schemes/svix-asymmetric`.
 *
 * @throws {WebhookError} `header_duplicated`, `body_already_parsed`, `body_unreadable`, `signature_missing`,
 * `signature_malformed`, `signature_mismatch`, `id_missing`, `id_malformed`, `timestamp_missing`,
 * `timestamp_malformed`, `timestamp_too_old`, `timestamp_too_new`, and the codes of {@link svixAsymmetric}.
 */
export function verifySvixAsymmetric(
  delivery: Delivery,
  options: SvixAsymmetricOptions,
): VerifiedDelivery {
  return svixAsymmetric(options).verify(delivery);
}

/**
 * As {@link verifySvixAsymmetric}, but returns the error instead of throwing it. Exported from
 * `countersign/schemes/svix-asymmetric`.
 */
export function safeVerifySvixAsymmetric(
  delivery: Delivery,
  options: SvixAsymmetricOptions,
): SafeResult<VerifiedDelivery> {
  return safely(() => verifySvixAsymmetric(delivery, options));
}
