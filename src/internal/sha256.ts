// SHA-256 (FIPS 180-4), for runtimes that have no native one that is synchronous. Our own, because the libraries at hand
// keep the state in an object's fields, which costs three times as long where V8 compresses pointers, as on workerd.

const words = 8;
const blockBytes = 64;

/** The first bits of the fractional parts of the roots of the first primes: square roots for the state, cube roots for the rounds. */
function constants(): readonly [initial: Int32Array, rounds: Int32Array] {
  const initial = new Int32Array(words);
  const rounds = new Int32Array(blockBytes);
  let found = 0;
  for (let candidate = 2; found < blockBytes; candidate += 1) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
      if (candidate % divisor === 0) isPrime = false;
    }
    if (!isPrime) continue;
    if (found < words) initial[found] = (candidate ** (1 / 2) % 1) * 0x1_0000_0000;
    rounds[found] = (candidate ** (1 / 3) % 1) * 0x1_0000_0000;
    found += 1;
  }
  return [initial, rounds];
}

const [initial, rounds] = constants();
// One schedule for all: nothing here is asynchronous.
const schedule = new Int32Array(blockBytes);

/** Takes whole blocks of `bytes`, from `start` on, into the state, and returns where the rest begins. */
function compress(state: Int32Array, bytes: Uint8Array, start: number): number {
  let position = start;
  let h0 = state[0] as number;
  let h1 = state[1] as number;
  let h2 = state[2] as number;
  let h3 = state[3] as number;
  let h4 = state[4] as number;
  let h5 = state[5] as number;
  let h6 = state[6] as number;
  let h7 = state[7] as number;
  for (; position + blockBytes <= bytes.length; position += blockBytes) {
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    let f = h5;
    let g = h6;
    let h = h7;
    for (let index = 0; index < blockBytes; index += 1) {
      let word: number;
      if (index < 16) {
        const at = position + 4 * index;
        word =
          ((bytes[at] as number) << 24) |
          ((bytes[at + 1] as number) << 16) |
          ((bytes[at + 2] as number) << 8) |
          (bytes[at + 3] as number);
      } else {
        const early = schedule[index - 15] as number;
        const late = schedule[index - 2] as number;
        word =
          ((schedule[index - 16] as number) +
            (((early << 25) | (early >>> 7)) ^ ((early << 14) | (early >>> 18)) ^ (early >>> 3)) +
            (schedule[index - 7] as number) +
            (((late << 15) | (late >>> 17)) ^ ((late << 13) | (late >>> 19)) ^ (late >>> 10))) |
          0;
      }
      schedule[index] = word;
      const first =
        (h +
          (((e << 26) | (e >>> 6)) ^ ((e << 21) | (e >>> 11)) ^ ((e << 7) | (e >>> 25))) +
          (g ^ (e & (f ^ g))) +
          (rounds[index] as number) +
          word) |
        0;
      const second =
        ((((a << 30) | (a >>> 2)) ^ ((a << 19) | (a >>> 13)) ^ ((a << 10) | (a >>> 22))) +
          ((a & b) | (c & (a | b)))) |
        0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
    h5 = (h5 + f) | 0;
    h6 = (h6 + g) | 0;
    h7 = (h7 + h) | 0;
  }
  state[0] = h0;
  state[1] = h1;
  state[2] = h2;
  state[3] = h3;
  state[4] = h4;
  state[5] = h5;
  state[6] = h6;
  state[7] = h7;
  return position;
}

const block = new Uint8Array(blockBytes);
const view = new DataView(block.buffer);

/** The state after one block, from which many hashes can begin. */
export function stateAfter(first: Uint8Array): Int32Array {
  const state = initial.slice();
  compress(state, first, 0);
  return state;
}

/**
 * Hashes the parts, one after another.
 *
 * @param begun The state after `length` bytes, a multiple of 64; it is left as it is.
 */
export function sha256From(
  begun: Int32Array,
  length: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const state = begun.slice();
  let total = length;
  let filled = 0;
  for (const part of parts) {
    total += part.length;
    let position = 0;
    if (filled > 0) {
      position = Math.min(blockBytes - filled, part.length);
      block.set(part.subarray(0, position), filled);
      filled = (filled + position) % blockBytes;
      if (filled === 0) compress(state, block, 0);
    }
    if (filled === 0) {
      position = compress(state, part, position);
      block.set(part.subarray(position));
      filled = part.length - position;
    }
  }
  block[filled] = 0x80;
  block.fill(0, filled + 1);
  if (filled + 1 > blockBytes - 8) {
    compress(state, block, 0);
    block.fill(0);
  }
  view.setUint32(blockBytes - 8, total / 0x2000_0000);
  view.setUint32(blockBytes - 4, total << 3);
  compress(state, block, 0);
  const digest = new Uint8Array(4 * words);
  for (let index = 0; index < digest.length; index += 1) {
    digest[index] = (state[index >> 2] as number) >>> (24 - 8 * (index & 3));
  }
  return digest;
}

/** SHA-256. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return sha256From(initial, 0, bytes);
}
