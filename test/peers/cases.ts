import fc from "fast-check";
import type { Delivery } from "../../src/delivery.js";
import { mac } from "../helpers/sign.js";

/** Unix seconds at which every case is received. */
export const time = 1_700_000_000;

/** A delivery of Standard Webhooks and what the receiver is configured with. */
export interface StandardCase {
  readonly secret: string;
  readonly headers: unknown;
  readonly body: Delivery["body"];
}

/** A delivery with one hex HMAC and what the receiver is configured with. */
export interface HexCase {
  readonly secrets: readonly string[];
  readonly signature: string;
  readonly body: Delivery["body"];
}

type Names = "webhook" | "svix";

interface Parts {
  readonly key: Buffer;
  readonly id: string;
  readonly timestamp: string;
  readonly text: string;
  /** The right signature of any id, time and body under the key, in base64. */
  readonly sign: (id: string, timestamp: string, body: string | Uint8Array) => string;
}

const parts: fc.Arbitrary<Parts> = fc
  .record({
    key: fc.uint8Array({ minLength: 24, maxLength: 48 }).map((key) => Buffer.from([1, ...key])),
    id: fc.stringMatching(/^msg_[A-Za-z0-9]{5,30}$/),
    age: fc.integer({ min: -299, max: 299 }),
    text: fc.json(),
  })
  .map(({ key, id, age, text }) => ({
    key,
    id,
    timestamp: String(time - age),
    text,
    sign: (...[signedId, signedTime, body]) =>
      mac(key, "base64", `${signedId}.${signedTime}.`, body),
  }));

const secretOf = (key: Buffer) => `whsec_${key.toString("base64")}`;

/** A right delivery, of which each case changes something. */
function standard(
  all: Parts,
  {
    id = all.id,
    timestamp = all.timestamp,
    body = all.text as Delivery["body"],
    signature = (right: string): string => `v1,${right}`,
    secret = secretOf(all.key),
    names = "webhook" as Names,
    headers = (given: Record<string, string>): unknown => given,
  } = {},
): StandardCase {
  const right = all.sign(id, timestamp, body as string);
  const given = {
    [`${names}-id`]: id,
    [`${names}-timestamp`]: timestamp,
    [`${names}-signature`]: signature(right),
  };
  return { secret, headers: headers(given), body };
}

const upper = (given: Record<string, string>) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toUpperCase(), value]));
const without = (name: string) => (given: Record<string, string>) =>
  Object.fromEntries(Object.entries(given).filter(([key]) => !key.endsWith(name)));
const at = (all: Parts, change: (timestamp: string) => string): StandardCase => {
  // Signed with the plain time, sent in another form.
  const sent = standard(all);
  const headers = sent.headers as Record<string, string>;
  return { ...sent, headers: { ...headers, "webhook-timestamp": change(all.timestamp) } };
};
const wrong = `v1,${Buffer.alloc(32, 1).toString("base64")}`;
const notUtf8 = (text: string) =>
  Buffer.concat([Buffer.from(`["`), Buffer.of(0xff), Buffer.from(`",${text}]`)]);

