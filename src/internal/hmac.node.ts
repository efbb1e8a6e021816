import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { MacKey } from "./hmac.js";

export function macKey(key: Uint8Array): MacKey {
  const keyObject = createSecretKey(key);
  return {
    sign: (...parts) => {
      const mac = createHmac("sha256", keyObject);
      for (const part of parts) mac.update(part);
      return mac.digest();
    },
  };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** Compares two MACs in constant time. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha512").update(bytes).digest());
}
