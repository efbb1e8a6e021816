import type { HeadersInput } from "../delivery.js";
import { tokenMalformed, tokenMissing } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { readHeader } from "./headers.js";

const mostCharacters = 16_384;

/** The form of a token (RFC 6750, `b64token`). */
export const tokenForm = /^[A-Za-z0-9\-._~+/]+={0,2}$/;

/**
 * Reads the token of an `Authorization: Bearer` header (RFC 6750, section 2.1), one space after the word, which is read in
 * any case. The other two ways of that standard, in the body and in the address, are not accepted, since both end up in
 * logs.
 *
 * @throws {WebhookError} `header_duplicated`, `token_missing`, `token_malformed`
 */
export function readBearerToken(headers: HeadersInput): string {
  const value = readHeader(headers, "authorization");
  if (value === undefined || !/^bearer(?: |$)/i.test(value)) throw new WebhookError(tokenMissing);
  const token = value.slice(7);
  if (token.length > mostCharacters || !tokenForm.test(token)) {
    throw new WebhookError(tokenMalformed);
  }
  return token;
}

/** The header of a delivery that carries a token. */
export function bearerHeader(token: string): { name: string; value: string; role: "token" } {
  return { name: "authorization", value: `Bearer ${token}`, role: "token" };
}
