/** What {@link Deadline.within} returns when the work took too long. */
export const expired: unique symbol = Symbol("expired");

/** A point in time at which the sender is answered, whatever is still going on. */
export interface Deadline {
  /**
   * Waits for work, but not beyond the deadline, and for one at a time. What comes after it goes to `late`; a failure
   * after it is dropped.
   */
  within<Value>(
    work: Promise<Value>,
    late?: (value: Value) => unknown,
  ): Promise<Value | typeof expired>;
  /** Has `rest` wait for work that nobody else waits for, and that never rejects. */
  beside(work: Promise<unknown>): void;
  /** Ends when all work does that was not waited for, and `late` with it. Never rejects. */
  rest(): Promise<unknown>;
  /** Stops the clock. */
  clear(): void;
}

export function startDeadline(milliseconds: number): Deadline {
  const left: Promise<unknown>[] = [];
  /** Ends the wait that there is. */
  let give: (() => void) | undefined;
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    give?.();
  }, milliseconds);
  return {
    // Promise.race would do, in three times the time.
    within: (work, late) =>
      new Promise((resolve, reject) => {
        give = () => {
          left.push(work.then(late).catch(() => undefined));
          resolve(expired);
        };
        if (isOver) give();
        work.then(
          (value) => {
            give = undefined;
            resolve(value);
          },
          (thrown) => {
            give = undefined;
            reject(thrown);
          },
        );
      }),
    beside: (work) => left.push(work),
    rest: () => Promise.all(left),
    clear: () => clearTimeout(timer),
  };
}
