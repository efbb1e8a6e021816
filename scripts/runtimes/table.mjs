// Prints the verdicts: one line for each group of cases, one column for each runtime and backend.

import { groupsOf, surprisesOf } from "./judge.mjs";

const backends = { node: "crypto", portable: "portable" };

/** The lines above a column: the runtime, its version, its backend. */
function headOf({ title, version, note, backend, runs }) {
  const shown = version ?? runs.find((run) => run.version)?.version ?? "";
  return [title, note ?? shown.split(".").slice(0, 3).join("."), backends[backend]];
}

/** How many of a group's cases are as expected in every run of a column. */
function cellOf(column, names, expected) {
  if (column.runs.some((run) => run.seen === undefined)) return "-";
  const right = names.filter((name) =>
    column.runs.every(
      (run) => surprisesOf(expected.get(name).expectation, run.seen.get(name)).length === 0,
    ),
  );
  return `${right.length}/${names.length}`;
}

/** Prints the table. */
export function printTable(columns, expected, print) {
  const groups = new Map();
  for (const [name, { group }] of expected) groups.set(group, [...(groups.get(group) ?? []), name]);
  const heads = columns.map(headOf);
  const rows = [
    ...[0, 1, 2].map((line) => ["", ...heads.map((head) => head[line])]),
    ...[...groups, ["all", [...expected.keys()]]].map(([group, names]) => [
      group,
      ...columns.map((column) => cellOf(column, names, expected)),
    ]),
  ];
  const widths = rows[0].map((_cell, index) => Math.max(...rows.map((row) => row[index].length)));
  for (const [first, ...cells] of rows) {
    const padded = cells.map((cell, index) => cell.padStart(widths[index + 1]));
    print([first.padEnd(widths[0]), ...padded].join(" "));
  }
}

function short(seen) {
  if (seen === undefined) return "no result";
  const text = JSON.stringify(seen);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Prints every case in which a run is not as expected, or not like the others. */
export function printDifferences(runs, expected, print) {
  const counts = { unexpected: 0, unlike: 0 };
  for (const [name, { expectation }] of expected) {
    const groups = groupsOf(runs, name);
    const surprises = groups.map(({ seen }) => surprisesOf(expectation, seen));
    if (surprises.some((list) => list.length > 0)) counts.unexpected += 1;
    if (groups.length > 1) counts.unlike += 1;
    if (groups.length === 1 && surprises[0].length === 0) continue;
    print(`\n${name}`);
    for (const [index, group] of groups.entries()) {
      const who = groups.length === 1 ? "all" : group.runs.map(({ label }) => label).join(", ");
      print(`  ${who}: ${surprises[index].join("; ") || "as expected"}`);
      if (groups.length > 1) print(`    ${short(group.seen)}`);
    }
  }
  return counts;
}
