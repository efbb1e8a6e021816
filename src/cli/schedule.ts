import type { Provider } from "../index.js";
import { usageFailure } from "./failure.js";

/** Reads `--speed`: how many times as fast as in earnest. */
export function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= 1_000_000)) {
    throw usageFailure("--speed takes a number above 0, such as 60 for a minute in a second.");
  }
  return speed;
}

/** Reads `--schedule`: waits before each retry, in seconds. */
function parseSchedule(text: string): readonly number[] {
  const delays = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!delays.every((delay) => delay >= 0 && delay <= 604_800)) {
    throw usageFailure("--schedule takes seconds with commas between, such as 5,300,1800.");
  }
  return delays;
}

/** The waits before each retry: the user's, else what the sender documents. Nothing is guessed. */
export function retryDelays(
  { name, retry }: Pick<Provider, "name" | "retry">,
  schedule: string | undefined,
): readonly number[] {
  if (schedule !== undefined) return parseSchedule(schedule);
  if (retry !== undefined) return retry.delaysSeconds;
  throw usageFailure(
    `When ${name} tries again is not documented.`,
    "Say when with --schedule, in seconds: --schedule 5,300,1800 for instance.",
  );
}

/** A time span as it is read best. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  const parts: readonly (readonly [number, string])[] =
    whole < 3600
      ? [
          [Math.floor(whole / 60), "min"],
          [whole % 60, "s"],
        ]
      : [
          [Math.floor(whole / 3600), "h"],
          [Math.floor((whole % 3600) / 60), "min"],
        ];
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(" ");
}
