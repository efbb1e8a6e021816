/** JSON as it is written: its tokens, and the white space before each and after the last. */
export interface JsonText {
  readonly tokens: readonly string[];
  readonly gaps: readonly string[];
}

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Where the string that begins here ends; its text is known to be JSON. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
}

/** Splits JSON into its tokens; `undefined` for what is no JSON. Its spelling of numbers and strings is kept. */
export function readJsonText(text: string): JsonText | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens: string[] = [];
  const gaps: string[] = [];
  let at = 0;
  for (;;) {
    const from = at;
    while (isSpace(text.charCodeAt(at))) at += 1;
    gaps.push(text.slice(from, at));
    if (at >= text.length) return { tokens, gaps };
    const start = at;
    const first = text[at] as string;
    if (first === '"') at = endOfString(text, at);
    else if ("{}[]:,".includes(first)) at += 1;
    else while (at < text.length && /[\w.+-]/.test(text[at] as string)) at += 1;
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
}

export const layouts: readonly Layout[] = [
  { name: "without spaces", comma: ",", colon: ":" },
  { name: "with a space after each comma and colon", comma: ", ", colon: ": " },
  { name: "indented by two spaces", comma: ",", colon: ": ", indent: "  " },
  { name: "indented by four spaces", comma: ",", colon: ": ", indent: "    " },
  { name: "indented by tabs", comma: ",", colon: ": ", indent: "\t" },
  { name: "with a space after each colon", comma: ",", colon: ": " },
  { name: "with a space after each comma", comma: ", ", colon: ":" },
  { name: "indented as Jackson does", comma: ",", colon: " : ", indent: "  ", flatArrays: true },
];

/** Writes tokens in a layout. */
export function layOut(tokens: readonly string[], layout: Layout): string {
  const { comma, colon, indent, flatArrays } = layout;
  const out: string[] = [];
  const open: string[] = [];
  const breaks = (depth: number): string =>
    indent === undefined ? "" : `\n${indent.repeat(depth)}`;
  const flat = (): boolean => flatArrays === true && open.at(-1) === "[";
  const depth = (): number =>
    flatArrays ? open.filter((bracket) => bracket === "{").length : open.length;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as string;
    if (token === "{" || token === "[") {
      const closing = tokens[index + 1];
      if (closing === "}" || closing === "]") {
        out.push(flatArrays ? `${token} ${closing}` : token + closing);
        index += 1;
        continue;
      }
      open.push(token);
      out.push(token, flat() ? " " : breaks(depth()));
    } else if (token === "}" || token === "]") {
      const wasFlat = flat();
      open.pop();
      out.push(wasFlat ? " " : breaks(depth()), token);
    } else if (token === ",") {
      out.push(flat() ? ", " : comma, flat() ? "" : breaks(depth()));
    } else if (token === ":") {
      out.push(colon);
    } else {
      out.push(token);
    }
  }
  return out.join("");
}

/** Writes tokens with the white space that was there. */
export function asSpaced(tokens: readonly string[], gaps: readonly string[]): string {
  return gaps.map((gap, index) => gap + (tokens[index] ?? "")).join("");
}

const code = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, "0");
const lower = (character: string): string => `\\u${code(character)}`;
const upper = (character: string): string => `\\u${code(character).toUpperCase()}`;

/** How characters of strings are written. */
export interface Spelling {
  readonly name: string;
  /** Changes what JSON.stringify wrote. */
  readonly write: (text: string) => string;
}

const ascii = /[\u0080-\uffff]/g;
const separators = /[\u2028\u2029]/g;

export const spellings: readonly Spelling[] = [
  { name: "with its characters as they are", write: (text) => text },
  { name: "with \\u escapes for all but ASCII", write: (text) => text.replace(ascii, lower) },
  {
    name: "with \\/ and \\u escapes, as PHP does",
    write: (text) => text.replaceAll("/", "\\/").replace(ascii, lower),
  },
  {
    name: "with \\/ for slashes",
    write: (text) => text.replaceAll("/", "\\/").replace(separators, lower),
  },
  {
    name: "with \\u escapes for <, > and &, as Go does",
    write: (text) => text.replace(/[<>&\u2028\u2029]/g, lower),
  },
  {
    name: "with \\u escapes for <, >, &, = and ', as Gson does",
    write: (text) => text.replace(/[<>&='\u2028\u2029]/g, lower),
  },
  {
    name: "with \\u escapes in upper case for all but ASCII",
    write: (text) => text.replace(ascii, upper),
  },
  {
    name: "with \\u escapes in upper case, as .NET does",
    write: (text) =>
      `"${text
        .slice(1, -1)
        .replace(/\\.|[\u007f-\uffff'<>&+`]/g, (found) =>
          found === '\\"' ? "\\u0022" : found.startsWith("\\") ? found : upper(found),
        )}"`,
  },
];

// Only these are written differently by somebody.
const special = /[\\/<>&'+=`\u007f-\uffff]/;

/** The same tokens in every spelling that makes a difference, beginning with the one that is there. */
export function respell(
  tokens: readonly string[],
): readonly { readonly name: string | undefined; readonly tokens: readonly string[] }[] {
  const places: number[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as string;
    if (token.startsWith('"') && special.test(token)) places.push(index);
  }
  const written = new Set([places.map((place) => tokens[place]).join("\n")]);
  const all: { name: string | undefined; tokens: readonly string[] }[] = [
    { name: undefined, tokens },
  ];
  const standard = places.map((place) => JSON.stringify(JSON.parse(tokens[place] as string)));
  for (const { name, write } of spellings) {
    const texts = standard.map(write);
    const key = texts.join("\n");
    if (written.has(key)) continue;
    written.add(key);
    const copy = [...tokens];
    places.forEach((place, index) => {
      copy[place] = texts[index] as string;
    });
    all.push({ name, tokens: copy });
  }
  return all;
}

/** The value with the keys of its objects in order. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, withSortedKeys(one)]));
}
