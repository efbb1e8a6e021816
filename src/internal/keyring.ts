import { equalText, macKey } from "#hmac";
import type { MatchedSecret } from "../delivery.js";
import type { SignContext } from "../scheme.js";
import type { MacEncoding } from "./hmac.js";
import { invalidOption } from "./options.js";
import type { SecretKey } from "./secrets.js";

/** The prepared secrets of a scheme. */
export interface Keyring {
  /**
   * Finds the secret under which one of the signatures, over texts in ASCII, a dot after each, and then the body, is
   * right. They are compared as they are written, so that no second spelling of a MAC counts. Tries every secret and
   * every signature: time tells nothing.
   */
  match(
    signatures: readonly string[],
    parts: readonly string[],
    body: Uint8Array,
  ): MatchedSecret | undefined;
  /** Writes the signature under the secret that is asked for. */
  sign(context: SignContext, parts: readonly string[], body: Uint8Array): string;
}

/** @param mark What stands before each signature. */
export function keyring(secrets: readonly SecretKey[], encoding: MacEncoding, mark = ""): Keyring {
  const keys = secrets.map(({ key, matched }) => ({ mac: macKey(key), matched }));
  return {
    match: (signatures, parts, body) => {
      let found: MatchedSecret | undefined;
      for (const { mac, matched } of keys) {
        const expected = mac.sign(parts, body, encoding);
        for (const signature of signatures) {
          if (equalText(expected, signature, mark)) found ??= matched;
        }
      }
      return found;
    },
    sign: ({ secretIndex }, parts, body) => {
      const { mac } = keys[secretIndex] ?? invalidOption("secretIndex", "a position");
      return mark + mac.sign(parts, body, encoding);
    },
  };
}
