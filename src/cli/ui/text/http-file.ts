import type { DeliveryView } from "../view.js";
import { utf8Text } from "./bytes.js";
import { headerOf, httpParts } from "./http-lines.js";

type Request = Pick<DeliveryView, "method" | "path" | "headers" | "body">;

/** The headers as they came; the length is put right where there was none, because the body came in chunks. */
function storedHeaders({ headers, body }: Request): Request["headers"] {
  const length = String(body.length);
  const framing = headers.filter(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const isRight = framing.length === 1 && /^content-length$/i.test(framing[0]?.[0] ?? "");
  if (isRight && framing[0]?.[1] === length) return headers;
  return [...headers.filter((one) => !framing.includes(one)), ["Content-Length", length]];
}

function headOf(request: Request): string {
  const lines = storedHeaders(request).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request.method} ${request.path || "/"} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A delivery as a `.http` file, byte for byte. */
export function httpFile(request: Request): Uint8Array {
  // Header values are bytes to Node: one character each.
  const head = Uint8Array.from(headOf(request), (character) => character.charCodeAt(0) & 0xff);
  const file = new Uint8Array(head.length + request.body.length);
  file.set(head);
  file.set(request.body, head.length);
  return file;
}

/** The same as text, or `undefined` where text cannot hold the body. */
export function httpText(request: Request): string | undefined {
  const body = utf8Text(request.body);
  return body === undefined ? undefined : headOf(request) + body;
}

/** Reads pasted headers, one on each line; a request line before them is passed over. */
export function readHeaders(text: string): readonly (readonly [string, string])[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !/^[A-Z]+ \S+(?: HTTP\/[\d.]+)?$/.test(line.trim()))
    .map((line) => {
      const header = headerOf(line);
      if (header === undefined) throw new SyntaxError(`not a header: ${line.slice(0, 40)}`);
      return header;
    });
}

/** Takes a `.http` file apart: the text of its head, and its body as it is. */
export function splitHttpFile(file: Uint8Array): {
  readonly head: string;
  readonly body: Uint8Array;
} {
  const { lines, body } = httpParts(file);
  return { head: lines.join("\n"), body };
}
