import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../services/free-port.mjs";
import { seeded } from "../storm/random.mjs";
import { makeEvents, startApi } from "./api.mjs";
import { startChild } from "./child.mjs";
import { openDatabase } from "./database.mjs";
import { judge, moments, within } from "./judge.mjs";

/** Where effects are had: in a database that outlives every process, or in a receiver that is not killed. */
const engines = {
  postgres: async () => {
    const database = await openDatabase();
    let duplicates = 0;
    return {
      settings: { databaseUrl: database.url },
      /** A run's own counts begin at 0. */
      onRunEnd: (run) => {
        duplicates += run.duplicates;
      },
      figures: async () => ({ ...(await database.effects()), duplicates }),
      close: database.remove,
    };
  },
  memory: async ({ wrong, onEffect }) => {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), "countersign-drill-"));
    const effects = new Map();
    const outcomes = { handled: 0, duplicate: 0 };
    const server = startChild("server.mjs", { port, wrong }, ({ effect, outcome }) => {
      if (outcome !== undefined) outcomes[outcome] += 1;
      if (effect === undefined) return;
      effects.set(effect, (effects.get(effect) ?? 0) + 1);
      onEffect();
    });
    await server.until("listening");
    return {
      settings: {
        forwardTo: `http://127.0.0.1:${port}/`,
        cursorFile: join(folder, "cursor"),
      },
      onRunEnd: () => undefined,
      figures: async () => ({
        effects,
        recovered: outcomes.handled,
        duplicates: outcomes.duplicate,
      }),
      close: async () => {
        await server.kill();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

/** Kills catch-ups in the middle, and starts others, until one comes to the end. */
export async function runKills({ engine, seed, events: count, kills, wrong }) {
  const random = seeded(seed);
  const events = makeEvents(count, seed);
  const killAt = moments(kills, count, seed);
  let handled = 0;
  let killed = 0;
  let catcher;

  const onEffect = () => {
    handled += 1;
    if (catcher === undefined || catcher.isDoomed || !(handled >= killAt[killed])) return;
    const { child } = catcher;
    catcher.isDoomed = true;
    // Not just after an effect: at any moment of what comes next.
    wait(4 * random()).then(child.kill);
  };

  const api = await startApi({ seed, count, events });
  const place = await engines[engine]({ wrong, onEffect });

  const run = async () => {
    for (;;) {
      const counts = { recovered: 0, duplicates: 0 };
      const settings = { apiUrl: api.url, wrong, ...place.settings };
      const child = startChild("catcher.mjs", settings, ({ recovered, duplicates }) => {
        if (recovered === undefined) return;
        const isNew = recovered > counts.recovered;
        Object.assign(counts, { recovered, duplicates });
        if (isNew && engine === "postgres") onEffect();
      });
      catcher = { child, isDoomed: false };
      const code = await child.exit;
      place.onRunEnd(counts);
      if (code === 0) {
        const { result } = await child.until("caught up");
        // What a machine that is too busy has failed is for the next run, as with a job that runs every few minutes.
        if (result.failed === 0) return result;
      } else if (code !== "SIGKILL" || !catcher.isDoomed) {
        throw new Error(`A catch-up ended by itself: ${code}.`);
      } else {
        killed += 1;
      }
    }
  };

  try {
    const result = await within(180, run());
    if (killed !== kills && wrong === undefined) {
      throw new Error(`${killed} kills are not the plan.`);
    }
    const figures = { ...api.figures(), kills: killed, ...(await place.figures()) };
    return judge({ events, result, ...figures });
  } finally {
    await catcher?.child.kill();
    await place.close();
    await api.close();
  }
}
