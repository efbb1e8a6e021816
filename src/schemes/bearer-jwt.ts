import type { JSONWebKeySet, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { verifiedDelivery } from "../delivery.js";
import { keyUnavailable, tokenExpired, tokenInvalid, tokenMalformed } from "../error-kinds.js";
import { type ErrorKind, WebhookError } from "../errors.js";
import { bearerHeader, readBearerToken } from "../internal/bearer.js";
import { bodyBytes } from "../internal/body.js";
import { type Now, readNow, secondsOf } from "../internal/clock.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import type { AsyncScheme } from "../scheme.js";

/** Options of {@link bearerJwt}. */
export interface BearerJwtOptions {
  /** The authorization server that must have issued the token (`iss`). */
  readonly issuer: string;
  /** What the token must be meant for (`aud`): a value that only this endpoint has. */
  readonly audience: string;
  /** The server's public keys, as a JSON Web Key Set. Give this or `jwksUrl`. */
  readonly jwks?: { readonly keys: readonly object[] } | undefined;
  /** Where the server publishes its keys. HTTPS, or loopback. Keys are kept and fetched again when a new one appears. */
  readonly jwksUrl?: string | URL | undefined;
  /** Accepted algorithms, asymmetric only. @default RS, PS and ES with 256 to 512 bits, EdDSA and Ed25519 */
  readonly algorithms?: readonly string[] | undefined;
  /** The required `typ` header, such as `at+jwt`. */
  readonly typ?: string | undefined;
  /** The required `sub` claim. */
  readonly subject?: string | undefined;
  /** The oldest token that is accepted, counted from `iat`, which is then required. */
  readonly maxTokenAgeSeconds?: number | undefined;
  /** Leeway for `exp`, `nbf` and `iat`, in seconds. @default 5 */
  readonly clockToleranceSeconds?: number | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
  /** Fetches `jwksUrl`. @default the platform's fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

type Jose = typeof import("jose");

// With a symmetric algorithm the public key would be the secret (RFC 8725, section 2.1).
const asymmetric = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

const kinds: ReadonlyMap<unknown, ErrorKind> = new Map<unknown, ErrorKind>([
  ["ERR_JWT_EXPIRED", tokenExpired],
  ["ERR_JWS_INVALID", tokenMalformed],
  ["ERR_JWT_INVALID", tokenMalformed],
  ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", tokenInvalid],
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", tokenInvalid],
  ["ERR_JOSE_ALG_NOT_ALLOWED", tokenInvalid],
  ["ERR_JOSE_NOT_SUPPORTED", tokenInvalid],
  ["ERR_JWKS_NO_MATCHING_KEY", tokenInvalid],
]);

/** Turns what jose throws into our error. Its message and payload stay behind: both can hold claims. */
function translate(error: unknown): WebhookError {
  const { code, claim } = Object(error) as { code?: unknown; claim?: unknown };
  const kind = kinds.get(code);
  // Whatever is left went wrong between us and the keys, not in the token.
  if (kind === undefined) {
    const missing = String(code).endsWith("MODULE_NOT_FOUND");
    return new WebhookError(keyUnavailable, missing ? { missing: "the package jose" } : {});
  }
  const named = /^(?:iss|aud|sub|exp|nbf|iat|typ)$/.test(String(claim));
  return new WebhookError(kind, named ? { claim } : {});
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== "string" || value.trim() === "") invalidOption(option, "text, not blank");
}

/** A key that is no public one would have every delivery refused, or taken for a server out of reach. */
function isPublicKeySet(value: unknown): boolean {
  const { keys } = Object(value) as { keys?: unknown };
  const isPublic = (key: unknown) => /^(?:RSA|EC|OKP)$/.test(String(Object(key).kty));
  return Array.isArray(keys) && keys.length > 0 && keys.every(isPublic);
}

function readUrl(value: string | URL): URL {
  let url: URL | undefined;
  try {
    url = new URL(value);
  } catch {
    // Said below.
  }
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? "");
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && loopback)) {
    invalidOption("jwksUrl", "an https address");
  }
  return url;
}

