import type { HeadersInput } from "../delivery.js";
import { headerDuplicated } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { isA } from "./bytes.js";

/**
 * Reads headers that may occur once each, in one pass, and returns them in the order of their names. One that is absent,
 * empty, not text or out of reach is `undefined`.
 *
 * @throws {WebhookError} `header_duplicated`: which of two values would count is what an attacker would choose.
 */
export type HeaderReader = (headers: HeadersInput) => readonly (string | undefined)[];

/** Headers that can be read more than once: an iterator, such as `headers.entries()`, is used up by the first look. */
export function settledHeaders(headers: HeadersInput): HeadersInput {
  try {
    const isIterator = typeof (headers as { next?: unknown }).next === "function";
    return isIterator ? [...(headers as Iterable<readonly [string, string]>)] : headers;
  } catch {
    return [];
  }
}

/** @param names Lower-case names. */
export function headerReader(names: readonly string[]): HeaderReader {
  // Most headers have another length and another first letter, and nothing more has to be looked at. Of a shift, five
  // bits count, in which a letter is the same in both cases.
  const bitOf = (name: string): number => 1 << (name.length + name.charCodeAt(0));
  const bits = names.reduce((all, name) => all | bitOf(name), 0);
  const places = new Map(names.map((name, place) => [name, place]));
  // Without holes, through which a polluted prototype would show.
  const nothing: readonly unknown[] = names.map(() => undefined);

  /** Puts values in their place. Returns where there was one already, or what was so until now. */
  const add = (values: unknown[], place: number, given: unknown, repeated: number): number => {
    // An array stands for repeated headers.
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    let before = repeated;
    for (let index = 0; index < list.length; index += 1) {
      const value = list[index];
      if (value === undefined) continue;
      if (values[place] === undefined) values[place] = value;
      else if (before < 0) before = place;
    }
    return before;
  };
  return (headers) => {
    let values = nothing.slice();
    let repeated = -1;
    try {
      if (isA("Headers", headers)) {
        names.forEach((name, place) => {
          repeated = add(values, place, (headers as Headers).get(name) ?? undefined, repeated);
        });
      } else if (!(Symbol.iterator in headers)) {
        const record = headers as Readonly<Record<string, unknown>>;
        for (const given in record) {
          if ((bits & bitOf(given)) === 0) continue;
          const place = places.get(given) ?? places.get(given.toLowerCase());
          if (place !== undefined && Object.hasOwn(record, given)) {
            repeated = add(values, place, record[given], repeated);
          }
        }
      } else {
        for (const pair of headers as Iterable<unknown>) {
          if (!Array.isArray(pair)) continue;
          const place = places.get(String(pair[0]).toLowerCase());
          if (place !== undefined) repeated = add(values, place, pair[1], repeated);
        }
      }
    } catch {
      // No container of headers at all, or one whose getter or iterator throws: nothing in it is a proof.
      values = nothing.slice();
      repeated = -1;
    }
    if (repeated >= 0) throw new WebhookError(headerDuplicated, { header: names[repeated] });
    for (let place = 0; place < values.length; place += 1) {
      if (typeof values[place] !== "string" || values[place] === "") values[place] = undefined;
    }
    return values as readonly (string | undefined)[];
  };
}

/** Reads one header, whose name is known only now. */
export function readHeader(headers: HeadersInput, name: string): string | undefined {
  return headerReader([name])(headers)[0];
}
