/** How many entries are looked up at once; more would only keep more of what is gone. */
const lookahead = 256;

/**
 * Finds the entry of a map that has been there for longest. Looking from the start each time would pass the holes that
 * deleted entries leave, of which a map that is kept full has thousands; and an iterator that stands still keeps all
 * tables that the map has had since.
 */
export function oldestOf<Value>(
  entries: Map<string, Value>,
): () => readonly [string, Value] | undefined {
  /** The next ones, the oldest last. */
  const coming: (readonly [string, Value])[] = [];
  const look = (): void => {
    for (const entry of entries) if (coming.push(entry) === lookahead) break;
    coming.reverse();
  };
  return () => {
    for (;;) {
      if (coming.length === 0) look();
      const oldest = coming.at(-1);
      if (oldest === undefined || entries.get(oldest[0]) === oldest[1]) return oldest;
      coming.pop();
    }
  };
}
