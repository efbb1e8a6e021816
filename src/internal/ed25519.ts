import { getPublicKey, hashes, Point, sign, verify } from "@noble/ed25519";
import { sha512 } from "#hmac";

// The library's synchronous half has no hash of its own. Each check hashes the whole body: natively where that is to be had.
hashes.sha512 = sha512;

/** The length of a public key, in bytes. */
export const publicKeyBytes = 32;

/** Recognises a point in its canonical encoding that is on the curve and not of small order. */
function isLargeOrder(encoded: Uint8Array): boolean {
  try {
    return !Point.fromBytes(encoded).isSmallOrder();
  } catch {
    return false;
  }
}

/**
 * Recognises a public key that an honest signer can have: canonical, on the curve, and of the large prime order. Under
 * a key of small order, one signature fits many messages; about a key of mixed order, verifiers disagree.
 */
export function isPublicKey(key: Uint8Array): boolean {
  return isLargeOrder(key) && Point.fromBytes(key).isTorsionFree();
}

/**
 * Verifies a signature of 64 bytes as RFC 8032 has it: in canonical form, its scalar reduced. One whose first half is a
 * point of small order, which only the key's owner can make, is refused too: verifiers disagree about those.
 */
export function verifyEd25519(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return (
    isLargeOrder(signature.subarray(0, 32)) &&
    verify(signature, message, publicKey, { zip215: false })
  );
}

/** Signs with the private key's seed, of 32 bytes. */
export function signEd25519(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return sign(message, seed);
}

/** The public key that belongs to a seed of 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}
