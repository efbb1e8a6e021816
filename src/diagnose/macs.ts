import { decodeBase64, decodeHex, encodeBase64, encodeHex, utf8Bytes } from "../internal/bytes.js";
import type { MacEncoding } from "../internal/hmac.js";

/** Text that could be a MAC, and the bytes that it could stand for. */
export interface FoundMac {
  readonly text: string;
  /** What stands before it, and after. */
  readonly before: string;
  readonly after: string;
  readonly readings: readonly { readonly bytes: Uint8Array; readonly spelling: string }[];
}

const mostFound = 8;

function readingsOf(text: string): FoundMac["readings"] {
  const readings: { bytes: Uint8Array; spelling: string }[] = [];
  const hex = [40, 64, 96, 128].includes(text.length) ? decodeHex(text) : undefined;
  if (hex !== undefined) {
    readings.push({ bytes: hex, spelling: /[A-F]/.test(text) ? "hex in upper case" : "hex" });
  }
  const digits = text.replace(/=+$/, "");
  const plain = digits.replaceAll("-", "+").replaceAll("_", "/");
  const binary = [27, 43, 64, 86].includes(plain.length) ? decodeBase64(plain) : undefined;
  if (binary !== undefined) {
    const padded = text.length % 4 === 0;
    const spelling = plain !== digits ? "base64url" : padded ? "base64" : "base64 without padding";
    readings.push({ bytes: binary, spelling });
  }
  return readings;
}

/** Finds what could be a MAC of 20, 32, 48 or 64 bytes, in hex or base64 of any kind. */
export function macsIn(value: string): readonly FoundMac[] {
  const found: FoundMac[] = [];
  for (const match of value.matchAll(/[A-Za-z0-9+/_-]{27,160}={0,2}/g)) {
    const [whole] = match;
    // Of “v1_…” the end may be meant, or all.
    for (const text of new Set([whole, whole.replace(/^[a-z0-9]{1,10}[_-]/, "")])) {
      const start = match.index + whole.length - text.length;
      const readings = readingsOf(text);
      if (readings.length === 0 || found.length >= mostFound) continue;
      const after = value.slice(start + text.length);
      found.push({ text, before: value.slice(0, start), after, readings });
    }
  }
  return found;
}

export function encodeMac(bytes: Uint8Array, encoding: MacEncoding): string {
  return encoding === "hex" ? encodeHex(bytes) : encodeBase64(bytes);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (a[index] !== b[index]) return false;
  }
  return true;
}

/** The algorithms that every runtime has. MD5 is none of them. */
export const algorithms = ["SHA-256", "SHA-1", "SHA-512", "SHA-384"] as const;

/** Makes HMACs with any of them; `undefined` where the runtime has no WebCrypto, such as a page without TLS. */
export async function hmacKey(
  key: Uint8Array,
  hash: (typeof algorithms)[number],
): Promise<((text: Uint8Array) => Promise<Uint8Array>) | undefined> {
  const { subtle } = (globalThis as { crypto?: Crypto }).crypto ?? {};
  if (subtle === undefined || key.length === 0) return undefined;
  try {
    const settings = { name: "HMAC", hash };
    const imported = await subtle.importKey("raw", new Uint8Array(key), settings, false, ["sign"]);
    return async (text) =>
      new Uint8Array(await subtle.sign("HMAC", imported, text as Uint8Array<ArrayBuffer>));
  } catch {
    return undefined;
  }
}

/** What a marker secret is made of: no scheme with a secret refuses it. */
export const marker = "countersign-diagnose-0123456789";
export const markerBytes = utf8Bytes(marker);
