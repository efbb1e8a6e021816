const dayName = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** Reads a date in any of the forms of HTTP (RFC 9110, section 5.6.7), of which one does not name its zone. */
function readDate(text: string | null): number {
  if (text === null || !dayName.test(text)) return Number.NaN;
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
}

/**
 * How long an answer asks to be left alone, in milliseconds; 0 where it does not say so in a form of HTTP's.
 *
 * A date is taken by the clock of whoever wrote it, the answer's own `Date`, as ours may differ.
 */
export function readRetryAfter(headers: Headers): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  // Several come as one with commas: a proxy has added its own, and both are to be left alone.
  if (/^\d+(?:\s*,\s*\d+)*$/.test(text)) {
    const longest = Math.max(...text.split(",").map(Number));
    return Math.min(longest * 1000, Number.MAX_SAFE_INTEGER);
  }
  const until = readDate(text);
  if (Number.isNaN(until)) return 0;
  const theirs = readDate(headers.get("date"));
  return Math.max(0, until - (Number.isNaN(theirs) ? Date.now() : theirs));
}
