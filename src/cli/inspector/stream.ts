import type { ServerResponse } from "node:http";
import type { CaptureLog } from "../captures.js";
import type { ReceivesView, Snapshot } from "../ui/wire.js";
import { summaryOf } from "./wire.js";

/** Pages that follow the captures. */
export interface Stream {
  /** Starts to follow; `false` when there are too many already. */
  add(response: ServerResponse): boolean;
  close(): void;
}

const mostPages = 16;
// A page that reads no faster than this is let go; it comes back, and gets everything at once.
const mostPending = 16 * 1024 * 1024;
const heartbeatMs = 15_000;

/** Tells pages of each capture: all that there are first, then each one as it comes. */
export function captureStream(log: CaptureLog, run: string, receives?: ReceivesView): Stream {
  const pages = new Set<ServerResponse>();
  const write = (page: ServerResponse, text: string): void => {
    if (page.writableLength > mostPending) page.destroy();
    else page.write(text);
  };
  const tell = (event: string, data: unknown): string =>
    `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  const unsubscribe = log.subscribe((capture) => {
    if (pages.size === 0) return;
    const text = tell("capture", summaryOf(capture));
    for (const page of pages) write(page, text);
  });
  const heartbeat = setInterval(() => {
    for (const page of pages) write(page, ":\n\n");
  }, heartbeatMs).unref();
  return {
    add: (response) => {
      if (pages.size >= mostPages) return false;
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      const captures = [...log.list()].reverse().map(summaryOf);
      const snapshot: Snapshot = { run, captures, ...(receives === undefined ? {} : { receives }) };
      response.write(`retry: 1000\n${tell("snapshot", snapshot)}`);
      pages.add(response);
      response.on("close", () => pages.delete(response));
      return true;
    },
    close: () => {
      clearInterval(heartbeat);
      unsubscribe();
      for (const page of pages) page.end();
    },
  };
}
