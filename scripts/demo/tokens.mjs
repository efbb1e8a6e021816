// Plays the authorization server of vali-Das: issues bearer tokens, with the key whose public half the fixtures trust.

import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { readFixture } from "./recorded.mjs";

const jwk = JSON.parse(readFixture("validas/test-key.jwk.json"));
const trusted = createPrivateKey({
  key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, d: jwk.d },
  format: "jwk",
});
const stranger = generateKeyPairSync("ed25519").privateKey;

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that is valid for an hour from the given time, in milliseconds. */
export function issueToken({ issuer, audience }, at, { forged = false } = {}) {
  const seconds = Math.floor(at / 1000);
  const claims = { iss: issuer, aud: audience, iat: seconds, nbf: seconds, exp: seconds + 3600 };
  const signed = `${base64url({ alg: "EdDSA", typ: "at+jwt", kid: jwk.kid })}.${base64url(claims)}`;
  const signature = sign(null, Buffer.from(signed), forged ? stranger : trusted);
  return `${signed}.${signature.toString("base64url")}`;
}
