import {
  type Delivery,
  type HeadersInput,
  type VerifiedDelivery,
  verifiedDelivery,
} from "../delivery.js";
import {
  idMalformed,
  idMissing,
  signatureMalformed,
  signatureMismatch,
  signatureMissing,
  timestampMissing,
} from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bodyBytes } from "../internal/body.js";
import { encodeBase64 } from "../internal/bytes.js";
import {
  checkFreshness,
  type FreshnessOptions,
  parseTimestamp,
  readNow,
  readTolerance,
} from "../internal/clock.js";
import { readHeader, settledHeaders } from "../internal/headers.js";
import { keyring } from "../internal/keyring.js";
import { checkOptions } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import { base64Secret, readSecrets, type Secrets } from "../internal/secrets.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link svix}. */
export interface SvixOptions extends FreshnessOptions {
  /** The endpoint's secret, `whsec_` and base64, or the key's bytes. */
  readonly secret: Secrets;
  /** The shortest decoded key that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

const mostSignatures = 64;

interface HeaderSet {
  readonly prefix: "svix-" | "webhook-";
  readonly values: readonly (string | undefined)[];
}

function countOf({ values }: HeaderSet): number {
  return values.filter(Boolean).length;
}

/** Takes one set of headers, the fuller one; mixing two would join what was never signed together. */
function readHeaders(
  headers: HeadersInput,
): readonly [id: string, timestamp: string, signature: string] {
  const [own, standard] = (["svix-", "webhook-"] as const).map((prefix) => ({
    prefix,
    values: ["id", "timestamp", "signature"].map((part) => readHeader(headers, prefix + part)),
  })) as readonly HeaderSet[] as readonly [HeaderSet, HeaderSet];
  const { prefix, values } = countOf(standard) > countOf(own) ? standard : own;
  const [id, timestamp, signature] = values;
  if (signature === undefined) {
    throw new WebhookError(signatureMissing, { header: `${prefix}signature` });
  }
  if (id === undefined) throw new WebhookError(idMissing, { header: `${prefix}id` });
  if (timestamp === undefined) {
    throw new WebhookError(timestampMissing, { header: `${prefix}timestamp` });
  }
  return [id, timestamp, signature];
}

// 32 bytes in canonical base64: the last digit has two bits to spare, and both are zero.
const signature = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** The well-formed `v1` signatures of a header; other versions are skipped, as the specification asks. */
function parseSignatures(header: string): readonly string[] {
  const entries = header.split(" ", mostSignatures + 1);
  const found = entries.flatMap((entry) => signature.exec(entry)?.[1] ?? []);
  // “, ” is where a proxy has joined two headers into one.
  if (found.length === 0 || entries.length > mostSignatures || header.includes(", ")) {
    throw new WebhookError(signatureMalformed);
  }
  return found;
}

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
  const keys = keyring(
    readSecrets(options.secret, base64Secret, options.minSecretBytes),
    encodeBase64,
  );
  const toleranceSeconds = readTolerance(options.toleranceSeconds);
  const clock = readNow(options.now);
  return {
    name: "svix",
    bindsBody: true,
    bindsTime: toleranceSeconds !== false,
    verify: (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      const [id, timestampText, signatureText] = readHeaders(settledHeaders(delivery.headers));
      // With a dot in the id, one signature would fit two readings of “id.time.body”.
      if (!/^[!-+\x2d/-~]{1,256}$/.test(id)) throw new WebhookError(idMalformed);
      const timestamp = parseTimestamp(timestampText);
      const signatures = parseSignatures(signatureText);
      const secret = keys.match(signatures, `${id}.${timestampText}.`, body);
      if (secret === undefined) throw new WebhookError(signatureMismatch);
      checkFreshness(timestamp, toleranceSeconds, now);
      return verifiedDelivery({
        scheme: "svix",
        id,
        timestamp: new Date(timestamp * 1000),
        secret,
        bindsBody: true,
        body,
      });
    },
    sign: (body, { id, timestamp, secretIndex }) => [
      { name: "svix-id", value: id, role: "id" },
      { name: "svix-timestamp", value: String(timestamp), role: "timestamp" },
      {
        name: "svix-signature",
        value: `v1,${keys.sign(secretIndex, `${id}.${timestamp}.`, body)}`,
        role: "signature",
      },
    ],
  };
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
