// Measures whether a comparison takes longer the later a wrong byte stands, or shows how long a secret is.
//
//   npm run constant-time              both backends; some minutes on an idle machine
//   npm run constant-time -- 20000     fewer measurements for each class
//
// After Reparaz, Balasch and Verbauwhede, “Dude, is my code constant time?” (2016): two classes of inputs in random
// order, and Welch's t-test on their times, at several cuts that leave out the slowest measurements. Five rounds with
// fresh inputs, since where an object lies in memory can be seen as well: |t| beyond 4.5 in every round and in the same
// direction is a finding, in most of them a suspicion. A comparison that stops at the first wrong byte is measured too:
// unless that one is found out, the figures say nothing. Exits with 1 for a finding, and when the control is not found.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = 5;
const count = Math.ceil(Number(process.argv[2] ?? 200_000) / rounds);
const threshold = 4.5;

/** The built package as one file, with the hash functions that a runtime would get. */
async function load(folder, name, options) {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: {
      contents: `export { equalText } from "#hmac"; export * from "countersign";`,
      resolveDir: root,
      loader: "js",
    },
    bundle: true,
    outfile,
    format: "esm",
    target: "es2022",
    logLevel: "error",
    tsconfigRaw: {}, // This repository's own `paths` are not what a user has.
    ...options,
  });
  return import(pathToFileURL(outfile));
}

/** Running mean and variance (Welford), so that no list of figures has to be kept for each cut. */
function statistics(times) {
  let mean = 0;
  let sum = 0;
  times.forEach((time, index) => {
    const delta = time - mean;
    mean += delta / (index + 1);
    sum += delta * (time - mean);
  });
  return { mean, variance: sum / (times.length - 1), size: times.length };
}

/** The largest |t| over the cuts, with the difference of the means there. */
function compare(first, second) {
  const sorted = [...first, ...second].sort((a, b) => a - b);
  const cuts = [0.5, 0.75, 0.9, 0.95, 0.99, 1].map(
    (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))],
  );
  return cuts
    .map((cut) => {
      const [a, b] = [first, second].map((times) =>
        statistics(times.filter((time) => time <= cut)),
      );
      const error = Math.sqrt(a.variance / a.size + b.variance / b.size);
      const difference = b.mean - a.mean;
      return { difference, t: error === 0 ? 0 : difference / error };
    })
    .reduce((most, one) => (Math.abs(one.t) > Math.abs(most.t) ? one : most));
}

/**
 * Times one piece of work on two classes of inputs, in random order.
 *
 * @param pools Both classes. Many inputs each, since one object's place in memory alone can be seen.
 * @param repeat How often the work is done in one measurement: the clock is not finer than some forty nanoseconds.
 */
function measure({ pools, work, repeat }) {
  const times = [new Float64Array(count), new Float64Array(count)];
  const filled = [0, 0];
  let random = randomBytes(65_536);
  let position = 0;
  const next = () => {
    if (position === random.length) {
      random = randomBytes(65_536);
      position = 0;
    }
    return random[position++];
  };
  const once = (which, pick) => {
    const input = pools[which][pick % pools[which].length];
    const start = process.hrtime.bigint();
    for (let round = 0; round < repeat; round += 1) work(input);
    return Number(process.hrtime.bigint() - start);
  };
  for (let warm = 0; warm < 20_000; warm += 1) once(warm & 1, next());
  while (filled[0] < count || filled[1] < count) {
    const wanted = next() & 1;
    const which = filled[wanted] < count ? wanted : 1 - wanted;
    times[which][filled[which]++] = once(which, next());
  }
  return compare(times[0], times[1]);
}

const bytesOf = (text) => new TextEncoder().encode(text);

/** Inputs for both classes, made in turns, so that neither class lies together in memory. */
function poolsOf(make, size = 256) {
  const pools = [[], []];
  for (let index = 0; index < size; index += 1) {
    for (const which of index % 2 === 0 ? [0, 1] : [1, 0]) pools[which][index] = make(which, index);
  }
  return pools;
}

/** A text that is wrong in one place only. */
function wrongAt(text, index) {
  const other = text[index] === "A" ? "B" : "A";
  return text.slice(0, index) + other + text.slice(index + 1);
}

let sink = 0;

