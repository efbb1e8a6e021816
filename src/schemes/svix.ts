import type { Delivery, VerifiedDelivery } from "../delivery.js";
import type { FreshnessOptions } from "../internal/clock.js";
import { keyring } from "../internal/keyring.js";
import { checkOptions } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import { base64Secret, readSecrets, type Secrets } from "../internal/secrets.js";
import { svixScheme } from "../internal/svix-scheme.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link svix}. */
export interface SvixOptions extends FreshnessOptions {
  /** The endpoint's secret, `whsec_` and base64, or the key's bytes. */
  readonly secret: Secrets;
  /** The shortest decoded key that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

// 32 bytes in canonical base64: the last digit has two bits to spare, and both are zero.
const pattern = /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Makes the scheme of Svix and Standard Webhooks (`v1`): HMAC-SHA256 over id, time and body, in base64, in the headers
 * `svix-id`, `svix-timestamp`, `svix-signature` or `webhook-id`, `webhook-timestamp`, `webhook-signature`.
 *
 * Guarantees that the body, the id and the time are the sender's and that the time is near the clock. Secrets are
 * decoded once, here. Source: docs.svix.com/receiving/verifying-payloads/how-manual and the Standard Webhooks
 * specification, read 2026-11.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function svix(options: SvixOptions): Scheme {
  checkOptions(options, ["secret", "toleranceSeconds", "now", "minSecretBytes"]);
  const secrets = readSecrets(options.secret, base64Secret, options.minSecretBytes);
  const keys = keyring(secrets, "base64", "v1,");
  return svixScheme("svix", pattern, keys, options, (rewrite) =>
    svix({ ...options, secret: rewrite(options.secret) }),
  );
}

/**
 * Proves a delivery signed as {@link svix} describes.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `header_duplicated`, `body_already_parsed`, `body_unreadable`, `signature_missing`,
 * `signature_malformed`, `signature_mismatch`, `id_missing`, `id_malformed`, `timestamp_missing`,
 * `timestamp_malformed`, `timestamp_too_old`, `timestamp_too_new`, and the codes of {@link svix}.
 */
export function verifySvix(delivery: Delivery, options: SvixOptions): VerifiedDelivery {
  return svix(options).verify(delivery);
}

/** As {@link verifySvix}, but returns the error instead of throwing it. Exported from `countersign`. */
export function safeVerifySvix(
  delivery: Delivery,
  options: SvixOptions,
): SafeResult<VerifiedDelivery> {
  return safely(() => verifySvix(delivery, options));
}
