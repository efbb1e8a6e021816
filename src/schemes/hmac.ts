import { type Delivery, type VerifiedDelivery, verifiedDelivery } from "../delivery.js";
import { signatureMalformed, signatureMismatch, signatureMissing } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bodyBytes } from "../internal/body.js";
import { headerReader } from "../internal/headers.js";
import { keyring } from "../internal/keyring.js";
import { checkOptions, headerName, oneOf, textOption } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import { readSecretEncoding } from "../internal/secret-encodings.js";
import { readSecrets, type SecretEncoding, type Secrets } from "../internal/secrets.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link hmac}. */
export interface HmacOptions {
  /** The shared secret. */
  readonly secret: Secrets;
  /** The header that carries the signature, in any case. */
  readonly header: string;
  /** Text before the signature, such as `sha256=`. A signature without it is `signature_malformed`. @default "" */
  readonly prefix?: string | undefined;
  /** How the signature is written. @default "hex" */
  readonly encoding?: "hex" | "base64" | undefined;
  /** How the secret stands for the key's bytes. @default "utf8" */
  readonly secretEncoding?: SecretEncoding | undefined;
  /** The shortest decoded key that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

const wellFormed = {
  hex: /^[0-9a-f]{64}$/,
  // 32 bytes in canonical base64: the last digit has two bits to spare, and both are zero.
  base64: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
};

/**
 * Makes the scheme of a HMAC-SHA256 over the body alone, in one header, in hex or base64.
 *
 * Guarantees that the body is the sender's. Nothing in it says when it was sent: a captured delivery stays valid, so
 * duplicates have to be recognised by the message. Only full-length, canonical signatures count: lower-case hex,
 * padded base64.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function hmac(options: HmacOptions): Scheme {
  checkOptions(options, [
    "secret",
    "header",
    "prefix",
    "encoding",
    "secretEncoding",
    "minSecretBytes",
  ]);
  const header = headerName("header", options.header);
  const readValue = headerReader([header]);
  const prefix = textOption("prefix", options.prefix, "");
  const encoding = oneOf("encoding", options.encoding, ["hex", "base64"]);
  const form = readSecretEncoding(options.secretEncoding);
  const keys = keyring(readSecrets(options.secret, form, options.minSecretBytes), encoding);
  return {
    name: "hmac",
    remake: (rewrite) => hmac({ ...options, secret: rewrite(options.secret) }),
    bindsBody: true,
    bindsTime: false,
    verify: (delivery) => {
      const body = bodyBytes(delivery);
      const [value] = readValue(delivery.headers);
      if (value === undefined) throw new WebhookError(signatureMissing, { header });
      const signature = value.startsWith(prefix) ? value.slice(prefix.length) : "";
      if (!wellFormed[encoding].test(signature))
        throw new WebhookError(signatureMalformed, { header });
      const secret = keys.match([signature], [], body);
      if (secret === undefined) throw new WebhookError(signatureMismatch, { header });
      return verifiedDelivery({ scheme: "hmac", secret, bindsBody: true, body });
    },
    sign: (body, context) => [
      {
        name: header,
        value: prefix + keys.sign(context, [], body),
        role: "signature",
      },
    ],
  };
}

/**
 * Proves a delivery signed as {@link hmac} describes.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `header_duplicated`, `body_already_parsed`, `body_unreadable`, `signature_missing`,
 * `signature_malformed`, `signature_mismatch`, and the codes of {@link hmac}.
 */
export function verifyHmac(delivery: Delivery, options: HmacOptions): VerifiedDelivery {
  return hmac(options).verify(delivery);
}

/** As {@link verifyHmac}, but returns the error instead of throwing it. Exported from `countersign`. */
export function safeVerifyHmac(
  delivery: Delivery,
  options: HmacOptions,
): SafeResult<VerifiedDelivery> {
  return safely(() => verifyHmac(delivery, options));
}
