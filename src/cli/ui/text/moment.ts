/** Reads a point in time, in milliseconds since the epoch: a date, or a Unix time in seconds or milliseconds. `NaN` for another text. */
export function momentOf(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  return /^\d{12,13}$/.test(text) ? Number(text) : Date.parse(text);
}
