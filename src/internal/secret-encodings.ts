import { oneOf } from "./options.js";
import {
  base64Secret,
  hexSecret,
  type SecretDecoder,
  type SecretEncoding,
  textSecret,
} from "./secrets.js";

const decoders: Readonly<Record<SecretEncoding, SecretDecoder>> = {
  utf8: textSecret,
  hex: hexSecret,
  base64: base64Secret,
};

/** Reads a `secretEncoding` option. */
export function readSecretEncoding(value: unknown): SecretDecoder {
  return decoders[oneOf("secretEncoding", value, ["utf8", "hex", "base64"])];
}
