// The class itself: the function around it, with its option checks, is a seventh of an edge bundle.
import { _SHA256 as Sha256 } from "@noble/hashes/sha2.js";
import { utf8Bytes } from "./bytes.js";
import type { MacKey } from "./hmac.js";

const blockBytes = 64;

/** HMAC (RFC 2104): the two key blocks are hashed once, here, and their states copied for each MAC. */
export function macKey(key: Uint8Array): MacKey {
  const block = new Uint8Array(blockBytes);
  block.set(key.length > blockBytes ? sha256(key) : key);
  const inner = new Sha256().update(block.map((byte) => byte ^ 0x36));
  const outer = new Sha256().update(block.map((byte) => byte ^ 0x5c));
  return {
    sign: (...parts) => {
      const hash = inner.clone();
      for (const part of parts) {
        // A copy is of this realm: the hash does not recognise every Uint8Array of another.
        hash.update(typeof part === "string" ? utf8Bytes(part) : new Uint8Array(part));
      }
      return outer.clone().update(hash.digest()).digest();
    },
  };
}

export { sha512 } from "@noble/hashes/sha2.js";

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Sha256().update(bytes).digest();
}

/** Compares two texts of bytes in constant time. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) {
    difference |= (a[index] as number) ^ (b[index] as number);
  }
  return difference === 0;
}
