import type { Inspector } from "../../../src/cli/captures.js";
import { type Capture, type CaptureLog, captureLog } from "../../../src/cli/captures.js";
import { startInspector } from "../../../src/cli/inspector.js";

let count = 0;

/** A capture as `listen` makes it; an authentic one unless told otherwise. */
export function capture(changes: Partial<Capture> = {}): Capture {
  count += 1;
  return {
    id: `c-${count}`,
    receivedAt: new Date(Date.UTC(2026, 10, 21, 14, 0, count)).toISOString(),
    method: "POST",
    path: "/webhooks/vove",
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from('{"status":"successful"}'),
    provider: "vove",
    outcome: { kind: "handled", status: 200 },
    ...changes,
  };
}

/** An inspector over a log that tests fill; a replay is a capture once more. */
export async function startPage(
  given: { readonly port?: number; readonly replay?: (id: string) => Promise<Capture> } = {},
): Promise<Inspector & { readonly log: CaptureLog; readonly replayed: string[] }> {
  const log = captureLog();
  const replayed: string[] = [];
  const inspector = await startInspector({
    log,
    replay: async (id) => {
      replayed.push(id);
      const again = capture({ ...log.get(id), id: `again-${id}`, replayOf: id });
      log.add(again);
      return again;
    },
    ...given,
  });
  return { ...inspector, log, replayed };
}
