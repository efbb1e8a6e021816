import { seeded } from "../storm/random.mjs";

/**
 * Counts from outside what was handled.
 *
 * @param effects How often each id has had its effect.
 */
export function judge({ events, effects, result, ...figures }) {
  const ids = new Set(events.map(({ id }) => id));
  const times = [...ids].map((id) => effects.get(id) ?? 0);
  const once = times.filter((each) => each === 1).length;
  const strangers = [...effects.keys()].filter((id) => !ids.has(id)).length;
  if (strangers > 0) throw new Error(`${strangers} events that nobody sent were handled.`);
  // A drill in which nothing went wrong shows nothing.
  if (figures.faults === 0) throw new Error("No call of the API has failed.");
  return {
    ...figures,
    once,
    again: times.filter((each) => each > 1).length,
    missed: times.filter((each) => each === 0).length,
    failed: result.failed,
    passed: once === events.length && result.failed === 0 && result.lastId === events.at(-1).id,
  };
}

/** Counts of handled events after which something happens, spread over all of them. */
export function moments(count, events, seed) {
  const random = seeded(seed + 1);
  const share = events / (count + 1);
  return Array.from({ length: count }, (_, index) =>
    Math.max(1, Math.floor(share * (index + 0.5 + random()))),
  );
}

const longestSeconds = 300;

/** Fails after a while: a drill ends by itself. It takes a minute, and more only on a machine with much else to do. */
export async function within(work) {
  let timer;
  const late = new Promise((_, reject) => {
    const fail = () => reject(new Error(`The drill has not ended within ${longestSeconds} s.`));
    timer = setTimeout(fail, longestSeconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
