/** A prepared HMAC-SHA256 key. */
export interface MacKey {
  /** The 32 byte MAC over the parts, one after another. String parts are ASCII. */
  sign(...parts: readonly (string | Uint8Array)[]): Uint8Array;
}
