import type { HistoryEvent, HistorySource } from "../../src/history.js";

/** A source of the user's own: any array. It can be added to while it is read; an id that it does not hold is its start. */
export function ownSource(
  events: readonly HistoryEvent[],
  { pageSize = 3, provider = "spec" } = {},
): HistorySource {
  return {
    provider,
    page: async ({ after }) => {
      const start = events.findIndex(({ id }) => id === after) + 1;
      const page = events.slice(start, start + pageSize);
      return { events: page, hasNext: start + page.length < events.length };
    },
  };
}

/** Events for `specProvider`: `e1`, `e2`, … */
export function specEvents(count: number, first = 1): HistoryEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `e${first + index}`;
    return { id, event: { type: "created", id, name: "Mirela Dravetz" } };
  });
}

/** A promise that is settled from outside; Node 20 has no `Promise.withResolvers`. */
export function gate(): {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve = (): void => undefined;
  let reject = (_reason: unknown): void => undefined;
  const promise = new Promise<void>((open, shut) => {
    resolve = open;
    reject = shut;
  });
  return { promise, resolve, reject };
}
