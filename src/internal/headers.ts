import type { HeadersInput } from "../delivery.js";
import { headerDuplicated } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { isA } from "./bytes.js";

function valuesOf(headers: HeadersInput, name: string): readonly unknown[] {
  try {
    if (isA("Headers", headers)) return [(headers as Headers).get(name) ?? undefined];
    const pairs: readonly unknown[] =
      Symbol.iterator in headers ? [...headers] : Object.entries(headers);
    // Flattens the arrays that stand for repeated headers.
    return pairs.flatMap((pair) =>
      Array.isArray(pair) && String(pair[0]).toLowerCase() === name ? pair[1] : [],
    );
  } catch {
    // No container of headers at all, or one whose getter or iterator throws: nothing in it is a proof.
    return [];
  }
}

/** Headers that can be read more than once: an iterator, such as `headers.entries()`, is used up by the first look. */
export function settledHeaders(headers: HeadersInput): HeadersInput {
  try {
    const isIterator = typeof (headers as { next?: unknown }).next === "function";
    return isIterator ? [...(headers as Iterable<readonly [string, string]>)] : headers;
  } catch {
    return [];
  }
}

/**
 * Reads a header that may occur once. One that is absent, empty, not text or out of reach is `undefined`.
 *
 * @param name Lower-case name.
 * @throws {WebhookError} `header_duplicated`: which of two values would count is what an attacker would choose.
 */
export function readHeader(headers: HeadersInput, name: string): string | undefined {
  const [value, second] = valuesOf(headers, name).filter((found) => found !== undefined);
  if (second !== undefined) throw new WebhookError(headerDuplicated, { header: name });
  return typeof value === "string" && value !== "" ? value : undefined;
}
