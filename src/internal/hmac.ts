/** How a MAC is written: lower-case hex, or padded base64. */
export type MacEncoding = "hex" | "base64";

/** A prepared HMAC-SHA256 key. */
export interface MacKey {
  /** Writes the MAC over a text, which is ASCII, and the body after it. */
  sign(prefix: string, body: Uint8Array, encoding: MacEncoding): string;
}
