// Tokens of an authorization server: bearerJwt with a key set at hand or fetched, bearerIntrospection.

import { createHmac } from "node:crypto";
import { bodyOf, time, token, tokenKey } from "./sign.mjs";

const issuer = "https://auth.example.test/";
const audience = "https://example.test/webhooks";
const claims = { iss: issuer, aud: audience, iat: time - 10, nbf: time - 10, exp: time + 600 };
const body = bodyOf('{"id":"1"}');

const bearerHeader = (value) => [["authorization", `Bearer ${value}`]];
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token “signed” with HMAC under the text of a public key: what confuses a verifier that takes any algorithm. */
function confused({ publicText, kid }) {
  const signed = `${base64url({ alg: "HS256", kid })}.${base64url(claims)}`;
  return `${signed}.${createHmac("sha256", publicText).update(signed).digest("base64url")}`;
}

export function bearerJwtCases(add) {
  const keys = ["EdDSA", "ES256", "ES384", "RS256", "PS256"].map((alg) => tokenKey(alg, alg));
  const jwks = { keys: keys.map(({ jwk }) => jwk) };
  const [key, second] = keys;
  const stranger = tokenKey("EdDSA", "EdDSA");
  const check = (name, verdict, headers, { now = time, ...rest } = {}) =>
    add(
      name,
      { scheme: ["bearerJwt", { issuer, audience, jwks, ...rest }], headers, body, now },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "bearerJwt", bindsBody: false };
  const sent = (changes = {}, header = {}, by = key) =>
    bearerHeader(token(by, { ...claims, ...changes }, header));

  for (const one of keys) check(`genuine, ${one.alg}`, proof, sent({}, {}, one));
  check("genuine, several audiences", proof, sent({ aud: ["https://other.test/", audience] }));
  check("genuine, no key named", proof, sent({}, { kid: undefined }));
  check("genuine, required type", proof, sent(), { typ: "at+jwt" });
  check("genuine, required subject", proof, sent({ sub: "vendor" }), { subject: "vendor" });
  check("expired within leeway", proof, sent({ exp: time - 4 }));
  check("genuine, keys fetched", proof, sent(), {
    jwks: undefined,
    jwksUrl: "https://auth.example.test/jwks.json",
    served: jwks,
  });
  check("keys out of reach", "key_unavailable", sent(), {
    jwks: undefined,
    jwksUrl: "https://auth.example.test/jwks.json",
    served: "out of reach",
  });

  check("missing", "token_missing", []);
  check("other authentication", "token_missing", [["authorization", "Basic dTpw"]]);
  check("twice", "header_duplicated", [...sent(), ...sent()]);
  check("not three parts", "token_malformed", bearerHeader("a.b"));
  check("not base64url", "token_malformed", bearerHeader("!.!.!"));
  check("not JSON", "token_malformed", bearerHeader("AAAA.AAAA.AAAA"));
  const [{ 1: genuine }] = sent();
  check("padding", "token_malformed", [["authorization", `${genuine}==`]]);
  check("unused bits", "token_malformed", [["authorization", `${genuine.slice(0, -1)}B`]]);
  const twice = JSON.stringify(claims).replace("{", '{"iss":"https://else.test/",');
  check("claim twice, the last one right", proof, bearerHeader(token(key, twice)));
  const again = JSON.stringify(claims).replace(/}$/, ',"iss":"https://else.test/"}');
  check("claim twice, the last one wrong", "token_invalid", bearerHeader(token(key, again)));
  check("issued in the future", "token_invalid", sent({ iat: time + 60 }));
  check("claims not an object", "token_malformed", bearerHeader(token(key, "[]")));
  check("expired", "token_expired", sent({ exp: time - 6 }));
  check("never expires", "token_invalid", sent({ exp: undefined }));
  check(
    "expiry beyond numbers",
    "token_invalid",
    bearerHeader(token(key, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400'))),
  );
  check("not yet", "token_invalid", sent({ nbf: time + 60 }));
  check("other issuer", "token_invalid", sent({ iss: "https://auth.example.test" }));
  check("no issuer", "token_invalid", sent({ iss: undefined }));
  check("other audience", "token_invalid", sent({ aud: "https://example.test/" }));
  check("no audience", "token_invalid", sent({ aud: undefined }));
  check("other type", "token_invalid", sent({}, { typ: "JWT" }), { typ: "at+jwt" });
  check("other subject", "token_invalid", sent({ sub: "else" }), { subject: "vendor" });
  check("too old", "token_expired", sent({ iat: time - 700 }), { maxTokenAgeSeconds: 600 });
  check("other key", "token_invalid", sent({}, {}, stranger));
  check("unknown key", "token_invalid", sent({}, { kid: "unknown" }));
  check("key of another algorithm", "token_invalid", sent({}, { kid: second.kid }));
  check("algorithm not allowed", "token_invalid", sent(), { algorithms: ["RS256"] });
  check(
    "algorithm none",
    "token_invalid",
    bearerHeader(`${base64url({ alg: "none" })}.${base64url(claims)}.`),
  );
  check(
    "HS256 with the public key",
    "token_invalid",
    bearerHeader(confused({ publicText: JSON.stringify(key.jwk), kid: key.kid })),
  );
  check(
    "signature of other claims",
    "token_invalid",
    bearerHeader(
      [0, 1, 2]
        .map((part) => token(key, part === 1 ? { ...claims, sub: "x" } : claims).split(".")[part])
        .join("."),
    ),
  );

  check("no keys given", "option_invalid", sent(), { jwks: undefined });
  check("keys empty", "option_invalid", sent(), { jwks: { keys: [] } });
  check("symmetric algorithm", "option_invalid", sent(), { algorithms: ["HS256"] });
  check("keys over plain HTTP", "option_invalid", sent(), {
    jwks: undefined,
    jwksUrl: "http://auth.example.test/jwks.json",
  });
}

export function bearerIntrospectionCases(add) {
  const value = "opaque-token";
  const check = (name, verdict, answer, { headers = bearerHeader(value), ...rest } = {}) =>
    add(
      name,
      {
        scheme: ["bearerIntrospection", { answers: { [value]: answer }, ...rest }],
        headers,
        body,
        now: time,
      },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const named = { issuer, audience };
  const active = { active: true, iss: issuer, aud: audience, exp: time + 600, nbf: time - 10 };
  const proof = { verdict: "accept", scheme: "bearerIntrospection", bindsBody: false };

  check("active", proof, { active: true });
  check("active, issuer and audience", proof, active, named);
  check("active, several audiences", proof, { ...active, aud: ["a", audience] }, named);
  check("inactive", "token_invalid", { active: false });
  // No answer at all, so the sender is to come again.
  check("active in words", "key_unavailable", { active: "true" });
  check("no answer", "key_unavailable", {});
  check("unknown token", "token_invalid", active, { headers: bearerHeader("another") });
  check("out of reach", "key_unavailable", "out of reach");
  check("expired", "token_expired", { ...active, exp: time - 6 }, named);
  check("not yet", "token_invalid", { ...active, nbf: time + 60 }, named);
  check("other issuer", "token_invalid", { ...active, iss: "https://else.test/" }, named);
  check("other audience", "token_invalid", { ...active, aud: "else" }, named);
  check("missing", "token_missing", active, { headers: [] });
  check("malformed", "token_malformed", active, { headers: bearerHeader("a b") });
}
