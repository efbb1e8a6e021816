// hmac: HMAC-SHA256 over the body, in hex or base64. stampedHmac: `t=…,v1=…`, over time and body.

import { bodyOf, eachByteChanged, mac, time } from "./sign.mjs";

const secret = "a secret of some length";
const other = "another secret of a length";
const body = '{"id":"1","name":"Ünal"}';
const header = "x-signature";

export function hmacCases(add) {
  const check = (name, verdict, value, { over = body, ...rest } = {}) =>
    add(
      name,
      {
        scheme: ["hmac", { secret, header, ...rest }],
        headers: [value].flat().map((one) => [header, one]),
        body: bodyOf(over),
        now: time,
      },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "hmac", id: null, timestamp: null, bindsBody: true };
  const hex = mac(secret, "hex", body);
  const base64 = mac(secret, "base64", body);

  check("genuine", { ...proof, secret: { index: 0 } }, hex);
  check("genuine, header in capitals", proof, hex, { header: "X-SIGNATURE" });
  check("genuine, base64", proof, base64, { encoding: "base64" });
  check("genuine, prefix", proof, `sha256=${hex}`, { prefix: "sha256=" });
  check("second secret", { ...proof, secret: { index: 1 } }, hex, { secret: [other, secret] });
  check("secret in hex", proof, hex, {
    secret: Buffer.from(secret).toString("hex"),
    secretEncoding: "hex",
  });
  check("secret in base64", proof, hex, {
    secret: Buffer.from(secret).toString("base64"),
    secretEncoding: "base64",
  });
  for (const [title, over] of [
    ["empty", ""],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0, 0x80])],
    ["70000 bytes", "x".repeat(70_000)],
  ]) {
    check(`genuine, body ${title}`, proof, mac(secret, "hex", over), { over });
  }
  for (const [title, value, rest] of [
    ["in capitals", hex.toUpperCase()],
    ["truncated", hex.slice(0, 32)],
    ["too long", `${hex}00`],
    ["of other characters", "g".repeat(64)],
    ["without its prefix", hex, { prefix: "sha256=" }],
    ["with a prefix that is not its own", `sha256=${hex}`],
    ["in base64, hex is meant", base64],
    ["in hex, base64 is meant", hex, { encoding: "base64" }],
    ["in base64 without padding", base64.slice(0, -1), { encoding: "base64" }],
    ["joined by a proxy", `${hex}, ${hex}`],
  ]) {
    check(`signature ${title}`, "signature_malformed", value, rest);
  }
  check("signature missing", "signature_missing", []);
  check("signature empty", "signature_missing", "");
  check("signature twice", "header_duplicated", [hex, hex]);
  for (const [encoding, value] of Object.entries({ hex, base64 })) {
    for (const [index, changed] of eachByteChanged(value, encoding).entries()) {
      const name = `byte ${index} of the MAC changed, ${encoding}`;
      check(name, "signature_mismatch", changed, { encoding });
    }
  }
  check("body changed", "signature_mismatch", hex, { over: body.replace("1", "2") });
  check("other secret", "signature_mismatch", hex, { secret: other });
}

/** Around the sizes at which an HMAC treats its key, and SHA-256 its last block, in another way. */
export function hmacSizeCases(add) {
  for (const keyBytes of [1, 16, 32, 63, 64, 65, 131, 1000]) {
    const key = Buffer.alloc(keyBytes, 0xa5);
    for (const bodyBytes of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 1000, 10_000]) {
      const over = Buffer.alloc(bodyBytes, bodyBytes % 251);
      const right = mac(key, "hex", over);
      const wrong = mac(Buffer.alloc(keyBytes, 0xa4), "hex", over);
      const input = (value) => ({
        scheme: ["hmac", { secret: { bytes: key.toString("base64") }, header, minSecretBytes: 1 }],
        headers: [[header, value]],
        body: bodyOf(over),
        now: time,
      });
      const sizes = `key of ${keyBytes}, body of ${bodyBytes}`;
      add(`right MAC, ${sizes}`, input(right), { verdict: "accept", bodyBytes });
      add(`wrong MAC, ${sizes}`, input(wrong), { verdict: "signature_mismatch" });
    }
  }
}

export function stampedHmacCases(add) {
  const check = (name, verdict, value, { over = body, now = time, ...rest } = {}) =>
    add(
      name,
      {
        scheme: ["stampedHmac", { secret, header, ...rest }],
        headers: [value].flat().map((one) => [header, one]),
        body: bodyOf(over),
        now,
      },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "stampedHmac", id: null, bindsBody: true };
  const hex = mac(secret, "hex", `${time}.`, body);
  const whole = `t=${time},v1=${hex}`;

  check("genuine", { ...proof, timestamp: "2023-11-14T22:13:20.000Z" }, whole);
  check("genuine, signature first", proof, `v1=${hex},t=${time}`);
  check("genuine, other keys are skipped", proof, `t=${time},v0=${hex},v1=${hex},x=1`);
  check("second signature", proof, `t=${time},v1=${"0".repeat(64)},v1=${hex}`);
  check("second secret", { ...proof, secret: { index: 1 } }, whole, { secret: [other, secret] });
  check(
    "genuine, body not UTF-8",
    proof,
    `t=${time},v1=${mac(secret, "hex", `${time}.`, Buffer.of(0xff))}`,
    {
      over: Buffer.of(0xff),
    },
  );
  check("300 s old", proof, whole, { now: time + 300 });
  check("301 s old", "timestamp_too_old", whole, { now: time + 301 });
  check("301 s from the future", "timestamp_too_new", whole, { now: time - 301 });
  check("tolerance 10, 11 s old", "timestamp_too_old", whole, {
    toleranceSeconds: 10,
    now: time + 11,
  });
  check("unchecked time, a day old", proof, whole, { toleranceSeconds: false, now: time + 86_400 });
  check("header missing", "signature_missing", []);
  check("header twice", "header_duplicated", [whole, whole]);
  check("time missing", "timestamp_missing", `v1=${hex}`);
  check("time twice", "timestamp_malformed", `t=${time},t=${time},v1=${hex}`);
  for (const t of [`0${time}`, `+${time}`, `${time}.5`, `${time}000`, "", "0x10"]) {
    const signature = mac(secret, "hex", `${t}.`, body);
    check(`time ${JSON.stringify(t)}`, "timestamp_malformed", `t=${t},v1=${signature}`);
  }
  check("signature missing", "signature_malformed", `t=${time}`);
  check("signature in capitals", "signature_malformed", `t=${time},v1=${hex.toUpperCase()}`);
  check("signature truncated", "signature_malformed", `t=${time},v1=${hex.slice(0, 32)}`);
  check("joined by a proxy", "signature_malformed", `${whole}, ${whole}`);
  check("65 entries", "signature_malformed", `t=${time}${`,v1=${hex}`.repeat(64)}`);
  for (const [index, changed] of eachByteChanged(hex, "hex").entries()) {
    check(`byte ${index} of the MAC changed`, "signature_mismatch", `t=${time},v1=${changed}`);
  }
  check("time changed", "signature_mismatch", `t=${time + 1},v1=${hex}`);
  check("body changed", "signature_mismatch", whole, { over: `${body} ` });
  check("other secret", "signature_mismatch", whole, { secret: other });
}
