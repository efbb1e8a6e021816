import type { HeadersInput } from "../delivery.js";
import { isA } from "../internal/bytes.js";
import { settledHeaders } from "../internal/headers.js";

/** Headers as a list, names in lower case, with every repetition. */
export type Pairs = readonly (readonly [name: string, value: string])[];

const mostPairs = 500;

/** Lists headers of any form. What is no text, or cannot be read, is left out. */
export function pairsOf(headers: HeadersInput): Pairs {
  try {
    const given: Iterable<unknown> =
      isA("Headers", headers) || Symbol.iterator in headers
        ? (settledHeaders(headers) as Iterable<unknown>)
        : Object.entries(headers);
    const pairs: (readonly [string, string])[] = [];
    for (const pair of given) {
      if (!Array.isArray(pair) || pairs.length >= mostPairs) continue;
      const [name, value] = pair as readonly unknown[];
      for (const one of [value].flat()) {
        if (typeof one === "string") pairs.push([String(name).toLowerCase(), one]);
      }
    }
    return pairs;
  } catch {
    return [];
  }
}

/** The values of a header. */
export function valuesOf(pairs: Pairs, name: string): readonly string[] {
  return pairs.flatMap(([given, value]) => (given === name ? [value] : []));
}

/** The same headers with one value under a name, and none under others. */
export function withHeader(
  pairs: Pairs,
  name: string,
  value: string,
  ...without: readonly string[]
): Pairs {
  return [
    ...pairs.filter(([given]) => given !== name && !without.includes(given)),
    [name, value] as const,
  ];
}

/** A header's name for a sentence. Senders write names too, and some would be read as commands by a terminal. */
export function printable(name: string): string {
  return /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name) ? name : "a header with an odd name";
}
