/** A piece of JSON text. Joined, the pieces are the text again. */
export interface JsonToken {
  readonly kind: "space" | "punctuation" | "key" | "string" | "number" | "word" | "other";
  readonly text: string;
}

// Not `(?:[^"\\]|\\.)*`, which keeps a way back for every character of a long string.
const pattern =
  /([ \t\r\n]+)|([{}[\],:])|("[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|$))|(-?\d[\d.eE+-]*)|([A-Za-z]+)|([\s\S])/gu;
const kinds = ["space", "punctuation", "string", "number", "word", "other"] as const;

/** Splits JSON into its pieces as they are written; of anything else, makes what it can. */
export function jsonTokens(text: string): readonly JsonToken[] {
  const tokens: JsonToken[] = [];
  let lastString = -1;
  for (const match of text.matchAll(pattern)) {
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const kind = kinds[index] ?? "other";
    const token = { kind, text: match[0] };
    if (kind === "punctuation" && token.text === ":" && lastString >= 0) {
      tokens[lastString] = { kind: "key", text: tokens[lastString]?.text ?? "" };
    }
    if (kind !== "space") lastString = kind === "string" ? tokens.length : -1;
    tokens.push(token);
  }
  return tokens;
}

/** Whether text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
