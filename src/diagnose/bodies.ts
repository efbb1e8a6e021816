import { concatBytes, utf8Bytes } from "../internal/bytes.js";
import type { Clue } from "./findings.js";
import { equalBytes } from "./macs.js";
import { enclosedTexts, reserialized } from "./reserialized.js";
import {
  decodeText,
  decompressed,
  fromAnyBase64,
  latin1Text,
  toBase64,
  unmixed,
} from "./text-mixups.js";

/** A body that may have been sent, when another came. */
export interface Original {
  readonly body: Uint8Array;
  readonly clues: readonly Clue[];
  /** What it took to make it, in bytes that could have been hashed. */
  readonly cost: number;
}

const mark = new Uint8Array([0xef, 0xbb, 0xbf]);
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Changes at the ends, which bytes alone show. */
function* edges(body: Uint8Array): Generator<Original> {
  const one = (code: Clue["code"], how: string, changed: Uint8Array): Original => ({
    body: changed,
    clues: [{ code, how }],
    cost: changed.length,
  });
  const line = "body_newline_changed";
  yield one(line, "with a line end after it", concatBytes([body, "\n"]));
  yield one(line, "with CRLF after it", concatBytes([body, "\r\n"]));
  let end = body.length;
  while (isSpace(body[end - 1])) end -= 1;
  let start = 0;
  while (start < end && isSpace(body[start])) start += 1;
  if (end < body.length) {
    yield one(line, "without the white space after it", body.subarray(0, end));
    const last = body.subarray(0, body.length - 1);
    if (end < last.length) yield one(line, "with one character less after it", last);
    yield one(line, "with another line end after it", concatBytes([body.subarray(0, end), "\n"]));
    yield one(line, "with another line end after it", concatBytes([body.subarray(0, end), "\r\n"]));
  }
  if (start > 0) {
    yield one(line, "without the white space around it", body.subarray(start, end));
    yield one(line, "without the white space before it", body.subarray(start));
  }
  const bom = "body_bom_changed";
  if (mark.every((byte, index) => body[index] === byte)) {
    yield one(bom, "without the mark at its beginning", body.subarray(3));
  } else {
    yield one(bom, "with the mark at its beginning", concatBytes([mark, body]));
  }
}

/** The body with every line end written so. */
function withLineEnds(body: Uint8Array, end: readonly number[]): Uint8Array {
  const out = new Uint8Array(body.length * end.length);
  let length = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] as number;
    if (byte !== 0x0a && byte !== 0x0d) {
      out[length] = byte;
      length += 1;
      continue;
    }
    if (byte === 0x0d && body[index + 1] === 0x0a) index += 1;
    for (const one of end) {
      out[length] = one;
      length += 1;
    }
  }
  return out.subarray(0, length);
}

/** Line ends of the one kind and of the other, with and without one at the end. */
function* lines(body: Uint8Array): Generator<Original> {
  if (!body.includes(0x0a) && !body.includes(0x0d)) return;
  const made = (changed: Uint8Array, how: string): Original => ({
    body: changed,
    clues: [{ code: "body_crlf_changed", how }],
    cost: 6 * body.length,
  });
  for (const [how, end] of [
    ["with LF", [0x0a]],
    ["with CRLF", [0x0d, 0x0a]],
    ["with CR", [0x0d]],
  ] as const) {
    const changed = withLineEnds(body, end);
    if (equalBytes(changed, body)) continue;
    yield made(changed, how);
    let last = changed.length;
    while (changed[last - 1] === 0x0a || changed[last - 1] === 0x0d) last -= 1;
    const bare = changed.subarray(0, last);
    if (last < changed.length) yield made(bare, `${how}, and none at its end`);
    else yield made(concatBytes([bare, Uint8Array.from(end)]), `${how}, and one at its end`);
  }
}

/** What was wrapped or encoded as a whole. */
async function* wrappings(body: Uint8Array, most: number): AsyncGenerator<Original> {
  const made = (code: Clue["code"], how: string, inner: Uint8Array | undefined): Original[] =>
    inner === undefined ? [] : [{ body: inner, clues: [{ code, how }], cost: 12 * body.length }];
  const text = decodeText(body);
  if (text !== undefined) {
    const inner = fromAnyBase64(text);
    const how = "the signature fits what it stands for";
    yield* made("body_base64_encoded", how, inner);
    if (inner !== undefined) {
      const packed = await decompressed(inner, most);
      yield* made("body_base64_encoded", `${how}, decompressed`, packed);
    }
    const within = "the signature fits a text within the JSON that was given";
    for (const enclosed of enclosedTexts(text)) {
      yield* made("body_reserialized", `${within}; an envelope is no body`, utf8Bytes(enclosed));
      const decoded = fromAnyBase64(enclosed);
      yield* made("body_base64_encoded", `${within}, once it is decoded`, decoded);
    }
  }
  const plain = await decompressed(body, most);
  yield* made("body_text_reencoded", "what it holds once it is decompressed", plain);
  for (const { bytes, how, cost = 12 * body.length } of unmixed(body)) {
    yield { body: bytes, clues: [{ code: "body_text_reencoded", how }], cost };
  }
}

/** JSON in other writings. */
function* writings(text: string): Generator<Original> {
  for (const { text: one, how, cost } of reserialized(text)) {
    yield { body: utf8Bytes(one), clues: [{ code: "body_reserialized", how }], cost };
  }
}

/** Recognises what has been there before. Of large bodies the copies would take more than they save. */
function onlyOnce(body: Uint8Array): (one: Uint8Array) => boolean {
  const mostBytes = 8192;
  const before = new Set([latin1Text(body.subarray(0, mostBytes + 1))]);
  return (one) => {
    if (one.length > mostBytes) return one.length !== body.length || !equalBytes(one, body);
    const text = latin1Text(one);
    if (before.has(text)) return false;
    before.add(text);
    return true;
  };
}

/** What may have been sent when this came, if one thing happened to it. */
async function* simple(body: Uint8Array, wrapped: Original[]): AsyncGenerator<Original> {
  yield* edges(body);
  yield* lines(body);
  for await (const original of wrappings(body, Math.max(4 * body.length, 1 << 20))) {
    yield original;
    wrapped.push(original);
  }
  yield* writings(decodeText(body)?.replace(/^\ufeff/, "") ?? "");
  const how = "the signature fits the base64, and it came decoded";
  const encoded = utf8Bytes(toBase64(body));
  yield { body: encoded, clues: [{ code: "body_base64_encoded", how }], cost: 2 * body.length };
}

/**
 * What may have been sent when this came: first what differs at the ends, then what was encoded as a whole, then JSON in
 * other writings, then the common pairs of these. Lazy, since large bodies are not worth all of them.
 */
export async function* originalsOf(
  body: Uint8Array,
  { pairs = true } = {},
): AsyncGenerator<Original> {
  const isNew = onlyOnce(body);
  const wrapped: Original[] = [];
  for await (const original of simple(body, wrapped)) if (isNew(original.body)) yield original;
  if (!pairs) return;
  for (const { body: inner, clues } of wrapped) {
    for (const part of [edges(inner), lines(inner), writings(decodeText(inner) ?? "")]) {
      for (const one of part) {
        if (isNew(one.body)) yield { ...one, clues: [...clues, ...one.clues] };
      }
    }
  }
}
