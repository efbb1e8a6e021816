import {
  asSpaced,
  type Layout,
  layOut,
  layouts,
  readJsonText,
  spellings,
  standardStrings,
  withSortedKeys,
} from "./json-text.js";

/** JSON as somebody else may have written it. */
export interface Writing {
  readonly text: string;
  readonly how: string;
  /** What it took to write it, in bytes that could have been hashed. */
  readonly cost: number;
}

const fits = (...forms: readonly (string | undefined)[]): string =>
  `the signature fits the same JSON ${forms.filter((form) => form !== undefined).join(", ")}`;

/** Of a token, and of a character. */
const perToken = 60;
const perCharacter = 6;

interface Source {
  /** The strings as they are, and as JSON.stringify writes them. */
  readonly tokens: readonly string[];
  readonly standard: readonly string[];
  readonly note?: string;
}

/** A layout in every spelling that makes a difference, the one that is there first. */
function* spelled({ tokens, standard, note }: Source, layout: Layout): Generator<Writing> {
  const made = (text: string, name?: string): Writing => ({
    text,
    how: fits(note, layout.name, name),
    cost: perCharacter * text.length,
  });
  const laid = layOut(tokens, layout);
  const own = made(laid);
  yield { ...own, cost: own.cost + perToken * tokens.length };
  const plain = standard === tokens ? laid : layOut(standard, layout);
  if (plain !== laid) yield made(plain, "with its characters as they are");
  const before = [laid, plain];
  for (const { name, pattern, write } of spellings) {
    // Looking is cheaper than writing.
    if (plain.search(pattern) < 0) continue;
    const text = plain.replace(pattern, write);
    if (before.includes(text)) continue;
    before.push(text);
    yield made(text, name);
  }
}

function tokensOf(text: string, note?: string): Source | undefined {
  const json = readJsonText(text);
  if (json === undefined) return undefined;
  const { tokens } = json;
  const isStandard = !text.includes("\\");
  const standard = isStandard ? tokens : standardStrings(tokens);
  return { tokens, standard, ...(note === undefined ? {} : { note }) };
}

const ended = ({ text, how, cost }: Writing): readonly Writing[] => [
  { text: `${text}\n`, how: `${how}, and a line end`, cost },
  ...(text.includes("\n")
    ? [{ text: text.replaceAll("\n", "\r\n"), how: `${how}, with CRLF`, cost }]
    : []),
];

/** Every layout in its own spelling, then in all, so that a large body gets to the likely ones. */
function* writings(source: Source): Generator<Writing> {
  for (const layout of layouts.slice(0, 4)) {
    for (const writing of spelled(source, layout)) {
      yield writing;
      break;
    }
  }
  yield* spelled(source, layouts[0]);
  for (const layout of layouts.slice(1)) yield* spelled(source, layout);
}

/**
 * What may have been sent, when this is what JSON has become on its way: in other layouts and spellings, with a line end,
 * with CRLF, with its keys sorted, and as JavaScript writes it.
 */
export function* reserialized(text: string): Generator<Writing> {
  const source = tokensOf(text);
  if (source === undefined) return;
  const value: unknown = JSON.parse(text);
  // The body was handed to JSON.stringify as it was.
  if (typeof value === "string") {
    const how = "the signature fits the text that is quoted in it";
    yield { text: value, how, cost: text.length };
    return;
  }
  yield* writings(source);
  const standard = JSON.stringify(value);
  yield { text: standard, how: fits("as JSON.stringify writes it"), cost: 10 * text.length };
  const { gaps = [] } = readJsonText(text) ?? {};
  const spaced = asSpaced(source.standard, gaps);
  for (const { name, pattern, write } of spellings) {
    const written = spaced.replace(pattern, write);
    yield { text: written, how: fits(name), cost: perCharacter * text.length };
  }
  if (spaced !== text)
    yield { text: spaced, how: fits("with its characters as they are"), cost: text.length };
  for (const layout of layouts) {
    for (const writing of spelled(source, layout)) yield* ended(writing);
  }
  const sorted = tokensOf(JSON.stringify(withSortedKeys(value)), "with its keys sorted");
  if (sorted === undefined) return;
  for (const layout of layouts.slice(0, 3)) yield* spelled(sorted, layout);
}

/** The texts within JSON that look like bodies: an envelope of a queue or gateway has them. */
export function enclosedTexts(text: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const found: string[] = [];
  const look = (one: unknown, depth: number): void => {
    if (found.length >= 8 || depth > 4) return;
    if (typeof one === "string") {
      const isBody = /^(?:[{["]|payload=|[A-Za-z0-9+/_-]{8,}=*$)/.test(one.slice(0, 4096));
      if (depth > 0 && one.length > 1 && isBody) found.push(one);
    } else if (typeof one === "object" && one !== null) {
      const list: readonly unknown[] = Array.isArray(one) ? one : Object.values(one);
      for (const inner of list.slice(0, 40)) look(inner, depth + 1);
    }
  };
  look(value, 0);
  return found;
}
