/** What {@link Deadline.within} returns when the work took too long. */
export const expired: unique symbol = Symbol("expired");

/** A point in time at which the sender is answered, whatever is still going on. */
export interface Deadline {
  /** Waits for work, but not beyond the deadline. What comes after it goes to `late`; a failure after it is dropped. */
  within<Value>(
    work: Promise<Value>,
    late?: (value: Value) => unknown,
  ): Promise<Value | typeof expired>;
  /** Ends when all work does that was not waited for, and `late` with it. Never rejects. */
  rest(): Promise<unknown>;
  /** Stops the clock. */
  clear(): void;
}

export function startDeadline(milliseconds: number): Deadline {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const left: Promise<unknown>[] = [];
  const over = new Promise<typeof expired>((resolve) => {
    timer = setTimeout(() => resolve(expired), milliseconds);
  });
  return {
    within: async (work, late) => {
      const first = await Promise.race([work, over]);
      if (first === expired) left.push(work.then(late).catch(() => undefined));
      return first;
    },
    rest: () => Promise.all(left),
    clear: () => clearTimeout(timer),
  };
}
