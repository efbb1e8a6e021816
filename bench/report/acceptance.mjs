// The bars, and what was measured.

import { empty } from "../size/imports.mjs";
import { number, sizeName } from "./format.mjs";

const kib = 1024;
const reference = "countersign svix";

const atLeast = (bar) => ({ bar: `≥ ${bar}`, meets: (value) => value >= bar });
const atMost = (bar) => ({ bar: `≤ ${bar}`, meets: (value) => value <= bar });

const ofKind = (results, kind) =>
  Object.entries(results.verify?.runtimes ?? {}).filter(
    ([, one]) => one.kind === kind && one.ns !== undefined,
  );

/** One ratio for each Node. */
const onNode = (results, of) =>
  ofKind(results, "node").map(([, one]) => [one.title.replace("Node ", ""), of(one)]);
const peer = (results, size, name) => onNode(results, ({ ratio }) => ratio[size]?.[name]);
const hash = (results, size) =>
  onNode(results, ({ ns }) => ns[size]?.[reference] / results.verify?.openssl?.ns?.[size]);
const edge = (results, name, sizes) => {
  const { ratio } = results.verify?.runtimes?.[name] ?? {};
  return Object.keys(ratio ?? {})
    .filter((size) => sizes === undefined || sizes.includes(Number(size)))
    .map((size) => [sizeName(Number(size)), ratio[size].svix]);
};
const bundle = (results, pattern) =>
  (results.size?.bundles ?? [])
    .filter(({ name }) => pattern.test(name))
    .map(({ name, gzip }) => [/^(\w+) with its schemas$/.exec(name)?.[1] ?? "", gzip / 1000]);

function added(results) {
  const modes = results.server?.results?.fastify?.[kib];
  return modes === undefined ? [] : [["", modes.countersign.added / modes.svix.added]];
}

/** Milliseconds beyond what another module takes. */
const imports = (results, pattern, beyond) =>
  Object.entries(results.size?.imports ?? {})
    .filter(([name]) => pattern.test(name))
    .map(([name, ms]) => [name.split("/")[2] ?? "", ms - results.size.imports[beyond]]);

export const wholePipeline = "verify + parse + schema: provider.verify";
const pipeline = ({ pipeline: measured }, of) =>
  Object.values(measured?.runtimes ?? {}).map((one) => [
    one.title.replace("Node ", ""),
    one[of][wholePipeline],
  ]);

/** At, against, bar, values. The bars are fixed; whether they are met is what this is for. */
const rows = [
  ["1 KiB, Node, Svix scheme, prepared", "svix 2.x", atLeast(8), (r) => peer(r, kib, "svix")],
  ["1 KiB, Node", "stripe verifyHeader", atLeast(2.3), (r) => peer(r, kib, "stripe verifyHeader")],
  ["1 KiB, Node", "octokit", atLeast(1.7), (r) => peer(r, kib, "@octokit/webhooks-methods")],
  [
    ...["1 KiB, Node", "hand-written createHmac, as documented"],
    ...[atLeast(1.5), (r) => peer(r, kib, "by hand: template, Buffer key")],
  ],
  [
    ...["1 KiB, Node", "hand-written createHmac, with care"],
    ...[atLeast(1.5), (r) => peer(r, kib, "by hand: bytes, KeyObject")],
  ],
  ["64 KiB, Node", "bare SHA-256", atMost(1.12), (r) => hash(r, 64 * kib)],
  ["1 MiB, Node", "bare SHA-256", atMost(1.08), (r) => hash(r, kib * kib)],
  ["1 KiB, Node", "bare SHA-256", atMost(3.2), (r) => hash(r, kib)],
  ["1 KiB, workerd with node:crypto", "svix", atLeast(2.5), (r) => edge(r, "workerd-node", [kib])],
  [
    ...["64 KiB, workerd with node:crypto", "svix"],
    ...[atLeast(8), (r) => edge(r, "workerd-node", [64 * kib])],
  ],
  ["any size, workerd without it", "svix", atLeast(1), (r) => edge(r, "workerd")],
  ["any size, Chromium", "svix", atLeast(1), (r) => edge(r, "chromium")],
  ["Fastify, 1 KiB, CPU added to a request", "what svix adds", atMost(0.25), added],
  [
    ...["verify + parse + schema, DOCVER sample", "JSON.parse of its text", atMost(4)],
    (r) => pipeline(r, "ofText"),
  ],
  [
    ...["verify + parse + schema, DOCVER sample", "JSON.parse of its bytes", atMost(4)],
    (r) => pipeline(r, "ofBytes"),
  ],
  ["Svix verifier, edge, kB", "-", atMost(4.8), (r) => bundle(r, /^Svix verifier$/)],
  ["Svix verifier, for Node, kB", "-", atMost(2.2), (r) => bundle(r, /^Svix verifier, for Node$/)],
  [
    "import of the root, ms",
    "an empty package",
    atMost(5),
    (r) => imports(r, /^countersign$/, empty),
  ],
  [
    ...["import of a provider, ms", "zod/mini", atMost(40)],
    (r) => imports(r, /^countersign\/providers\//, "zod/mini"),
  ],
  ["a provider with schemas, edge, kB", "-", atMost(13), (r) => bundle(r, /with its schemas$/)],
];

/** @returns Cells of the table: at, against, bar, measured, met. */
export function acceptance(results) {
  return rows.map(([at, against, { bar, meets }, valuesOf]) => {
    const values = valuesOf(results).filter(([, value]) => Number.isFinite(value));
    const shown = values.map(([label, value]) => `${label} ${number(value)}`.trim()).join(" · ");
    const met = values.every(([, value]) => meets(value)) ? "yes" : "no";
    return [at, against, bar, shown || "-", values.length === 0 ? "not measured" : met];
  });
}
