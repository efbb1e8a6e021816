// Control characters would steer the terminal, and those that turn the direction of text would make it lie.
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What a sender wrote, fit for a terminal: one line, no control characters, not longer than a line should be. */
export function printable(text: string, longest = 120): string {
  const safe = text.replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return safe.length > longest ? `${safe.slice(0, longest - 1)}…` : safe;
}

/** A word of a command, as a shell has to be given it. */
export function shellWord(word: string): string {
  return /^[\w./:@%+,=~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
