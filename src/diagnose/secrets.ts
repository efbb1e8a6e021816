import {
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  isBytes,
  utf8Bytes,
} from "../internal/bytes.js";
import type { Secret, Secrets } from "../internal/secrets.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import type { Clue } from "./findings.js";
import { equalBytes, marker } from "./macs.js";
import { attempt, sampleContext } from "./proof.js";

/** A key that may have been meant, and what is wrong with the secret if it was. */
export interface Candidate {
  readonly secret: string | Uint8Array;
  readonly clues: readonly Clue[];
}

/** The secrets of a scheme, and all that they could have meant. */
export interface Candidates {
  /** The keys that the scheme verifies with. */
  readonly own: readonly Uint8Array[];
  /** How many secrets the scheme was given. */
  readonly count: number;
  readonly others: readonly Candidate[];
  /** The scheme with these secrets instead of its own. */
  remake(secrets: readonly (string | Uint8Array)[]): Scheme | AsyncScheme | undefined;
}

const mostSecrets = 16;
const mostCharacters = 1024;
const mostCandidates = 96;

const space = "[\\s\\u200b-\\u200d\\u2060\\ufeff]|\\\\[nrt]";
const spaceAround = new RegExp(`^(?:${space})+|(?:${space})+$`, "g");
const anySpace = new RegExp(`(?:${space})+`, "g");
const quoteAround = /^["'`“”‘’«»]+|["'`“”‘’«»]+$/g;
const prefixes = /^(?:export +)?[A-Za-z_][A-Za-z0-9_]*=|^(?:Bearer|Basic|Token):? +|^v\d[a-z]?,/i;
const shortPrefix = /^[a-z]{2,12}_/;

/** A secret's text without what does not belong to it, and what that was. */
function textsOf(text: string): readonly (readonly [string, readonly Clue[]])[] {
  const quoted: Clue = { code: "secret_quoted", how: "" };
  const spaced: Clue = { code: "secret_whitespace", how: "" };
  const named: Clue = { code: "secret_prefix", how: "something was pasted with it" };
  const texts: (readonly [string, readonly Clue[]])[] = [[text, []]];
  const add = (from: RegExp, clue: Clue) => {
    for (const [known, clues] of [...texts]) {
      const less = known.replace(from, "");
      if (less !== known && texts.every(([other]) => other !== less))
        texts.push([less, [...clues, clue]]);
    }
  };
  add(spaceAround, spaced);
  add(quoteAround, quoted);
  // What was between quotes and text, or the other way round.
  add(spaceAround, spaced);
  add(anySpace, spaced);
  add(prefixes, named);
  return texts;
}

interface Reading {
  readonly key: Uint8Array;
  readonly name: string;
  /** What the reading leaves out at the beginning. */
  readonly dropped: string;
  /** What the reading puts before it. */
  readonly added?: string;
}

const fromBase64Url = (text: string): Uint8Array | undefined =>
  /[-_]/.test(text) ? decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/")) : undefined;

/** Every key that a text can stand for. */
function readingsOf(text: string): readonly Reading[] {
  const prefix = shortPrefix.exec(text)?.[0] ?? "";
  const readings: Reading[] = [];
  for (const dropped of new Set(["", prefix])) {
    const rest = text.slice(dropped.length);
    const add = (name: string, key: Uint8Array | undefined) => {
      if (key !== undefined && key.length > 0) readings.push({ key, name, dropped });
    };
    add("text", utf8Bytes(rest));
    add("hex", decodeHex(rest));
    add("base64", decodeBase64(rest));
    add("base64url", fromBase64Url(rest));
  }
  if (prefix === "") {
    readings.push({ key: utf8Bytes(`whsec_${text}`), name: "text", dropped: "", added: "whsec_" });
  }
  // Kubernetes shows a secret in base64 once more.
  const inner = decodeBase64(text.slice(prefix.length));
  const again = inner && attempt(() => new TextDecoder("utf-8", { fatal: true }).decode(inner));
  if (again !== undefined && /^[!-~]{16,}$/.test(again)) {
    for (const { key } of readingsOf(again)) {
      readings.push({ key, name: "base64 twice", dropped: "" });
    }
  }
  return readings;
}

/** What base64 (of URLs) whose last bits are lost can stand for. */
function lastBits(digits: string): readonly Uint8Array[] {
  const plain = digits.replaceAll("-", "+").replaceAll("_", "/");
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const first = Math.max(alphabet.indexOf(plain.slice(-1)), 0);
  const keys = Array.from({ length: 16 }, (_zero, bits) =>
    decodeBase64(plain.slice(0, -1) + (alphabet[first | bits] ?? "")),
  );
  return keys.filter((key) => key !== undefined);
}

/** Bytes that somebody made of a secret's text, with a decoder that drops nothing or too much. */
function readingsOfBytes(bytes: Uint8Array): readonly Reading[] {
  const standard = encodeBase64(bytes);
  const texts = [
    ["the text in base64", standard],
    ["the text in hex", encodeHex(bytes)],
  ] as const;
  const readings: Reading[] = texts.flatMap(([name, text]) => [
    { key: utf8Bytes(text), name, dropped: "" },
    { key: utf8Bytes(`whsec_${text}`), name, dropped: "" },
  ]);
  // Buffer.from(secret, "base64") takes a prefix for digits.
  const digits = standard.replaceAll("+", "-").replaceAll("/", "_");
  const prefix = shortPrefix.exec(digits)?.[0];
  if (prefix !== undefined) {
    const rest = digits.slice(prefix.length).replace(/=+$/, "");
    const name = "base64 without its prefix";
    // The prefix takes the place of other bits, and the last ones are lost.
    for (const last of lastBits(rest)) readings.push({ key: last, name, dropped: "" });
  }
  return readings;
}

const labelOf = (secret: Secret, index: number): string => {
  const label = typeof secret === "object" && "label" in secret ? secret.label : undefined;
  const isPlain = typeof label === "string" && /^[\w .:-]{1,40}$/.test(label);
  return isPlain ? `the one labelled ${label}` : `number ${index + 1} of those at hand`;
};

function listOf(secrets: Secrets | undefined): readonly Secret[] {
  return ([secrets ?? []].flat() as Secret[]).slice(0, mostSecrets);
}

const textOrBytes = (secret: Secret): string | Uint8Array =>
  typeof secret === "object" && "value" in secret ? secret.value : (secret as string);

/** What a scheme writes into its headers, as one text to compare. */
function writes(scheme: Scheme | AsyncScheme | undefined): string | undefined {
  const headers = attempt(() => scheme?.sign?.(new Uint8Array(), sampleContext));
  return headers && JSON.stringify(headers);
}

/** All that the secrets of a scheme could have meant, and the other secrets at hand. `undefined` without secrets. */
export function candidatesOf(
  scheme: Scheme | AsyncScheme,
  others: Secrets | undefined,
): Candidates | undefined {
  const { remake } = scheme;
  if (remake === undefined) return undefined;
  let given: readonly Secret[] = [];
  const known = attempt(() =>
    remake((secrets) => {
      given = listOf(secrets);
      return secrets;
    }),
  );
  if (known === undefined) return undefined;
  const made = (secret: Uint8Array | string) => attempt(() => remake(() => secret));

  const own: Uint8Array[] = [];
  const found: Candidate[] = [];
  const add = (secret: string | Uint8Array, clues: readonly Clue[]) => {
    const isKnown = [...own, ...found.map((one) => one.secret)].some((key) =>
      typeof secret === "string" || typeof key === "string"
        ? key === secret
        : equalBytes(key, secret),
    );
    if (isKnown || clues.length === 0 || found.length >= mostCandidates) return;
    if (made(secret) !== undefined) found.push({ secret, clues });
  };

  /** How the scheme reads a text, told by what it signs. */
  const readingBy = (text: string): Reading | undefined => {
    const expected = writes(made(text));
    const readings = readingsOf(text);
    return expected === undefined
      ? undefined
      : readings.find(({ key }) => writes(made(key)) === expected);
  };
  // One with public keys does not sign; what its keys are read as cannot be told, and is never another.
  const signs = writes(known) !== undefined;
  const form = readingBy(marker)?.name ?? readingBy(encodeHex(utf8Bytes(marker)))?.name ?? "text";

  const texts: (readonly [string, readonly Clue[]])[] = [];
  const bytes: (readonly [Uint8Array, readonly Clue[]])[] = [];
  const collect = (secret: Secret, clues: readonly Clue[]) => {
    const value = textOrBytes(secret);
    // No key is so long, and every reading of it would be.
    if (value.length > mostCharacters) return;
    if (typeof value === "string") texts.push([value, clues]);
    else if (isBytes(value)) bytes.push([value, clues]);
  };
  for (const secret of given) {
    const value = textOrBytes(secret);
    if (isBytes(value)) own.push(value);
    else if (typeof value === "string") {
      const key = readingBy(value)?.key;
      if (key !== undefined) own.push(key);
    }
    collect(secret, []);
  }
  for (const [index, secret] of listOf(others).entries()) {
    collect(secret, [{ code: "secret_other", how: labelOf(secret, index) }]);
  }

  for (const [key, clues] of bytes) {
    add(key, clues);
    const text = attempt(() =>
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(key),
    );
    if (text !== undefined && /^[\s\u200b-\u200d\ufeff\x21-\x7e“”‘’«»]+$/.test(text)) {
      // Text that somebody turned into bytes is what it says, as text.
      for (const [less, more] of textsOf(text)) {
        for (const { key: other, name, dropped, added } of readingsOf(less)) {
          add(other, [...clues, ...more, ...mistakes(name, "text", dropped, added)]);
        }
      }
    }
    for (const { key: other, name } of readingsOfBytes(key)) {
      add(other, [...clues, { code: "secret_wrong_encoding", how: `the key is ${name}` }]);
    }
  }
  for (const [text, clues] of texts) {
    for (const [less, more] of textsOf(text)) {
      if (!signs) {
        add(less, [...clues, ...more]);
        continue;
      }
      const usual = readingBy(less);
      if (usual !== undefined) add(usual.key, [...clues, ...more]);
      for (const { key, name, dropped, added } of readingsOf(less)) {
        add(key, [...clues, ...more, ...mistakes(name, usual?.name ?? form, dropped, added)]);
      }
    }
  }
  return {
    own,
    count: Math.max(given.length, 1),
    others: found,
    remake: (secrets) => attempt(() => remake(() => secrets)),
  };
}

function mistakes(name: string, usual: string, dropped: string, added = ""): readonly Clue[] {
  if (name !== usual) {
    return [
      {
        code: "secret_wrong_encoding",
        how: `the key is ${said(name)}, and ${said(usual)} was read`,
      },
    ];
  }
  if (added !== "") return [{ code: "secret_prefix", how: `${added} is a part of the key` }];
  // Read as usual; what is wrong with it has been said.
  if (dropped === "") return [];
  // Only what everybody knows is named: of other secrets, the beginning is a part.
  const what = dropped === "whsec_" ? dropped : "what stands before the first _";
  const how = `${what} is no part of the key`;
  return [{ code: "secret_prefix", how }];
}

const said = (name: string): string => (name === "text" ? "the secret as text" : `its ${name}`);
