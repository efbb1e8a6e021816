import type { IncomingMessage } from "node:http";
import type { HeadersInput } from "../delivery.js";
import { bodyAlreadyParsed, bodyUnreadable } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { type BodyCollector, bodyCollector } from "./body-collector.js";
import { isBytes } from "./bytes.js";

/** A Node request after any middleware. */
export interface NodeRequest extends IncomingMessage {
  /** What a body parser left behind. */
  body?: unknown;
  /** The bytes, kept by a platform or by the `verify` option of a body parser. */
  rawBody?: unknown;
  /** Set by Express's body parsers when they have read the stream. */
  _body?: boolean;
}

/**
 * The headers with repetitions kept: `headers` joins them, and drops the second Authorization. What a platform or a
 * middleware has put there itself is in `headers` alone.
 */
export function headersOf(request: NodeRequest): HeadersInput {
  return { ...request.headers, ...request.headersDistinct };
}

function isKept(value: unknown): value is string | Uint8Array {
  return typeof value === "string" || isBytes(value);
}

/** Whether a body was announced at all; an absent one has been read in full before anybody looks. */
function isEmpty({ headers, httpVersionMajor }: NodeRequest): boolean {
  // HTTP/2 announces nothing.
  if (httpVersionMajor >= 2) return false;
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  return encoding === undefined && (length === undefined || Number(length) === 0);
}

/** Whether something has taken bytes from the stream: waiting for them again would last for ever. */
function isTouched(request: NodeRequest): boolean {
  // With an encoding set, the stream has text instead of bytes.
  const isText = typeof request.readableEncoding === "string";
  return isText || request._body === true || request.readableDidRead || request.readableEnded;
}

/** `express.json()` of Express 4 leaves an empty object on requests that it did not parse. */
function isLeftover(body: unknown): boolean {
  return (
    body === undefined ||
    body === null ||
    (Object.prototype.toString.call(body) === "[object Object]" &&
      Object.keys(body as object).length === 0)
  );
}

function collectorFor(request: NodeRequest, limit: number): BodyCollector {
  return bodyCollector({
    limit,
    contentLength: request.headers["content-length"],
    // Not of the pool, which bodies would share with whatever else is small.
    allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
    // Node's HTTP parser makes new memory for each; whoever else listens gets the very same.
    ownsChunks: request.listenerCount("data") === 0,
  });
}

// One for all: a function of its own for each request would keep the body for as long as there is the request.
const ignore = (): void => undefined;

function readStream(request: NodeRequest, collector: BodyCollector): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      // A later error of the socket has nobody to tell and must not end the process.
      request.on("error", ignore);
      settle();
    };
    const onData = (chunk: unknown): void => {
      try {
        collector.add(chunk);
      } catch (error) {
        request.pause();
        finish(() => reject(error));
      }
    };
    const onEnd = (): void => finish(resolve);
    // A sender that hangs up brings “close” without “end”.
    const onGone = (): void => finish(() => reject(new WebhookError(bodyUnreadable)));
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    // Listening does not wake a stream that something has paused.
    request.resume();
    if (request.destroyed) onGone();
  });
}

/**
 * Gets the exact bytes of a Node request, whatever middleware ran before.
 *
 * In this order: `rawBody`; a `body` of bytes or text; nothing, where nothing was announced; the stream, if nobody has
 * touched it. Where there is an object instead, or a stream that was read, the bytes are gone. Text stands for its UTF-8 bytes; a parser that read it in another encoding changed
 * the bytes, and the signature will not fit.
 *
 * @throws {WebhookError} `body_already_parsed`, `body_too_large`, `body_unreadable`
 */
export async function readNodeBody(
  request: NodeRequest,
  limit: number,
): Promise<string | Uint8Array> {
  for (const kept of [request.rawBody, request.body]) {
    if (!isKept(kept)) continue;
    // An empty remainder of a body that was announced is what a failed reader left, not what was sent.
    if (kept.length === 0 && !isEmpty(request)) throw new WebhookError(bodyAlreadyParsed);
    return kept;
  }
  if (!isLeftover(request.body)) throw new WebhookError(bodyAlreadyParsed);
  if (isTouched(request)) {
    if (isEmpty(request)) return new Uint8Array();
    throw new WebhookError(bodyAlreadyParsed);
  }
  const collector = collectorFor(request, limit);
  await readStream(request, collector);
  return collector.finish();
}
