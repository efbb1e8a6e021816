import { equalText, macKey } from "#hmac";
import type { MatchedSecret } from "../delivery.js";
import { secretMalformed } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { utf8Bytes } from "./bytes.js";
import { invalidOption } from "./options.js";
import { readSecrets, textSecret } from "./secrets.js";

/** Secrets that are sent as they are, in a header. */
export interface SharedValue {
  /** Finds the secret that equals a text. Tries every secret; neither length nor content shows in the time it takes. */
  match(text: string): MatchedSecret | undefined;
  /** A secret as text. */
  text(index: number): string;
}

/**
 * @param form What a header can carry there; other characters do not survive the way unchanged.
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`
 */
export function sharedValue(
  secrets: unknown,
  minSecretBytes: unknown,
  form: RegExp = /^[!-~]+(?: +[!-~]+)*$/,
): SharedValue {
  const prepared = readSecrets(secrets, textSecret, minSecretBytes).map(({ key, matched }) => {
    const text = new TextDecoder().decode(key);
    if (!form.test(text)) {
      throw new WebhookError(secretMalformed, {
        index: matched.index,
        expected: "text that the header can carry",
      });
    }
    // Values of any length are compared through MACs of one length.
    const mac = macKey(key);
    return { text, mac, expected: mac.sign([], key, "hex"), matched };
  });
  return {
    match: (text) => {
      const bytes = utf8Bytes(text);
      let found: MatchedSecret | undefined;
      for (const { mac, expected, matched } of prepared) {
        if (equalText(mac.sign([], bytes, "hex"), expected)) found ??= matched;
      }
      return found;
    },
    text: (index) => prepared[index]?.text ?? invalidOption("secretIndex", "a position"),
  };
}
