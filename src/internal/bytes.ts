/** The UTF-8 bytes of a text. */
export function utf8Bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Joins bytes and the UTF-8 of texts, in order. */
export function concatBytes(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces = parts.map((part) => (typeof part === "string" ? utf8Bytes(part) : part));
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

/** Recognises an object of a built-in class, also one from another realm, where `instanceof` fails. */
export function isA(name: "Uint8Array" | "ArrayBuffer" | "Headers", value: unknown): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

/** Recognises a Uint8Array; a Buffer is one. */
export function isBytes(value: unknown): value is Uint8Array {
  // An object can call itself a Uint8Array, or inherit from it; the hash would trip over it.
  return ArrayBuffer.isView(value) && (value instanceof Uint8Array || isA("Uint8Array", value));
}

/** Encodes bytes as padded base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Encodes bytes as lower-case hex. */
export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Decodes base64 as secrets are written: padding may be missing and the unused bits may be anything, since the secret in
 * VOVE's documentation is so. `undefined` for text that is not base64.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  // atob skips white space, and does not say so.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    const binary = atob(text);
    return new Uint8Array(binary.length).map((_zero, index) => binary.charCodeAt(index));
  } catch {
    return undefined;
  }
}

/** Decodes hex in either case, or returns `undefined`. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
