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
  // Most headers have another length, and nothing more has to be looked at.
  const byLength = new Map<number, number[]>();
  names.forEach((name, index) => {
    byLength.set(name.length, [...(byLength.get(name.length) ?? []), index]);
  });
  // Without holes, through which a polluted prototype would show.
  const nothing = names.map(() => undefined);

  const placeOf = (given: string): number => {
    const places = byLength.get(given.length);
    if (places === undefined) return -1;
    const name = given.toLowerCase();
    return places.find((place) => names[place] === name) ?? -1;
  };

  return (headers) => {
    let values: unknown[] = [...nothing];
    let repeated: string | undefined;
    const add = (place: number, value: unknown): void => {
      if (value === undefined) return;
      if (values[place] === undefined) values[place] = value;
      else repeated ??= names[place];
    };
    // An array stands for repeated headers.
    const addAll = (place: number, value: unknown): void => {
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      for (let index = 0; index < list.length; index += 1) add(place, list[index]);
    };
    try {
      if (isA("Headers", headers)) {
        names.forEach((name, place) => {
          add(place, (headers as Headers).get(name) ?? undefined);
        });
      } else if (!(Symbol.iterator in headers)) {
        const record = headers as Readonly<Record<string, unknown>>;
        for (const given in record) {
          const place = placeOf(given);
          if (place >= 0 && Object.hasOwn(record, given)) addAll(place, record[given]);
        }
      } else {
        for (const pair of headers as Iterable<unknown>) {
          if (!Array.isArray(pair)) continue;
          const place = placeOf(String(pair[0]));
          if (place >= 0) addAll(place, pair[1]);
        }
      }
    } catch {
      // No container of headers at all, or one whose getter or iterator throws: nothing in it is a proof.
      values = nothing;
      repeated = undefined;
    }
    if (repeated !== undefined) throw new WebhookError(headerDuplicated, { header: repeated });
    return names.map((_name, place) => {
      const value = values[place];
      return typeof value === "string" && value !== "" ? value : undefined;
    });
  };
}

/** Reads one header, whose name is known only now. */
export function readHeader(headers: HeadersInput, name: string): string | undefined {
  return headerReader([name])(headers)[0];
}
