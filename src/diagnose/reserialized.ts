import {
  asSpaced,
  type JsonText,
  layOut,
  layouts,
  readJsonText,
  respell,
  withSortedKeys,
} from "./json-text.js";

/** JSON as somebody else may have written it. */
export interface Writing {
  readonly text: string;
  readonly how: string;
}

const fits = (form: string): string => `the signature fits the same JSON ${form}`;

/** Every writing of JSON that keeps its keys in place, the likely ones first. */
function* writings({ tokens, gaps }: JsonText): Generator<Writing> {
  const spelled = respell(tokens);
  for (const layout of layouts) {
    for (const { name, tokens: list } of spelled) {
      yield {
        text: layOut(list, layout),
        how: fits([layout.name, ...(name ? [name] : [])].join(", ")),
      };
    }
  }
  for (const { name, tokens: list } of spelled.slice(1)) {
    yield { text: asSpaced(list, gaps), how: fits(name as string) };
  }
}

/**
 * What may have been sent, when this is what JSON has become on its way: in other layouts and spellings, with a line end,
 * with CRLF, with its keys sorted, and as JavaScript writes it.
 */
export function* reserialized(text: string): Generator<Writing> {
  const json = readJsonText(text);
  if (json === undefined) return;
  yield* writings(json);
  const value: unknown = JSON.parse(text);
  // A string that holds JSON: the body was handed to JSON.stringify as it was.
  if (typeof value === "string") {
    yield { text: value, how: "the signature fits the text that is quoted in it" };
    return;
  }
  const standard = JSON.stringify(value);
  yield { text: standard, how: fits("as JSON.stringify writes it") };
  for (const { text: one, how } of writings(json)) {
    yield { text: `${one}\n`, how: `${how}, and a line end` };
    if (one.includes("\n")) yield { text: one.replaceAll("\n", "\r\n"), how: `${how}, with CRLF` };
  }
  const sorted = readJsonText(JSON.stringify(withSortedKeys(value)));
  if (sorted === undefined) return;
  for (const layout of layouts.slice(0, 3)) {
    for (const { name, tokens } of respell(sorted.tokens)) {
      const form = ["with its keys sorted", layout.name, ...(name ? [name] : [])].join(", ");
      yield { text: layOut(tokens, layout), how: fits(form) };
    }
  }
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
      if (depth > 0 && one.length > 1 && /^(?:[{["]|[A-Za-z0-9+/_-]{8,}=*$|payload=)/.test(one))
        found.push(one);
    } else if (typeof one === "object" && one !== null) {
      for (const inner of Object.values(one).slice(0, 40)) look(inner, depth + 1);
    }
  };
  look(value, 0);
  return found;
}
