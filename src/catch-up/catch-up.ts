import { ClientError } from "../client/client-error.js";
import type { HistoryEvent, HistorySource } from "../history.js";
import { checkOptions, checkTexts, invalidOption, wholeNumber } from "../internal/options.js";
import type { Outcome } from "../outcome.js";
import type { Receiver } from "../receiver.js";
import { type Cursor, cursorKeeper } from "./cursor.js";
import { historyPages } from "./history-pages.js";
import { parseRecord, recordText } from "./record.js";
import { type Count, settle, storeWatch } from "./settle.js";
import { startTrack } from "./track.js";

/** What a catch-up has done. */
export interface CatchUpResult {
  /** Events that were handled now. */
  readonly recovered: number;
  /** Events that had been handled before. */
  readonly duplicates: number;
  /** Events that nobody has to handle: of an unknown type, without a handler, left out by the source, or stale. */
  readonly ignored: number;
  /**
   * Events that were not handled; the next run with the same `cursor` tries them again. One that had failed in an earlier
   * run and is no longer in the history counts once more, for the last time.
   */
  readonly failed: number;
  /**
   * The last id with nothing failed or left at or before it: with it as `after`, another run skips nothing. Absent where
   * there is none.
   */
  readonly lastId?: string;
}

/** How far a catch-up has come. */
export interface CatchUpProgress extends CatchUpResult {
  /**
   * The event that was seen through last. Without an outcome, the receiver was not asked: the source left it out, or an
   * earlier run has seen it through. The outcome holds personal data.
   */
  readonly event: { readonly id: string; readonly outcome?: Outcome };
}

/** Options of {@link catchUp}. */
export interface CatchUpOptions {
  /**
   * The id after which to begin. What comes after it and was handled so long ago that the receiver's store has forgotten
   * it (`ttlMs`) is handled again. @default the start of the history
   */
  readonly after?: string | undefined;
  /**
   * The last event to handle: its id (included; an id that does not come up ends nothing), or a time. Events that
   * happened later are left, wherever they are in the history; events without a time are handled.
   */
  readonly until?: string | Date | undefined;
  /**
   * Where progress is kept, so that the next run goes on from there, also after a crash. What is kept goes before
   * `after`. Written after each page, at least every hundred events or every second while events come, and at the end,
   * whatever the end is.
   */
  readonly cursor?: Cursor | undefined;
  /** Called after each event, and waited for. What it throws is dropped. */
  readonly onProgress?: ((progress: CatchUpProgress) => unknown) | undefined;
  /** Ends the run after the event that is being handled. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long to wait for an event that somebody else is handling, or for a store that is out of reach, in milliseconds;
   * after that it has failed. @default 60_000
   */
  readonly patienceMs?: number | undefined;
  /** The most pages that are read. @default 100_000 */
  readonly maxPages?: number | undefined;
}

const mostStoreFailures = 10;

function checkCatchUp<Events>(
  receiver: Pick<Receiver<Events>, "provider" | "recover">,
  source: HistorySource,
  options: CatchUpOptions,
): void {
  if (typeof receiver?.recover !== "function") {
    invalidOption("receiver", "what createReceiver returns");
  }
  if (typeof source?.page !== "function") invalidOption("source", "a history");
  if (source.provider !== receiver.provider) {
    invalidOption("source", "a history of the receiver's provider");
  }
  checkOptions(options, [
    ...["after", "until", "cursor", "onProgress", "signal", "patienceMs", "maxPages"],
  ]);
  const { after, until, cursor, onProgress, signal } = options;
  checkTexts({ after });
  const isTime = until instanceof Date && !Number.isNaN(until.getTime());
  if (until !== undefined && !isTime && (typeof until !== "string" || until === "")) {
    invalidOption("until", "an id, or a Date");
  }
  if (
    cursor !== undefined &&
    !(typeof cursor?.read === "function" && typeof cursor.write === "function")
  ) {
    invalidOption("cursor", "a cursor with read and write");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    invalidOption("onProgress", "a function");
  }
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    invalidOption("signal", "an AbortSignal");
  }
}

