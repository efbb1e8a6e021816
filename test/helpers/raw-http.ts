import { connect } from "node:net";

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Iterable<readonly [string, string]>;
  readonly body?: string;
}

/** What came before the connection ended. Of an answer that was cut there is less. */
export interface RawAnswer {
  /** 0 where not even the head came whole. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bodyBytes: number;
  /** All of it, the head included. */
  readonly text: string;
  /** In how many pieces it came. */
  readonly pieces: number;
}

/** Sends a request's bytes as they are written, and reads until the connection ends. `fetch` would add and repair. */
export function rawExchange(url: string, request: RawRequest): Promise<RawAnswer> {
  const { method, target, headers = [], body = "" } = request;
  const { hostname, port } = new URL(url);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  if (!lines.some((line) => /^host:/i.test(line))) lines.push(`host: ${hostname}:${port}`);
  if (body !== "") lines.push(`content-length: ${Buffer.byteLength(body)}`);
  lines.push("connection: close");
  const head = [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");

  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(head + body));
    socket.on("data", (chunk) => chunks.push(chunk));
    // A connection that is reset has ended as well.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      const bytes = Buffer.concat(chunks);
      const headBytes = bytes.indexOf("\r\n\r\n") + 4;
      const text = bytes.toString();
      const end = text.indexOf("\r\n\r\n");
      const [statusLine = "", ...fields] = end === -1 ? [] : text.slice(0, end).split("\r\n");
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
        headers: Object.fromEntries(
          fields.map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
          }),
        ),
        body: end === -1 ? "" : text.slice(end + 4),
        bodyBytes: end === -1 ? 0 : bytes.length - headBytes,
        text,
        pieces: chunks.length,
      });
    });
  });
}
