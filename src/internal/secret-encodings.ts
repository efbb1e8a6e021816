import { oneOf } from "./options.js";
import {
  base64Secret,
  hexSecret,
  type SecretEncoding,
  type SecretForm,
  textSecret,
} from "./secrets.js";

const forms: Readonly<Record<SecretEncoding, SecretForm>> = {
  utf8: textSecret,
  hex: hexSecret,
  base64: base64Secret,
};

/** Reads a `secretEncoding` option. */
export function readSecretEncoding(value: unknown): SecretForm {
  return forms[oneOf("secretEncoding", value, ["utf8", "hex", "base64"])];
}
