import { secretMalformed, secretMissing } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import { safeProtocolAndHost } from "../internal/safe-url.js";

/** Options that all clients have. */
export interface ClientOptions {
  /**
   * Where the API is: for a sandbox, or a proxy of your own. HTTPS, or loopback; a path in it is kept. It takes no user,
   * no query and no fragment.
   *
   * @default the vendor's production host, where one is documented
   */
  readonly baseUrl?: string | undefined;
  /** What makes the requests. @default the platform's fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How long one attempt may take, in milliseconds, until its answer has been read. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call that failed is made again, 0 to 20 times. @default 4 */
  readonly retries?: number | undefined;
  /**
   * How long to wait before the first retry, in milliseconds. It doubles each time, with up to as much again at random,
   * and is never more than 30 seconds. What `Retry-After` asks for is waited before.
   *
   * @default 500
   */
  readonly retryDelayMs?: number | undefined;
  /**
   * The longest `Retry-After` that is waited for, in milliseconds. A longer one ends the call at once, with the seconds
   * in `details.retryAfterSeconds`.
   *
   * @default 60000
   */
  readonly maxRetryAfterMs?: number | undefined;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call with `aborted`: also while it waits for a retry or reads an answer. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take, in milliseconds. @default the client's */
  readonly timeoutMs?: number | undefined;
}

/** What a client was set up with. */
export interface ClientSettings {
  readonly baseUrl: URL;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly maxRetryAfterMs: number;
}

const names = ["baseUrl", "fetch", "timeoutMs", "retries", "retryDelayMs", "maxRetryAfterMs"];
const hour = 3_600_000;

function readBaseUrl(value: unknown): URL {
  const expected = "an https address, without user, query and fragment";
  if (typeof value !== "string" || /[?#]/.test(value)) return invalidOption("baseUrl", expected);
  try {
    const url = new URL(value);
    const { protocol, hostname, username, password } = url;
    if (safeProtocolAndHost.test(protocol + hostname) && username + password === "") return url;
  } catch {
    // Said below.
  }
  return invalidOption("baseUrl", expected);
}

/** Reads how long one attempt may take. */
export function readTimeout(value: unknown, fallback: number): number {
  return wholeNumber("timeoutMs", value, fallback, 1, hour);
}

/**
 * Reads the options that all clients have, and refuses those that neither they nor this one has.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function readSettings(
  options: ClientOptions,
  own: readonly string[],
  productionUrl?: string,
): ClientSettings {
  checkOptions(options, [...own, ...names]);
  const given = options.fetch;
  if (given !== undefined && typeof given !== "function") invalidOption("fetch", "a function");
  return {
    // Nothing but its absence means production: a sandbox's address that was lost must not.
    baseUrl: readBaseUrl(options.baseUrl === undefined ? productionUrl : options.baseUrl),
    // Looked up at each call, as whatever traces or stands in for it may come later.
    fetch: given ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMs: readTimeout(options.timeoutMs, 10_000),
    retries: wholeNumber("retries", options.retries, 4, 0, 20),
    retryDelayMs: wholeNumber("retryDelayMs", options.retryDelayMs, 500, 0, 30_000),
    maxRetryAfterMs: wholeNumber("maxRetryAfterMs", options.maxRetryAfterMs, 60_000, 0, 24 * hour),
  };
}

/** Whether a text can stand in a header, as keys and tokens do. */
export function isVisibleAscii(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/**
 * Reads an API key or a token.
 *
 * @throws {WebhookError} `secret_missing` for a blank one, and for `undefined` written out; `secret_malformed`
 */
export function readKey(option: string, value: unknown): string {
  // As a key that was not set comes out of a template.
  if (/^(?:\s*|undefined|null)$/.test(typeof value === "string" ? value : String(value))) {
    throw new WebhookError(secretMissing, { option });
  }
  if (!isVisibleAscii(value)) {
    throw new WebhookError(secretMalformed, { option, expected: "visible ASCII" });
  }
  return value;
}
