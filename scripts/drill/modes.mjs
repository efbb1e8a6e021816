import { runAborts } from "./aborts.mjs";
import { runKills } from "./kills.mjs";
import { runOutage } from "./outage.mjs";

/** What is put to the test, and how much of it unless otherwise asked for. */
export const modes = {
  outage: { run: runOutage, events: 5000, kills: 1 },
  "kill, PostgreSQL": {
    run: (plan) => runKills({ ...plan, engine: "postgres" }),
    events: 10_000,
    kills: 8,
  },
  "kill, memory": {
    run: (plan) => runKills({ ...plan, engine: "memory" }),
    events: 10_000,
    kills: 8,
  },
  "abort, memory": { run: runAborts, events: 10_000, kills: 50 },
};

/** What can be set up wrongly, to see that it shows. */
export const wrongs = ["store", "cursor"];
