import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";

/** A request as an application sees it. */
export interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in their order and case. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

export interface Recorder {
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

/** An application that keeps what it gets, and answers with these statuses in turn, then with the last one. */
export async function startRecorder(statuses: readonly number[] = [200]): Promise<Recorder> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const flat = request.rawHeaders;
    seen.push({
      path: request.url ?? "",
      headers: request.headers,
      pairs: flat.flatMap((name, index) =>
        index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [],
      ),
      body: Buffer.concat(chunks),
    });
    response.statusCode = statuses[Math.min(seen.length, statuses.length) - 1] ?? 200;
    response.setHeader("content-type", "text/plain");
    response.setHeader("retry-after", "7");
    response.end(`answer ${seen.length}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A socket that keeps every byte of one request and answers 200: what is on the wire, before any parser. */
export async function startTap(): Promise<{
  readonly url: string;
  readonly bytes: () => Buffer;
  close(): Promise<void>;
}> {
  const chunks: Buffer[] = [];
  const isWhole = (): boolean => {
    const bytes = Buffer.concat(chunks);
    const end = bytes.indexOf("\r\n\r\n");
    const length = /^content-length: (\d+)/im.exec(bytes.subarray(0, end).toString("latin1"))?.[1];
    return end > 0 && bytes.length >= end + 4 + Number(length);
  };
  const server = createSocketServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (isWhole()) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => Buffer.concat(chunks),
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
