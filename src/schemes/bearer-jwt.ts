import type { FetchImplementation, JSONWebKeySet, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import { keyUnavailable, tokenExpired, tokenInvalid, tokenMalformed } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bearerScheme } from "../internal/bearer-scheme.js";
import { type Now, readNow, secondsOf } from "../internal/clock.js";
import { checkOptions, checkTexts, invalidOption, wholeNumber } from "../internal/options.js";
import { safeProtocolAndHost } from "../internal/safe-url.js";
import { within } from "../internal/within.js";
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
   * A token of a key that is not among them has them fetched anew before it is refused, but not within six seconds of the
   * last time they came, so that forged tokens cannot flood the server. A token that comes within those, or while a fetch
   * is under way, is `key_unavailable` and not refused for good: the sender's retry is judged by newer keys.
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
  /** The clock of tokens, in milliseconds since the epoch; the age of the keys is that of the system. @default Date.now */
  readonly now?: Now | undefined;
  /** Fetches `jwksUrl`; has three seconds for it. @default the platform's fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

type Jose = typeof import("jose");
type Keys = JWTVerifyGetKey & Partial<ReturnType<Jose["createRemoteJWKSet"]>>;

// With a symmetric algorithm the public key would be the secret (RFC 8725, section 2.1).
const asymmetric = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

// jose's codes of a signature or a claim that is wrong, of an algorithm, and of a key that is not there.
const refused = /^ERR_J(?:WS_SIG|WT_CLAIM|OSE_ALG|OSE_NOT|WKS_NO)/;

/**
 * Turns what jose throws into our error. Its message and payload stay behind: both can hold claims. What jose names as the
 * claim is one that it was asked to check.
 */
function translate(error: unknown): WebhookError {
  const { code, claim } = Object(error) as { code?: unknown; claim?: unknown };
  const text = String(code);
  const named = claim === undefined ? {} : { claim };
  if (text === "ERR_JWT_EXPIRED") return new WebhookError(tokenExpired, named);
  if (/^ERR_JW[ST]_INVALID$/.test(text)) return new WebhookError(tokenMalformed);
  if (refused.test(text)) return new WebhookError(tokenInvalid, named);
  // Whatever is left went wrong between us and the keys, not in the token.
  const missing = text.endsWith("MODULE_NOT_FOUND");
  return new WebhookError(keyUnavailable, missing ? { missing: "the package jose" } : {});
}

function holdsKeys(set: unknown, fits: (key: unknown) => boolean): boolean {
  const { keys } = Object(set) as { keys?: unknown };
  return Array.isArray(keys) && keys.length > 0 && keys.every(fits);
}

/** A key that is no public one would have every delivery refused, or taken for a server out of reach. */
function isPublicKey(key: unknown): boolean {
  const { kty, d } = Object(key) as { kty?: unknown; d?: unknown };
  return /^(?:RSA|EC|OKP)$/.test(String(kty)) && d === undefined;
}

function readUrl(value: string | URL): URL {
  try {
    const url = new URL(value);
    if (safeProtocolAndHost.test(url.protocol + url.hostname)) return url;
  } catch {
    // Said below.
  }
  return invalidOption("jwksUrl", "an https address");
}

// Three parts in the only spelling that their bytes have: no padding, no unused bits. The last may be missing, as in a
// token without a signature, which is refused for that.
const canonicalPart = "(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?";
const canonicalToken = new RegExp(`^${canonicalPart}\\.${canonicalPart}\\.${canonicalPart}$`);

type Checks = JWTVerifyOptions & { readonly currentDate: Date; readonly clockTolerance: number };

