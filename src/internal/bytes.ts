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
export function isA(name: "ArrayBuffer" | "Headers", value: unknown): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);

/** Reads what the engine knows of an array of numbers. */
function getterOf(name: PropertyKey): () => unknown {
  const { get } = Object.getOwnPropertyDescriptor(typedArray, name) as { get: () => unknown };
  return get;
}
const kindOf = getterOf(Symbol.toStringTag);
const lengthOf = getterOf("length");

/**
 * Recognises a Uint8Array, of any realm; a Buffer is one. The engine is asked, and not the object, which can call itself
 * one, inherit from it, and claim another length than it has: the hash would cover other bytes than are handed out.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    kindOf.call(value) === "Uint8Array" && lengthOf.call(value) === (value as Uint8Array).length
  );
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
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch {
    return undefined;
  }
}

/** Decodes hex in either case, or returns `undefined`. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
