import type { KeyObject } from "node:crypto";
import type { MacKey } from "./hmac.js";
import { type KeyPads, keyPads } from "./key-pads.js";

type Crypto = typeof import("node:crypto");
let crypto: Crypto | undefined;

/** Loaded when there is a key: it takes as long as all of this package, and who imports that may never verify. */
function native(): Crypto {
  crypto ??= process.getBuiltinModule("node:crypto");
  return crypto;
}

const blockBytes = 64;
const dot = 0x2e;

// Two hashes of one call each, over bytes that are at hand, make no object for the engine to clear away: they take half
// the time of createHmac in a tight loop, and a quarter in a server. From some size on, copying the body costs more.
const scratchBytes = "Deno" in globalThis ? 4096 : 65_536;
// One for all keys: nothing here is asynchronous, so no two calls can be at it. Neither leaves this module.
const scratch = new Uint8Array(scratchBytes);
const last = new Uint8Array(blockBytes + 32);
/** Whose pads are in the two. */
let current: KeyPads | undefined;

/** Writes a text of Latin-1; twice as fast as a Buffer does while it is short. */
function put(target: Uint8Array, text: string, start: number): void {
  for (let index = 0; index < text.length; index += 1) {
    target[start + index] = text.charCodeAt(index);
  }
}

export function macKey(key: Uint8Array): MacKey {
  const { createHash, createHmac, createSecretKey, hash } = native();
  const pads = keyPads(key, (long) => createHash("sha256").update(long).digest());
  let keyObject: KeyObject | undefined;
  return {
    sign: (parts, body, encoding) => {
      let end = blockBytes + body.length;
      for (const part of parts) end += part.length + 1;
      if (end > scratchBytes) {
        // Of the key's bytes, Node 24 would make another each time, which takes ten times as long.
        keyObject ??= createSecretKey(key);
        return createHmac("sha256", keyObject)
          .update(parts.map((part) => `${part}.`).join(""))
          .update(body)
          .digest(encoding);
      }
      if (current !== pads) {
        scratch.set(pads.inner);
        last.set(pads.outer);
        current = pads;
      }
      let start = blockBytes;
      for (const part of parts) {
        put(scratch, part, start);
        start += part.length;
        scratch[start] = dot;
        start += 1;
      }
      scratch.set(body, start);
      // Made from the memory: a Buffer's own subarray takes twice as long.
      const message = new Uint8Array(scratch.buffer, 0, end);
      put(last, hash("sha256", message, "binary"), blockBytes);
      return hash("sha256", last, encoding);
    },
  };
}

export function sha256Hex(bytes: Uint8Array): string {
  return native().hash("sha256", bytes, "hex");
}

let left = new Uint8Array();
let right = left;

/** Compares a text with a MAC, or another text in ASCII, in constant time. What stands before it is `mark`. */
export function equalText(mac: string, given: string, mark = ""): boolean {
  const { length } = mac;
  if (mark.length + length !== given.length || !given.startsWith(mark)) return false;
  if (length !== left.length) {
    left = new Uint8Array(length);
    right = new Uint8Array(length);
  }
  const [a, b] = [left, right];
  let bits = 0;
  let at = mark.length;
  for (let index = 0; index < length; index += 1) {
    a[index] = mac.charCodeAt(index);
    const code = given.charCodeAt(at);
    b[index] = code;
    bits |= code;
    at += 1;
  }
  // A byte holds only part of any other character.
  return bits < 0x80 && native().timingSafeEqual(left, right);
}

export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(native().createHash("sha512").update(bytes).digest());
}
