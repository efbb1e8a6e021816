import { concatBytes, decodeHex, encodeBase64, utf8Bytes } from "../internal/bytes.js";

/** Bytes that may have been sent, and what was done to them. */
export interface Unmixed {
  readonly bytes: Uint8Array;
  readonly how: string;
  /** What it took to make it, in bytes that could have been hashed, where that is more than usual. */
  readonly cost?: number;
}

/** Decodes text; `undefined` where it is none, or where the runtime does not know the encoding. */
export function decodeText(bytes: Uint8Array, encoding = "utf-8"): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const chunk = 8192;

/** Bytes as characters of the same numbers. */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunk) {
    text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  }
  return text;
}

let windows: ReadonlyMap<number, number> | undefined;

/** What Windows has in the place of control characters. */
function windowsBytes(): ReadonlyMap<number, number> {
  if (windows !== undefined) return windows;
  const bytes = Uint8Array.from({ length: 32 }, (_zero, index) => 0x80 + index);
  const text = decodeText(bytes, "windows-1252") ?? latin1Text(bytes);
  windows = new Map(Array.from(bytes, (byte, index) => [text.charCodeAt(index), byte]));
  return windows;
}

/** One byte for each character, or `undefined` where one does not fit. */
function oneByteEach(text: string, isWindows: boolean): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const byte = (isWindows ? windowsBytes().get(code) : undefined) ?? code;
    if (byte > 0xff) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#x27;": "'",
  "&#x2F;": "/",
  "&amp;": "&",
};

function tried<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** As forms are encoded: spaces as plus signs. */
const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);

