// Signs with node:crypto alone: nothing that is expected comes from the code under test.

import { createHmac, generateKeyPairSync, sign } from "node:crypto";

/** The time at which everything here is signed, in Unix seconds. */
export const time = 1_700_000_000;

/** A MAC over several parts. */
export function mac(key, encoding, ...parts) {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

/** A body for a case; text is checked as text too. */
export function bodyOf(content) {
  const bytes = Buffer.from(content);
  return { base64: bytes.toString("base64"), isText: Buffer.from(bytes.toString()).equals(bytes) };
}

/** The text with one character changed into another of the same alphabet. */
export function changedAt(text, index) {
  const character = text[index];
  return text.slice(0, index) + (character === "0" ? "1" : "0") + text.slice(index + 1);
}

/** A signature with the first bit of each of its bytes changed in turn. */
export function eachByteChanged(signature, encoding) {
  const bytes = Buffer.from(signature, encoding);
  return Array.from(bytes, (byte, index) => {
    const changed = Buffer.from(bytes);
    changed[index] = byte ^ 0x80;
    return changed.toString(encoding);
  });
}

const base64url = (part) => Buffer.from(part).toString("base64url");

/** A key pair that signs tokens. */
export function tokenKey(alg, kid) {
  const kinds = {
    RS256: ["rsa", { modulusLength: 2048 }],
    PS256: ["rsa", { modulusLength: 2048 }],
    ES256: ["ec", { namedCurve: "P-256" }],
    ES384: ["ec", { namedCurve: "P-384" }],
    EdDSA: ["ed25519"],
  };
  const { publicKey, privateKey } = generateKeyPairSync(...kinds[alg]);
  return { alg, kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig" } };
}

/** A compact JWS over any header and any payload, strings as they are. */
export function token({ alg, kid, privateKey }, claims, header = {}) {
  const protectedHeader = { alg, kid, typ: "at+jwt", ...header };
  const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
  const signed = `${base64url(JSON.stringify(protectedHeader))}.${base64url(payload)}`;
  const hash = alg === "EdDSA" ? null : `sha${alg.slice(2)}`;
  const options = {
    key: privateKey,
    ...(alg.startsWith("ES") ? { dsaEncoding: "ieee-p1363" } : {}),
    ...(alg.startsWith("PS") ? { padding: 6, saltLength: 32 } : {}),
  };
  return `${signed}.${sign(hash, Buffer.from(signed), options).toString("base64url")}`;
}
