import { exitCodes } from "./exit-codes.js";
import { progress, remark } from "./terminal.js";

/**
 * Lets work that must not be torn apart go on after the first Ctrl-C, or SIGTERM; the second Ctrl-C ends the process.
 * Returns what gives the signals back.
 *
 * @param words What is said to whoever waits.
 */
export function onInterrupt(first: () => void, words: string | undefined): () => void {
  const leave = (): void => process.exit(exitCodes.interrupted);
  const stop = (): void => {
    progress(undefined);
    if (words !== undefined) remark(words);
    first();
    process.once("SIGINT", leave);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return () => {
    process.off("SIGINT", stop).off("SIGTERM", stop).off("SIGINT", leave);
  };
}
