/** The block before what is hashed first, and the one before the hash of that (RFC 2104). */
export interface KeyPads {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

const blockBytes = 64;

/** @param sha256 Shortens a key that is longer than a block. */
export function keyPads(key: Uint8Array, sha256: (key: Uint8Array) => Uint8Array): KeyPads {
  const short = key.length > blockBytes ? sha256(key) : key;
  const inner = new Uint8Array(blockBytes).fill(0x36);
  const outer = new Uint8Array(blockBytes).fill(0x5c);
  for (let index = 0; index < short.length; index += 1) {
    const byte = short[index] as number;
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return { inner, outer };
}
