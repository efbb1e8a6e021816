import { type Delivery, type VerifiedDelivery, verifiedDelivery } from "../delivery.js";
import {
  signatureMalformed,
  signatureMismatch,
  signatureMissing,
  timestampMalformed,
  timestampMissing,
} from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bodyBytes } from "../internal/body.js";
import {
  checkFreshness,
  type FreshnessOptions,
  parseTimestamp,
  readNow,
  readTolerance,
} from "../internal/clock.js";
import { headerReader } from "../internal/headers.js";
import { keyring } from "../internal/keyring.js";
import { checkOptions, headerName } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import { readSecretEncoding } from "../internal/secret-encodings.js";
import { readSecrets, type SecretEncoding, type Secrets } from "../internal/secrets.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link stampedHmac}. */
export interface StampedHmacOptions extends FreshnessOptions {
  /** The shared secret. */
  readonly secret: Secrets;
  /** The header that carries time and signatures, in any case. */
  readonly header: string;
  /** How the secret stands for the key's bytes. @default "utf8" */
  readonly secretEncoding?: SecretEncoding | undefined;
  /** The shortest decoded key that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

const mostEntries = 64;
const signature = /^v1=[0-9a-f]{64}$/;
// What nearly every header is: read by one expression, it takes a third of the time.
const usual = /^t=(\d+),v1=([0-9a-f]{64})$/;

/** Reads `t=…,v1=…`. Other keys are skipped; a second `t` is refused, since either could be the one that was signed. */
function parseStamp(
  value: string,
  header: string,
): { time: string; signatures: readonly string[] } {
  const [, only, sole] = usual.exec(value) ?? [];
  if (only !== undefined && sole !== undefined) return { time: only, signatures: [sole] };
  const entries = value.split(",", mostEntries + 1);
  // Two header lines joined by a proxy read “…, t=…”.
  if (/\s/.test(value) || entries.length > mostEntries) {
    throw new WebhookError(signatureMalformed, { header });
  }
  let time: string | undefined;
  let times = 0;
  const signatures: string[] = [];
  for (const entry of entries) {
    if (entry.startsWith("t=")) {
      time = entry.slice(2);
      times += 1;
    } else if (signature.test(entry)) signatures.push(entry.slice(3));
  }
  if (time === undefined) throw new WebhookError(timestampMissing, { header });
  if (times > 1) throw new WebhookError(timestampMalformed, { header });
  if (signatures.length === 0) throw new WebhookError(signatureMalformed, { header });
  return { time, signatures };
}

/**
 * Makes the scheme of a header `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`. Several `v1` may stand side
 * by side while a secret is replaced.
 *
 * Guarantees that the body and the time are the sender's and that the time is near the clock.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function stampedHmac(options: StampedHmacOptions): Scheme {
  checkOptions(options, [
    "secret",
    "header",
    "secretEncoding",
    "toleranceSeconds",
    "now",
    "minSecretBytes",
  ]);
  const header = headerName("header", options.header);
  const readValue = headerReader([header]);
  const form = readSecretEncoding(options.secretEncoding);
  const keys = keyring(readSecrets(options.secret, form, options.minSecretBytes), "hex");
  const toleranceSeconds = readTolerance(options.toleranceSeconds);
  const clock = readNow(options.now);
  return {
    name: "stampedHmac",
    remake: (rewrite) => stampedHmac({ ...options, secret: rewrite(options.secret) }),
    bindsBody: true,
    bindsTime: toleranceSeconds !== false,
    verify: (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      const [value] = readValue(delivery.headers);
      if (value === undefined) throw new WebhookError(signatureMissing, { header });
      const { time, signatures } = parseStamp(value, header);
      const timestamp = parseTimestamp(time);
      const secret = keys.match(signatures, [time], body);
      if (secret === undefined) throw new WebhookError(signatureMismatch, { header });
      checkFreshness(timestamp, toleranceSeconds, now);
      return verifiedDelivery({
        scheme: "stampedHmac",
        timestamp: new Date(timestamp * 1000),
        secret,
        bindsBody: true,
        body,
      });
    },
    sign: (body, context) => {
      const { timestamp } = context;
      const signature = keys.sign(context, [String(timestamp)], body);
      return [{ name: header, value: `t=${timestamp},v1=${signature}`, role: "stamp" }];
    },
  };
}

/**
 * Proves a delivery signed as {@link stampedHmac} describes.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `header_duplicated`, `body_already_parsed`, `body_unreadable`, `signature_missing`,
 * `signature_malformed`, `signature_mismatch`, `timestamp_missing`, `timestamp_malformed`, `timestamp_too_old`,
 * `timestamp_too_new`, and the codes of {@link stampedHmac}.
 */
export function verifyStampedHmac(
  delivery: Delivery,
  options: StampedHmacOptions,
): VerifiedDelivery {
  return stampedHmac(options).verify(delivery);
}

/** As {@link verifyStampedHmac}, but returns the error instead of throwing it. Exported from `countersign`. */
export function safeVerifyStampedHmac(
  delivery: Delivery,
  options: StampedHmacOptions,
): SafeResult<VerifiedDelivery> {
  return safely(() => verifyStampedHmac(delivery, options));
}
