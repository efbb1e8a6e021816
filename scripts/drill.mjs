// Outages, and catch-ups that are killed. A receiver is down for a third of the events and brings them back beside live
// traffic; catch-ups are killed in the middle and go on. Prints what became of the events, and fails when one was not
// handled, or handled more than once.
//
// Claims in memory end with their process. Where they are kept in memory, it is the catch-up that is killed, which hands
// its events to a receiver in another process; where they are in PostgreSQL, receiver and catch-up are one process.
import { parseArgs } from "node:util";
import { modes, wrongs } from "./drill/modes.mjs";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    events: { type: "string" },
    kills: { type: "string" },
    mode: { type: "string", multiple: true, default: Object.keys(modes) },
    // Shows that the counts tell: a receiver without a store, or a cursor that is written before the events are handled.
    wrong: { type: "string" },
  },
});
const { wrong } = values;
const seed = Number(values.seed);
const isKnown = values.mode.every((name) => Object.hasOwn(modes, name));
if (!isKnown || (wrong !== undefined && !wrongs.includes(wrong))) {
  console.error(
    `--mode is one of ${Object.keys(modes).join(" · ")}; --wrong of ${wrongs.join(" · ")}`,
  );
  process.exit(2);
}

const columns = [
  ...["seed", "events", "handled once", "handled again", "missed", "recovered", "duplicates"],
  ...["failed", "kills", "API calls", "API faults", "seconds"],
];
const widthOf = (column) => Math.max(column.length + 2, 9);
console.log(`drill: seed ${seed}${wrong === undefined ? "" : `, wrong ${wrong}`}`);
console.log(
  `${"".padEnd(18)}${columns.map((column) => column.padStart(widthOf(column))).join("")}`,
);

// By way of “exit”, where processes and directories are cleared away.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));

// All at once: most of their time they wait, for leases to end and for an API that asks for patience.
const began = Date.now();
const running = values.mode.map(async (name) => {
  const { run, ...usual } = modes[name];
  const events = Number(values.events ?? usual.events);
  const kills = usual.kills > 1 ? Number(values.kills ?? usual.kills) : usual.kills;
  const result = await run({ seed, events, kills, wrong });
  return { name, events, ...result, seconds: Math.round((Date.now() - began) / 1000) };
});

let failed = false;
for (const run of running) {
  const { name, events, seconds, ...result } = await run;
  const cells = [
    ...[seed, events, result.once, result.again, result.missed, result.recovered],
    ...[result.duplicates, result.failed, result.kills, result.calls, result.faults, seconds],
  ];
  console.log(
    `${name.padEnd(18)}${cells.map((cell, index) => String(cell).padStart(widthOf(columns[index]))).join("")}`,
  );
  if (!result.passed) failed = true;
}
console.log(failed ? "failed: events were missed, or handled more than once" : "passed");
process.exit(failed ? 1 : 0);
