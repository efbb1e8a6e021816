import type { JSONWebKeySet, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { verifiedDelivery } from "../delivery.js";
import { keyUnavailable, tokenExpired, tokenInvalid, tokenMalformed } from "../error-kinds.js";
import { type ErrorKind, WebhookError } from "../errors.js";
import { bearerHeader, readBearerToken } from "../internal/bearer.js";
import { bodyBytes } from "../internal/body.js";
import { type Now, readNow, secondsOf } from "../internal/clock.js";
import { fetchJson } from "../internal/fetch-json.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import { type Refreshed, refreshed } from "../internal/refreshed.js";
import { repeatsMember } from "../internal/repeats-member.js";
import type { AsyncScheme } from "../scheme.js";

/** Options of {@link bearerJwt}. */
export interface BearerJwtOptions {
  /** The authorization server that must have issued the token (`iss`). */
  readonly issuer: string;
  /** What the token must be meant for (`aud`): a value that only this endpoint has. */
  readonly audience: string;
  /** The server's public keys, as a JSON Web Key Set. Give this or `jwksUrl`. */
  readonly jwks?: { readonly keys: readonly object[] } | undefined;
  /**
   * Where the server publishes its keys. HTTPS, or loopback; a redirect is not followed. Keys are kept for ten minutes,
   * also while the server is down, and a key that was withdrawn counts until then.
   *
   * A token of a key that is not among them has them fetched anew before it is refused. Ten fetches are made in a burst
   * and one in six seconds beyond that, so that forged tokens cannot flood the server. A token that cannot be judged for
   * that reason is `key_unavailable`, not refused for good: the sender's retry is judged by newer keys.
   */
  readonly jwksUrl?: string | URL | undefined;
  /** Accepted algorithms, asymmetric only. @default RS, PS and ES with 256 to 512 bits, EdDSA and Ed25519 */
  readonly algorithms?: readonly string[] | undefined;
  /** The required `typ` header, such as `at+jwt`. */
  readonly typ?: string | undefined;
  /** The required `sub` claim. */
  readonly subject?: string | undefined;
  /** The oldest token that is accepted, counted from `iat`, which is then required. @default any age, until `exp` */
  readonly maxTokenAgeSeconds?: number | undefined;
  /** Leeway for `exp`, `nbf` and `iat`, in seconds. @default 5 */
  readonly clockToleranceSeconds?: number | undefined;
  /** The clock, in milliseconds since the epoch; the age of the keys is read from it too. @default Date.now */
  readonly now?: Now | undefined;
  /** Fetches `jwksUrl`; has three seconds for it. @default the platform's fetch */
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

function keysIn(value: unknown): readonly unknown[] {
  const { keys } = Object(value) as { keys?: unknown };
  return Array.isArray(keys) ? keys : [];
}

/** A key that is no public one would have every delivery refused, or taken for a server out of reach. */
function isPublicKey(key: unknown): boolean {
  const { kty, d } = Object(key) as { kty?: unknown; d?: unknown };
  return /^(?:RSA|EC|OKP)$/.test(String(kty)) && d === undefined;
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

// Three parts in the only spelling that their bytes have: no padding, no unused bits. The last may be missing, as in a
// token without a signature, which is refused for that.
const canonicalToken = (() => {
  const part = "(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?";
  return new RegExp(`^${part}\\.${part}\\.${part}$`);
})();

/** Verifies a token with one key, or with the key that is found for it. */
async function verifyWith(
  jose: Jose,
  token: string,
  key: JWTVerifyGetKey,
  checks: JWTVerifyOptions & { readonly currentDate: Date; readonly clockTolerance: number },
): Promise<void> {
  const { payload } = await jose.jwtVerify(token, key, checks);
  const { exp, iat } = payload as { exp: number; iat?: number };
  // 1e400 is valid JSON and reads as Infinity: a token that never expires.
  if (!Number.isSafeInteger(Math.floor(exp))) {
    throw new jose.errors.JWTClaimValidationFailed("exp", {}, "exp");
  }
  // jose looks at it only where an age is asked for.
  if (iat !== undefined && iat > checks.currentDate.getTime() / 1000 + checks.clockTolerance) {
    throw new jose.errors.JWTClaimValidationFailed("iat", {}, "iat");
  }
  for (const part of token.split(".").slice(0, 2)) {
    if (repeatsMember(new TextDecoder().decode(jose.base64url.decode(part)))) {
      throw new jose.errors.JWTInvalid();
    }
  }
}

/** Verifies a token; where it names no key and several could have signed it, each is tried. */
async function verifyWithAny(...[jose, token, getKey, checks]: Parameters<typeof verifyWith>) {
  try {
    await verifyWith(jose, token, getKey, checks);
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await verifyWith(jose, token, async () => key, checks);
      } catch (refusal) {
        if (!(refusal instanceof jose.errors.JWSSignatureVerificationFailed)) throw refusal;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

/** Whether a token might pass with keys that were published after ours were fetched. */
function wantsNewerKeys(jose: Jose, token: string, error: unknown): boolean {
  return (
    error instanceof jose.errors.JWKSNoMatchingKey ||
    (error instanceof jose.errors.JWSSignatureVerificationFailed &&
      jose.decodeProtectedHeader(token).kid === undefined)
  );
}

/**
 * Makes the scheme of a signed token (JWT) in `Authorization: Bearer`. Needs the package `jose`.
 *
 * Guarantees that the authorization server issued the token for this audience, that it was not issued in the future and
 * that it has not expired. Says nothing about the body: whoever holds the token can write any.
 *
 * A key comes from `jwks` or `jwksUrl` alone; what a token says of keys (`jku`, `x5u`, `jwk`, `x5c`) is not looked at. A
 * token in any but the compact and canonical spelling, or that names a member twice, is `token_malformed`.
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
  if (jwks !== undefined && (keysIn(jwks).length === 0 || !keysIn(jwks).every(isPublicKey))) {
    invalidOption("jwks", "an object with an array of public keys");
  }
  const url = jwksUrl === undefined ? undefined : readUrl(jwksUrl);
  const clock = readNow(options.now);
  const age = wholeNumber("maxTokenAgeSeconds", options.maxTokenAgeSeconds, 0, 1, 31_536_000);
  const fetcher = options.fetch ?? ((...call) => globalThis.fetch(...call));
  if (typeof fetcher !== "function") invalidOption("fetch", "a function");
  const checks = {
    issuer,
    audience,
    algorithms: [...algorithms],
    requiredClaims: ["exp"],
    clockTolerance: wholeNumber("clockToleranceSeconds", options.clockToleranceSeconds, 5, 0, 600),
    ...(typ === undefined ? {} : { typ }),
    ...(subject === undefined ? {} : { subject }),
    ...(age === 0 ? {} : { maxTokenAge: age }),
  };

  // Loaded late because jose is an optional peer: whoever uses a fixed token does without it.
  let loading: Promise<Jose> | undefined;
  const load = (): Promise<Jose> => {
    loading ??= import("jose");
    return loading;
  };
  const fixedKeys = (): Refreshed<JWTVerifyGetKey> => {
    let value: JWTVerifyGetKey | undefined;
    const get = async () => {
      const { createLocalJWKSet } = await load();
      value ??= createLocalJWKSet(jwks as JSONWebKeySet);
      return value;
    };
    return { begun: () => 0, get };
  };
  const keys =
    url === undefined
      ? fixedKeys()
      : refreshed<JWTVerifyGetKey>(async (signal) => {
          const published = await fetchJson(url, fetcher, signal);
          if (keysIn(published).length === 0) throw new Error("The answer holds no keys.");
          return (await load()).createLocalJWKSet(published as JSONWebKeySet);
        }, clock);

  const check = async (token: string, now: Now): Promise<void> => {
    const dated = { ...checks, currentDate: new Date(secondsOf(now) * 1000) };
    if (!canonicalToken.test(token)) throw new WebhookError(tokenMalformed);
    const begun = keys.begun();
    try {
      const jose = await load();
      // Looked up only once jose has found the token's form and algorithm to be right.
      const keyLaterThan =
        (fetch: number): JWTVerifyGetKey =>
        async (...call) =>
          (await keys.get(fetch))(...call);
      try {
        await verifyWithAny(jose, token, keyLaterThan(0), dated);
      } catch (error) {
        if (!wantsNewerKeys(jose, token, error)) throw error;
        await verifyWithAny(jose, token, keyLaterThan(begun), dated);
      }
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
