// Compares what the runtimes saw: with what is written down, and with one another.

import { isDeepStrictEqual } from "node:util";
import { surprisesIn } from "../demo/judge.mjs";

/** Everything in which a result is not the expected one. Of a scheme or provider only what is written down counts. */
export function surprisesOf(expectation, seen) {
  if (seen === undefined) return ["no result"];
  if ("status" in expectation) return surprisesIn(expectation, seen);
  return Object.entries(expectation)
    .filter(([key, value]) => !isDeepStrictEqual(seen[key], value))
    .map(
      ([key, value]) =>
        `${key} should be ${JSON.stringify(value)}, is ${JSON.stringify(seen[key])}`,
    );
}

/** Runs that saw the same of one case, together. */
export function groupsOf(runs, name) {
  const groups = new Map();
  for (const run of runs) {
    const seen = run.seen.get(name);
    const key = JSON.stringify(seen) ?? "no result";
    const group = groups.get(key) ?? { seen, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What a run saw too much, too little or twice. */
export function countProblems({ seen, count }, expected) {
  const problems = [];
  const missing = [...expected.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0) problems.push(`${missing.length} cases without a result`);
  const unknown = [...seen.keys()].filter((name) => !expected.has(name));
  if (unknown.length > 0) problems.push(`${unknown.length} results without a case`);
  if (count !== seen.size) problems.push(`${count - seen.size} results given twice`);
  return problems;
}

/** Every scheme and provider of the package has to be accepted once and refused once. */
export function uncovered(specifiers, expected) {
  const verdicts = new Map();
  for (const { group, expectation } of expected.values()) {
    const seen = verdicts.get(group) ?? new Set();
    verdicts.set(group, seen.add(expectation.verdict === "accept" ? "accepted" : "refused"));
  }
  return specifiers.flatMap((specifier) => {
    const [, kind, file] = /^countersign\/(scheme|provider)s\/(.*)$/.exec(specifier) ?? [];
    if (kind === undefined) return [];
    const name = file.replace(/-(.)/g, (_match, letter) => letter.toUpperCase());
    const group = `${kind} ${name}`;
    return verdicts.get(group)?.size === 2 ? [] : [`${group} is not both accepted and refused`];
  });
}
