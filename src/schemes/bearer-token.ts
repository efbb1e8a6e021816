import { verifiedDelivery } from "../delivery.js";
import { tokenInvalid } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bearerHeader, readBearerToken, tokenForm } from "../internal/bearer.js";
import { bodyBytes } from "../internal/body.js";
import { checkOptions } from "../internal/options.js";
import type { Secrets } from "../internal/secrets.js";
import { sharedValue } from "../internal/shared-value.js";
import type { Scheme } from "../scheme.js";

/** Options of {@link bearerToken}. */
export interface BearerTokenOptions {
  /** The token that the sender was given. Visible ASCII. */
  readonly token: Secrets;
  /** The shortest token that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

/**
 * Makes the scheme of one fixed token in `Authorization: Bearer`, compared in constant time.
 *
 * Guarantees that the sender knows the token, and nothing about the body.
 *
 * Exported from `countersign/schemes/bearer-token`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function bearerToken(options: BearerTokenOptions): Scheme {
  checkOptions(options, ["token", "minSecretBytes"]);
  const shared = sharedValue(options.token, options.minSecretBytes, tokenForm);
  return {
    name: "bearerToken",
    remake: (rewrite) => bearerToken({ ...options, token: rewrite(options.token) }),
    bindsBody: false,
    bindsTime: false,
    verify: (delivery) => {
      const body = bodyBytes(delivery);
      const secret = shared.match(readBearerToken(delivery.headers));
      if (secret === undefined) throw new WebhookError(tokenInvalid);
      return verifiedDelivery({ scheme: "bearerToken", secret, bindsBody: false, body });
    },
    sign: (_body, { secretIndex, token }) => [bearerHeader(token ?? shared.text(secretIndex))],
  };
}
