const marked = "json:";

/**
 * How a cursor's text is kept in a database: as it is where it is plain, otherwise as JSON in ASCII. Not every column
 * takes NUL, not every encoding all characters, and lone surrogates have no UTF-8 of their own.
 */
export function cursorText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.startsWith(marked)) return text;
  const unit = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${marked}${JSON.stringify(text).replace(/[^\x20-\x7e]/g, unit)}`;
}

/** Reads what {@link cursorText} made. Throws for anything else, without a word of it. */
export function readCursorText(kept: unknown): string {
  if (typeof kept === "string") {
    if (!kept.startsWith(marked)) return kept;
    try {
      const text: unknown = JSON.parse(kept.slice(marked.length));
      if (typeof text === "string") return text;
    } catch {
      // What JSON.parse says has the text in it.
    }
  }
  throw new TypeError("What the store has is no cursor.");
}
