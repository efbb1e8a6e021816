import { ClientError } from "../client/client-error.js";
import { type FetchedPage, pages } from "../client/pages.js";
import type { HistoryEvent, HistorySource } from "../history.js";
import { unlessAborted } from "./abort.js";

/** Where a history is read from, how far, and for whom. */
export interface HistoryPagesOptions {
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly aborted: () => Error;
  readonly maxPages: number;
  /** For errors. */
  readonly provider: string;
  readonly operation: string;
}

/** A longer one would not leave room for others where progress is kept. */
const longestId = 1000;

/** Says where an event is not what a source has to give, if anywhere. */
function issueOf(event: unknown, path: string): { path: string; expected: string } | undefined {
  if (typeof event !== "object" || event === null) return { path, expected: "an event" };
  const { id, occurredAt, leaveOut } = event as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || id === "" || id.length > longestId) {
    return { path: `${path}.id`, expected: `text of up to ${longestId} characters` };
  }
  if (occurredAt !== undefined && !(occurredAt instanceof Date)) {
    return { path: `${path}.occurredAt`, expected: "a Date" };
  }
  if (leaveOut !== undefined && typeof leaveOut !== "boolean") {
    return { path: `${path}.leaveOut`, expected: "true or false" };
  }
  return undefined;
}

function issuesOf(page: unknown): readonly { path: string; expected: string }[] {
  const { events, hasNext } = Object(page) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(events)) return [{ path: "events", expected: "a list" }];
  if (typeof hasNext !== "boolean") return [{ path: "hasNext", expected: "true or false" }];
  for (const [index, event] of events.entries()) {
    const issue = issueOf(event, `events[${index}]`);
    if (issue !== undefined) return [issue];
  }
  return [];
}

/**
 * Reads a history page by page, and takes nothing for a page but what the contract says.
 *
 * @throws {ClientError} `response_invalid`, `cursor_stuck`, `page_repeated`, `page_limit`, `aborted`; and whatever the
 * source throws
 */
export function historyPages(
  source: HistorySource,
  { after: begin, signal, aborted, maxPages, ...call }: HistoryPagesOptions,
): AsyncIterable<FetchedPage<HistoryEvent>> {
  const fetchPage = async (after: string | undefined): Promise<FetchedPage<HistoryEvent>> => {
    const page = await unlessAborted(signal, aborted, () => source.page({ after, signal }));
    const issues = issuesOf(page);
    if (issues.length > 0) throw new ClientError("response_invalid", call, { issues });
    const { events, hasNext } = page;
    return { items: events, last: events.at(-1)?.id, hasNext };
  };
  return pages(fetchPage, { ...call, after: begin, maxPages });
}