/** Two 44-byte texts, as a base64 MAC is written, that differ in the first byte or in the last. */
function placesOf(equal) {
  const pools = poolsOf((which) => {
    const right = randomBytes(32).toString("base64");
    return { expected: right, given: wrongAt(right, which === 0 ? 0 : 42) };
  });
  const work = ({ expected, given }) => {
    sink += equal(expected, given) ? 1 : 0;
  };
  return { pools, work, repeat: 20 };
}

/** Whole refusals; what is prepared for each class differs in one thing only. */
function refusalsOf(pools) {
  const work = ({ scheme, delivery }) => {
    try {
      scheme.verify(delivery);
      sink += 1;
    } catch {
      sink += 2;
    }
  };
  return { pools, work, repeat: 1 };
}

const header = "x-signature";

function signedCases({ hmac }) {
  const scheme = hmac({ secret: randomBytes(32), header, encoding: "base64" });
  const body = bytesOf(JSON.stringify({ status: "successful", refId: "user-1" }));
  const right = scheme.sign(body, { secretIndex: 0 })[0].value;
  return poolsOf((which) => ({
    scheme,
    delivery: { headers: { [header]: wrongAt(right, which === 0 ? 0 : 42) }, body },
  }));
}

function sharedCases({ headerSecret }) {
  const secret = randomBytes(24).toString("base64url");
  const scheme = headerSecret({ secret, header });
  return poolsOf((which) => ({
    scheme,
    delivery: { headers: { [header]: wrongAt(secret, which === 0 ? 0 : 31) }, body: "{}" },
  }));
}

/**
 * One guess of 32 characters against secrets of 32 and of 60. Sixteen schemes of each: more of them would not fit into
 * the processor's cache, and the larger ones less so.
 */
function lengthCases({ headerSecret }) {
  const guess = randomBytes(24).toString("base64url");
  return poolsOf((which) => {
    const secret = randomBytes(which === 0 ? 24 : 45).toString("base64url");
    const delivery = { headers: { [header]: guess }, body: "{}" };
    return { scheme: headerSecret({ secret, header }), delivery };
  }, 16);
}

/** Stops at the first wrong byte. */
function leaky(a, b) {
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

const folder = await mkdtemp(join(tmpdir(), "countersign-"));
const backends = [
  ["node:crypto", await load(folder, "node", { platform: "node" })],
  [
    "portable",
    await load(folder, "edge", { platform: "browser", conditions: ["workerd", "worker"] }),
  ],
];
await rm(folder, { recursive: true });

const rows = [
  ["control: stops at the first wrong byte", "-", () => placesOf(leaky)],
  ...backends.flatMap(([backend, library]) => [
    ["comparison: first or last byte wrong", backend, () => placesOf(library.equalText)],
    ["hmac refuses: first or last digit wrong", backend, () => refusalsOf(signedCases(library))],
    [
      "headerSecret refuses: first or last byte wrong",
      backend,
      () => refusalsOf(sharedCases(library)),
      1,
    ],
    [
      "headerSecret refuses: secret of 32 or 60 bytes",
      backend,
      () => refusalsOf(lengthCases(library)),
      1,
    ],
  ]),
];

const cells = (...texts) => {
  const [name, backend, ...figures] = texts;
  return `| ${[name.padEnd(47), backend.padEnd(13), ...figures.map((text) => text.padStart(12))].join(" | ")} |`;
};
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}, ${rounds} rounds of ${count} measurements for each class\n`,
);
console.log(
  cells("Compared", "Backend", "Difference", "t, median", "t, least", "t, most", "Verdict"),
);
console.log(cells("---", "---", "---:", "---:", "---:", "---:", "---"));
for (const [name, backend, prepare] of rows) {
  const results = [];
  let repeat = 1;
  for (let round = 0; round < rounds; round += 1) {
    const experiment = prepare();
    repeat = experiment.repeat;
    results.push(measure(experiment));
  }
  const ts = results.map(({ t }) => t);
  const [slower, faster] = [ts.filter((t) => t > threshold), ts.filter((t) => t < -threshold)];
  const agreeing = Math.max(slower.length, faster.length);
  const verdict =
    agreeing === rounds ? "depends" : agreeing > rounds / 2 ? "suspicious" : "none seen";
  const difference = middle(results.map((result) => result.difference)) / repeat;
  const figures = [middle(ts), Math.min(...ts), Math.max(...ts)].map((t) => t.toFixed(1));
  console.log(cells(name, backend, `${difference.toFixed(2)} ns`, ...figures, verdict));
  if (name.startsWith("control") !== (verdict === "depends")) process.exitCode = 1;
}
if (sink === 0) throw new Error("Nothing was measured.");
