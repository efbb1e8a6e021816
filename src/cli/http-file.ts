import { usageFailure } from "./failure.js";
import { headerOf, httpParts } from "./ui/text/http-lines.js";

/** A request as it came over the wire. */
export interface HttpRequest {
  readonly method: string;
  /** As in the request line, with the query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Reads `Name: value` lines. */
export function parseHeaderLines(
  lines: readonly string[],
): readonly (readonly [name: string, value: string])[] {
  return lines.map((line, index) => {
    const header = headerOf(line);
    if (header === undefined) {
      throw usageFailure(`Line ${index + 1} of the headers is not “Name: value”.`);
    }
    return header;
  });
}

/** What a file holds. */
export interface HttpFile extends HttpRequest {
  /** Bytes beyond those that `Content-Length` announces, or below 0 where there are fewer. */
  readonly surplus: number;
}

const requestLine = /^([A-Z]+) (\S+) HTTP\/\d(?:\.\d)?$/;

/**
 * Reads a `.http` file: request line, headers, an empty line, and as many bytes as `Content-Length` says; without it, or
 * with fewer bytes there, all that follow.
 */
export function parseHttpFile(source: Uint8Array): HttpFile {
  const { lines: head, body, surplus } = httpParts(source);
  const [first = "", ...lines] = head;
  const [, method, path] = requestLine.exec(first) ?? [];
  if (method === undefined || path === undefined) {
    throw usageFailure(
      "This is no .http file: it has to begin with a request line, such as “POST /webhooks HTTP/1.1”.",
      "Give headers and body on their own with --headers FILE --body FILE.",
    );
  }
  return { method, path, headers: parseHeaderLines(lines), body, surplus };
}

/** Writes what {@link parseHttpFile} reads. */
export function formatHttpFile({ method, path, headers, body }: HttpRequest): Uint8Array {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}
