// Changes one thing in `src` at a time and asks whether a test notices (Stryker). Every change that no test notices
// has to be listed, with the reason, in test/mutation/survivors.json.
//
//   npm run mutation                       everything
//   npm run mutation -- src/schemes        what lies below these paths
//   npm run mutation -- --changed [base]   the lines changed since base, by default since main or the commit before
//   npm run mutation -- --sample           three small files: proves that the machinery works
//
//   --fast            without what runs once, when a module is loaded: every test has to be run for each of those, and
//                     they take six sevenths of the time
//   --fresh           forget earlier results
//   --concurrency N   test processes side by side, by default 2
//   --write           rewrite the list, with "?" where a reason is missing
//
// Results are kept in .cache/mutation: a killed mutant is not tried again until its line changes, a survivor not until
// a test does.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";

const threshold = 95;
const cache = ".cache/mutation";
const resultsFile = `${cache}/results.json`;
const testsFile = `${cache}/tests.txt`;
const listFile = "test/mutation/survivors.json";
/** What the tests with servers are there for; the others do without them. */
const behindServers = /adapters|outcome|internal\/read-|bearer-jwt/;
const sample = ["src/internal/bytes.ts", "src/internal/clock.ts", "src/internal/keyring.ts"];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    changed: { type: "boolean", default: false },
    sample: { type: "boolean", default: false },
    fast: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    concurrency: { type: "string", default: "2" },
  },
});

const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
const gitOr = (fallback, ...args) => {
  try {
    return git(...args);
  } catch {
    return fallback;
  }
};

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("\\", "/"))
    .sort();

/**
 * What only tests beside a database reach, tests that wait for leases to end, or tests of the built command line: a mutant
 * would take seconds each.
 */
const elsewhere =
  /^src\/(?:cli\/|diagnose|stores\/(?!memory\.)|testing\/|internal\/postgres-statements\.)/;
const sources = filesBelow("src").filter((file) => file.endsWith(".ts") && !elsewhere.test(file));

/** Where a branch left main; on main itself, the commit before. */
function baseOf() {
  const main = gitOr("", "rev-parse", "--verify", "--quiet", "origin/main") || "main";
  const fork = gitOr("", "merge-base", "HEAD", main);
  return fork && fork !== git("rev-parse", "HEAD") ? fork : gitOr("HEAD", "rev-parse", "HEAD^");
}

/** The changed lines, as Stryker takes them: `file:first-last`. */
function changedLines(base) {
  const ranges = [];
  let file;
  for (const line of git("diff", "--unified=0", "--no-color", base, "--", "src").split("\n")) {
    if (line.startsWith("+++ ")) file = line.slice("+++ b/".length);
    const [, start, count = "1"] = /^@@ .* \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (start && count !== "0" && file?.endsWith(".ts")) {
      ranges.push(`${file}:${start}-${Number(start) + Number(count) - 1}`);
    }
  }
  const added = git("ls-files", "--others", "--exclude-standard", "src").split("\n");
  return [...ranges, ...added.filter((name) => name.endsWith(".ts"))];
}

/** What a mutant is called, whatever line it has moved to. */
function describe(mutant, source) {
  const lines = source.split("\n");
  const { start, end } = mutant.location;
  const text = lines.slice(start.line - 1, end.line);
  text[text.length - 1] = text.at(-1).slice(0, end.column - 1);
  text[0] = text[0].slice(start.column - 1);
  const short = (value) => {
    const flat = value.replace(/\s+/g, " ").trim();
    return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
  };
  return {
    line: short(lines[start.line - 1]),
    from: short(text.join("\n")),
    to: short(mutant.replacement),
  };
}

/** The file of an entry of `mutate`, which may end in lines. */
const fileOf = (entry) => entry.replace(/:\d+-\d+$/, "");
const sourceOf = ({ fileName }) => fileName.replaceAll("\\", "/").replace(/^.*?(?=src\/)/, "");

const keyOf = ({ line, from, to }) => JSON.stringify([line, from, to]);

const readJson = (file, fallback) =>
  existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : fallback;

/** Survivors are tried again when a test has changed: the runner knows tests by their names alone. */
function forgetSurvivors() {
  const hash = createHash("sha256");
  for (const file of [...filesBelow("test"), ...filesBelow("fixtures")]) {
    if (file !== listFile) hash.update(file).update(readFileSync(file));
  }
  const tests = hash.update(readFileSync("vitest.mutation.config.ts")).digest("hex");
  const results = readJson(resultsFile);
  if (results && (!existsSync(testsFile) || readFileSync(testsFile, "utf8") !== tests)) {
    for (const file of Object.values(results.files)) {
      file.mutants = file.mutants.filter(({ status }) => status === "Killed");
    }
    writeFileSync(resultsFile, JSON.stringify(results));
  }
  mkdirSync(cache, { recursive: true });
  writeFileSync(testsFile, tests);
}

function run(part) {
  return new Stryker({
    mutate: part,
    testRunner: "vitest",
    vitest: { configFile: "vitest.mutation.config.ts" },
    plugins: ["@stryker-mutator/vitest-runner"],
    coverageAnalysis: "perTest",
    ignoreStatic: flags.fast,
    incremental: true,
    incrementalFile: resultsFile,
    tempDirName: `${cache}/sandbox`,
    ignorePatterns: ["coverage", "dist", "examples", ".cache", ".tmp"],
    reporters: ["html", "progress-append-only"],
    htmlReporter: { fileName: `${cache}/report.html` },
    // A mutant that loops is found by its hits. The time is for a machine that is busy with something else.
    timeoutMS: 20_000,
    timeoutFactor: 2,
    concurrency: Number(flags.concurrency),
    allowConsoleColors: false,
  }).runMutationTest();
}