/** Classes of deliveries by Standard Webhooks. */
export const standardCases: Readonly<Record<string, fc.Arbitrary<StandardCase>>> =
  Object.fromEntries(
    Object.entries<(all: Parts) => StandardCase>({
      "a genuine delivery": (all) => standard(all),
      "a genuine delivery, header names of Svix": (all) => standard(all, { names: "svix" }),
      "header names in upper case": (all) => standard(all, { headers: upper }),
      "headers as a Headers object": (all) =>
        standard(all, { headers: (given) => new Headers(given) }),
      "headers as a Map": (all) =>
        standard(all, { headers: (given) => new Map(Object.entries(given)) }),
      "headers as a list of pairs": (all) =>
        standard(all, { headers: (given) => Object.entries(given) }),
      "header values in lists of one": (all) =>
        standard(all, {
          headers: (given) =>
            Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value]])),
        }),
      "both sets of headers, alike": (all) =>
        standard(all, {
          headers: (given) => ({
            ...given,
            ...(standard(all, { names: "svix" }).headers as object),
          }),
        }),
      "a complete set of headers, and another id in the other set": (all) =>
        standard(all, { headers: (given) => ({ ...given, "svix-id": "msg_other" }) }),
      "a set of headers that is completed from the other set": (all) =>
        standard(all, {
          names: "svix",
          headers: (given) => ({ ...without("-id")(given), "webhook-id": all.id }),
        }),
      "the same header in two cases": (all) =>
        standard(all, { headers: (given) => ({ ...given, "Webhook-Id": all.id }) }),
      "no id": (all) => standard(all, { headers: without("-id") }),
      "no timestamp": (all) => standard(all, { headers: without("-timestamp") }),
      "no signature": (all) => standard(all, { headers: without("-signature") }),
      "a body as bytes in a Buffer": (all) => standard(all, { body: Buffer.from(all.text) }),
      "a body as bytes in a Uint8Array": (all) =>
        standard(all, { body: new Uint8Array(Buffer.from(all.text)) }),
      "a body that is not UTF-8": (all) => standard(all, { body: notUtf8(all.text) }),
      "a body that is not JSON": (all) => standard(all, { body: `{${all.text}` }),
      "an empty body": (all) => standard(all, { body: "" }),
      "a body with a byte order mark, as bytes": (all) =>
        standard(all, { body: Buffer.from(`\ufeff${all.text}`) }),
      "another body": (all) => ({ ...standard(all), body: `${all.text} ` }),
      "the body of another id": (all) =>
        standard(all, { headers: (given) => ({ ...given, "webhook-id": `${all.id}x` }) }),
      "another time": (all) => at(all, (timestamp) => String(Number(timestamp) ^ 1)),
      "a right signature after a wrong one": (all) =>
        standard(all, { signature: (right) => `${wrong} v1,${right}` }),
      "a right signature before a wrong one": (all) =>
        standard(all, { signature: (right) => `v1,${right} ${wrong}` }),
      "a right signature beside one of another version": (all) =>
        standard(all, { signature: (right) => `v1a,${"A".repeat(86)}== v1,${right}` }),
      "a right signature under another version": (all) =>
        standard(all, { signature: (right) => `v2,${right}` }),
      "a right signature as v1a": (all) => standard(all, { signature: (right) => `v1a,${right}` }),
      "a signature without a version": (all) => standard(all, { signature: (right) => right }),
      "a version in upper case": (all) => standard(all, { signature: (right) => `V1,${right}` }),
      "a signature without padding": (all) =>
        standard(all, { signature: (right) => `v1,${right.replace("=", "")}` }),
      "a signature in base64url": (all) =>
        standard(all, {
          // Always one that differs.
          signature: (right) =>
            `v1,${right.replaceAll("+", "-").replaceAll("/", "_").slice(0, -1)}`,
        }),
      "a signature cut short": (all) =>
        standard(all, { signature: (right) => `v1,${right.slice(0, 20)}` }),
      "a signature with something behind it": (all) =>
        standard(all, { signature: (right) => `v1,${right}x` }),
      "a signature with another field behind it": (all) =>
        standard(all, { signature: (right) => `v1,${right},x` }),
      "signatures joined by a comma and a space": (all) =>
        standard(all, { signature: (right) => `v1,${right}, v1,${right}` }),
      "65 signatures, the right one first": (all) =>
        standard(all, {
          signature: (right) => [`v1,${right}`, ...Array(64).fill(wrong)].join(" "),
        }),
      "64 signatures, the right one last": (all) =>
        standard(all, {
          signature: (right) => [...Array(63).fill(wrong), `v1,${right}`].join(" "),
        }),
      "a wrong signature": (all) => standard(all, { signature: () => wrong }),
      "299 seconds ago": (all) => standard(all, { timestamp: String(time - 299) }),
      "300 seconds ago": (all) => standard(all, { timestamp: String(time - 300) }),
      "301 seconds ago": (all) => standard(all, { timestamp: String(time - 301) }),
      "300 seconds ahead": (all) => standard(all, { timestamp: String(time + 300) }),
      "301 seconds ahead": (all) => standard(all, { timestamp: String(time + 301) }),
      "a time in milliseconds": (all) => standard(all, { timestamp: `${all.timestamp}000` }),
      "a time that is no number": (all) => at(all, () => "now"),
      "a time in more than digits, of the same value": (all) => at(all, (text) => `${text}.0`),
      "a time with a zero in front": (all) => at(all, (text) => `0${text}`),
      "a time with a sign": (all) => at(all, (text) => `+${text}`),
      "a time as a number": (all) => at(all, (text) => Number(text) as unknown as string),
      "an id with a dot": (all) => standard(all, { id: `${all.id}.x` }),
      "an id with a comma": (all) => standard(all, { id: `${all.id},x` }),
      "an id with a space": (all) => standard(all, { id: `${all.id} x` }),
      "an id outside ASCII": (all) => standard(all, { id: `${all.id}é` }),
      "an id of 257 characters": (all) => standard(all, { id: all.id.padEnd(257, "x") }),
      "a secret without its prefix": (all) => standard(all, { secret: all.key.toString("base64") }),
      "a secret without padding": (all) => {
        const key = all.key.subarray(0, 25);
        return standard(
          {
            ...all,
            sign: (id, timestamp, body) => mac(key, "base64", `${id}.${timestamp}.`, body),
          },
          { secret: secretOf(key).replace(/=+$/, "") },
        );
      },
      "a secret of 8 bytes": (all) => {
        const key = all.key.subarray(0, 8);
        return standard(
          {
            ...all,
            sign: (id, timestamp, body) => mac(key, "base64", `${id}.${timestamp}.`, body),
          },
          { secret: secretOf(key) },
        );
      },
      "a secret with white space inside": (all) =>
        standard(all, { secret: secretOf(all.key).replace(/^.{9}/, "$& ") }),
      "another secret": (all) => standard(all, { secret: secretOf(Buffer.from([2, ...all.key])) }),
    }).map(([name, make]) => [name, parts.map(make)]),
  );

