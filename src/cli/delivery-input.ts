import { usageFailure } from "./failure.js";
import { readInput, readText } from "./files.js";
import { type HttpRequest, parseHeaderLines, parseHttpFile } from "./http-file.js";
import { remark } from "./terminal.js";

/** Where a delivery is. */
export interface DeliveryFlags {
  readonly headers?: string;
  readonly body?: string;
}

function isPair(value: unknown): value is readonly [string, string] {
  return (
    Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string")
  );
}

/** Headers as lines, or as the JSON that a framework logs: an object, or a list of pairs. */
function parseHeaders(text: string): readonly (readonly [string, string])[] {
  if (!/^\s*[[{]/.test(text)) {
    return parseHeaderLines(text.split(/\r?\n/).filter((line) => line.trim() !== ""));
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw usageFailure("The headers look like JSON, and are none.");
  }
  const pairs = Array.isArray(parsed)
    ? parsed
    : Object.entries(parsed as object).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, one]),
      );
  if (!pairs.every(isPair)) {
    throw usageFailure("The headers are JSON, but not an object of texts or a list of pairs.");
  }
  return pairs;
}

/** Reads a `.http` file, and says so where it holds another number of bytes than it announces. */
export async function readHttpFile(file: string): Promise<HttpRequest> {
  const { surplus, ...request } = parseHttpFile(await readInput(file));
  if (surplus > 0) {
    remark(
      `Content-Length announces ${request.body.length} bytes: the ${surplus} after them are left out.`,
    );
  } else if (surplus < 0) {
    remark(
      `Content-Length announces ${-surplus} bytes more than the ${request.body.length} that there are.`,
    );
  }
  return request;
}

/** Reads the delivery that a command is about: a `.http` file, headers and body on their own, or the standard input. */
export async function readDelivery(
  file: string | undefined,
  { headers, body }: DeliveryFlags,
): Promise<HttpRequest> {
  if (headers === undefined && body === undefined) {
    if (file === undefined && process.stdin.isTTY) {
      throw usageFailure(
        "Which delivery?",
        "Name a .http file, or give --headers FILE --body FILE, or pipe one in.",
      );
    }
    return readHttpFile(file ?? "-");
  }
  if (file !== undefined || headers === undefined || body === undefined) {
    throw usageFailure("Give either a .http file, or both --headers FILE and --body FILE.");
  }
  return {
    method: "POST",
    path: "/",
    headers: parseHeaders(readText(headers)),
    body: await readInput(body),
  };
}
