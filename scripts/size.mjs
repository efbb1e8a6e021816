// Prints what each part adds to a bundle (esbuild, minified, gzip) and fails beyond its budget. With --json it prints
// the same as JSON.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const kilobyte = 1000;

const providers = readdirSync(`${root}/src/providers`).map((file) => file.replace(/\.ts$/, ""));

const entries = [
  ["Svix verifier", `export { verifySvix } from "countersign"`, 4.8 * kilobyte],
  ["Svix scheme", `export { svix } from "countersign"`, 4.8 * kilobyte],
  ["HMAC verifier", `export { verifyHmac } from "countersign"`, 5 * kilobyte],
  [
    "asymmetric verifier",
    `export { verifySvixAsymmetric } from "countersign/schemes/svix-asymmetric"`,
    11 * kilobyte,
  ],
  [
    "receiver, one scheme, fetch handler",
    `export { createReceiver, defineProvider, hmac } from "countersign"; export { toFetchHandler } from "countersign/fetch"`,
    11 * kilobyte,
  ],
  // jose is an optional peer, loaded when a token has to be checked.
  ...providers.map((name) => [
    `${name} with its schemas`,
    `export { ${name} } from "countersign/providers/${name}"`,
    13 * kilobyte,
    ["jose"],
  ]),
  ["all of the root", `export * from "countersign"`, 12 * kilobyte],
  // What a bundle for Node carries: a function's cold start, not a browser's download.
  ["Svix verifier, for Node", `export { verifySvix } from "countersign"`, 5 * kilobyte, [], "node"],
  ["Svix scheme, for Node", `export { svix } from "countersign"`, 5 * kilobyte, [], "node"],
];
const edge = ["workerd", "worker", "edge-light"];

const results = [];
for (const [name, contents, budget, external = [], platform = "browser"] of entries) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: "js" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    platform,
    conditions: platform === "browser" ? edge : ["node"],
    external,
    logLevel: "error",
    tsconfigRaw: {}, // This repository's own `paths` are not what a user has.
  });
  const [{ contents: bytes }] = outputFiles;
  const inputs = Object.keys(metafile.inputs);
  const carries = ["zod", "jose"].filter((name) =>
    inputs.some((path) => path.includes(`node_modules/${name}/`)),
  );
  results.push({
    name,
    min: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    budget,
    carries,
  });
}

if (process.argv.includes("--json")) console.log(JSON.stringify(results));
else printTable();

function printTable() {
  const pad = (text, width) => String(text).padStart(width);
  console.log(
    `${"bundle of".padEnd(44)}${pad("min", 8)}${pad("gzip", 8)}${pad("budget", 8)}  carries`,
  );
  for (const { name, min, gzip, budget, carries } of results) {
    console.log(
      `${name.padEnd(44)}${pad(min, 8)}${pad(gzip, 8)}${pad(budget, 8)}  ${carries.join(", ") || "-"}`,
    );
  }
}

const over = results.filter(({ gzip, budget }) => gzip > budget);
for (const { name } of over) console.error(`over its budget: ${name}`);
process.exitCode = over.length > 0 ? 1 : 0;
