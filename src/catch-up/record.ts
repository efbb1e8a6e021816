import { utf8Bytes } from "../internal/bytes.js";
import { invalidOption } from "../internal/options.js";

/** How far a catch-up has come, as it is kept. */
export interface CatchUpRecord {
  /** The last id with nothing failed at or before it. */
  readonly after?: string | undefined;
  /** The furthest id up to which every event has been seen through, where some between have failed. */
  readonly reached?: string | undefined;
  /** Those that failed between. */
  readonly failed: readonly string[];
}

/** The most failed events that are remembered one by one. */
export const mostFailed = 1000;

/** And the most room that they take: with two longest ids beside them, a record stays below the 64 KiB that stores keep. */
export const mostFailedBytes = 50_000;

/** The room that an id takes among the failed ones. */
export function failedBytes(id: string): number {
  return utf8Bytes(JSON.stringify(id)).length + 1;
}

const version = 1;

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the text.
    return undefined;
  }
}

/**
 * Reads a kept record. One that cannot be read is refused: to begin anew would handle again what the store has forgotten,
 * and to go on from a guess would miss what lies before it.
 *
 * @throws {WebhookError} `option_invalid`
 */
export function parseRecord(text: string, provider: string): CatchUpRecord {
  const record = Object(parsed(text)) as Readonly<Record<string, unknown>>;
  const { v, after, reached, failed } = record;
  const fits =
    v === version &&
    (after === undefined || isId(after)) &&
    (reached === undefined || isId(reached)) &&
    Array.isArray(failed) &&
    failed.length <= mostFailed &&
    failed.every(isId) &&
    (reached !== undefined || failed.length === 0);
  if (!fits) invalidOption("cursor", "what a catch-up has written");
  if (record.provider !== provider) invalidOption("cursor", "a cursor of this provider");
  return { after, reached, failed } as CatchUpRecord;
}

/** Writes a record. */
export function recordText({ after, reached, failed }: CatchUpRecord, provider: string): string {
  return JSON.stringify({ v: version, provider, after, reached, failed });
}
