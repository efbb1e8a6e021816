import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Inspector, InspectorOptions } from "./captures.js";
import { networkFailure, usageFailure } from "./failure.js";
import { inspectorAssets } from "./inspector/assets.js";
import { guard } from "./inspector/guard.js";
import { captureStream } from "./inspector/stream.js";
import { deliveryOf } from "./inspector/wire.js";
import type { ReplayAnswer } from "./ui/wire.js";

/** Options of {@link startInspector}. */
export interface StartInspectorOptions
  extends Pick<InspectorOptions, "log" | "replay" | "receives"> {
  /** A loopback address. @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, a free one */
  readonly port?: number;
}

// No script but its own, no address but its own, nothing inline, and no text is ever taken for markup.
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};

const loopback = ["127.0.0.1", "localhost", "::1"];
const mostReplays = 8;

function answer(response: ServerResponse, status: number, body: unknown): void {
  const type = "application/json; charset=utf-8";
  response.writeHead(status, { "content-type": type }).end(JSON.stringify(body));
}

/** The id in `/api/captures/ID`, and what is asked for below it. */
function capturePath(path: string): { readonly id: string; readonly rest: string } | undefined {
  const [, encoded, rest = ""] = /^\/api\/captures\/([^/]{1,400})(\/replay)?$/.exec(path) ?? [];
  try {
    return encoded === undefined ? undefined : { id: decodeURIComponent(encoded), rest };
  } catch {
    return undefined;
  }
}

/**
 * Serves the inspector page, on loopback only. Requests that name another host, and those of other sites' pages, get
 * 403; a replay needs the token that the page was given.
 *
 * Rejects with a failure for an address that others can reach, and for a port that cannot be had.
 */
export async function startInspector(options: StartInspectorOptions): Promise<Inspector> {
  const { log, replay, host = "127.0.0.1", port: wanted = 0, receives } = options;
  if (!loopback.includes(host))
    throw usageFailure("The inspector page is served on loopback only.");
  const token = randomBytes(32).toString("hex");
  const assets = inspectorAssets(token);
  const stream = captureStream(log, randomBytes(8).toString("hex"), receives);
  let gate = guard(wanted, token);
  let replays = 0;

  const startReplay = async (id: string): Promise<readonly [number, ReplayAnswer]> => {
    if (log.get(id) === undefined) return [404, { error: "This delivery is no longer kept." }];
    if (replays >= mostReplays) return [503, { error: "Earlier replays are still under way." }];
    replays += 1;
    try {
      return [200, { id: (await replay(id)).id }];
    } catch (error) {
      const why = error instanceof Error ? error.message.slice(0, 300) : "";
      return [502, { error: why || "The replay failed: the terminal says why." }];
    } finally {
      replays -= 1;
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Nothing that is sent here is read.
    request.resume();
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { method = "", url = "" } = request;
    const [path = ""] = url.split("?", 1);
    if (!gate.isForUs(request)) return answer(response, 403, { error: "wrong host" });
    const capture = capturePath(path);
    const isReplay = capture?.rest === "/replay";
    const allowed = isReplay ? ["POST"] : ["GET", "HEAD"];
    if (!allowed.includes(method)) {
      response.setHeader("allow", allowed.join(", "));
      return answer(response, 405, { error: "method not allowed" });
    }
    const asset = assets.get(path);
    if (asset !== undefined) {
      response.writeHead(200, { "content-type": asset.type });
      response.end(method === "HEAD" ? undefined : asset.body);
      return;
    }
    if (!gate.isFromPage(request)) return answer(response, 403, { error: "wrong origin" });
    if (path === "/api/stream" && method === "GET") {
      if (!stream.add(response)) answer(response, 503, { error: "too many pages" });
      return;
    }
    if (capture === undefined) return answer(response, 404, { error: "not found" });
    if (isReplay) {
      if (!gate.mayChange(request))
        return answer(response, 403, { error: "wrong origin or token" });
      const [status, body] = await startReplay(capture.id);
      return answer(response, status, body);
    }
    const found = log.get(capture.id);
    if (found === undefined) return answer(response, 404, { error: "not found" });
    answer(response, 200, deliveryOf(found));
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.maxConnections = 128;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", ({ code }: NodeJS.ErrnoException) => {
        const reason = code === "EADDRINUSE" ? "is taken" : `cannot be had: ${code}`;
        const hint = "Choose another with --ui-port, 0 for any that is free.";
        reject(networkFailure(`Port ${wanted} ${reason}.`, hint));
      });
      server.listen(wanted, host, resolve);
    });
  } catch (error) {
    stream.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  gate = guard(port, token);
  return {
    url: `http://${host === "::1" ? "[::1]" : host}:${port}/`,
    close: () =>
      new Promise((resolve) => {
        stream.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
