import { type JsonToken, jsonTokens } from "./json-tokens.js";

const newline = (depth: number): JsonToken => ({ kind: "space", text: `\n${"  ".repeat(depth)}` });

const mostBytes = 1_000_000;
const mostLevels = 100;

/**
 * Whether JSON of such a size and depth can be indented. Each level indents every line below it: brackets alone would
 * become the square of their length.
 */
export function isIndentable(text: string): boolean {
  if (text.length > mostBytes) return false;
  let [level, isString] = [0, false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x22) isString = !isString;
    else if (isString) index += character === 0x5c ? 1 : 0;
    else if (character === 0x5b || character === 0x7b) level += 1;
    else if (character === 0x5d || character === 0x7d) level -= 1;
    if (level > mostLevels) return false;
  }
  return true;
}

/**
 * Indents JSON without reading it: numbers, escapes, key order and keys that are there twice stay as they were sent,
 * which `JSON.parse` would not show.
 */
export function indentJson(text: string): readonly JsonToken[] {
  const given = jsonTokens(text).filter(({ kind }) => kind !== "space");
  const laidOut: JsonToken[] = [];
  let depth = 0;
  given.forEach((token, index) => {
    const previous = given[index - 1]?.text;
    const isEmpty =
      (previous === "{" && token.text === "}") || (previous === "[" && token.text === "]");
    if (token.kind !== "punctuation") {
      laidOut.push(token);
    } else if (token.text === "{" || token.text === "[") {
      depth += 1;
      laidOut.push(token);
      const next = given[index + 1]?.text;
      if (next !== "}" && next !== "]") laidOut.push(newline(depth));
    } else if (token.text === "}" || token.text === "]") {
      depth = Math.max(0, depth - 1);
      if (!isEmpty) laidOut.push(newline(depth));
      laidOut.push(token);
    } else if (token.text === ",") {
      laidOut.push(token, newline(depth));
    } else {
      laidOut.push(token, { kind: "space", text: " " });
    }
  });
  return laidOut;
}
