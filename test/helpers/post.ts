import { type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Posts exact bytes with exact headers; `fetch` would add and merge some. */
export function post(
  url: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string | Uint8Array,
  { method = "POST", chunked = false } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body as Uint8Array);
    const outgoing = request(url, {
      method,
      agent: false,
      headers: {
        ...(headers as Record<string, string>),
        ...(chunked ? { "transfer-encoding": "chunked" } : { "content-length": bytes.length }),
      },
    });
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}
