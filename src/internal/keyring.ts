import { equalBytes, macKey } from "#hmac";
import type { MatchedSecret } from "../delivery.js";
import type { SignContext } from "../scheme.js";
import { utf8Bytes } from "./bytes.js";
import { invalidOption } from "./options.js";
import type { SecretKey } from "./secrets.js";

/** The prepared secrets of a scheme. */
export interface Keyring {
  /**
   * Finds the secret under which one of the signatures is right. They are compared as they are written, so that no
   * second spelling of a MAC counts. Tries every secret and every signature: time tells nothing.
   */
  match(
    signatures: readonly string[],
    ...parts: readonly (string | Uint8Array)[]
  ): MatchedSecret | undefined;
  /** Writes the signature under the secret that is asked for. */
  sign(context: SignContext, ...parts: readonly (string | Uint8Array)[]): string;
}

/** @param encode How a MAC is written. */
export function keyring(
  secrets: readonly SecretKey[],
  encode: (mac: Uint8Array) => string,
): Keyring {
  const keys = secrets.map(({ key, matched }) => ({ mac: macKey(key), matched }));
  return {
    match: (signatures, ...parts) => {
      const given = signatures.map(utf8Bytes);
      let found: MatchedSecret | undefined;
      for (const { mac, matched } of keys) {
        const expected = utf8Bytes(encode(mac.sign(...parts)));
        for (const signature of given) if (equalBytes(expected, signature)) found ??= matched;
      }
      return found;
    },
    sign: ({ secretIndex }, ...parts) =>
      encode((keys[secretIndex] ?? invalidOption("secretIndex", "a position")).mac.sign(...parts)),
  };
}
