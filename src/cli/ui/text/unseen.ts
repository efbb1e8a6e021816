/** Text, cut where it holds a character that would not be seen, or would turn the rest around. */
export interface Piece {
  readonly text: string;
  /** Written out, such as `U+202E`. */
  readonly unseen: boolean;
}

// Controls, marks that format or turn text around, lone surrogates, line separators. A body is a stranger's text.
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const names: Readonly<Record<string, string>> = { "\r": "CR", "\ufeff": "BOM", "\u0000": "NUL" };

/** Cuts text so that nothing in it goes unseen. */
export function showUnseen(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(unseen)) {
    if (index > from) pieces.push({ text: text.slice(from, index), unseen: false });
    const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    pieces.push({ text: names[character] ?? `U+${number}`, unseen: true });
    from = index + character.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), unseen: false });
  return pieces;
}
