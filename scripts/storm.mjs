// A storm of duplicated, reordered and retried deliveries, while workers and engines are killed. Prints what became of
// them, and fails when a message was lost, handled twice at a time, or handled again after the store knew that it was done.
import { parseArgs } from "node:util";
import { modes } from "./storm/modes.mjs";
import { runStorm } from "./storm/run.mjs";

const usual = Object.keys(modes).filter((name) => modes[name].engine !== "none");
const { values } = parseArgs({
  options: {
    deliveries: { type: "string", default: "20000" },
    messages: { type: "string", default: "5000" },
    workers: { type: "string", default: "4" },
    kills: { type: "string", default: "50" },
    restarts: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    mode: { type: "string", multiple: true, default: usual },
  },
});
const number = (name) => Number(values[name]);
const plan = {
  seed: number("seed"),
  deliveries: number("deliveries"),
  messages: number("messages"),
  workers: number("workers"),
  kills: number("kills"),
  restarts: number("restarts"),
};

const widthOf = (column) => Math.max(column.length + 2, 8);
console.log(
  `storm: seed ${plan.seed}, ${plan.deliveries} deliveries of ${plan.messages} messages, ${plan.workers} workers`,
);
const columns = [
  ...[
    "kills",
    "restarts",
    "requests",
    "200",
    "409",
    "5xx",
    "cut off",
    "given up",
    "effects",
    "lost",
    "again",
  ],
  ...["at once", "after completion", "overtaken", "seconds"],
];
console.log(
  `${"".padEnd(20)}${columns.map((column) => column.padStart(widthOf(column))).join("")}`,
);

let failed = false;
for (const name of values.mode) {
  const result = await runStorm({ name, ...plan });
  const of = (fits) =>
    [...result.statuses]
      .filter(([status]) => fits(status))
      .reduce((sum, [, times]) => sum + times, 0);
  const cells = [
    ...[result.kills, result.restarts, of(() => true), of((status) => status === 200)],
    ...[
      of((status) => status === 409),
      of((status) => status >= 500),
      of((status) => status === 0),
    ],
    result.givenUp,
    ...[result.effects, result.lost, result.again, result.concurrent, result.afterCompletion],
    ...[result.overtaken, Math.round(result.seconds)],
  ];
  console.log(
    `${name.padEnd(20)}${cells.map((cell, index) => String(cell).padStart(widthOf(columns[index]))).join("")}`,
  );
  if (!result.passed) failed = true;
}
console.log(failed ? "failed: something was lost, or done twice" : "passed");
process.exit(failed ? 1 : 0);
