import { type AnswerReader, readText, unread } from "./answers.js";
import type { ClientErrorCode, ClientErrorDetails } from "./client-error.js";
import { readRetryAfter } from "./retry-after.js";

/** What one attempt came to. */
export type Exchanged<Value> =
  | { readonly value: Value }
  | {
      readonly code: ClientErrorCode;
      readonly details?: ClientErrorDetails;
      /** For how long the API asks to be left alone, in milliseconds. */
      readonly retryAfterMs?: number;
    };

function codeOf({ status, type }: Response): ClientErrorCode | undefined {
  // A browser shows nothing of a redirect, not even its status.
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) return "redirected";
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not_found";
  if (status === 429) return "rate_limited";
  if (status >= 500) return "server_failed";
  return status >= 400 ? "refused" : "response_invalid";
}

/** The network's word for what went wrong, where it is one: anything else could hold an address. */
function reasonOf(error: unknown): ClientErrorDetails {
  try {
    const { code, cause } = Object(error) as { code?: unknown; cause?: unknown };
    const reason = [code, (Object(cause) as { code?: unknown }).code].find(
      (word) => typeof word === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(word),
    );
    return reason === undefined ? {} : { reason: reason as string };
  } catch {
    // An error that does not let itself be looked at.
    return {};
  }
}

function drop(response: Response): void {
  // Not awaited: whoever does not stop must not hold us up.
  response.body?.cancel().catch(() => undefined);
}

async function readAnswer<Value>(
  response: Response,
  read: AnswerReader<Value>,
): Promise<Exchanged<Value>> {
  const { status } = response;
  const code = codeOf(response);
  if (code !== undefined) {
    const retryAfterMs = code === "redirected" ? 0 : readRetryAfter(response.headers);
    drop(response);
    const seconds = Math.ceil(retryAfterMs / 1000);
    const details = seconds > 0 ? { status, retryAfterSeconds: seconds } : { status };
    return { code, details, retryAfterMs };
  }
  if ((read as unknown) === unread) {
    drop(response);
    return { value: undefined as Value };
  }
  const found = await readText(response);
  if ("code" in found) return { code: found.code, details: { status } };
  const reading = read(found.text);
  if ("value" in reading) return reading;
  const { issues } = reading;
  const details = issues === undefined ? { status } : { status, issues };
  return { code: "response_invalid", details };
}

/** Makes one request and reads its answer. Never throws, and tells nothing of what went over the wire. */
export async function exchange<Value>(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit & { readonly signal: AbortSignal },
  read: AnswerReader<Value>,
): Promise<Exchanged<Value>> {
  try {
    // Whoever follows a redirect takes the key along.
    const response = await fetch(url, { ...init, redirect: "manual" });
    if (init.signal.aborted) drop(response);
    return await readAnswer(response, read);
  } catch (error) {
    return { code: "unreachable", details: reasonOf(error) };
  }
}
