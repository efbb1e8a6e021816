// Runs one battery of the built package on every runtime, with both HMAC backends, and compares the verdicts.
//
//   npm run runtimes             leaves out what this system does not have, and says so
//   npm run runtimes -- --all    fails when something is left out

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeApp } from "./runtimes/app.mjs";
import { allCases } from "./runtimes/cases/cases.mjs";
import { findRuntimes } from "./runtimes/catalogue.mjs";
import { installRuntimes } from "./runtimes/install.mjs";
import { countProblems, uncovered } from "./runtimes/judge.mjs";
import { runOnce } from "./runtimes/run.mjs";
import { printDifferences, printTable } from "./runtimes/table.mjs";

const atOnce = 2;
const all = process.argv.includes("--all");
const problems = [];

/** Runs every column's runs, some at a time. */
async function runAll(columns, folder) {
  const queue = columns.flatMap((column) => column.runs.map((run) => ({ column, run })));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { column, run } = next;
      Object.assign(run, await runOnce(run, column, folder));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function labelOf({ title, version }, { how, version: found }) {
  return `${[title, version ?? found].filter(Boolean).join(" ")} ${how}`;
}

const { inputs, expected } = allCases();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign-runtimes-")));
try {
  const { columns, leftOut } = findRuntimes(await installRuntimes());
  const specifiers = await makeApp(folder, inputs);
  problems.push(...uncovered(specifiers, expected));
  await runAll(columns, folder);

  const runs = columns.flatMap((column) =>
    column.runs.map((run) => Object.assign(run, { label: labelOf(column, run) })),
  );
  printTable(columns, expected, console.log);
  const ended = runs.filter(({ seen }) => seen !== undefined);
  const { unexpected, unlike } = printDifferences(ended, expected, console.log);

  for (const run of runs) {
    const wrong = [run.failure, ...(run.seen ? countProblems(run, expected) : [])];
    problems.push(...wrong.filter(Boolean).map((what) => `${run.label}: ${what}`));
  }
  if (ended.length === 0) problems.push("nothing was run");
  if (unexpected > 0) problems.push(`${unexpected} cases not as expected`);
  if (unlike > 0) problems.push(`${unlike} cases not alike everywhere`);
  const absent = leftOut.map(([name, reason]) => `left out: ${name}: ${reason}`);
  if (all) problems.push(...absent);

  const counts = [...new Set(ended.map(({ hmacs }) => hmacs).filter(Boolean))];
  console.log(`
crypto: node:crypto was seen to compute ${counts.join(" or ")} HMACs, for ESM import and CommonJS require each; of small bodies it computes two hashes, where they are quicker
portable: the bundle holds dist/internal/hmac.default.js alone; on Node, Bun and Deno node:crypto computed no HMAC`);
  for (const line of all ? [] : absent) console.log(line);
  for (const problem of problems) console.log(`problem: ${problem}`);
  const sum = `${expected.size} cases x ${columns.length} runtimes and backends (${runs.length} runs)`;
  const verdict = problems.length === 0 ? "identical, all as expected" : "NOT all as expected";
  console.log(
    `${sum}: ${verdict}${absent.length > 0 ? `, ${absent.length} runtimes left out` : ""}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length > 0 ? 1 : 0;
