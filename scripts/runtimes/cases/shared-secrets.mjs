// Schemes whose proof is sent as it is: headerSecret, bearerToken. And unsigned, which proves nothing.

import { bodyOf, changedAt, time } from "./sign.mjs";

const secret = "q7Hd2mT9-vX4bK8zR1nL6";
const other = "another-value-of-a-length";
const body = '{"id":"1"}';

export function headerSecretCases(add) {
  const header = "x-api-key";
  const check = (name, verdict, value, rest = {}) =>
    add(
      name,
      {
        scheme: ["headerSecret", { secret, header, ...rest }],
        headers: [value].flat().map((one) => [header, one]),
        body: bodyOf(body),
        now: time,
      },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "headerSecret", bindsBody: false };

  check("genuine", { ...proof, secret: { index: 0 } }, secret);
  check("genuine, prefix", proof, `Token ${secret}`, { prefix: "Token " });
  check("second secret", { ...proof, secret: { index: 1 } }, secret, { secret: [other, secret] });
  check("missing", "secret_header_missing", []);
  check("empty", "secret_header_missing", "");
  check("twice", "header_duplicated", [secret, secret]);
  check("without its prefix", "secret_header_mismatch", secret, { prefix: "Token " });
  check("joined by a proxy", "secret_header_mismatch", `${secret}, ${secret}`);
  check("in capitals", "secret_header_mismatch", secret.toUpperCase());
  check("longer", "secret_header_mismatch", `${secret}0`);
  check("shorter", "secret_header_mismatch", secret.slice(0, -1));
  check("other characters", "secret_header_mismatch", `${secret}\u00e9`);
  for (const index of Array(secret.length).keys()) {
    const name = `character ${index} changed`;
    check(name, "secret_header_mismatch", changedAt(secret, index));
  }
}

export function bearerTokenCases(add) {
  const check = (name, verdict, value, rest = {}) =>
    add(
      name,
      {
        scheme: ["bearerToken", { token: secret, ...rest }],
        headers: [value].flat().map((one) => ["authorization", one]),
        body: bodyOf(body),
        now: time,
      },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "bearerToken", bindsBody: false };

  check("genuine", { ...proof, secret: { index: 0 } }, `Bearer ${secret}`);
  check("genuine, bearer in capitals", proof, `BEARER ${secret}`);
  check("second token", { ...proof, secret: { index: 1 } }, `Bearer ${secret}`, {
    token: [other, secret],
  });
  check("missing", "token_missing", []);
  check("other authentication", "token_missing", `Basic ${secret}`);
  check("bearer alone", "token_malformed", "Bearer");
  check("two spaces", "token_malformed", `Bearer  ${secret}`);
  check("two tokens", "token_malformed", `Bearer ${secret}, Bearer ${secret}`);
  check("twice", "header_duplicated", [`Bearer ${secret}`, `Bearer ${secret}`]);
  check("other token", "token_invalid", `Bearer ${other}`);
  check("longer", "token_invalid", `Bearer ${secret}0`);
  for (const index of Array(secret.length).keys()) {
    check(`character ${index} changed`, "token_invalid", `Bearer ${changedAt(secret, index)}`);
  }
}

export function unsignedCases(add) {
  const input = (given, acceptance = "i-accept-forged-events") => ({
    scheme: ["unsigned", acceptance],
    headers: [],
    body: given,
    now: time,
  });
  add("anything", input(bodyOf(body)), {
    verdict: "accept",
    scheme: "unsigned",
    bindsBody: false,
    bodyBytes: body.length,
  });
  add("no body", input(bodyOf("")), { verdict: "accept", bodyBytes: 0 });
  add("parsed body", input({ value: { id: "1" } }), { verdict: "body_already_parsed" });
  add("body gone", input({ value: null }), { verdict: "body_unreadable" });
  add("body a number", input({ value: 5 }), { verdict: "body_unreadable" });
  add("other words", input(bodyOf(body), "yes"), { verdict: "option_invalid" });
}

/** What no scheme is made with. */
export function optionCases(add) {
  const check = (name, verdict, ...scheme) =>
    add(name, { scheme, headers: [], body: bodyOf(body), now: time }, { verdict });
  const zeros = { bytes: Buffer.alloc(32).toString("base64") };
  const made = (name, options) => [name, { header: "x-signature", ...options }];
  for (const name of ["hmac", "stampedHmac", "headerSecret"]) {
    check(`${name}, no secret`, "secret_missing", ...made(name, {}));
    check(`${name}, blank secret`, "secret_missing", ...made(name, { secret: "  " }));
    check(`${name}, secret "undefined"`, "secret_missing", ...made(name, { secret: "undefined" }));
    check(`${name}, secret of zeros`, "secret_missing", ...made(name, { secret: zeros }));
    check(`${name}, short secret`, "secret_too_short", ...made(name, { secret: "short" }));
    check(`${name}, quoted secret`, "secret_malformed", ...made(name, { secret: `"${secret}"` }));
    check(`${name}, unknown option`, "option_invalid", ...made(name, { secret, secrets: secret }));
    check(`${name}, no header`, "option_invalid", name, { secret });
  }
  const hexed = { secret: "no hex, but long enough", secretEncoding: "hex" };
  check("hmac, secret not hex", "secret_malformed", ...made("hmac", hexed));
  check("svix, secret not base64", "secret_malformed", "svix", { secret: "whsec_ü".repeat(9) });
  check("svix, public key", "secret_malformed", "svix", { secret: `whpk_${"A".repeat(43)}=` });
  check("svix, tolerance negative", "option_invalid", "svix", {
    secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
    toleranceSeconds: -1,
  });
  check("allOf, nothing", "option_invalid", "allOf");
  check("anyOf, nothing", "option_invalid", "anyOf");
}
