import { pause } from "../client/interruptible.js";
import type { WebhookError } from "../errors.js";
import type { HistoryEvent } from "../history.js";
import { settledHeaders } from "../internal/headers.js";
import type { Outcome } from "../outcome.js";
import type { Receiver } from "../receiver.js";

/** What a catch-up counts. */
export type Count = "recovered" | "duplicates" | "ignored" | "failed";

/** How long an event is waited for. */
export interface Patience {
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly aborted: () => Error;
}

const firstPauseMs = 100;
const longestPauseMs = 5000;

/** Whether the same event may fare better in a moment: somebody else is at it, or what it needs is out of reach. */
function isPassing<Events>(outcome: Outcome<Events>): boolean {
  if (outcome.kind === "in_progress") return true;
  return outcome.kind === "rejected" && outcome.error.status === 503;
}

/** Whether the receiver's own handler is at work on it, and has only outlived its deadline. */
function isOurs<Events>(outcome: Outcome<Events>): boolean {
  return (
    outcome.kind === "rejected" &&
    outcome.error.code === "handler_timeout" &&
    outcome.message !== undefined
  );
}

function countOf<Events>(outcome: Outcome<Events>, isOwn: boolean): Count {
  switch (outcome.kind) {
    case "handled":
      return "recovered";
    case "duplicate":
      return isOwn ? "recovered" : "duplicates";
    case "ignored":
    case "stale":
      return "ignored";
    default:
      return "failed";
  }
}

/**
 * Has the receiver handle an event of a history, and waits while that cannot be told: 100 ms at first, 5 s at last.
 *
 * @throws {ClientError} `aborted` while it waits
 */
export async function settle<Events>(
  receiver: Pick<Receiver<Events>, "recover">,
  { event, messageId, headers: given, secret }: HistoryEvent,
  { patienceMs, signal, aborted }: Patience,
): Promise<{ readonly outcome: Outcome<Events>; readonly count: Count }> {
  const began = performance.now();
  // An iterator would have none left when the event is asked about again.
  const headers = given && settledHeaders(given);
  let isOwn = false;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const outcome = await receiver.recover({
      event,
      source: "history",
      messageId,
      headers,
      secret,
    });
    isOwn ||= isOurs(outcome);
    const left = patienceMs - (performance.now() - began);
    if (!isPassing(outcome) || left <= 0) return { outcome, count: countOf(outcome, isOwn) };
    await pause(Math.min(pauseMs, left), signal);
    if (signal.aborted) throw aborted();
  }
}

/** Ends a run whose store stays out of reach: each event would only wait in vain. */
export function storeWatch<Events>(
  most: number,
): (outcome: Outcome<Events>) => WebhookError | undefined {
  let inRow = 0;
  return (outcome) => {
    const error = outcome.kind === "rejected" ? outcome.error : undefined;
    if (error?.code === "store_unavailable") {
      inRow += 1;
      return inRow >= most ? error : undefined;
    }
    // What was ignored, or could not be read, has not asked the store.
    if (outcome.kind !== "ignored" && error?.stage !== "payload") inRow = 0;
    return undefined;
  };
}