/** Verifies a token; where it names no key and several could have signed it, each is tried. */
async function verifyWithAny(
  jose: Jose,
  token: string,
  getKey: JWTVerifyGetKey,
  checks: JWTVerifyOptions,
): Promise<void> {
  const accept = async (key: JWTVerifyGetKey): Promise<void> => {
    const { payload } = await jose.jwtVerify(token, key, checks);
    // 1e400 is valid JSON and reads as Infinity: a token that never expires.
    if (!Number.isSafeInteger(Math.floor(payload.exp as number))) {
      throw new jose.errors.JWTClaimValidationFailed("exp", {}, "exp");
    }
  };
  try {
    await accept(getKey);
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await accept(async () => key);
      } catch (refusal) {
        if (!(refusal instanceof jose.errors.JWSSignatureVerificationFailed)) throw refusal;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

/**
 * Makes the scheme of a signed token (JWT) in `Authorization: Bearer`. Needs the package `jose`.
 *
 * Guarantees that the authorization server issued the token for this audience and that it has not expired. Says
 * nothing about the body: whoever holds the token can write any.
 *
 * Exported from `countersign/schemes/bearer-jwt`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function bearerJwt(options: BearerJwtOptions): AsyncScheme {
  checkOptions(options, [
    ...["issuer", "audience", "jwks", "jwksUrl", "algorithms", "typ", "subject"],
    ...["maxTokenAgeSeconds", "clockToleranceSeconds", "now", "fetch"],
  ]);
  const { issuer, audience, jwks, jwksUrl, algorithms = asymmetric, typ, subject } = options;
  checkText("issuer", issuer);
  checkText("audience", audience);
  if (typ !== undefined) checkText("typ", typ);
  if (subject !== undefined) checkText("subject", subject);
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    algorithms.some((name) => !asymmetric.includes(name))
  ) {
    invalidOption("algorithms", asymmetric);
  }
  if ((jwks === undefined) === (jwksUrl === undefined)) {
    invalidOption("jwks", "either jwks or jwksUrl");
  }
  if (jwks !== undefined && !isPublicKeySet(jwks)) {
    invalidOption("jwks", "an object with an array of public keys");
  }
  const url = jwksUrl === undefined ? undefined : readUrl(jwksUrl);
  const clock = readNow(options.now);
  const age = wholeNumber("maxTokenAgeSeconds", options.maxTokenAgeSeconds, 0, 1, 31_536_000);
  const checks: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: [...algorithms],
    requiredClaims: ["exp"],
    clockTolerance: wholeNumber("clockToleranceSeconds", options.clockToleranceSeconds, 5, 0, 600),
    ...(typ === undefined ? {} : { typ }),
    ...(subject === undefined ? {} : { subject }),
    ...(age === 0 ? {} : { maxTokenAge: age }),
  };

  const prepare = async (): Promise<{ jose: Jose; getKey: JWTVerifyGetKey }> => {
    // Loaded late because jose is an optional peer: vali-Das users with a fixed token do without it.
    const jose = await import("jose");
    const getKey =
      url === undefined
        ? jose.createLocalJWKSet(jwks as JSONWebKeySet)
        : jose.createRemoteJWKSet(url, {
            timeoutDuration: 3000,
            ...(options.fetch === undefined ? {} : { [jose.customFetch]: options.fetch }),
          });
    return { jose, getKey };
  };
  let prepared: ReturnType<typeof prepare> | undefined;

  const check = async (token: string, now: Now): Promise<void> => {
    const currentDate = new Date(secondsOf(now) * 1000);
    try {
      prepared ??= prepare();
      const { jose, getKey } = await prepared;
      await verifyWithAny(jose, token, getKey, { ...checks, currentDate });
    } catch (error) {
      throw translate(error);
    }
  };

  return {
    name: "bearerJwt",
    bindsBody: false,
    bindsTime: false,
    async: true,
    verify: async (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      await check(readBearerToken(delivery.headers), now);
      return verifiedDelivery({
        scheme: "bearerJwt",
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
