// Receivers whose handlers and outcomes are watched. Knows neither Node nor a server, so that the runtimes share it.

/** The limit of all receivers: small, so that going beyond it takes no time. */
export const maxBodyBytes = 16_384;

/**
 * A receiver for every mount, and what its handlers and outcomes were seen to be.
 *
 * @param createReceiver That of the package; the caller knows where to import it from.
 * @param mounts A path and a configured provider each.
 * @param clock Every receiver reads the time from its `now`.
 */
export function watchedReceivers(createReceiver, mounts, clock) {
  const seen = { outcomes: [], handlerCalls: 0, onNextCall: undefined };
  const handler = async () => {
    const { onNextCall } = seen;
    seen.handlerCalls += 1;
    seen.onNextCall = undefined;
    await onNextCall?.();
  };
  const routes = mounts.map(({ path, provider }) => ({
    path,
    receiver: createReceiver(provider, {
      on: Object.fromEntries(provider.types.map((type) => [type, handler])),
      onOutcome: (outcome) => seen.outcomes.push(outcome),
      now: () => clock.now,
      maxBodyBytes,
    }),
  }));
  return { seen, routes };
}
