import { sha256Hex } from "#hmac";
import { keyUnavailable, tokenExpired, tokenInvalid } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { bearerScheme } from "../internal/bearer-scheme.js";
import { utf8Bytes } from "../internal/bytes.js";
import { type Now, readNow, secondsOf } from "../internal/clock.js";
import { checkOptions, checkTexts, invalidOption, wholeNumber } from "../internal/options.js";
import { shortMemory } from "../internal/short-memory.js";
import { within } from "../internal/within.js";
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
  /**
   * Asks the authorization server about a token, as a client that the server knows. It has three seconds; `signal` ends
   * what is still going on then. What it throws, what comes later and an answer without `active` are `key_unavailable`,
   * and the sender retries.
   *
   * @example
   * ```ts
   * const introspect = async (token: string, { signal }: { signal: AbortSignal }) => {
   *   const response = await fetch("https://auth.example.test/introspect", {
   *     method: "POST",
   *     headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
   *     body: new URLSearchParams({ token, token_type_hint: "access_token" }),
   *     redirect: "error",
   *     signal,
   *   });
   *   if (!response.ok) throw new Error(`introspection: ${response.status}`);
   *   return response.json();
   * };
   * ```
   */
  readonly introspect: (
    token: string,
    context: { readonly signal: AbortSignal },
  ) => Promise<IntrospectionResponse>;
  /**
   * When given, the response must name this issuer. `iss` is optional in a response (RFC 7662): leave this out for a
   * server that does not send it, or no token is accepted.
   */
  readonly issuer?: string | undefined;
  /**
   * When given, the response must name this audience; as optional in a response as `iss`. Without it, a token that the
   * server issued for any other service is accepted too, unless `introspect` checks that.
   */
  readonly audience?: string | undefined;
  /**
   * How long an accepted token is accepted again without asking, in whole seconds to 300, and never beyond its `exp`; a
   * token that is revoked counts until then. 0 asks for every delivery.
   *
   * @default 10
   */
  readonly cacheSeconds?: number | undefined;
  /** Leeway for `exp` and `nbf`, in seconds. @default 5 */
  readonly clockToleranceSeconds?: number | undefined;
  /** The clock, in milliseconds since the epoch; the age of an answer is read from it too. @default Date.now */
  readonly now?: Now | undefined;
}

const timeoutMs = 3000;

/** What is kept of a response; a time that it leaves out sets no bound. */
interface Answered {
  readonly active: boolean;
  readonly iss: unknown;
  readonly aud: unknown;
  readonly exp: number;
  readonly nbf: number;
}

/**
 * Makes the scheme of a token that the authorization server is asked about (RFC 7662).
 *
 * Guarantees that the server called the token active, at most `cacheSeconds` ago, that it has not expired and that issuer
 * and audience are the given ones. Says nothing about the body.
 *
 * Deliveries that come at the same time with one token share one question, unless `cacheSeconds` is 0. What is kept of a
 * token is its hash. A refusal is never kept: forged tokens hardly recur, and a genuine one may become active.
 *
 * Exported from `countersign/schemes/bearer-introspection`.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function bearerIntrospection(options: BearerIntrospectionOptions): AsyncScheme {
  checkOptions(options, [
    ...["introspect", "issuer", "audience", "cacheSeconds", "clockToleranceSeconds", "now"],
  ]);
  const { introspect, issuer, audience } = options;
  if (typeof introspect !== "function") invalidOption("introspect", "a function");
  checkTexts({ issuer, audience });
  const leeway = wholeNumber("clockToleranceSeconds", options.clockToleranceSeconds, 5, 0, 600);
  // RFC 7662, section 4, leaves the time to the risk: a token's deliveries come in bursts of seconds, and a revocation
  // has to count soon after.
  const cacheSeconds = wholeNumber("cacheSeconds", options.cacheSeconds, 10, 0, 300);
  const clock = readNow(options.now);

  const ask = async (token: string): Promise<Answered> => {
    const response = await within(timeoutMs, async (signal) => introspect(token, { signal }));
    // Some servers write null for what they leave out.
    const exp: unknown = response?.exp ?? Number.MAX_VALUE;
    const nbf: unknown = response?.nbf ?? 0;
    // An error message, or nothing, says as little about the token as no answer at all; so does a time that is none.
    if (
      typeof response?.active !== "boolean" ||
      typeof exp !== "number" ||
      typeof nbf !== "number"
    ) {
      throw new Error("The answer is none.");
    }
    // The rest of an answer can be about a person, and is not kept.
    const { active, iss, aud } = response;
    return { active, iss, aud, exp, nbf };
  };

  const check = ({ active, iss, aud, exp, nbf }: Answered, now: Now): void => {
    if (!active) throw new WebhookError(tokenInvalid, { claim: "active" });
    const seconds = secondsOf(now);
    if (!(exp > seconds - leeway)) throw new WebhookError(tokenExpired);
    if (!(nbf <= seconds + leeway)) throw new WebhookError(tokenInvalid, { claim: "nbf" });
    if (issuer !== undefined && iss !== issuer) {
      throw new WebhookError(tokenInvalid, { claim: "iss" });
    }
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (audience !== undefined && !audiences.includes(audience)) {
      throw new WebhookError(tokenInvalid, { claim: "aud" });
    }
  };

  const memory = shortMemory<Answered>(cacheSeconds, timeoutMs, clock);

  return bearerScheme("bearerIntrospection", clock, async (token, now) => {
    const key = sha256Hex(utf8Bytes(token));
    let answer: Awaited<ReturnType<typeof memory.get>>;
    try {
      answer = await memory.get(key, () => ask(token));
    } catch {
      // The error may quote the request, and so the token: it goes no further.
      throw new WebhookError(keyUnavailable);
    }
    check(answer.value, now);
    // Without leeway: beyond its end, the server is asked again (RFC 7662, section 4).
    memory.keep(key, answer, answer.value.exp * 1000);
  });
}
