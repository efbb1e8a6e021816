import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
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
  return url;
}

const reasons: Readonly<Record<string, (url: URL) => string>> = {
  ECONNREFUSED: ({ host }) => `Nothing listens on ${host}.`,
  ENOTFOUND: ({ hostname }) => `There is no host ${hostname}.`,
  EAI_AGAIN: ({ hostname }) => `The name ${hostname} cannot be looked up.`,
  ECONNRESET: ({ host }) => `${host} hung up without an answer.`,
  ETIMEDOUT: ({ host }) => `${host} did not answer in time.`,
};

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
 * Rejects with a failure when there is no answer.
 */
export function postExactly(
  url: URL,
  { method, headers, body }: Pick<HttpRequest, "method" | "headers" | "body">,
  {
    timeoutMs = 30_000,
    signal,
  }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Answer> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      agent: false,
      // As a list: names keep their case, and repetitions their place.
      headers: addressed(headers, url).flat() as never,
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.setTimeout(timeoutMs, () =>
      outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })),
    );
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
