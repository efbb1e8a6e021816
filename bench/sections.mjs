// The parts of the bench, each of which can be run alone.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { root } from "./lib/app.mjs";
import { runChild } from "./lib/child.mjs";
import { fitLine, median, pairedRatio } from "./lib/statistics.mjs";
import { wholePipeline } from "./report/acceptance.mjs";
import { measureImports } from "./size/imports.mjs";
import { sizes } from "./verify/bodies.mjs";
import { measureOpenssl } from "./verify/openssl.mjs";
import { summarise } from "./verify/summary.mjs";

const run = promisify(execFile);
const medians = (samples) =>
  Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, median(list)]));

async function verify({ folder, runtimes, settings, say }) {
  const openssl = await measureOpenssl(sizes, settings.openssl);
  if (openssl.leftOut) say(`left out: the bare SHA-256, ${openssl.leftOut}`);
  const results = {};
  for (const { name, title, version, kind, measure } of runtimes) {
    say(`verify on ${title} …`);
    try {
      const {
        samples,
        leftOut,
        version: said,
      } = await measure(folder, {
        sizes,
        ...settings.verify,
      });
      results[name] = { title, version: version ?? said, kind, leftOut, ...summarise(samples) };
    } catch (error) {
      results[name] = { title, version, kind, failure: error.message.split("\n")[0] };
      say(`failed on ${title}: ${error.message}`);
    }
  }
  return { openssl, runtimes: results };
}

async function server({ folder, node, settings }) {
  const args = ["bench/server/run.mjs", JSON.stringify(settings.server)];
  const samples = await runChild(node.binary, args, folder);
  const results = {};
  for (const [framework, bySize] of Object.entries(samples)) {
    results[framework] = {};
    for (const [size, byMode] of Object.entries(bySize)) {
      const none = byMode.none.cpu;
      results[framework][size] = Object.fromEntries(
        Object.entries(byMode).map(([mode, { cpu, rate }]) => [
          mode,
          {
            cpu: median(cpu),
            added: median(cpu.map((value, cycle) => value - none[cycle])),
            rate: median(rate),
          },
        ]),
      );
    }
  }
  return { node: node.title, results };
}

/** Beyond this the upper half of a line would be steeper than noise explains. */
const steepest = 1.5;

async function growth({ folder, node, settings }) {
  const args = ["--expose-gc", "bench/growth/growth.mjs", JSON.stringify(settings.growth)];
  const samples = await runChild(node.binary, args, folder);
  const results = {};
  for (const [name, by] of Object.entries(samples)) {
    const points = Object.entries(by).map(([count, list]) => [Number(count), median(list)]);
    const half = Math.ceil(points.length / 2);
    const lower = fitLine(points.slice(0, half));
    const upper = fitLine(points.slice(half - 1));
    const line = fitLine(points);
    // A square would double the slope; what is nearly flat has none to speak of.
    const grown = points.at(-1)[1] / points[0][1];
    const bend = upper.slope / lower.slope;
    const linear = grown < steepest || (lower.slope > 0 && bend <= steepest);
    results[name] = { points, ...line, bend, linear };
  }
  return { node: node.title, results };
}

/** What each stage takes, as the difference of two that are measured whole. */
const stagesOf = (ns) => ({
  verify: ns["verify: scheme alone"],
  decode: ns["decode: delivery.text()"],
  "JSON.parse": ns["decode + parse: delivery.json()"] - ns["decode: delivery.text()"],
  "message: id, type, time, promise":
    ns["verify + parse, no schema: provider.verify"] - ns["verify + parse"],
  schema: ns[wholePipeline] - ns["verify + parse, no schema: provider.verify"],
  "receiver and handler": ns["… + handler: receiver, no store"] - ns[wholePipeline],
  "claim and completion":
    ns["… + claim: receiver, memory store"] - ns["… + handler: receiver, no store"],
});

async function pipeline({ folder, node, runtimes, settings, say }) {
  const nodes = runtimes.filter(({ kind }) => kind === "node");
  const results = {};
  let size;
  for (const { name, title, binary } of nodes.length > 0 ? nodes : [node]) {
    say(`pipeline on ${title} …`);
    const args = ["--expose-gc", "bench/pipeline/pipeline.mjs", JSON.stringify(settings.pipeline)];
    const { bytes, samples } = await runChild(binary, args, folder);
    size = bytes;
    const against = (reference) =>
      Object.fromEntries(
        Object.entries(samples).map(([step, list]) => [
          step,
          pairedRatio(list, samples[reference]),
        ]),
      );
    const ns = medians(samples);
    const ofText = against("JSON.parse(text)");
    const ofBytes = against("JSON.parse(bytes.toString())");
    results[name] = { title, ns, stages: stagesOf(ns), ofText, ofBytes };
  }
  return { bytes: size, runtimes: results };
}

async function size({ folder, node, settings }) {
  let text;
  try {
    text = (await run(process.execPath, ["scripts/size.mjs", "--json"], { cwd: root })).stdout;
  } catch ({ stdout, stderr }) {
    // Beyond its budget: for `npm run size` to fail on, not for a bench.
    if (!stdout) throw new Error(stderr);
    text = stdout;
  }
  const imports = medians(await measureImports(node.binary, folder, settings.imports));
  return { node: node.title, bundles: JSON.parse(text), imports, processes: settings.imports };
}

async function memory({ folder, node, settings }) {
  const flags = ["--expose-gc", "--max-semi-space-size=256", "--min-semi-space-size=128"];
  const heap = await runChild(node.binary, [...flags, "bench/memory/heap.mjs"], folder);
  const peaks = await runChild(
    node.binary,
    ["bench/memory/peak.mjs", JSON.stringify(settings.memory)],
    folder,
  );
  return { node: node.title, heap, peaks };
}

export const sections = { verify, server, growth, pipeline, size, memory };
