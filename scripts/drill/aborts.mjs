import { setImmediate as turn } from "node:timers/promises";
import { isClientError, storeCursor } from "countersign/catch-up";
import { seeded } from "../storm/random.mjs";
import { historyEvents } from "../vendor-api/server.mjs";
import { startApi } from "./api.mjs";
import { catchUpFrom } from "./history.mjs";
import { judge, moments, within } from "./judge.mjs";
import { memoryReceiver } from "./receiver.mjs";

/** Aborts a catch-up within this process, where the claims are, and has it go on. */
export async function runAborts({ seed, events: count, kills, wrong }) {
  const random = seeded(seed);
  const events = historyEvents(count, { seed });
  const abortAt = moments(kills, count, seed);
  const effects = new Map();
  let handled = 0;
  let aborted = 0;
  let control;

  const effect = (id) => {
    effects.set(id, (effects.get(id) ?? 0) + 1);
    handled += 1;
    if (!(handled >= abortAt[aborted]) || control.signal.aborted) return;
    aborted += 1;
    // While an event is handled, or after it, or in the middle of a page.
    if (random() < 0.5) control.abort();
    else turn().then(() => control.abort());
  };

  const { receiver, store } = memoryReceiver({ effect, wrong });
  const cursor = storeCursor(store, "drill");
  const api = await startApi({ seed, count, events });
  const sum = { recovered: 0, duplicates: 0 };

  const run = async () => {
    for (;;) {
      control = new AbortController();
      const counts = { recovered: 0, duplicates: 0 };
      try {
        return await catchUpFrom(api.url, receiver, {
          cursor,
          wrong,
          signal: control.signal,
          onProgress: ({ recovered, duplicates }) =>
            Object.assign(counts, { recovered, duplicates }),
        });
      } catch (error) {
        if (!isClientError(error, "aborted")) throw error;
      } finally {
        sum.recovered += counts.recovered;
        sum.duplicates += counts.duplicates;
      }
    }
  };

  try {
    const result = await within(run());
    if (aborted !== kills && wrong === undefined) {
      throw new Error(`${aborted} aborts are not the plan.`);
    }
    return judge({ events, effects, result, ...sum, kills: aborted, ...api.figures() });
  } finally {
    control.abort();
    await api.close();
  }
}
