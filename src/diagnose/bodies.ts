import { concatBytes, utf8Bytes } from "../internal/bytes.js";
import type { Clue } from "./findings.js";
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
}

const mark = new Uint8Array([0xef, 0xbb, 0xbf]);
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Changes at the ends, which bytes alone show. */
function* edges(body: Uint8Array): Generator<Original> {
  const one = (code: Clue["code"], how: string, changed: Uint8Array): Original => ({
    body: changed,
    clues: [{ code, how }],
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

/** Line ends of the one kind and of the other, with and without one at the end. */
function* lines(body: Uint8Array): Generator<Original> {
  if (!body.includes(0x0a) && !body.includes(0x0d)) return;
  const text = latin1Text(body);
  const bytes = (changed: string) =>
    Uint8Array.from(changed, (character) => character.charCodeAt(0));
  const unix = text.replace(/\r\n?/g, "\n");
  const made = (changed: string, how: string): Original => ({
    body: bytes(changed),
    clues: [{ code: "body_crlf_changed", how }],
  });
  for (const [base, how] of [
    [unix, "with LF"],
    [unix.replaceAll("\n", "\r\n"), "with CRLF"],
    [unix.replaceAll("\n", "\r"), "with CR"],
  ] as const) {
    if (base !== text) yield made(base, how);
    const bare = base.replace(/[\r\n]+$/, "");
    if (bare !== base && base !== text) yield made(bare, `${how}, and none at its end`);
    const ended = how === "with LF" ? `${bare}\n` : `${bare}\r\n`;
    if (ended !== base && base !== text) yield made(ended, `${how}, and one at its end`);
  }
}

/** What was wrapped or encoded as a whole. */
async function wrappings(body: Uint8Array, most: number): Promise<readonly Original[]> {
  const originals: Original[] = [];
  const add = (code: Clue["code"], how: string, inner: Uint8Array | undefined) => {
    if (inner !== undefined) originals.push({ body: inner, clues: [{ code, how }] });
  };
  const text = decodeText(body);
  if (text !== undefined) {
    const inner = fromAnyBase64(text);
    add("body_base64_encoded", "the signature fits what it stands for", inner);
    if (inner !== undefined) {
      const packed = await decompressed(inner, most);
      add("body_base64_encoded", "the signature fits what it stands for, decompressed", packed);
    }
    for (const enclosed of enclosedTexts(text)) {
      const how =
        "the signature fits a text within the JSON that was given; an envelope is no body";
      add("body_reserialized", how, utf8Bytes(enclosed));
      const encoded = "the signature fits a text within the JSON that was given, once decoded";
      add("body_base64_encoded", encoded, fromAnyBase64(enclosed));
    }
  }
  const plain = await decompressed(body, most);
  add("body_text_reencoded", "what it holds once it is decompressed", plain);
  for (const { bytes, how } of unmixed(body)) add("body_text_reencoded", how, bytes);
  return originals;
}

const again = (text: string): Uint8Array => utf8Bytes(text);

/**
 * What may have been sent when this came: first what differs at the ends, then what was encoded as a whole, then JSON in
 * other writings, then the common pairs of these. Lazy, since large bodies are not worth all of them.
 */
export async function* originalsOf(body: Uint8Array): AsyncGenerator<Original> {
  yield* edges(body);
  yield* lines(body);
  const wrapped = await wrappings(body, Math.max(4 * body.length, 1 << 20));
  yield* wrapped;
  const text = decodeText(body);
  const bare = text?.replace(/^\ufeff/, "");
  for (const { text: one, how } of reserialized(bare ?? "")) {
    yield { body: again(one), clues: [{ code: "body_reserialized", how }] };
  }
  yield {
    body: again(toBase64(body)),
    clues: [
      { code: "body_base64_encoded", how: "the signature fits the base64, and it came decoded" },
    ],
  };
  for (const { body: inner, clues } of wrapped) {
    for (const part of [...edges(inner), ...lines(inner)]) {
      yield { body: part.body, clues: [...clues, ...part.clues] };
    }
    for (const { text: one, how } of reserialized(decodeText(inner) ?? "")) {
      yield { body: again(one), clues: [...clues, { code: "body_reserialized", how }] };
    }
  }
}