const whole = !flags.changed && !flags.sample;
// What is listed may be among the mutants that a fast run leaves out.
const complete = !flags.changed && !flags.fast;
const base = flags.changed ? (positionals[0] ?? baseOf()) : undefined;
const mutate = flags.changed
  ? changedLines(base)
  : flags.sample
    ? sample
    : sources.filter(
        (file) =>
          positionals.length === 0 ||
          positionals.some((path) => file === path || file.startsWith(`${path}/`)),
      );
if (mutate.length === 0) {
  console.log(flags.changed ? `No line of src has changed since ${base}.` : "No such source.");
  process.exit(flags.changed ? 0 : 1);
}

// As they are now: somebody may go on writing meanwhile.
const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));
if (flags.fresh) rmSync(cache, { recursive: true, force: true });
forgetSurvivors();
const started = Date.now();
const results = [];
for (const servers of [false, true]) {
  const part = mutate.filter((entry) => behindServers.test(entry) === servers);
  if (part.length === 0) continue;
  process.env.MUTATION_SERVERS = servers ? "1" : "0";
  const files = new Set(part.map(fileOf));
  const tried = (await run(part)).map((mutant) => ({ ...mutant, file: sourceOf(mutant) }));
  // Earlier results of other files come along.
  results.push(...tried.filter(({ file }) => files.has(file)));
}

const inScope = new Set(mutate.map(fileOf));
const ranges = mutate.map((entry) => /^(.*):(\d+)-(\d+)$/.exec(entry)).filter(Boolean);
const counted = results.filter(
  ({ file, location }) =>
    !ranges.some(([, name]) => name === file) ||
    ranges.some(
      ([, name, first, last]) =>
        name === file && location.start.line >= first && location.end.line <= last,
    ),
);

const tally = (mutants) => {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const [killed, timeout] = [count("Killed"), count("Timeout")];
  const [survived, uncovered] = [count("Survived"), count("NoCoverage")];
  const valid = killed + timeout + survived + uncovered;
  const score = valid === 0 ? 100 : (100 * (killed + timeout)) / valid;
  return { valid, killed, timeout, survived, uncovered, score };
};
const row = (name, ...cells) =>
  name.padEnd(28) + cells.map((cell) => String(cell).padStart(10)).join("");
const print = (name, mutants) => {
  const { valid, killed, timeout, survived, uncovered, score } = tally(mutants);
  console.log(row(name, valid, killed, timeout, survived, uncovered, `${score.toFixed(2)} %`));
};
const folderOf = (file) =>
  file.split("/").length > 2 ? file.split("/").slice(0, 2).join("/") : file;
console.log(`\n${row("", "mutants", "killed", "timed out", "survived", "uncovered", "score")}`);
for (const folder of [...new Set(counted.map(({ file }) => folderOf(file)))].sort()) {
  print(
    folder,
    counted.filter(({ file }) => folderOf(file) === folder),
  );
}
print("all", counted);

const problems = counted
  .filter(({ status }) => /Error|Pending/.test(status))
  .map(({ file, location, mutatorName, statusReason }) => {
    const why = (statusReason ?? "").split("\n")[0].slice(0, 200);
    return `could not be tried: ${file}:${location.start.line}  ${mutatorName}  ${why}`;
  });
const listed = readJson(listFile, {});
const rewritten = { ...listed };
for (const file of [...inScope].sort()) {
  const unused = [...(listed[file] ?? [])];
  rewritten[file] = [];
  for (const mutant of counted.filter((one) => one.file === file)) {
    const described = describe(mutant, texts.get(file));
    const index = unused.findIndex((entry) => keyOf(entry) === keyOf(described));
    // An equivalent mutant may time out on a busy machine; that is no news.
    const survives = mutant.status === "Survived" || mutant.status === "NoCoverage";
    if (!survives && (mutant.status !== "Timeout" || index === -1)) continue;
    const [entry] = index === -1 ? [] : unused.splice(index, 1);
    rewritten[file].push({ ...described, why: entry?.why ?? "?" });
    if (!entry || entry.why === "?") {
      problems.push(
        `survives, and is not listed: ${file}:${mutant.location.start.line}  ${mutant.status} ${mutant.mutatorName}\n` +
          `    in  ${described.line}\n    -   ${described.from}\n    +   ${described.to}`,
      );
    }
  }
  // Nobody has tried them.
  if (!complete) rewritten[file].push(...unused);
  if (rewritten[file].length === 0) delete rewritten[file];
  if (complete) {
    for (const { line, from, to } of unused) {
      problems.push(
        `is listed, and does not survive: ${file}\n    in  ${line}\n    -   ${from}\n    +   ${to}`,
      );
    }
  }
}
for (const file of Object.keys(listed)) {
  if (!sources.includes(file)) problems.push(`is listed, and is no source: ${file}`);
}
if (flags.write) {
  mkdirSync("test/mutation", { recursive: true });
  const sorted = Object.fromEntries(Object.entries(rewritten).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(listFile, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

const { score, valid } = tally(counted);
if (whole && positionals.length === 0 && score < threshold)
  problems.push(`The score is below ${threshold} %.`);
if (problems.length > 0) console.log(`\n${problems.join("\n")}`);
console.log(
  `\n${valid} mutants, score ${score.toFixed(2)} %, ${problems.length} problems, ` +
    `${Math.round((Date.now() - started) / 1000)} s`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
