import { momentOf } from "../text/moment.js";

/** Reads a point in time: Unix seconds or milliseconds, or a date. Empty is now. @throws {SyntaxError} */
export function readMoment(text: string, now: number): number {
  const plain = text.trim();
  const read = plain === "" ? now : momentOf(plain);
  if (Number.isNaN(read)) throw new SyntaxError("The time is neither a date nor a Unix time.");
  return read;
}
