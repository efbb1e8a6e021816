/** How a MAC is written: lower-case hex, or padded base64. */
export type MacEncoding = "hex" | "base64";

/** A prepared HMAC-SHA256 key. */
export interface MacKey {
  /** Writes the MAC over texts in ASCII, a dot after each, and then the body. */
  sign(parts: readonly string[], body: Uint8Array, encoding: MacEncoding): string;
}
