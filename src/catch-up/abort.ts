/** Waits for work, but not beyond an abort: then it throws, whether the work listens or not. */
export function unlessAborted<Value>(
  signal: AbortSignal,
  aborted: () => Error,
  work: () => Value | PromiseLike<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(aborted());
      return;
    }
    // Listens before the work does: an abort is told as one, and not as what the work makes of it.
    const stop = (): void => reject(aborted());
    signal.addEventListener("abort", stop, { once: true });
    const begun = new Promise<Value>((begin) => begin(work()));
    begun.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
