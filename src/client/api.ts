import pRetry from "p-retry";
import { checkOptions, invalidOption } from "../internal/options.js";
import type { AnswerReader } from "./answers.js";
import { ClientError, type ClientErrorCode, type ClientErrorDetails } from "./client-error.js";
import { type Exchanged, exchange } from "./exchange.js";
import { interruptible, pause } from "./interruptible.js";
import { addressOf } from "./path.js";
import { type CallOptions, type ClientSettings, readTimeout } from "./settings.js";

/** One call of an API. */
export interface ApiCall<Value> {
  /** How errors name it: `webhooks.create`. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** Names JSON as the content also where there is none, as some documentation does. */
  readonly alwaysJson?: boolean;
  /** It must not be carried out twice: it is made again only after an answer that says that it was not carried out. */
  readonly once?: boolean;
  readonly read: AnswerReader<Value>;
}

/** Makes a call, and makes it again where that may help. */
export type Api = <Value>(call: ApiCall<Value>, options?: CallOptions) => Promise<Value>;

/** Gives the headers that hold the key; none, where there is no usable one. */
export type Authorize = () => Promise<Readonly<Record<string, string>> | undefined>;

/** What ends a call: its value, or what the user's own function for the key threw. */
type End<Value> = { readonly value: Value } | { readonly thrown: unknown };

const longestDelayMs = 30_000;

/** The options of a call alone, without what else was given with them. */
export function callOptions({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs };
}

function checkCallOptions(options: CallOptions): void {
  checkOptions(options, ["signal", "timeoutMs"]);
  const { signal } = options;
  // Not by its class, of which a test environment may have another.
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    invalidOption("signal", "an AbortSignal");
  }
}

function textOf(body: object): string {
  try {
    const text: unknown = JSON.stringify(body);
    if (typeof text === "string") return text;
  } catch {
    // Said below; the engine's message names keys of the body.
  }
  return invalidOption("body", "an object that JSON can hold");
}

/** Makes the calls of one client. */
export function createApi(provider: string, settings: ClientSettings, authorize: Authorize): Api {
  const { baseUrl, fetch, retries, retryDelayMs, maxRetryAfterMs } = settings;

  return async <Value>(call: ApiCall<Value>, options: CallOptions = {}): Promise<Value> => {
    checkCallOptions(options);
    const { operation, method, once = false, alwaysJson = false, read } = call;
    const { signal } = options;
    const timeoutMs = readTimeout(options.timeoutMs, settings.timeoutMs);
    const url = addressOf(baseUrl, call.path, call.query);
    const body = call.body === undefined ? null : textOf(call.body);
    const content = body === null && !alwaysJson ? {} : { "content-type": "application/json" };

    let attempts = 0;
    let failure: ClientError | undefined;
    let retryAfterMs = 0;
    /** Whether an attempt that failed may have been carried out all the same. */
    let doubtful = false;

    const fail = (code: ClientErrorCode, details: ClientErrorDetails = {}): ClientError => {
      const mayNotRepeat = once && code !== "rate_limited";
      failure = new ClientError(
        code,
        { provider, operation },
        { ...details, attempts },
        mayNotRepeat ? false : undefined,
      );
      return failure;
    };

    const attempt = async (inner: AbortSignal): Promise<Exchanged<Value> | End<Value>> => {
      let key: Readonly<Record<string, string>> | undefined;
      try {
        key = await authorize();
      } catch (thrown) {
        return { thrown };
      }
      if (key === undefined) return { code: "unauthorized" };
      const headers = { accept: "application/json", ...content, ...key };
      return exchange(fetch, url, { method, headers, body, signal: inner }, read);
    };

    const run = async (): Promise<End<Value>> => {
      attempts += 1;
      retryAfterMs = 0;
      const came = await interruptible(timeoutMs, signal, fail, attempt).catch((error) => {
        doubtful = true;
        throw error;
      });
      if (!("code" in came)) return came;
      const isGone = method === "DELETE" && came.code === "not_found";
      // Ours, of an attempt whose answer was lost.
      if (isGone && doubtful) return { value: undefined as Value };
      doubtful ||= came.code !== "rate_limited";
      retryAfterMs = came.retryAfterMs ?? 0;
      throw fail(came.code, came.details);
    };

    const mayTryAgain = async (): Promise<boolean> => {
      if (failure?.retryable !== true || retryAfterMs > maxRetryAfterMs) return false;
      if (retryAfterMs > 0) await pause(retryAfterMs, signal);
      return true;
    };

    if (signal?.aborted) throw fail("aborted");
    let end: End<Value>;
    try {
      end = await pRetry(run, {
        retries,
        minTimeout: retryDelayMs,
        maxTimeout: longestDelayMs,
        randomize: true,
        signal,
        shouldRetry: mayTryAgain,
      });
    } catch (error) {
      // Anything but ours is the signal's reason, which can be whatever the user gave.
      throw error !== failure && signal?.aborted ? fail("aborted") : error;
    }
    if ("thrown" in end) throw end.thrown;
    return end.value;
  };
}
