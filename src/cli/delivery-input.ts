import { usageFailure } from "./failure.js";
import { readInput, readText } from "./files.js";
import { type HttpRequest, parseHeaderLines, parseHttpFile } from "./http-file.js";

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
    return parseHttpFile(await readInput(file ?? "-"));
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
