/** JSON as it is written: its tokens, and the white space before each and after the last. */
export interface JsonText {
  readonly tokens: readonly string[];
  readonly gaps: readonly string[];
}

/** Where the string that begins here ends; the text is known to be JSON. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
}

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Punctuation: `{}[]:,`. */
const isPoint = (code: number): boolean =>
  code === 0x2c ||
  code === 0x3a ||
  code === 0x7b ||
  code === 0x7d ||
  code === 0x5b ||
  code === 0x5d;

/** Deeper than any event, and shallow enough that indenting it is linear work. */
const mostLevels = 100;

/** Splits JSON into its tokens; `undefined` for what is no JSON, or is as deep as only an attack is. Its spelling of numbers and strings is kept. */
export function readJsonText(text: string): JsonText | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens: string[] = [];
  const gaps: string[] = [];
  let at = 0;
  let levels = 0;
  for (;;) {
    const from = at;
    while (isSpace(text.charCodeAt(at))) at += 1;
    gaps.push(from === at ? "" : text.slice(from, at));
    if (at >= text.length) return { tokens, gaps };
    const start = at;
    const first = text.charCodeAt(at);
    if (first === 0x22) {
      at = endOfString(text, at);
    } else {
      at += 1;
      if (first === 0x7b || first === 0x5b) levels += 1;
      if (first === 0x7d || first === 0x5d) levels -= 1;
      if (levels > mostLevels) return undefined;
      if (!isPoint(first)) {
        for (let code = text.charCodeAt(at); at < text.length; code = text.charCodeAt(at)) {
          if (isPoint(code) || isSpace(code)) break;
          at += 1;
        }
      }
    }
    tokens.push(text.slice(start, at));
  }
}

/** Where white space goes. */
export interface Layout {
  readonly name: string;
  readonly comma: string;
  readonly colon: string;
  /** One level's indentation; without it, everything is on one line. */
  readonly indent?: string;
  /** Arrays stay on one line, as Jackson has them. */
  readonly flatArrays?: true;
  /** Stands within the brackets of objects. */
  readonly padding?: string;
}

export const layouts: readonly [Layout, ...Layout[]] = [
  { name: "without spaces", comma: ",", colon: ":" },
  { name: "with a space after each comma and colon", comma: ", ", colon: ": " },
  { name: "indented by two spaces", comma: ",", colon: ": ", indent: "  " },
  { name: "indented by four spaces", comma: ",", colon: ": ", indent: "    " },
  { name: "indented by tabs", comma: ",", colon: ": ", indent: "\t" },
  { name: "with a space after each colon", comma: ",", colon: ": " },
  { name: "with a space after each comma", comma: ", ", colon: ":" },
  { name: "with spaces within its braces", comma: ", ", colon: ": ", padding: " " },
  { name: "indented as Jackson does", comma: ",", colon: " : ", indent: "  ", flatArrays: true },
];

/** Writes tokens in a layout. */
export function layOut(tokens: readonly string[], layout: Layout): string {
  const { comma, colon, indent, flatArrays = false, padding = "" } = layout;
  const breaks: string[] = [];
  const breakAt = (depth: number): string => {
    if (indent === undefined) return "";
    breaks[depth] ??= `\n${indent.repeat(depth)}`;
    return breaks[depth];
  };
  const open: boolean[] = [];
  let isFlat = false;
  let depth = 0;
  let out = "";
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as string;
    if (token === ",") {
      out += isFlat ? ", " : comma + breakAt(depth);
    } else if (token === ":") {
      out += colon;
    } else if (token === "{" || token === "[") {
      const closing = tokens[index + 1];
      if (closing === "}" || closing === "]") {
        out += flatArrays ? `${token} ${closing}` : token + closing;
        index += 1;
        continue;
      }
      open.push(isFlat);
      isFlat = flatArrays && token === "[";
      if (!isFlat) depth += 1;
      out += token + (isFlat ? " " : breakAt(depth)) + (token === "{" ? padding : "");
    } else if (token === "}" || token === "]") {
      if (!isFlat) depth -= 1;
      out += (token === "}" ? padding : "") + (isFlat ? " " : breakAt(depth)) + token;
      isFlat = open.pop() ?? false;
    } else {
      out += token;
    }
  }
  return out;
}

/** Writes tokens with the white space that was there. */
export function asSpaced(tokens: readonly string[], gaps: readonly string[]): string {
  return gaps.map((gap, index) => gap + (tokens[index] ?? "")).join("");
}

/** The same JSON with every string as JSON.stringify writes it. A lone half of a pair is beyond repair. */
export function standardStrings(tokens: readonly string[]): readonly string[] {
  return tokens.map((token) =>
    token.startsWith('"') && token.includes("\\") ? JSON.stringify(JSON.parse(token)) : token,
  );
}

const code = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, "0");
const lower = (character: string): string => `\\u${code(character)}`;
const upper = (character: string): string => `\\u${code(character).toUpperCase()}`;

/** How characters of strings are written. */
export interface Spelling {
  readonly name: string;
  /** What it writes otherwise than JSON.stringify does. Outside of strings, none of it occurs in JSON. */
  readonly pattern: RegExp;
  readonly write: (found: string) => string;
}

const slash = (character: string): string => (character === "/" ? "\\/" : lower(character));

export const spellings: readonly Spelling[] = [
  { name: "with \\u escapes for all but ASCII", pattern: /[\u0080-\uffff]/g, write: lower },
  {
    name: "with \\/ and \\u escapes, as PHP does",
    pattern: /[/\u0080-\uffff]/g,
    write: slash,
  },
  {
    name: "with \\u escapes for <, > and &, as Go does",
    pattern: /[<>&\u2028\u2029]/g,
    write: lower,
  },
  { name: "with \\/ for slashes", pattern: /[/\u2028\u2029]/g, write: slash },
  {
    name: "with \\u escapes for <, >, &, = and ', as Gson does",
    pattern: /[<>&='\u2028\u2029]/g,
    write: lower,
  },
  {
    name: "with \\u escapes in upper case for all but ASCII",
    pattern: /[\u0080-\uffff]/g,
    write: upper,
  },
  {
    name: "with \\u escapes in upper case, as .NET does",
    // Not the plus sign of a number's exponent.
    pattern: /\\.|[\u007f-\uffff'<>&`]|(?<!\de)\+/gi,
    write: (found) => {
      if (found === '\\"') return "\\u0022";
      return found.startsWith("\\") ? found : upper(found);
    },
  },
];

/** The value with the keys of its objects in order. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, withSortedKeys(one)]));
}
