import { usageFailure } from "./failure.js";

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
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw usageFailure(`Line ${index + 1} of the headers is not “Name: value”.`);
    }
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
}

/** What a file holds. */
export interface HttpFile extends HttpRequest {
  /** Bytes beyond those that `Content-Length` announces, or below 0 where there are fewer. */
  readonly surplus: number;
}

const requestLine = /^([A-Z]+) (\S+) HTTP\/\d(?:\.\d)?$/;

/** Where the head ends and the body begins. Lines of files that are written by hand may end without CR. */
function split(bytes: Buffer): { head: string; rest: Buffer } {
  const ends = ["\r\n\r\n", "\n\n"]
    .map((end) => ({ at: bytes.indexOf(end), length: end.length }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at);
  const { at, length } = ends[0] ?? { at: bytes.length, length: 0 };
  return { head: bytes.subarray(0, at).toString("latin1"), rest: bytes.subarray(at + length) };
}

/**
 * Reads a `.http` file: request line, headers, an empty line, and as many bytes as `Content-Length` says; without it, or
 * with fewer bytes there, all that follow.
 */
export function parseHttpFile(source: Uint8Array): HttpFile {
  const { head, rest } = split(Buffer.from(source));
  const [first = "", ...lines] = head.replace(/\r?\n$/, "").split(/\r?\n/);
  const [, method, path] = requestLine.exec(first) ?? [];
  if (method === undefined || path === undefined) {
    throw usageFailure(
      "This is no .http file: it has to begin with a request line, such as “POST /webhooks HTTP/1.1”.",
      "Give headers and body on their own with --headers FILE --body FILE.",
    );
  }
  const headers = parseHeaderLines(lines);
  const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const announced = length !== undefined && /^\d+$/.test(length) ? Number(length) : rest.length;
  const body = rest.subarray(0, announced);
  return { method, path, headers, body, surplus: rest.length - announced };
}

/** Writes what {@link parseHttpFile} reads. */
export function formatHttpFile({ method, path, headers, body }: HttpRequest): Uint8Array {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}
