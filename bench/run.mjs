// How fast countersign is, beside others and beside the machine's limit. Prints the tables, and writes them to
// bench/RESULTS.md, bench/results.json and bench/results.svg.
//
//   npm run bench                                all of it, twenty minutes
//   npm run bench -- --quick                     a look, a few minutes
//   npm run bench -- --only verify,server        those parts; of the others the last results are kept
//   npm run bench -- --runtimes node24,workerd   verifies on those runtimes alone

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeApp, root } from "./lib/app.mjs";
import { describeMachine, describeVersions } from "./lib/machine.mjs";
import { settings as settingsOf } from "./lib/settings.mjs";
import { renderMarkdown } from "./report/markdown.mjs";
import { renderPlot } from "./report/plot.mjs";
import { sections } from "./sections.mjs";
import { findRuntimes, ownNode } from "./verify/runtimes.mjs";

/** Servers, growth, memory and imports are measured on one Node; the plot is of it too. */
const mainNode = "node24";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(sections).join() },
    runtimes: { type: "string" },
  },
});
const only = values.only.split(",");
const unknown = only.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0) {
  console.error(`--only knows ${Object.keys(sections).join(", ")}, not ${unknown.join(", ")}`);
  process.exit(2);
}

const say = (text) => console.error(text);
const path = (file) => join(root, "bench", file);
const command = ["npm run bench", ...process.argv.slice(2)]
  .join(" ")
  .replace("bench -", "bench -- -");

const { found, leftOut } = await findRuntimes();
for (const [name, reason] of Object.entries(leftOut)) say(`left out: ${name}: ${reason}`);
const wanted = values.runtimes?.split(",");
const runtimes = wanted ? found.filter(({ name }) => wanted.includes(name)) : found;
const node = found.find(({ name }) => name === mainNode) ?? ownNode();

const results = existsSync(path("results.json"))
  ? JSON.parse(readFileSync(path("results.json"), "utf8"))
  : { sections: {} };
results.machine = describeMachine();
results.versions = await describeVersions();

/** Writes what there is so far: a later part that fails takes nothing with it. */
function save() {
  const markdown = renderMarkdown(results);
  writeFileSync(path("results.json"), `${JSON.stringify(results, rounded, 1)}\n`);
  writeFileSync(path("RESULTS.md"), markdown);
  const plot = renderPlot(results, node.name);
  if (plot !== undefined) writeFileSync(path("results.svg"), plot);
  return markdown;
}

const folder = makeApp();
const settings = settingsOf(values.quick);
try {
  for (const [name, section] of Object.entries(sections)) {
    if (!only.includes(name)) continue;
    say(`${name} …`);
    try {
      results[name] = await section({ folder, node, runtimes, settings, say });
      results.sections[name] = { date: new Date().toISOString(), command, quick: values.quick };
      save();
    } catch (error) {
      say(`${name} failed: ${error.message}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(save());

/** Four digits are more than is known. */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}
