// svixAsymmetric: Ed25519 over id, time and body, in base64 (`v1a`). And beside svix, while a sender changes over.

import { generateKeyPairSync, sign } from "node:crypto";
import { bodyOf, eachByteChanged, mac, time } from "./sign.mjs";

const body = '{"status":"successful","refId":"Žofie 🌍"}';
const symmetric = Buffer.from("0123456789abcdef01234567");

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const bytes = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url");
  return { privateKey, bytes, text: `whpk_${bytes.toString("base64")}` };
}

// Encodings of points of order 1, 2 and 8, and one that no point has in canonical form: with the first three a signature
// of zeros fits many messages.
const refusedKeys = {
  "order 1": `01${"00".repeat(31)}`,
  "order 2": `ec${"ff".repeat(30)}7f`,
  "order 8": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "not canonical": `ee${"ff".repeat(30)}7f`,
};

export function svixAsymmetricCases(add) {
  const [key, other] = [keyPair(), keyPair()];
  const signatureOf = ({ id = "msg_1", at = time, over = body, by = key } = {}) => {
    const signed = Buffer.concat([Buffer.from(`${id}.${at}.`), Buffer.from(over)]);
    return `v1a,${sign(null, signed, by.privateKey).toString("base64")}`;
  };
  const headersOf = (values = {}, names = "webhook") =>
    Object.entries({
      ...{ id: "msg_1", timestamp: String(time), signature: signatureOf() },
      ...values,
    })
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [`${names}-${name}`, value]);
  const check = (name, verdict, given = {}) => {
    const { headers = headersOf(), over = body, now = time, scheme, ...rest } = given;
    const usual = ["svixAsymmetric", { publicKey: key.text, ...rest }];
    add(
      name,
      { scheme: scheme ?? usual, headers, body: bodyOf(over), now },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  };
  const proof = { verdict: "accept", scheme: "svixAsymmetric", id: "msg_1", bindsBody: true };
  const signed = (values) => ({ headers: headersOf(values) });
  const whole = signatureOf();
  const value = whole.slice(4);

  check("genuine", { ...proof, timestamp: "2023-11-14T22:13:20.000Z", secret: { index: 0 } });
  check("genuine, names of Svix", proof, { headers: headersOf({}, "svix") });
  check("second key", { ...proof, secret: { index: 1 } }, { publicKey: [other.text, key.text] });
  check(
    "several signatures",
    proof,
    signed({ signature: `${signatureOf({ by: other })} ${whole}` }),
  );
  check("key as bytes", proof, { publicKey: { bytes: key.bytes.toString("base64") } });
  for (const [title, over] of [
    ["empty", ""],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0, 0x80])],
    ["10000 bytes", "x".repeat(10_000)],
  ]) {
    const given = { ...signed({ signature: signatureOf({ over }) }), over };
    check(`genuine, body ${title}`, { ...proof, bodyBytes: Buffer.from(over).length }, given);
  }
  check("301 s old", "timestamp_too_old", { now: time + 301 });
  check("301 s from the future", "timestamp_too_new", { now: time - 301 });
  check("unchecked time, a day old", proof, { toleranceSeconds: false, now: time + 86_400 });

  for (const part of ["id", "timestamp", "signature"]) {
    check(`${part} missing`, `${part}_missing`, signed({ [part]: null }));
  }
  check("id with a dot", "id_malformed", signed({ id: "msg.1" }));
  check("time with a zero more", "timestamp_malformed", signed({ timestamp: `0${time}` }));
  for (const [title, signature] of [
    ["without version", value],
    ["truncated", `v1a,${value.slice(0, 43)}=`],
    ["without padding", whole.slice(0, -2)],
    ["of a symmetric secret", `v1,${mac(symmetric, "base64", `msg_1.${time}.`, body)}`],
    ["joined by a proxy", `${whole}, ${whole}`],
  ]) {
    check(`signature ${title}`, "signature_malformed", signed({ signature }));
  }
  // Each takes milliseconds, so not every byte: both halves, with their ends.
  for (const [index, changed] of eachByteChanged(value, "base64").entries()) {
    if (index % 16 !== 0 && index % 32 !== 31) continue;
    const signature = `v1a,${changed}`;
    check(`byte ${index} of the signature changed`, "signature_mismatch", signed({ signature }));
  }
  const zeros = `v1a,${Buffer.alloc(64).toString("base64")}`;
  check("signature of zeros", "signature_mismatch", signed({ signature: zeros }));
  check("body changed", "signature_mismatch", { over: `${body} ` });
  check("id changed", "signature_mismatch", signed({ id: "msg_2" }));
  check("time changed", "signature_mismatch", signed({ timestamp: String(time + 1) }));
  check("other key", "signature_mismatch", { publicKey: other.text });

  for (const [title, hex] of Object.entries(refusedKeys)) {
    const publicKey = `whpk_${Buffer.from(hex, "hex").toString("base64")}`;
    check(`key of ${title}`, "secret_malformed", { publicKey });
  }
  check("symmetric secret", "secret_malformed", {
    publicKey: `whsec_${symmetric.toString("base64")}`,
  });

  const either = {
    scheme: [
      "anyOf",
      ["svix", { secret: `whsec_${symmetric.toString("base64")}` }],
      ["svixAsymmetric", { publicKey: key.text }],
    ],
  };
  const both = `v1,${mac(symmetric, "base64", `msg_1.${time}.`, body)} ${whole}`;
  check("change-over, asymmetric", proof, either);
  check(
    "change-over, both signed",
    { ...proof, scheme: "svix" },
    {
      ...either,
      ...signed({ signature: both }),
    },
  );
  check("change-over, forged", "signature_mismatch", { ...either, over: `${body} ` });
}
