import { type Delivery, type VerifiedDelivery, verifiedDelivery } from "../delivery.js";
import { secretHeaderMismatch, secretHeaderMissing } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bodyBytes } from "../internal/body.js";
import { headerReader } from "../internal/headers.js";
import { checkOptions, headerName, textOption } from "../internal/options.js";
import { type SafeResult, safely } from "../internal/safely.js";
import type { Secrets } from "../internal/secrets.js";
import { sharedValue } from "../internal/shared-value.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link headerSecret}. */
export interface HeaderSecretOptions {
  /** The shared secret, as the header carries it. Visible ASCII. */
  readonly secret: Secrets;
  /** The header that carries the secret, in any case. */
  readonly header: string;
  /** Text before the secret, such as `Token `. @default "" */
  readonly prefix?: string | undefined;
  /** The shortest secret that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

/**
 * Makes the scheme of a secret sent in a header of every delivery.
 *
 * Guarantees that the sender knows the secret, and nothing more: the body is not bound to it, so whoever reads one
 * delivery can write any other. Rely on TLS, and confirm through the vendor's API what matters.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function headerSecret(options: HeaderSecretOptions): Scheme {
  checkOptions(options, ["secret", "header", "prefix", "minSecretBytes"]);
  const header = headerName("header", options.header);
  const readValue = headerReader([header]);
  const prefix = textOption("prefix", options.prefix, "");
  const shared = sharedValue(options.secret, options.minSecretBytes);
  return {
    name: "headerSecret",
    remake: (rewrite) => headerSecret({ ...options, secret: rewrite(options.secret) }),
    bindsBody: false,
    bindsTime: false,
    verify: (delivery) => {
      const body = bodyBytes(delivery);
      const [value] = readValue(delivery.headers);
      if (value === undefined) throw new WebhookError(secretHeaderMissing, { header });
      const secret = value.startsWith(prefix)
        ? shared.match(value.slice(prefix.length))
        : undefined;
      if (secret === undefined) throw new WebhookError(secretHeaderMismatch, { header });
      return verifiedDelivery({ scheme: "headerSecret", secret, bindsBody: false, body });
    },
    sign: (_body, { secretIndex }) => [
      { name: header, value: prefix + shared.text(secretIndex), role: "secret" },
    ],
  };
}

/**
 * Proves that a delivery carries the secret, as {@link headerSecret} describes.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `header_duplicated`, `body_already_parsed`, `body_unreadable`, `secret_header_missing`,
 * `secret_header_mismatch`, and the codes of {@link headerSecret}.
 */
export function verifyHeaderSecret(
  delivery: Delivery,
  options: HeaderSecretOptions,
): VerifiedDelivery {
  return headerSecret(options).verify(delivery);
}

/** As {@link verifyHeaderSecret}, but returns the error instead of throwing it. Exported from `countersign`. */
export function safeVerifyHeaderSecret(
  delivery: Delivery,
  options: HeaderSecretOptions,
): SafeResult<VerifiedDelivery> {
  return safely(() => verifyHeaderSecret(delivery, options));
}
