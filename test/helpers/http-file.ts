import { readFileSync } from "node:fs";

/** A recorded delivery, as it came over the wire. */
export interface HttpFile {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** Reads a `.http` file: CRLF head, then exactly as many bytes as `content-length` says. */
export function readHttpFile(path: string | URL): HttpFile {
  const bytes = readFileSync(path);
  const end = bytes.indexOf("\r\n\r\n");
  const [requestLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const length = Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1]);
  return { method, path: target, headers, body: bytes.subarray(end + 4, end + 4 + length) };
}