/** What forms, and parsers of forms, make of a body; and what it was. */
function* forms(text: string): Generator<Unmixed> {
  const isForm = /^[\w.[\]%~*+-]+=[^\s{"]*$/.test(text);
  if (isForm) {
    const fields = [...new URLSearchParams(text).values()].slice(0, 8);
    for (const field of fields)
      yield { bytes: utf8Bytes(field), how: "the field of the form alone" };
    const spaced = text.replaceAll("+", "%20");
    yield { bytes: utf8Bytes(spaced), how: "the form with %20 for spaces" };
    yield { bytes: utf8Bytes(text.replaceAll("%20", "+")), how: "the form with + for spaces" };
    const lower = text.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase());
    yield { bytes: utf8Bytes(lower), how: "the form with escapes in lower case" };
    const again = new URLSearchParams(text).toString();
    yield { bytes: utf8Bytes(again), how: "the form as URLSearchParams writes it" };
  }
  if (/%[0-9A-Fa-f]{2}/.test(text)) {
    const plain = tried(() => decodeURIComponent(text));
    if (plain !== undefined) yield { bytes: utf8Bytes(plain), how: "the body without % escapes" };
    const spaced = tried(() => decodeURIComponent(text.replaceAll("+", " ")));
    if (spaced !== undefined)
      yield { bytes: utf8Bytes(spaced), how: "the body without % escapes and +" };
  }
  // express.urlencoded() takes JSON for the name of a field.
  if (/^%7B|^\{.*\}=$/i.test(text)) {
    const plain = tried(() => decodeURIComponent(text.replaceAll("+", " ")).replace(/=$/, ""));
    if (plain !== undefined) yield { bytes: utf8Bytes(plain), how: "the body outside of the form" };
  }
  if (!isForm && /^[{[]/.test(text)) {
    for (const encode of [formEncoded, encodeURIComponent]) {
      const encoded = tried(() => encode(text));
      if (encoded === undefined) continue;
      for (const name of ["payload", "data", "body"]) {
        const how = `the form that it was the field ${name} of`;
        yield { bytes: utf8Bytes(`${name}=${encoded}`), how, cost: 30 * text.length };
      }
    }
    const value: unknown = tried(() => JSON.parse(text));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const fields = Object.entries(value);
      if (fields.length > 0 && fields.every(([, one]) => typeof one === "string")) {
        const form = new URLSearchParams(fields as [string, string][]).toString();
        yield { bytes: utf8Bytes(form), how: "the form that it was" };
      }
    }
  }
}

/** What a body may have been before something decoded and encoded its text. */
export function* unmixed(body: Uint8Array): Generator<Unmixed> {
  const text = decodeText(body);
  if (text === undefined) {
    // Not UTF-8: characters were written with one byte each.
    yield { bytes: utf8Bytes(latin1Text(body)), how: "it as UTF-8, and it came in Latin-1" };
    const read = decodeText(body, "windows-1252");
    if (read !== undefined)
      yield { bytes: utf8Bytes(read), how: "it as UTF-8, and it came in Windows-1252" };
  } else {
    const hasOther = /[^\0-\x7f]/.test(text);
    if (hasOther) {
      const how = "the bytes that were taken for Latin-1 and made UTF-8";
      const once = oneByteEach(text, false);
      if (once !== undefined) {
        yield { bytes: once, how };
        const inner = decodeText(once);
        const twice = inner === undefined ? undefined : oneByteEach(inner, false);
        if (twice !== undefined) yield { bytes: twice, how: `${how}, twice` };
      }
      const other = oneByteEach(text, true);
      if (other !== undefined) yield { bytes: other, how: how.replace("Latin-1", "Windows-1252") };
      // Putting marks in order takes the square of their number; no text has many on one letter.
      const forms = /(?:^|\P{M})\p{M}{64}/u.test(text) ? [] : (["NFC", "NFD"] as const);
      for (const form of forms) {
        const bytes = utf8Bytes(text.normalize(form));
        yield { bytes, how: `it in Unicode's form ${form}`, cost: 40 * text.length };
      }
    }
    if (/&(?:[lg]t|quot|amp|#39|#x2[7F]);/.test(text)) {
      const plain = text.replace(
        /&(?:[lg]t|quot|amp|#39|#x2[7F]);/g,
        (found) => entities[found] as string,
      );
      yield { bytes: utf8Bytes(plain), how: "it without HTML's &…;" };
    }
    const hex = decodeHex(text.trim().replace(/^\\x|^0x/, ""));
    if (hex !== undefined && hex.length > 0)
      yield { bytes: hex, how: "the bytes that it shows in hex" };
    yield* forms(text);
    const buffer = bufferOf(text);
    if (buffer !== undefined) yield { bytes: buffer, how: "the Buffer that was made JSON" };
  }
  for (const encoding of ["utf-16le", "utf-16be"]) {
    if (body.length % 2 !== 0 || !body.subarray(0, 64).includes(0)) continue;
    const wide = decodeText(body, encoding);
    if (wide !== undefined) {
      yield {
        bytes: utf8Bytes(wide.replace(/^\ufeff/, "")),
        how: "it as UTF-8, and it came in UTF-16",
      };
    }
  }
}

/** The bytes of `{"type":"Buffer","data":[…]}` and of `{"0":123,"1":…}`, which is what JSON makes of arrays of bytes. */
function bufferOf(text: string): Uint8Array | undefined {
  if (!/^\s*\{\s*"(?:type"\s*:\s*"Buffer"|0"\s*:\s*\d)/.test(text)) return undefined;
  const value = tried(() => JSON.parse(text) as Record<string, unknown>);
  const list: unknown = Array.isArray(value?.data) ? value.data : Object.values(value ?? {});
  const isBytes = (list as unknown[]).every(
    (one) => Number.isInteger(one) && (one as number) >> 8 === 0,
  );
  return isBytes ? Uint8Array.from(list as number[]) : undefined;
}

/** The bytes of base64 in any spelling, also in quotes, in lines and in a data URL. */
export function fromAnyBase64(text: string): Uint8Array | undefined {
  const written = text
    .trim()
    .replace(/^"?(?:data:[^,]*,)?/, "")
    .replace(/"$/, "")
    .replace(/[\r\n]+/g, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  // Not by /=+$/, nor the space above by /\s*$/: those begin anew at each character of a long run, for hours.
  let end = written.length;
  while (written.charCodeAt(end - 1) === 0x3d) end -= 1;
  const digits = written.slice(0, end);
  if (digits.length < 2 || digits.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(digits))
    return undefined;
  const binary = tried(() => atob(digits));
  if (binary === undefined) return undefined;
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** Base64 of bytes of any number; `encodeBase64` takes as many as a call has arguments. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3 * chunk) {
    parts.push(encodeBase64(bytes.subarray(at, at + 3 * chunk)));
  }
  return parts.join("");
}

/** What a compressed body holds, as far as it is not too large; where the runtime can tell. */
export async function decompressed(
  body: Uint8Array,
  most: number,
): Promise<Uint8Array | undefined> {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const isZlib =
    (body[0] ?? 0) % 16 === 8 &&
    body.length > 2 &&
    ((body[0] as number) * 256 + (body[1] as number)) % 31 === 0;
  if (!(isGzip || isZlib) || typeof DecompressionStream === "undefined") return undefined;
  try {
    const stream = new Blob([new Uint8Array(body)])
      .stream()
      .pipeThrough(new DecompressionStream(isGzip ? "gzip" : "deflate"));
    const pieces: Uint8Array[] = [];
    let length = 0;
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concatBytes(pieces);
      length += value.length;
      if (length > most) {
        await reader.cancel();
        return undefined;
      }
      pieces.push(value);
    }
  } catch {
    return undefined;
  }
}
