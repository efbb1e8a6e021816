import { timestampMalformed, timestampTooNew, timestampTooOld } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { invalidOption, wholeNumber } from "./options.js";

/** A clock: milliseconds since the epoch, like `Date.now`. */
export type Now = () => number;

/** Options of every scheme that binds the time. */
export interface FreshnessOptions {
  /**
   * How far the signed time may be from the clock, both ways, in whole seconds: 0 means exact, `false` unchecked.
   *
   * @default 300
   */
  readonly toleranceSeconds?: number | false | undefined;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
}

const year = 31_536_000;
const seconds = /^(?:0|[1-9]\d{0,11})$/;

/** Reads a `toleranceSeconds` option: 300 by default, `false` for unchecked. */
export function readTolerance(value: unknown): number | false {
  return value === false ? false : wholeNumber("toleranceSeconds", value, 300, 0, year);
}

/** Reads a `now` option. */
export function readNow(value: unknown): Now {
  if (value === undefined) return Date.now;
  if (typeof value !== "function") invalidOption("now", "a clock in milliseconds");
  return value as Now;
}

/** The time in whole seconds. */
export function secondsOf(now: Now): number {
  const time = typeof now === "function" ? now() : Number.NaN;
  if (!Number.isFinite(time)) invalidOption("now", "a clock in milliseconds");
  return Math.floor(time / 1000);
}

/**
 * Reads Unix seconds. Only digits without a leading zero count: `parseInt` would let “17…abc” and “+17…” pass.
 *
 * @throws {WebhookError} `timestamp_malformed`
 */
export function parseTimestamp(text: string): number {
  if (!seconds.test(text)) throw new WebhookError(timestampMalformed);
  return Number(text);
}

/**
 * Checks that a signed time is near the clock, in both directions.
 *
 * @throws {WebhookError} `timestamp_too_old`, `timestamp_too_new`
 */
export function checkFreshness(
  timestamp: number,
  toleranceSeconds: number | false,
  now: Now,
): void {
  if (toleranceSeconds === false) return;
  const age = secondsOf(now) - timestamp;
  if (Math.abs(age) > toleranceSeconds) {
    throw new WebhookError(age > 0 ? timestampTooOld : timestampTooNew, { toleranceSeconds });
  }
}
