// A field's name or a message type, as vendors write them.
const name = /^[a-z_][\w.-]{0,63}$/i;
// Of a hash, a key or a UUID.
const hex = /[\da-f]{8}/i;

/** A sender's own word where it looks like a field's name, else `*`: it could be a person's name or a document's number. */
export function shownName(word: string): string {
  const digits = word.replace(/\D/g, "").length;
  // `line1` and `document2-uploaded` are names; a number with a letter before it is none.
  const isName = name.test(word) && !hex.test(word) && digits * 5 <= Math.max(word.length, 5);
  return isName ? word : "*";
}
