import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { networkFailure } from "./failure.js";
import type { HttpRequest } from "./http-file.js";
import type { Reply } from "./intake.js";

/** The endpoint that takes deliveries. */
export interface Listener {
  readonly url: string;
  readonly host: string;
  /** Takes no more, and waits a moment for what is under way. */
  close(): Promise<void>;
}

/** What a {@link Listener} hands deliveries to. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly take: (request: HttpRequest) => Promise<Reply>;
  /** Of requests that are no deliveries, and of failures. */
  readonly remark: (text: string) => void;
}

const longestBody = 8 * 1024 * 1024;
const patienceMs = 2000;

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rawHeaders({ rawHeaders: flat }: IncomingMessage): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.push([flat[index] ?? "", flat[index + 1] ?? ""]);
  }
  return pairs;
}

// Of one connection, and not of what is said on it.
const ofConnection =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|date)$/;

function answer(
  response: ServerResponse,
  { status, headers = {}, body = new Uint8Array() }: Reply,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ofConnection.test(name)) response.setHeader(name, value);
  }
  response.writeHead(status, { "content-length": body.length }).end(body);
}

const greeting = Buffer.from("countersign listens here. Deliveries come by POST.\n");

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { take, remark }: ListenerOptions,
): Promise<void> {
  const { method = "", url: path = "/" } = request;
  if (method !== "POST") {
    request.resume();
    remark(`${method} ${path}: answered 405, since deliveries come by POST.`);
    return answer(response, {
      status: 405,
      headers: { "content-type": "text/plain", allow: "POST" },
      body: greeting,
    });
  }
  const body = await readBody(request);
  if (body === undefined) {
    remark(`POST ${path}: answered 413, since the body is larger than 8 MiB. It is not kept.`);
    response.setHeader("connection", "close");
    return answer(response, { status: 413 });
  }
  answer(response, await take({ method, path, headers: rawHeaders(request), body }));
}

/** Starts to listen. Rejects with a failure when the address cannot be had. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, remark } = options;
  const server = createServer((request, response) => {
    respond(request, response, options).catch((error: Error) => {
      // A sender that hangs up while it sends, or a disk that is full; the next delivery has its own chance.
      remark(`A delivery was not taken: ${error.message}`);
      if (!response.headersSent) answer(response, { status: 500 });
      else response.destroy();
    });
  });
  // A vendor needs a few. Behind a tunnel, anybody may come, and each may hold a body.
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reasons: Readonly<Record<string, string>> = {
        EADDRINUSE: `Port ${port} is taken.`,
        EACCES: `Port ${port} may not be taken.`,
        EADDRNOTAVAIL: `${host} is no address of this machine.`,
      };
      const reason = reasons[error.code ?? ""] ?? `${host}:${port}: ${error.code}`;
      reject(networkFailure(reason, "Choose another with --port, 0 for any that is free."));
    });
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    host,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
