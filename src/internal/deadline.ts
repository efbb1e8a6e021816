/** What {@link Deadline.within} returns when the work took too long. */
export const expired: unique symbol = Symbol("expired");

/** A point in time at which the sender is answered, whatever is still going on. */
export interface Deadline {
  /** Waits for work, but not beyond the deadline. What comes after it goes to `late`; a failure after it is dropped. */
  within<Value>(
    work: Promise<Value>,
    late?: (value: Value) => void,
  ): Promise<Value | typeof expired>;
  /** Stops the clock. */
  clear(): void;
}

export function startDeadline(milliseconds: number): Deadline {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<typeof expired>((resolve) => {
    timer = setTimeout(() => resolve(expired), milliseconds);
  });
  return {
    within: async (work, late) => {
      const first = await Promise.race([work, over]);
      if (first === expired) work.then(late, () => undefined);
      return first;
    },
    clear: () => clearTimeout(timer),
  };
}
