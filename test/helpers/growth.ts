/** The least time of several, in milliseconds: what else goes on in the machine only ever adds to it. */
function leastTime(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let run = 0; run < 2 || (run < 6 && spent < 60); run += 1) {
    const start = performance.now();
    work();
    const time = performance.now() - start;
    least = Math.min(least, time);
    spent += time;
  }
  return least;
}

/** Shorter times than this, in milliseconds, are the clock's, the caches' and the compiler's. */
const noise = 0.02;

/**
 * How many times as long the work takes for a hundredfold input, at most, up to 10 MB: linear work is near 100,
 * quadratic near 10 000.
 */
export function growthOf(prepare: (size: number) => () => unknown): number {
  const [tiny, small] = [10_000, 100_000].map((size) => leastTime(prepare(size))) as [
    number,
    number,
  ];
  // The next step would take a hundred times as long.
  if (small > 500 && small > 40 * tiny) return Number.POSITIVE_INFINITY;
  const [large, huge] = [1_000_000, 10_000_000].map((size) => leastTime(prepare(size))) as [
    number,
    number,
  ];
  const ratio = (before: number, after: number) => after / Math.max(before, noise);
  return Math.max(ratio(tiny, large), ratio(small, huge));
}

/** Between the two, nearer the square: memory that was never touched before makes 10 MB slow for their size. */
export const mostGrowth = 4000;
