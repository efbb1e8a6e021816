/** Bounds of {@link turns}. */
export interface TurnsOptions {
  /** How many begin within a minute. @default 60 */
  readonly mostAMinute?: number;
  /** How many wait for the one under way. @default 8 */
  readonly mostWaiting?: number;
  /** In milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** Has work done, one piece after the other; `undefined` for what is beyond the bounds, and is not done. */
export type Turns = <Value>(work: () => Promise<Value>) => Promise<Value | undefined>;

/** Bounds work that strangers may ask for: one piece at a time, and so many a minute. */
export function turns({
  mostAMinute = 60,
  mostWaiting = 8,
  now = () => performance.now(),
}: TurnsOptions = {}): Turns {
  const begun: number[] = [];
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const time = now();
    while (begun[0] !== undefined && time - begun[0] >= 60_000) begun.shift();
    // One is under way, and the rest waits.
    if (begun.length >= mostAMinute || waiting > mostWaiting) return Promise.resolve(undefined);
    begun.push(time);
    waiting += 1;
    const done = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = done.catch(() => undefined);
    return done;
  };
}
