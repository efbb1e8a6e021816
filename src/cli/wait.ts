import { setTimeout as sleep } from "node:timers/promises";
import { span } from "./schedule.js";
import { progress } from "./terminal.js";

/** Waits, with a line that counts down where somebody watches. */
export async function waitWithProgress(
  seconds: number,
  label: string,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = (end - performance.now()) / 1000) {
    progress(`  ${label} in ${span(left)}`);
    await sleep(Math.min(left, 1) * 1000, undefined, { signal });
  }
  progress(undefined);
}
