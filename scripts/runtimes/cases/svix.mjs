// svix: HMAC-SHA256 over id, time and body, in base64.

import { bodyOf, eachByteChanged, mac, time } from "./sign.mjs";

const key = Buffer.from("0123456789abcdef01234567");
const other = Buffer.from("another key of 24 bytes!");
const secretOf = (bytes) => `whsec_${bytes.toString("base64")}`;
const body = '{"status":"successful","refId":"Žofie 🌍"}';

const signatureOf = ({ id = "msg_1", at = time, over = body, by = key } = {}) =>
  `v1,${mac(by, "base64", `${id}.${at}.`, over)}`;

const headersOf = (values = {}, names = "svix") => {
  const all = { id: "msg_1", timestamp: String(time), signature: signatureOf(), ...values };
  return Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [`${names}-${name}`, value]);
};

/** @param add Takes a name, an input and what is expected. */
export function svixCases(add) {
  const check = (name, verdict, { headers = headersOf(), over = body, now = time, ...rest } = {}) =>
    add(
      name,
      { scheme: ["svix", { secret: secretOf(key), ...rest }], headers, body: bodyOf(over), now },
      typeof verdict === "string" ? { verdict } : verdict,
    );
  const proof = { verdict: "accept", scheme: "svix", id: "msg_1", bindsBody: true };
  const signed = (values) => ({ headers: headersOf(values) });
  const whole = signatureOf();
  const value = whole.slice(3);

  check("genuine", { ...proof, timestamp: "2023-11-14T22:13:20.000Z", secret: { index: 0 } });
  check("genuine, names of Standard Webhooks", proof, { headers: headersOf({}, "webhook") });
  check("genuine, upper-case names", proof, { headers: headersOf({}, "SVIX") });
  check("genuine, a stray header of the other set", proof, {
    headers: [...headersOf(), ["webhook-id", "msg_2"]],
  });
  check(
    "second secret, labelled",
    { ...proof, secret: { index: 1, label: "old" } },
    {
      secret: [secretOf(other), { value: secretOf(key), label: "old" }],
    },
  );
  check("secret as bytes", proof, { secret: { bytes: key.toString("base64") } });
  check("secret without prefix", proof, { secret: key.toString("base64") });
  check(
    "several signatures",
    proof,
    signed({ signature: `${signatureOf({ by: other })} ${whole}` }),
  );
  check("other versions are skipped", proof, signed({ signature: `v2,x v1a,${value} ${whole}` }));
  for (const [title, over] of [
    ["empty", ""],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0, 0x80])],
    ["byte order mark", "\ufeff{}"],
    ["70000 bytes", "x".repeat(70_000)],
    ["lone surrogate in UTF-8", Buffer.from([0xed, 0xa0, 0x80])],
  ]) {
    check(
      `genuine, body ${title}`,
      { ...proof, bodyBytes: Buffer.from(over).length },
      {
        ...signed({ signature: signatureOf({ over }) }),
        over,
      },
    );
  }

  check("300 s old", proof, { now: time + 300 });
  check("301 s old", "timestamp_too_old", { now: time + 301 });
  check("300 s from the future", proof, { now: time - 300 });
  check("301 s from the future", "timestamp_too_new", { now: time - 301 });
  check("tolerance 0, exact", proof, { toleranceSeconds: 0 });
  check("tolerance 0, 1 s old", "timestamp_too_old", { toleranceSeconds: 0, now: time + 1 });
  check("unchecked time, a year old", proof, { toleranceSeconds: false, now: time + 31_536_000 });
  check("old and forged", "signature_mismatch", { over: `${body} `, now: time + 9999 });

  for (const part of ["id", "timestamp", "signature"]) {
    check(`${part} missing`, `${part}_missing`, signed({ [part]: null }));
    check(`${part} empty`, `${part}_missing`, signed({ [part]: "" }));
    check(`${part} twice`, "header_duplicated", {
      headers: [...headersOf(), ...headersOf().filter(([name]) => name === `svix-${part}`)],
    });
  }
  for (const id of ["msg.1", "msg 1", "msg,1", "ms\u00fcg", "m".repeat(257)]) {
    check(`id ${id.slice(0, 9)}`, "id_malformed", signed({ id }));
  }
  const signedAt = (timestamp) => signed({ timestamp, signature: signatureOf({ at: timestamp }) });
  for (const timestamp of [
    ...[`0${time}`, `+${time}`, `-${time}`, `${time}.0`, `${time} `, ` ${time}`, `${time}abc`],
    ...[`${time}000`, "1.7e9", "0x6553f100", "NaN", "\u0662\u0663"],
  ]) {
    // What is no Latin-1 cannot stand in a header; only objects and lists can hold it.
    check(`timestamp ${JSON.stringify(timestamp)}`, "timestamp_malformed", signedAt(timestamp));
  }
  for (const [title, signature] of [
    ["without version", value],
    ["hex", `v1,${Buffer.from(value, "base64").toString("hex")}`],
    ["only of another version", `v1a,${value}`],
    ["upper-case version", `V1,${value}`],
    ["truncated", `v1,${value.slice(0, 20)}`],
    ["without padding", whole.slice(0, -1)],
    ["with spare bits set", `v1,${"A".repeat(42)}B=`],
    ["URL alphabet", `v1,${"-_".repeat(21)}A=`],
    ["joined by a proxy", `${whole}, ${whole}`],
    ["65 entries", Array(65).fill(whole).join(" ")],
    ["text", "null"],
  ]) {
    check(`signature ${title}`, "signature_malformed", signed({ signature }));
  }
  check("64 entries", proof, signed({ signature: Array(64).fill(whole).join(" ") }));
  for (const [index, changed] of eachByteChanged(value, "base64").entries()) {
    check(
      `byte ${index} of the MAC changed`,
      "signature_mismatch",
      signed({ signature: `v1,${changed}` }),
    );
  }
  check("body changed", "signature_mismatch", { over: body.replace("Ž", "Z") });
  check("body with a newline more", "signature_mismatch", { over: `${body}\n` });
  check("id changed", "signature_mismatch", signed({ id: "msg_2" }));
  check("time changed", "signature_mismatch", signed({ timestamp: String(time + 1) }));
  check("other secret", "signature_mismatch", { secret: secretOf(other) });
}
