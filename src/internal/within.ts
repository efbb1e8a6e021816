/**
 * Runs work that may hang. When the time is up it is told to stop and waited for no longer, whether it listens or not:
 * the promise then rejects. What is still going on when it settles is told to stop too.
 */
export async function within<Value>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The time is up.")), milliseconds);
  });
  try {
    return await Promise.race([work(control.signal), over]);
  } finally {
    clearTimeout(timer);
    control.abort();
  }
}
