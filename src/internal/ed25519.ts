import { getPublicKey, hashes, Point, sign, verify } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

// The library's synchronous half has no hash of its own.
hashes.sha512 = sha512;

/** The length of a public key, in bytes. */
export const publicKeyBytes = 32;

/**
 * Recognises a public key that an honest signer can have: canonical, on the curve, and of the large prime order. Under
 * a key of small order, one signature fits many messages; a key of mixed order lets verifiers disagree.
 */
export function isPublicKey(key: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(key);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** Verifies a signature of 64 bytes as RFC 8032 has it: in canonical form, its scalar reduced. */
export function verifyEd25519(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return verify(signature, message, publicKey, { zip215: false });
}

/** Signs with the private key's seed, of 32 bytes. */
export function signEd25519(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return sign(message, seed);
}

/** The public key that belongs to a seed of 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}
