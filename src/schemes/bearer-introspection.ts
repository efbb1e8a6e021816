import { verifiedDelivery } from "../delivery.js";
import { keyUnavailable, tokenExpired, tokenInvalid } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bearerHeader, readBearerToken } from "../internal/bearer.js";
import { bodyBytes } from "../internal/body.js";
import { type Now, readNow, secondsOf } from "../internal/clock.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import type { AsyncScheme } from "../scheme.js";

/** What an authorization server says about a token (RFC 7662, section 2.2). */
export interface IntrospectionResponse {
  readonly active: boolean;
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  /** Expiry, Unix seconds. */
  readonly exp?: number;
  /** Not to be used before, Unix seconds. */
  readonly nbf?: number;
  readonly [claim: string]: unknown;
}

/** Options of {@link bearerIntrospection}. */
export interface BearerIntrospectionOptions {
  /** Asks the authorization server about a token. What it throws is `key_unavailable`, and the sender retries. */
  readonly introspect: (token: string) => Promise<IntrospectionResponse>;
  /** When given, the response must name this issuer. */
  readonly issuer?: string | undefined;
  /** When given, the response must name this audience. */
  readonly audience?: string | undefined;
  /** Leeway for `exp` and `nbf`, in seconds. @default 5 */
  readonly clockToleranceSeconds?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

/**
 * Makes the scheme of a token that the authorization server is asked about (RFC 7662).
 *
 * Guarantees that the server calls the token active, that it has not expired and that issuer and audience are the given
 * ones. Says nothing about the body.
 *
 * Exported from `countersign/schemes/bearer-introspection`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function bearerIntrospection(options: BearerIntrospectionOptions): AsyncScheme {
  checkOptions(options, ["introspect", "issuer", "audience", "clockToleranceSeconds", "now"]);
  const { introspect, issuer, audience } = options;
  if (typeof introspect !== "function") invalidOption("introspect", "a function");
  for (const [name, value] of Object.entries({ issuer, audience })) {
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      invalidOption(name, "text that is not blank");
    }
  }
  const leeway = wholeNumber("clockToleranceSeconds", options.clockToleranceSeconds, 5, 0, 600);
  const clock = readNow(options.now);
  const ask = async (token: string): Promise<IntrospectionResponse> => {
    try {
      return await introspect(token);
    } catch {
      // The error may quote the request, and so the token: it goes no further.
      throw new WebhookError(keyUnavailable);
    }
  };
  return {
    name: "bearerIntrospection",
    bindsBody: false,
    bindsTime: false,
    async: true,
    verify: async (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      const response = await ask(readBearerToken(delivery.headers));
      // Anything but the boolean is no yes.
      if (response?.active !== true) throw new WebhookError(tokenInvalid, { claim: "active" });
      const seconds = secondsOf(now);
      const { iss, aud, exp, nbf } = response;
      if (exp !== undefined && !(exp > seconds - leeway)) throw new WebhookError(tokenExpired);
      if (nbf !== undefined && !(nbf <= seconds + leeway)) {
        throw new WebhookError(tokenInvalid, { claim: "nbf" });
      }
      if (issuer !== undefined && iss !== issuer) {
        throw new WebhookError(tokenInvalid, { claim: "iss" });
      }
      const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
      if (audience !== undefined && !audiences.includes(audience)) {
        throw new WebhookError(tokenInvalid, { claim: "aud" });
      }
      return verifiedDelivery({
        scheme: "bearerIntrospection",
        secret: { index: 0 },
        bindsBody: false,
        body,
      });
    },
    sign: (_body, { token }) => [
      bearerHeader(token ?? invalidOption("token", "a token of your authorization server")),
    ],
  };
}
