/** Reads a point in time: Unix seconds or milliseconds, or a date. Empty is now. @throws {SyntaxError} */
export function readMoment(text: string, now: number): number {
  const plain = text.trim();
  if (plain === "") return now;
  if (/^\d{9,10}$/.test(plain)) return Number(plain) * 1000;
  const read = /^\d{12,13}$/.test(plain) ? Number(plain) : Date.parse(plain);
  if (Number.isNaN(read)) throw new SyntaxError("The time is neither a date nor a Unix time.");
  return read;
}
