/** What ended work before it was done. */
export type Interruption = "timed_out" | "aborted";

/**
 * Runs work that may hang. When the time is up, or the caller gives up, the work is told to stop and waited for no longer,
 * whether it listens or not. No timer and no listener is left.
 */
export async function interruptible<Value>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  interrupted: (why: Interruption) => Error,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const control = new AbortController();
  let stop: () => void = () => undefined;
  const over = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(interrupted("timed_out")), milliseconds);
    const abort = () => reject(interrupted("aborted"));
    outer?.addEventListener("abort", abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    };
  });
  try {
    return await Promise.race([work(control.signal), over]);
  } finally {
    stop();
    control.abort();
  }
}

/** Waits, or until the caller gives up. */
export function pause(milliseconds: number, outer: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    outer?.addEventListener("abort", end, { once: true });
    if (outer?.aborted) end();
  });
}
