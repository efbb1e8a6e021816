/** What is still to be written: a text, or a value. */
type Pending = string | { readonly value: unknown };

function numberText(value: number): string {
  // JSON.stringify writes 0 for −0, and null for a number so large that it was read as infinite.
  return Object.is(value, -0) ? "-0" : String(value);
}

function partsOf(value: object): readonly Pending[] {
  if (Array.isArray(value)) {
    return ["[", ...value.flatMap((item): Pending[] => [{ value: item }, ","]), "]"];
  }
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  const members = entries.flatMap(([key, item]): Pending[] => [
    `${JSON.stringify(key)}:`,
    { value: item },
    ",",
  ]);
  return ["{", ...members, "}"];
}

/**
 * Writes a parsed JSON object so that two have the same text exactly when they are the same, whatever order their keys came
 * in. The text is for comparing, and is no JSON itself. Nesting takes no stack: a sender may have written a megabyte of it.
 *
 * @param without Keys of the object itself that do not count.
 */
export function canonicalJson(value: object, without: readonly string[] = []): string {
  // Made of entries, as a key may be called “__proto__”.
  const counted = Object.fromEntries(
    Object.entries(value).filter(([key]) => !without.includes(key)),
  );
  const texts: string[] = [];
  const pending: Pending[] = [{ value: counted }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") texts.push(next);
    else if (typeof next.value === "number") texts.push(numberText(next.value));
    else if (typeof next.value !== "object" || next.value === null) {
      texts.push(String(JSON.stringify(next.value)));
    } else {
      const parts = partsOf(next.value);
      for (let index = parts.length - 1; index >= 0; index -= 1) {
        pending.push(parts[index] as Pending);
      }
    }
  }
  return texts.join("");
}