const hexParts = fc.record({
  secret: fc.stringMatching(/^k[!-~]{20,40}k$/).filter((text) => !text.includes("${")),
  text: fc.json(),
});

/** Classes of deliveries with one hex HMAC over the body. */
export const hexCases: Readonly<Record<string, fc.Arbitrary<HexCase>>> = Object.fromEntries(
  Object.entries<(secret: string, text: string) => HexCase>({
    "a genuine delivery": (secret, text) => hex(secret, text),
    "a body as bytes in a Buffer": (secret, text) => hex(secret, Buffer.from(text)),
    "a body that is not UTF-8": (secret, text) => hex(secret, notUtf8(text)),
    "a body that is not JSON": (secret, text) => hex(secret, `{${text}`),
    "a text with a lone surrogate": (secret, text) => hex(secret, `["\ud800",${text}]`),
    "an empty body": (secret) => hex(secret, ""),
    "another body": (secret, text) => ({ ...hex(secret, text), body: `${text} ` }),
    "another secret": (secret, text) => ({ ...hex(secret, text), secrets: [`${secret}x`] }),
    "the second of two secrets": (secret, text) => ({
      ...hex(secret, text),
      secrets: [`${secret}x`, secret],
    }),
    "a secret of 8 characters": (secret, text) => hex(secret.slice(0, 8), text),
    "a secret outside ASCII": (secret, text) => hex(`${secret}é\u{1F600}`, text),
    "a secret with a line end": (secret, text) => hex(`${secret}\n`, text),
    "a signature in upper case": (secret, text) =>
      // A MAC without letters would be the same.
      hex(secret, text, (right) => `sha256=${right.toUpperCase().replace(/^\d+$/, "A")}`),
    "a prefix in upper case": (secret, text) => hex(secret, text, (right) => `SHA256=${right}`),
    "no prefix": (secret, text) => hex(secret, text, (right) => right),
    "the prefix of another algorithm": (secret, text) =>
      hex(secret, text, (right) => `sha1=${right}`),
    "a signature cut short": (secret, text) =>
      hex(secret, text, (right) => `sha256=${right.slice(0, -1)}`),
    "a signature with something behind it": (secret, text) =>
      hex(secret, text, (right) => `sha256=${right}0`),
    "a signature with a space behind it": (secret, text) =>
      hex(secret, text, (right) => `sha256=${right} `),
    "no signature": (secret, text) => hex(secret, text, () => ""),
    "a wrong signature": (secret, text) => hex(secret, text, () => `sha256=${"0".repeat(64)}`),
  }).map(([name, make]) => [name, hexParts.map(({ secret, text }) => make(secret, text))]),
);

function hex(
  secret: string,
  body: string | Uint8Array,
  signature = (right: string) => `sha256=${right}`,
): HexCase {
  return { secrets: [secret], body, signature: signature(mac(secret, "hex", body)) };
}
