// Whether verification has become slower beside what it cannot do without. Compares ratios within one run with those of
// bench/results.json, prints them, and fails only when it could not run: machines differ, and ratios with them.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeApp, root } from "./lib/app.mjs";
import { runChild } from "./lib/child.mjs";
import { median, pairedRatio } from "./lib/statistics.mjs";
import { number, sizeName, table } from "./report/format.mjs";

const tolerance = 2;
const settings = {
  sizes: [1024, 65_536],
  rounds: 15,
  batchMs: 5,
  only: ["ours", "svix", "nodeCrypto"],
};

const ours = "countersign svix";
const ratios = [
  [1024, ours, "two bare crypto.hash"],
  [1024, ours, "svix"],
  [65_536, ours, "createHmac(KeyObject) alone"],
];

/** The checked-in medians of this Node, else of the one whose major version is nearest. */
function checkedIn() {
  const file = join(root, "bench/results.json");
  if (!existsSync(file)) return undefined;
  const { verify } = JSON.parse(readFileSync(file, "utf8"));
  const own = Number(process.versions.node.split(".")[0]);
  const distance = ([name]) => Math.abs(Number(name.slice("node".length)) - own);
  return Object.entries(verify?.runtimes ?? {})
    .filter(([name, { ns }]) => name.startsWith("node") && ns !== undefined)
    .sort((a, b) => distance(a) - distance(b))[0]?.[1];
}

const folder = makeApp();
let samples;
try {
  const args = ["--expose-gc", "bench/verify/native.mjs", JSON.stringify(settings)];
  ({ samples } = await runChild(process.execPath, args, folder));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const expected = checkedIn();
const rows = ratios.map(([size, name, reference]) => {
  const ratio = pairedRatio(samples[size][name], samples[size][reference]);
  const before = expected?.ns[size]?.[name] / expected?.ns[size]?.[reference];
  const verdict = Number.isNaN(before)
    ? "nothing to compare with"
    : ratio > before * tolerance
      ? `SLOWER, more than ${tolerance} times`
      : "as before";
  const what = `${sizeName(size)}: ${name} ÷ ${reference}`;
  return [what, number(ratio), number(before), verdict];
});
const times = ratios.map(([size, name]) => Math.round(median(samples[size][name])));
if (times.some((ns) => !(ns > 0))) throw new Error("nothing was measured");
console.log(table([`Node ${process.versions.node}`, "now", "checked in", "verdict"], rows));
