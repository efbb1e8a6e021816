/** What really happened, kept outside of everything that is killed. */
export function createLedger() {
  /** Messages whose handler runs, with the worker it runs in. */
  const running = new Map();
  /** How often a message's effect has been had. */
  const effects = new Map();
  const completed = new Set();
  /** The time of the newest message about a subject whose sender has been told that it is done. */
  const acknowledged = new Map();
  /** What must never happen, as ids. */
  const wrong = { concurrent: [], afterCompletion: [], overtaken: [] };

  return {
    effects,
    wrong,
    start(worker, { id, subject, at }) {
      if (running.has(id)) wrong.concurrent.push(id);
      if (completed.has(id)) wrong.afterCompletion.push(id);
      if ((acknowledged.get(subject) ?? 0) > at) wrong.overtaken.push(id);
      running.set(id, worker);
    },
    effect(id) {
      effects.set(id, (effects.get(id) ?? 0) + 1);
    },
    end(worker, id) {
      if (running.get(id) === worker) running.delete(id);
    },
    /** The store has been told, and has answered. */
    complete(id) {
      completed.add(id);
    },
    acknowledge({ subject, at }) {
      acknowledged.set(subject, Math.max(at, acknowledged.get(subject) ?? 0));
    },
    /** A worker is gone, and with it whatever it was doing. */
    killed(worker) {
      for (const [id, holder] of running) if (holder === worker) running.delete(id);
    },
  };
}
