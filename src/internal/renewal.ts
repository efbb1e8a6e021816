/** How a claim is kept while its handler runs. All in milliseconds. */
export interface RenewalTimes {
  /** How long the claim holds after each renewal. */
  readonly leaseMs: number;
  /** How long it is renewed for at most: a handler that hangs must not keep a message from the others for ever. */
  readonly longestMs: number;
}

/**
 * Renews a claim three times a lease until told to stop. Says once when it no longer does: somebody else has the claim,
 * or no renewal has succeeded for as long as the lease, or it has gone on for long enough.
 */
export function startRenewal(
  { leaseMs, longestMs }: RenewalTimes,
  renew: () => Promise<boolean>,
  lost: () => void,
): () => void {
  const everyMs = Math.ceil(leaseMs / 3);
  const mostRenewals = Math.floor(longestMs / everyMs);
  let renewals = 0;
  let unanswered = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  const lose = (): void => {
    // A question that was under way when the claim was settled is told that it is not held, and nothing is lost.
    if (isOver) return;
    stop();
    lost();
  };
  const once = async (): Promise<void> => {
    renewals += 1;
    unanswered += 1;
    // The third turn after the last success comes as the lease ends.
    if (unanswered > 2 || renewals > mostRenewals) return lose();
    const turn = renewals;
    if (!(await renew())) return lose();
    // An answer to an earlier question says nothing about the time since.
    if (turn === renewals) unanswered = 0;
  };
  const timer = setInterval(() => once().catch(() => undefined), everyMs);
  // A handler that hangs does not keep Node from ending, and neither must this. Elsewhere timers are numbers.
  (timer as { unref?(): void }).unref?.();
  return stop;
}
