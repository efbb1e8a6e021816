// The tables of bench/RESULTS.md.

import { acceptance } from "./acceptance.mjs";
import { number, sizeName, table, time } from "./format.mjs";

const reference = "countersign svix";

function machineText({ machine, versions }) {
  const packages = Object.entries(versions.packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    `* Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}.`,
    `* Against: ${packages}.`,
    `* SHA-256 alone: ${versions.openssl ?? "left out, there is no openssl command"}.`,
  ].join("\n");
}

function verifyTables({ openssl, runtimes }) {
  const parts = [];
  for (const { title, version, ns, ratio, leftOut, failure } of Object.values(runtimes)) {
    const heading = title === "Chromium" ? `${title} ${version}` : title;
    parts.push(`### ${heading}`);
    if (ns === undefined) {
      parts.push(`Failed: ${failure}`);
      continue;
    }
    const sizes = Object.keys(ns).map(Number);
    const names = [...new Set(sizes.flatMap((size) => Object.keys(ns[size])))];
    const cell = (size, name) => {
      const value = ns[size][name];
      if (value === undefined) return "-";
      const times = ratio[size][name];
      return /^countersign/.test(name) ? time(value) : `${time(value)} (×${number(times)})`;
    };
    const rows = names.map((name) => [
      name === reference ? `**${name}, prepared**` : name,
      ...sizes.map((size) => cell(size, name)),
    ]);
    if (openssl.ns !== undefined) {
      const bare = sizes.map((size) => {
        const times = ns[size][reference] / openssl.ns[size];
        return `${time(openssl.ns[size])} (÷${number(times)})`;
      });
      rows.push(["(bare SHA-256, `openssl speed`)", ...bare]);
    }
    parts.push(table(["one verification", ...sizes.map(sizeName)], rows));
    const missing = Object.entries(leftOut).map(([name, why]) => `${name} (${why})`);
    if (missing.length > 0) parts.push(`Not here: ${missing.join("; ")}.`);
  }
  return parts.join("\n\n");
}

function serverTables({ node, results }) {
  const frameworks = Object.keys(results);
  const parts = [];
  for (const size of Object.keys(results[frameworks[0]])) {
    const modes = Object.keys(results[frameworks[0]][size]);
    const rows = modes.map((mode) => [
      mode === "receiver" ? "countersign: adapter and receiver" : mode,
      ...frameworks.flatMap((framework) => {
        const { cpu, added, rate } = results[framework][size][mode];
        return [number(cpu), mode === "none" ? "0" : number(added), Math.round(rate)];
      }),
    ]);
    const head = frameworks.flatMap((name) => [`${name}: CPU µs`, "added", "req/s"]);
    parts.push(table([sizeName(Number(size)), ...head], rows));
  }
  return `On ${node}. “none” reads and parses the body; all others verify it too.\n\n${parts.join("\n\n")}`;
}

function growthTable({ node, results }) {
  const rows = Object.entries(results).map(([name, { points, slope, r2, bend, linear }]) => [
    name,
    `${points[0][0]} … ${points.at(-1)[0]}`,
    time(points[0][1]),
    time(points.at(-1)[1]),
    `${number(slope)} ns`,
    r2.toFixed(3),
    number(bend),
    linear ? "yes" : "no",
  ]);
  const head = ["of", "from … to", "first", "last", "each", "R²", "bend", "linear"];
  return `On ${node}, \`svix\` prepared, 1 KiB where the body does not grow. The bend is the slope of the upper half over that of the lower.\n\n${table(head, rows)}`;
}

function pipelineTables({ bytes, runtimes }) {
  const nodes = Object.values(runtimes);
  const steps = Object.keys(nodes[0].ns).map((name) => [
    name,
    ...nodes.flatMap(({ ns, ofText, ofBytes }) => [
      time(ns[name]),
      number(ofText[name]),
      number(ofBytes[name]),
    ]),
  ]);
  const head = nodes.flatMap(({ title }) => [title, "÷ parse of text", "÷ parse of bytes"]);
  const stages = Object.keys(nodes[0].stages).map((name) => [
    name,
    ...nodes.map((one) => time(one.stages[name])),
  ]);
  return [
    `\`dataspike\`, the DOCVER event of its documentation, ${bytes} bytes.`,
    table(["step", ...head], steps),
    "What each stage takes, as differences of the above:",
    table(["stage", ...nodes.map(({ title }) => title)], stages),
  ].join("\n\n");
}

