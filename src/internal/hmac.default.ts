import { encodeBase64, encodeHex, utf8Bytes } from "./bytes.js";
import type { MacKey } from "./hmac.js";
import { keyPads } from "./key-pads.js";
import { sha256, sha256From, stateAfter } from "./sha256.js";

const blockBytes = 64;

/** The part of node:crypto that is used where a runtime has it although nobody has imported it. */
interface NativeCrypto {
  createSecretKey(key: Uint8Array): unknown;
  createHmac(
    algorithm: string,
    key: unknown,
  ): {
    update(part: string | Uint8Array): ReturnType<NativeCrypto["createHmac"]>;
    digest(encoding: string): string;
  };
}

// workerd has node:crypto, and Bun and Deno when a bundle was made for browsers. Asked for in this way, no bundler looks
// for it. Below a kilobyte the way there and back takes longer than the hash.
function findNative(): NativeCrypto | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NativeCrypto | undefined };
  };
  try {
    const crypto = process?.getBuiltinModule?.("node:crypto");
    // Some hand out a module that only looks like it.
    const mac = crypto?.createHmac("sha256", crypto.createSecretKey(new Uint8Array(32)));
    return mac?.update("").digest("hex").length === 64 ? crypto : undefined;
  } catch {
    return undefined;
  }
}
const native = findNative();
const nativeFromBytes = 1024;

/** HMAC (RFC 2104): the two key blocks are hashed once, here, and each MAC begins with their states. */
export function macKey(key: Uint8Array): MacKey {
  const { inner, outer } = keyPads(key, sha256);
  const [innerState, outerState] = [stateAfter(inner), stateAfter(outer)];
  let nativeKey: unknown;
  return {
    sign: (parts, body, encoding) => {
      const prefix = parts.map((part) => `${part}.`).join("");
      if (native !== undefined && body.length >= nativeFromBytes) {
        nativeKey ??= native.createSecretKey(key);
        return native.createHmac("sha256", nativeKey).update(prefix).update(body).digest(encoding);
      }
      // Of this class: a part of what was derived from it could be anything.
      const plain = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
      const first = sha256From(innerState, blockBytes, utf8Bytes(prefix), plain);
      const mac = sha256From(outerState, blockBytes, first);
      return encoding === "hex" ? encodeHex(mac) : encodeBase64(mac);
    },
  };
}

export function sha256Hex(bytes: Uint8Array): string {
  return encodeHex(sha256(bytes));
}

/** Compares a text with a MAC, or another text, in constant time. What stands before it is `mark`. */
export function equalText(mac: string, given: string, mark = ""): boolean {
  if (mark.length + mac.length !== given.length) return false;
  let difference = given.startsWith(mark) ? 0 : 1;
  for (let index = 0; index < mac.length; index += 1) {
    difference |= mac.charCodeAt(index) ^ given.charCodeAt(mark.length + index);
  }
  return difference === 0;
}

export { sha512 } from "@noble/hashes/sha2.js";
