import { originalsOf } from "../../../diagnose/bodies.js";
import type { FindingView } from "../view.js";
import { utf8Text } from "./bytes.js";

/** Another way to write a body: what may have been sent, when this is what came. */
export interface Writing {
  readonly title: string;
  readonly text: string;
  /** Whether a finding says that the signature fits this one. */
  readonly fits: boolean;
}

// Each is as long as the body, and what is beyond is rare.
const mostCharacters = 200_000;
const mostTried = 600;
const mostOffered = 12;

const plain = "JSON.stringify(JSON.parse(body))";

function stringified(text: string): readonly Writing[] {
  try {
    return [{ title: plain, text: JSON.stringify(JSON.parse(text)), fits: false }];
  } catch {
    return [];
  }
}

/**
 * Ways in which a body may have been written before something wrote it anew, without those that are what came. First the
 * one of which a finding says that the signature fits it, then what `JSON.stringify` makes of it.
 */
export async function writingsOf(
  body: Uint8Array,
  findings: readonly FindingView[],
): Promise<readonly Writing[]> {
  const text = utf8Text(body);
  if (text === undefined) return [];
  const offered: Writing[] = stringified(text).filter((one) => one.text !== text);
  if (text.length > mostCharacters) return offered;
  let fitting: { readonly writing: Writing; readonly length: number } | undefined;
  let tried = 0;
  for await (const { body: original, clues } of originalsOf(body)) {
    tried += 1;
    if (tried > mostTried) break;
    const other = utf8Text(original);
    if (other === undefined || other === text) continue;
    const how = clues.map((clue) => clue.how).join("; ");
    const title = how.replaceAll("the signature fits ", "");
    const isFound = clues.every((clue) =>
      findings.some(({ code, summary }) => code === clue.code && summary.includes(clue.how)),
    );
    // “with LF” is said of one, “with LF, and none at its end” of another.
    if (isFound && how.length > (fitting?.length ?? 0)) {
      fitting = { writing: { title, text: other, fits: true }, length: how.length };
    }
    if (offered.length < mostOffered && offered.every((one) => one.text !== other)) {
      offered.push({ title, text: other, fits: false });
    }
  }
  if (fitting === undefined) return offered;
  const { writing } = fitting;
  return [writing, ...offered.filter((one) => one.text !== writing.text)];
}