function sizeTables({ node, bundles, imports, processes }) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(2)} kB`;
  const bundleRows = bundles.map(({ name, min, gzip, carries }) => [
    name,
    kilobytes(min),
    kilobytes(gzip),
    carries.join(", ") || "-",
  ]);
  const importRows = Object.entries(imports).map(([name, ms]) => [name, `${ms.toFixed(1)} ms`]);
  return [
    table(["bundle of", "min", "min+gzip", "carries"], bundleRows),
    `Cold \`import()\` on ${node}, median of ${processes} fresh processes:`,
    table(["module", "time"], importRows),
  ].join("\n\n");
}

function memoryTables({ node, heap, peaks }) {
  const sizes = Object.keys(heap);
  const names = Object.keys(heap[sizes[0]]);
  const bytes = (value) => (value === undefined ? "-" : String(Math.round(value)));
  const heapRows = names.map((name) => [
    name,
    ...sizes.flatMap((size) => [bytes(heap[size][name]?.heap), bytes(heap[size][name]?.external)]),
  ]);
  const heads = sizes.flatMap((size) => [`${sizeName(Number(size))}: heap B`, "outside B"]);
  const mib = (value) => `${(value / 1_048_576).toFixed(0)} MiB`;
  const peakRows = peaks.results.map(({ kind, what, answered, baseBytes, grownBytes }) => [
    `${kind}: ${what}`,
    answered,
    mib(baseBytes),
    mib(grownBytes),
    `${(grownBytes / 1_048_576 / peaks.requests).toFixed(2)} MiB`,
  ]);
  return [
    `On ${node}. Allocated by one verification:`,
    table(["one verification", ...heads], heapRows),
    "Resident memory at its peak, all bodies in flight at once:",
    table(["server", "answered", "before", "grown by", "each"], peakRows),
  ].join("\n\n");
}

const parts = {
  verify: ["Verification", verifyTables],
  server: ["Whole servers", serverTables],
  growth: ["Growth", growthTable],
  pipeline: ["From bytes to the event", pipelineTables],
  size: ["Sizes and start-up", sizeTables],
  memory: ["Memory", memoryTables],
};

/** @returns All of bench/RESULTS.md. */
export function renderMarkdown(results) {
  const rows = acceptance(results);
  const measured = Object.entries(results.sections)
    .map(
      ([name, { date, command }]) =>
        `${name} ${date.slice(0, 16).replace("T", " ")} UTC by \`${command}\``,
    )
    .join("; ");
  const quick = Object.values(results.sections).some((section) => section.quick);
  return `# Results

Written by \`npm run bench\`. Absolute times are this machine's; ratios travel.

* Measured: ${measured}.
${machineText(results)}
${quick ? "\n**Measured with `--quick`: short rounds, for a look. Not to be quoted.**\n" : ""}
Times are medians over interleaved rounds. A ratio is the median of the rounds' own ratios: ×8 is a peer that takes eight
times as long as the scheme of countersign that proves the same (\`hmac\` for octokit, \`stampedHmac\` for stripe, \`svix\`
for all others). Every contender gets the bytes that a server has received, and the 15 headers of a request; what takes
text alone has to decode them. Nothing is timed that does not refuse a forged signature and a changed body.

![Time of one verification by size of the body](results.svg)

## Acceptance

${table(["at", "against", "bar", "measured", "met"], rows)}
${Object.entries(parts)
  .filter(([name]) => results[name] !== undefined)
  .map(([name, [title, render]]) => `\n## ${title}\n\n${render(results[name])}\n`)
  .join("")}`;
}
