import { basename } from "node:path";
import { usageFailure } from "./failure.js";
import { momentOf } from "./ui/text/moment.js";

/** The time as it begins the names of stored deliveries: `20261121T144142.123Z`. */
export function stampOf(date: Date): string {
  return date.toISOString().replaceAll(/[-:]/g, "");
}

function fromStamp(file: string): number {
  const [, year, month, day, hour, minute, rest] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)/.exec(basename(file)) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${rest}`);
}

/** Reads `--at`: a date, Unix seconds, or `received`, which is in the name of a file that `listen` has stored. */
export function parseMoment(text: string, file?: string): number {
  let time: number;
  if (text === "received") {
    time = fromStamp(file ?? "");
    if (Number.isNaN(time)) {
      throw usageFailure(
        "The file's name does not say when it was received.",
        "Give a date to --at.",
      );
    }
  } else {
    time = momentOf(text);
    if (Number.isNaN(time)) {
      throw usageFailure(
        "--at takes a date such as 2026-05-04T09:04:05Z, Unix seconds, or “received”.",
      );
    }
  }
  return time;
}
