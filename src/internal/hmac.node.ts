import {
  createHash,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import type { MacKey } from "./hmac.js";
import { type KeyPads, keyPads } from "./key-pads.js";

const blockBytes = 64;

// Two hashes of one call each, over bytes that are at hand, make no object for the engine to clear away: they take half
// the time of createHmac in a tight loop, and a quarter in a server. From some size on, copying the body costs more.
const scratchBytes = "Deno" in globalThis ? 4096 : 65_536;
// One for all keys: nothing here is asynchronous, so no two calls can be at it. Neither leaves this module.
const scratch = Buffer.from(new ArrayBuffer(scratchBytes));
const last = Buffer.alloc(blockBytes + 32);
/** Whose pads are in the two. */
let current: KeyPads | undefined;

export function macKey(key: Uint8Array): MacKey {
  const pads = keyPads(key, (long) => createHash("sha256").update(long).digest());
  let keyObject: KeyObject | undefined;
  return {
    sign: (prefix, body, encoding) => {
      const start = blockBytes + prefix.length;
      const end = start + body.length;
      if (end > scratchBytes) {
        // Of the key's bytes, Node 24 would make another each time, which takes ten times as long.
        keyObject ??= createSecretKey(key);
        return createHmac("sha256", keyObject).update(prefix).update(body).digest(encoding);
      }
      if (current !== pads) {
        scratch.set(pads.inner);
        last.set(pads.outer);
        current = pads;
      }
      scratch.write(prefix, blockBytes, "latin1");
      scratch.set(body, start);
      // Made from the memory: a Buffer's own subarray takes twice as long.
      const message = new Uint8Array(scratch.buffer, 0, end);
      last.write(hash("sha256", message, "binary"), blockBytes, "latin1");
      return hash("sha256", last, encoding);
    },
  };
}

export function sha256Hex(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

let left = Buffer.alloc(0);
let right = left;

/** Compares a text with a MAC, or another text in ASCII, in constant time. */
export function equalText(mac: string, given: string): boolean {
  const { length } = mac;
  if (length !== given.length) return false;
  if (length !== left.length) {
    left = Buffer.alloc(length);
    right = Buffer.alloc(length);
  }
  left.write(mac);
  // As UTF-8, where no other character has a byte of ASCII; in Latin-1 some would. One that does not fit any more is not
  // written, and what was there before must not stand for it.
  return right.write(given) === length && timingSafeEqual(left, right);
}

export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha512").update(bytes).digest());
}