/** Verifies a token; where it names no key and several could have signed it, each is tried. */
async function verifyWith(jose: Jose, token: string, keys: Keys, checks: Checks): Promise<void> {
  const { payload } = await jose.jwtVerify(token, keys, checks).catch(async (error) => {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    let last: unknown = error;
    for await (const key of error) {
      try {
        return await jose.jwtVerify(token, key, checks);
      } catch (refusal) {
        if (!(refusal instanceof jose.errors.JWSSignatureVerificationFailed)) throw refusal;
        last = refusal;
      }
    }
    throw last;
  });
  const { exp, iat = 0 } = payload as { exp: number; iat?: number };
  // 1e400 is valid JSON and reads as Infinity: a token that never expires. At iat, jose looks only where an age is asked for.
  const early = iat > checks.currentDate.getTime() / 1000 + checks.clockTolerance;
  if (early || !Number.isSafeInteger(Math.floor(exp))) {
    const claim = early ? "iat" : "exp";
    throw new jose.errors.JWTClaimValidationFailed(claim, {}, claim);
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
 * token in any but the compact and canonical spelling is `token_malformed`. Of two members of one name in it, the last
 * one counts (RFC 7519, section 4).
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
  checkTexts({ issuer: issuer ?? "", audience: audience ?? "", typ, subject });
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    algorithms.some((name) => !asymmetric.includes(name))
  ) {
    invalidOption("algorithms", asymmetric);
  }
  if (jwksUrl === undefined ? !holdsKeys(jwks, isPublicKey) : jwks !== undefined) {
    invalidOption("jwks", "an array of public keys in keys, or jwksUrl");
  }
  const url = jwksUrl === undefined ? undefined : readUrl(jwksUrl);
  const clock = readNow(options.now);
  const age = wholeNumber("maxTokenAgeSeconds", options.maxTokenAgeSeconds, 0, 1, 31_536_000);
  const { fetch: fetcher } = options;
  if (fetcher !== undefined && typeof fetcher !== "function") invalidOption("fetch", "a function");
  const checks: Omit<Checks, "currentDate"> = {
    issuer,
    audience,
    algorithms: [...algorithms],
    requiredClaims: ["exp"],
    clockTolerance: wholeNumber("clockToleranceSeconds", options.clockToleranceSeconds, 5, 0, 600),
    // Undefined is nothing asked for, which the types do not say.
    ...({ typ, subject, maxTokenAge: age || undefined } as Pick<JWTVerifyOptions, "typ">),
  };

  // jose waits for ever for a fetch that does not listen to its signal.
  const fetchKeys: FetchImplementation = (href, init) =>
    within(3000, async (signal) => {
      const response = await (fetcher ?? fetch)(href, { ...init, signal });
      const published = response.status === 200 ? await response.json() : undefined;
      // jose would take a set without keys for one that withdraws them all; null it refuses.
      return Response.json(holdsKeys(published, Boolean) ? published : null);
    });
  let keys: Keys | undefined;

  const check = async (token: string, now: Now): Promise<void> => {
    const dated = { ...checks, currentDate: new Date(secondsOf(now) * 1000) };
    if (!canonicalToken.test(token)) throw new WebhookError(tokenMalformed);
    // Otherwise nobody looks for this token's key: what is under way may have been answered before it was published.
    const canFetch = !(keys?.coolingDown || keys?.reloading);
    try {
      // Loaded late because jose is an optional peer: whoever uses a fixed token does without it.
      const jose = await import("jose");
      keys ??=
        url === undefined
          ? jose.createLocalJWKSet(jwks as JSONWebKeySet)
          : jose.createRemoteJWKSet(url, {
              // It keeps them for ten minutes unless told otherwise.
              cooldownDuration: 6000,
              [jose.customFetch]: fetchKeys,
            });
      for (let again = false; ; again = true) {
        try {
          return await verifyWith(jose, token, keys, dated);
        } catch (error) {
          if (!wantsNewerKeys(jose, token, error)) throw error;
          if (again) throw canFetch ? error : new WebhookError(keyUnavailable);
          // jose has them fetched for a token that names its key, and a token beside this one may have.
          if (!keys.coolingDown) await keys.reload?.();
        }
      }
    } catch (error) {
      throw translate(error);
    }
  };

  return bearerScheme("bearerJwt", clock, check);
}
