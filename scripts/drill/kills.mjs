import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { makeDirectory, removeDirectory } from "../services/engine.mjs";
import { freePort } from "../services/free-port.mjs";
import { seeded } from "../storm/random.mjs";
import { historyEvents } from "../vendor-api/server.mjs";
import { startApi } from "./api.mjs";
import { startChild } from "./child.mjs";
import { openDatabase } from "./database.mjs";
import { judge, moments, within } from "./judge.mjs";
import { apiKey, secret } from "./provider.mjs";

/** Where effects are had, and what catches up: in a database, and in the process whose claims are there. */
async function besideDatabase({ apiUrl, wrong, onEffect }) {
  const database = await openDatabase();
  let duplicates = 0;
  return {
    start() {
      // A run's own counts begin at 0.
      const run = { recovered: 0, duplicates: 0 };
      const settings = { apiUrl, wrong, databaseUrl: database.url };
      const child = startChild("catcher.mjs", { settings }, (progress) => {
        if (progress.recovered === undefined) return;
        duplicates += progress.duplicates - run.duplicates;
        const isNew = progress.recovered > run.recovered;
        Object.assign(run, progress);
        if (isNew) onEffect();
      });
      return { ...child, result: async () => (await child.until("caught up")).result };
    },
    passing: [],
    figures: async () => ({ ...(await database.effects()), duplicates }),
    close: database.remove,
  };
}

/** In a receiver that is not killed, and in a command that hands events to it. */
async function besideReceiver({ apiUrl, wrong, onEffect }) {
  const port = await freePort();
  const folder = makeDirectory("drill");
  const cursorFile = join(folder.directory, "cursor");
  const forwardTo = `http://127.0.0.1:${port}/`;
  const effects = new Map();
  const outcomes = { handled: 0, duplicate: 0, in_progress: 0 };
  const server = startChild("server.mjs", { settings: { port, wrong } }, ({ effect, outcome }) => {
    if (outcome !== undefined) outcomes[outcome] += 1;
    if (effect === undefined) return;
    effects.set(effect, (effects.get(effect) ?? 0) + 1);
    onEffect();
  });
  await server.until("listening");

  const command = {
    args: [
      ...["catch-up", "dataspike", "--from-start", "--cursor", cursorFile],
      ...["--forward", forwardTo, "--base-url", apiUrl, "--json"],
    ],
    env: { DATASPIKE_API_KEY: apiKey, COUNTERSIGN_SECRET: secret },
    isQuiet: true,
  };
  return {
    start() {
      // The command does not do it wrongly; a job of somebody's own may.
      if (wrong === "cursor") {
        const settings = { apiUrl, wrong, forwardTo, cursorFile };
        const child = startChild("catcher.mjs", { settings });
        return { ...child, result: async () => (await child.until("caught up")).result };
      }
      const child = startChild("../../dist/cli/main.js", command);
      return {
        ...child,
        result: async () => {
          const { progress } = JSON.parse(await readFile(cursorFile, "utf8"));
          const { after, failed } = JSON.parse(progress);
          return { lastId: after, failed: failed.length };
        },
      };
    },
    // The command's exit codes where events failed, or the API did for too long. A job of somebody's own has none such.
    passing: wrong === "cursor" ? [] : [1, 3],
    figures: async () => ({
      effects,
      recovered: outcomes.handled,
      duplicates: outcomes.duplicate,
    }),
    close: async () => {
      await server.kill();
      removeDirectory(folder);
    },
  };
}

const engines = { postgres: besideDatabase, memory: besideReceiver };

/** How often a catch-up may end without a kill and before all is done. */
const mostRuns = 20;

/** Kills catch-ups in the middle, and starts others, until one comes to the end. */
export async function runKills({ engine, seed, events: count, kills, wrong }) {
  const random = seeded(seed);
  const events = historyEvents(count, { seed });
  const killAt = moments(kills, count, seed);
  let handled = 0;
  let killed = 0;
  let catcher;
  let isDoomed = false;

  const onEffect = () => {
    handled += 1;
    if (catcher === undefined || isDoomed || !(handled >= killAt[killed])) return;
    isDoomed = true;
    // Not just after an effect: at any moment of what comes next.
    wait(4 * random()).then(catcher.kill);
  };

  const api = await startApi({ seed, count, events });
  const place = await engines[engine]({ apiUrl: api.url, wrong, onEffect });

  const run = async () => {
    for (let runs = 0; runs < mostRuns; ) {
      isDoomed = false;
      catcher = place.start();
      const code = await catcher.exit;
      if (code === "SIGKILL" && isDoomed) {
        killed += 1;
        continue;
      }
      // What failed on a machine with too much to do is for the next run, as with a job that runs every few minutes.
      runs += 1;
      const result = code === 0 && (await catcher.result());
      if (result && result.failed === 0) return result;
      if (code !== 0 && !place.passing.includes(code)) {
        throw new Error(`A catch-up ended by itself: ${code}.`);
      }
    }
    throw new Error(`Events have failed in ${mostRuns} runs.`);
  };

  try {
    const result = await within(run());
    if (killed !== kills && wrong === undefined) {
      throw new Error(`${killed} kills are not the plan.`);
    }
    const figures = { ...api.figures(), kills: killed, ...(await place.figures()) };
    return judge({ events, result, ...figures });
  } finally {
    await catcher?.kill();
    await place.close();
    await api.close();
  }
}
