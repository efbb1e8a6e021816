// allOf and anyOf, over schemes that answer at once and over one that asks somebody.

import { bodyOf, mac, time } from "./sign.mjs";

const key = Buffer.from("0123456789abcdef01234567");
const secret = "a secret of some length";
const token = "q7Hd2mT9-vX4bK8zR1nL6";
const body = '{"id":"1"}';

const svix = ["svix", { secret: `whsec_${key.toString("base64")}` }];
const hmac = ["hmac", { secret, header: "x-signature" }];
const header = ["headerSecret", { secret: token, header: "x-api-key" }];
const asked = ["bearerIntrospection", { answers: { [token]: { active: true } } }];

const svixHeaders = (over = body) => [
  ["svix-id", "msg_1"],
  ["svix-timestamp", String(time)],
  ["svix-signature", `v1,${mac(key, "base64", `msg_1.${time}.`, over)}`],
];
const hmacHeader = (over = body) => ["x-signature", mac(secret, "hex", over)];
const apiKey = ["x-api-key", token];
const bearer = ["authorization", `Bearer ${token}`];
const proof = { verdict: "accept", bindsBody: true };

const checkWith =
  (add) =>
  (name, verdict, scheme, headers, now = time) =>
    add(
      name,
      { scheme, headers, body: bodyOf(body), now },
      typeof verdict === "string" ? { verdict } : verdict,
    );

export function allOfCases(add) {
  const check = checkWith(add);
  const both = ["allOf", svix, header];
  check("both hold", { ...proof, scheme: "allOf", id: "msg_1" }, both, [...svixHeaders(), apiKey]);
  check(
    "both hold, asking",
    { ...proof, scheme: "allOf", id: "msg_1" },
    ["allOf", asked, svix],
    [...svixHeaders(), bearer],
  );
  check("first missing", "signature_missing", both, [apiKey]);
  check("second missing", "secret_header_missing", both, svixHeaders());
  check("first forged", "signature_mismatch", both, [...svixHeaders("{}"), apiKey]);
  check("second forged", "secret_header_mismatch", both, [
    ...svixHeaders(),
    ["x-api-key", "another-value-of-a-length"],
  ]);
  check("both forged", "signature_mismatch", both, [...svixHeaders("{}"), ["x-api-key", "no"]]);
  check(
    "asked in vain",
    "token_invalid",
    ["allOf", asked, svix],
    [...svixHeaders(), ["authorization", "Bearer another"]],
  );
  check("late", "timestamp_too_old", both, [...svixHeaders(), apiKey], time + 301);
}

export function anyOfCases(add) {
  const check = checkWith(add);
  const either = ["anyOf", svix, hmac];
  check("first holds", { ...proof, scheme: "svix", id: "msg_1" }, either, svixHeaders());
  check("second holds", { ...proof, scheme: "hmac", id: null }, either, [hmacHeader()]);
  check("first forged, second holds", { ...proof, scheme: "hmac" }, either, [
    ...svixHeaders("{}"),
    hmacHeader(),
  ]);
  check(
    "one that asks holds",
    { verdict: "accept", scheme: "bearerIntrospection" },
    ["anyOf", svix, asked],
    [bearer],
  );
  check("none there", "signature_missing", either, []);
  check("first forged, second missing", "signature_mismatch", either, svixHeaders("{}"));
  check("first missing, second forged", "signature_mismatch", either, [hmacHeader("{}")]);
  check("first late, second missing", "timestamp_too_old", either, svixHeaders(), time + 301);
  check(
    "asked in vain",
    "token_invalid",
    ["anyOf", svix, asked],
    [["authorization", "Bearer another"]],
  );
}