/**
 * Brings lost events back: has a receiver handle the events of a history, one after the other, oldest first. Each goes
 * through schema, claim and handler as a delivery does. What makes it authentic is the call to the history, and
 * `message.delivery.scheme` says `history`.
 *
 * Guarantees that an event is handled once as far as the receiver's store reaches, however many runs there are and
 * whatever is delivered meanwhile; that a failed event neither stops the others nor is skipped by the next run; and that
 * a run that is killed loses nothing that it had not kept. With a `cursor`, what an earlier run has seen through is not
 * asked about again, though the store may have forgotten it; after a thousand failed events (or 50 kB of their ids), and
 * after one that was left for its time, it is for the store to know. A history is taken to grow at its end only. A receiver with
 * `store: false` tells nothing apart: it handles an event again each time it is asked, also while its handler is at work.
 *
 * Exported from `countersign/catch-up`.
 *
 * @example
 * ```ts
 * const { recovered, failed } = await catchUp(receiver, history, {
 *   cursor: storeCursor(store, "history"),
 * });
 * ```
 *
 * @param receiver What `createReceiver` returns.
 * @param source A provider's history, or one of your own.
 * @returns What was done.
 * @throws {WebhookError} `option_invalid`, also for a kept cursor that cannot be read or is another provider's;
 * `store_unavailable` for a cursor out of reach, and after ten events in a row for which the store was
 * @throws {ClientError} `aborted`; `response_invalid`, `cursor_stuck`, `page_repeated` and `page_limit` for a history that
 * makes no sense; and whatever the source throws
 */
export async function catchUp<Events>(
  receiver: Pick<Receiver<Events>, "provider" | "recover">,
  source: HistorySource,
  options: CatchUpOptions = {},
): Promise<CatchUpResult> {
  checkCatchUp(receiver, source, options);
  const { until, onProgress, signal = new AbortController().signal } = options;
  const patienceMs = wholeNumber("patienceMs", options.patienceMs, 60_000, 0, 3_600_000);
  const maxPages = wholeNumber("maxPages", options.maxPages, 100_000, 1, 1_000_000_000);
  const { provider } = source;
  const call = { provider, operation: "catchUp" };
  const aborted = (): ClientError => new ClientError("aborted", call);
  const checkAborted = (): void => {
    if (signal.aborted) throw aborted();
  };
  checkAborted();

  const keeper = cursorKeeper(options.cursor, () => {
    const record = track.record();
    const isEmpty = record.after === undefined && record.reached === undefined;
    return isEmpty ? undefined : recordText(record, provider);
  });
  const kept = await keeper.read();
  const begin =
    kept === undefined ? { after: options.after, failed: [] } : parseRecord(kept, provider);
  const track = startTrack(begin);
  const storeFailure = storeWatch<Events>(mostStoreFailures);
  const counts: Record<Count, number> = { recovered: 0, duplicates: 0, ignored: 0, failed: 0 };
  const result = (): CatchUpResult => {
    const { after } = track.record();
    return { ...counts, ...(after === undefined ? {} : { lastId: after }) };
  };

  /** Has seen an event through. */
  const tell = async (id: string, outcome?: Outcome): Promise<void> => {
    counts.failed += track.takeGone();
    try {
      await onProgress?.({ ...result(), event: { id, ...(outcome && { outcome }) } });
    } catch {
      // Whoever watches must not change what happens.
    }
    await keeper.count();
  };

  const handle = async (event: HistoryEvent): Promise<void> => {
    const { id, occurredAt, leaveOut } = event;
    const step = track.step(id);
    if (step === "none") return;
    if (step === "asked") {
      track.repeated(id);
      return;
    }
    if (step === "seen" || leaveOut) {
      counts[step === "seen" ? "duplicates" : "ignored"] += 1;
      track.passed(id);
      await tell(id);
      return;
    }
    if (until instanceof Date && occurredAt !== undefined && occurredAt > until) {
      track.left(id);
      return;
    }
    const { outcome, count } = await settle(receiver, event, { patienceMs, signal, aborted });
    counts[count] += 1;
    if (count === "failed") track.failed(id);
    else track.passed(id);
    await tell(id, outcome as unknown as Outcome);
    const failure = storeFailure(outcome);
    if (failure !== undefined) throw failure;
  };

  /** Follows the history from where the run began, to its end or to the last event that is wanted. */
  const follow = async (): Promise<void> => {
    let isPast = false;
    const from = { after: begin.after, signal, aborted, maxPages, ...call };
    for await (const { items } of historyPages(source, from)) {
      for (const event of items) {
        checkAborted();
        if (isPast) track.sighted(event.id);
        else await handle(event);
        isPast ||= event.id === until;
        // Beyond it, one thing may still be wanted: to know that what was taken for seen has been.
        if (isPast && !track.isSeeking()) return;
      }
      await keeper.write();
    }
  };

  try {
    if (until === undefined || until !== begin.after) {
      await follow();
      if (track.isSeeking()) {
        counts.duplicates -= track.goBack();
        await follow();
      }
    }
    counts.failed += track.takeGone();
  } catch (error) {
    // What ends the run is what its caller has to hear of.
    await keeper.write().catch(() => undefined);
    throw error;
  }
  await keeper.write();
  return result();
}
