import type { Capture } from "../captures.js";
import { type DeliverySummary, verdictOf } from "../ui/view.js";
import type { WireDelivery } from "../ui/wire.js";

const searchedBytes = 2048;
const mostSearched = 8192;

/** What the filter of the page looks through, of a bounded length. */
function searchText({ headers, body, diagnosis, message, outcome, file }: Capture): string {
  const start = Buffer.from(body.subarray(0, searchedBytes)).toString("utf8");
  return [
    ...[message?.id, message?.subject, message?.decision, outcome.kind, file],
    ...(diagnosis?.findings ?? []).flatMap(({ code, summary }) => [code, summary]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    start,
  ]
    .filter((text) => text !== undefined)
    .join("\n")
    .slice(0, mostSearched);
}

/** A capture as a row of the page's list. */
export function summaryOf(capture: Capture): DeliverySummary {
  const { id, receivedAt, method, path, provider, outcome, diagnosis, message, replayOf } = capture;
  const about = diagnosis?.findings[0]?.code ?? message?.subject;
  return {
    id,
    receivedAt,
    method,
    path,
    provider,
    verdict: verdictOf(outcome, diagnosis?.verdict),
    status: outcome.status,
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(message === undefined ? {} : { type: message.type }),
    ...(about === undefined ? {} : { about }),
    bytes: capture.body.length,
    ...(replayOf === undefined ? {} : { replayOf }),
    search: searchText(capture),
  };
}

/** All of a capture, as the page gets it. */
export function deliveryOf(capture: Capture): WireDelivery {
  const { body, diagnosis, ...rest } = capture;
  return {
    ...rest,
    verdict: verdictOf(capture.outcome, diagnosis?.verdict),
    findings: (diagnosis?.findings ?? []).map(({ code, summary, fix }) => ({ code, summary, fix })),
    bodyBase64: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64"),
  };
}
