import { sha256Hex } from "#hmac";
import { utf8Bytes } from "./bytes.js";

const longestText = 512;
const hashed = "sha256:";

/**
 * What a key, subject or cursor is called in the database: itself where it is short and plain, otherwise a hash. Text that is
 * longer does not fit an index, NUL fits no column, and other characters not every database's encoding. Distinct texts
 * stay distinct: what looks like a hash is hashed as well, and JSON keeps lone surrogates apart, which UTF-8 does not.
 */
export function postgresText(text: string): string {
  const isPlain =
    text.length <= longestText && /^[\x20-\x7e]*$/.test(text) && !text.startsWith(hashed);
  return isPlain ? text : `${hashed}${sha256Hex(utf8Bytes(JSON.stringify(text)))}`;
}
