import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { networkFailure, usageFailure } from "./failure.js";
import type { HttpRequest } from "./http-file.js";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly ms: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

const longestAnswer = 1024 * 1024;

/** Reads the address of a receiver. */
export function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageFailure(
      "The address has to begin with http:// or https://.",
      "Such as http://127.0.0.1:3000/webhooks.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw usageFailure(
      "The address must hold no user name and no password: it is shown, and they would not be sent.",
      "Give the address without them.",
    );
  }
  return url;
}

/** Refuses an address to which events of real people would go unencrypted over a network. */
export function checkConfidential(url: URL, what: string): URL {
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "https:" || isLoopback) return url;
  throw usageFailure(
    `${what} has to begin with https://, or to be on this machine.`,
    "What goes there may be personal data, and http:// would show it to the network.",
  );
}

const reasons: Readonly<Record<string, (url: URL) => string>> = {
  ECONNREFUSED: ({ host }) => `Nothing listens on ${host}.`,
  ENOTFOUND: ({ hostname }) => `There is no host ${hostname}.`,
  EAI_AGAIN: ({ hostname }) => `The name ${hostname} cannot be looked up.`,
  ECONNRESET: ({ host }) => `${host} hung up without an answer.`,
  ABORT_ERR: ({ host }) => `${host} had not answered when this was ended.`,
  ETIMEDOUT: ({ host }) => `${host} did not answer in time.`,
};

const unsendable = /^ERR_(?:INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE)$/;

/** Headers with those of the target: request line and `Host` say where a request goes, the rest is what was sent. */
function addressed(
  headers: HttpRequest["headers"],
  { host }: URL,
): readonly (readonly [string, string])[] {
  const others = headers.map(
    ([name, value]) => [name, name.toLowerCase() === "host" ? host : value] as const,
  );
  return others.some(([name]) => name.toLowerCase() === "host")
    ? others
    : [["Host", host], ...others];
}

/**
 * Sends a request with its headers in their order and case, repetitions too, and its body byte for byte. Only the request
 * line and `Host` are those of the target, and where no `Connection` was sent, one is added.
 *
 * Rejects with a failure when there is no answer: none for 30 s, or not a whole head within 2 min. A body that is still
 * coming then is left.
 */
export function postExactly(
  url: URL,
  { method, headers, body }: Pick<HttpRequest, "method" | "headers" | "body">,
  {
    timeoutMs = 30_000,
    wholeMs = 120_000,
    signal,
  }: {
    /** Without a byte. */
    readonly timeoutMs?: number;
    /** From the beginning to the end. */
    readonly wholeMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Answer> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const started = performance.now();
  const begin = (): ClientRequest => {
    try {
      return request(url, {
        method,
        agent: false,
        // As a list: names keep their case, and repetitions their place.
        headers: addressed(headers, url).flat() as never,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (!unsendable.test((error as NodeJS.ErrnoException).code ?? "")) throw error;
      throw usageFailure(
        "A header of this delivery has a character that HTTP does not allow.",
        "Write it again: names are letters, digits and hyphens, and values have no control characters.",
      );
    }
  };
  return new Promise((resolve, reject) => {
    const outgoing = begin();
    let giveUp = (): void => {
      outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" }));
    };
    outgoing.setTimeout(timeoutMs, () => giveUp());
    const timer = setTimeout(() => giveUp(), wholeMs);
    outgoing.on("close", () => clearTimeout(timer));
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const reason =
        reasons[error.code ?? ""]?.(url) ?? `${url.host}: ${error.code ?? error.message}`;
      reject(networkFailure(reason, "Start the server, or check the address."));
    });
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        outgoing.destroy();
        resolve({
          status: response.statusCode ?? 0,
          statusText: response.statusMessage ?? "",
          ms: Math.round(performance.now() - started),
          headers: response.headers,
          body: Buffer.concat(chunks),
        });
      };
      giveUp = finish;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= longestAnswer) chunks.push(chunk);
        else finish();
      });
      response.on("end", finish).on("error", finish);
    });
    // A server may answer before it has read everything, and hang up: the answer counts.
    outgoing.end(body);
  });
}
