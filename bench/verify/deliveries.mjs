// Signed deliveries in every format, made by WebCrypto and @noble/ed25519: not by what is measured.

import { getPublicKeyAsync, signAsync } from "@noble/ed25519";
import { bodyOf } from "./bodies.mjs";

const many = 64;
const utf8 = new TextEncoder();
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Secrets of one run. */
export async function makeSecrets() {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const seed = crypto.getRandomValues(new Uint8Array(32));
  return {
    key,
    seed,
    whsec: `whsec_${base64(key)}`,
    text: `s3cret-${hex(key)}`,
    publicKey: `whpk_${base64(await getPublicKeyAsync(seed))}`,
  };
}

async function macOf(key, bytes) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/** What a proxy and a client send beside the signature. */
const usual = (bytes, index) => ({
  host: "hooks.example.test",
  "user-agent": "Sender/2.1 (+https://example.test)",
  "content-length": String(bytes.length),
  accept: "*/*",
  "accept-encoding": "gzip, deflate",
  "content-type": "application/json",
  "x-forwarded-for": "192.0.2.7",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "hooks.example.test",
  "x-request-id": `req-${index}`,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  connection: "keep-alive",
});

/** Ids of many lengths, some beyond one hash block: some verifiers are fast for short ones only. */
function idOf(index) {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const length = 12 + ((index * 37) % 60);
  return `msg_${Array.from({ length }, (_, at) => letters[(at * 7 + index * 11) % 62]).join("")}`;
}

/** One delivery, in every format. */
async function signed(secrets, body, index) {
  const id = idOf(index);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const prefix = utf8.encode(`${id}.${timestamp}.`);
  const textKey = utf8.encode(secrets.text);
  const v1 = base64(await macOf(secrets.key, concat(prefix, body)));
  const stamp = hex(await macOf(textKey, concat(utf8.encode(`${timestamp}.`), body)));
  const plain = hex(await macOf(textKey, body));
  const svix = { "svix-id": id, "svix-timestamp": timestamp };
  // Elliptic curves in JavaScript take milliseconds, and one signature is as good as another.
  const v1a = index === 0 ? base64(await signAsync(concat(prefix, body), secrets.seed)) : undefined;
  const rest = usual(body, index);
  return {
    svix: { headers: { ...rest, ...svix, "svix-signature": `v1,${v1}` }, body },
    hex: { headers: { ...rest, "x-hub-signature-256": `sha256=${plain}` }, body },
    stamp: { headers: { ...rest, "stripe-signature": `t=${timestamp},v1=${stamp}` }, body },
    header: { headers: { ...rest, "x-webhook-secret": secrets.text }, body },
    v1a: { headers: { ...rest, ...svix, "svix-signature": `v1a,${v1a}` }, body },
  };
}

function spoiltHeader(headers) {
  const [name, value] = Object.entries(headers).find(([key]) => /signature|secret/.test(key));
  const at = value.length - 8;
  const other = value[at] === "a" ? "b" : "a";
  return { ...headers, [name]: value.slice(0, at) + other + value.slice(at + 1) };
}

/** The same delivery with another signature, and with another body. */
export function spoilt({ headers, body }) {
  const other = typeof Buffer === "function" ? Buffer.from(body) : new Uint8Array(body);
  other[other.length - 3] ^= 1;
  return [
    { headers: spoiltHeader(headers), body },
    { headers, body: other },
  ];
}

/** @returns Lists of deliveries by format, over one body: Buffers where there are any. */
export async function makeDeliveries(secrets, bytes) {
  const plain = bodyOf(bytes);
  const body = typeof Buffer === "function" ? Buffer.from(plain) : plain;
  const all = [];
  for (let index = 0; index < many; index += 1) all.push(await signed(secrets, body, index));
  return {
    ...Object.fromEntries(
      ["svix", "hex", "stamp", "header"].map((format) => [format, all.map((one) => one[format])]),
    ),
    v1a: [all[0].v1a],
  };
}
