// Prints what each part adds to a bundle (esbuild, minified, gzip) and fails beyond its budget; and how large the command
// line and its page are, which are in no bundle. With --json it prints the bundles as JSON.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const kilobyte = 1000;

const providers = readdirSync(`${root}/src/providers`).map((file) => file.replace(/\.ts$/, ""));

// Two carry zod, to read what is documented.
const clients = { dataspike: 12.6, screver: 12.6, validas: 5.8 };

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
    13 * kilobyte,
  ],
  // jose is an optional peer, loaded when a token has to be checked.
  ...providers.map((name) => [
    `${name} with its schemas`,
    `export { ${name} } from "countersign/providers/${name}"`,
    13 * kilobyte,
    ["jose"],
  ]),
  ...Object.entries(clients).map(([name, most]) => [
    `${name} client`,
    `export { ${name}Client } from "countersign/clients/${name}"`,
    most * kilobyte,
  ]),
  ["catch-up", `export * from "countersign/catch-up"`, 8 * kilobyte],
  ["all of the root", `export * from "countersign"`, 14 * kilobyte],
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

/** What `npm run build` has left in a folder: the sizes of its files, minified and with gzip. */
function filesOf(folder, { below = true } = {}) {
  const files = readdirSync(`${root}/${folder}`, { recursive: below, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`));
  return {
    files: files.length,
    min: files.reduce((sum, { length }) => sum + length, 0),
    gzip: files.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0),
  };
}

// Beside the library: no file of it asks for these, as test/package/dist.test.ts sees to.
const page = filesOf("dist/cli/ui");
const besides = [
  {
    name: "inspector page, which nothing imports",
    ...page,
    budget: 120 * kilobyte,
    carries: ["preact"],
  },
  {
    name: "command line, which nothing imports",
    ...["dist/cli", "dist/cli/providers"]
      .map((folder) => filesOf(folder, { below: false }))
      .reduce((one, other) => ({
        files: one.files + other.files,
        min: one.min + other.min,
        gzip: one.gzip + other.gzip,
      })),
    budget: 48 * kilobyte,
    carries: ["commander"],
  },
];
const [all, commandLine] = [filesOf("dist"), filesOf("dist/cli")];

if (process.argv.includes("--json")) console.log(JSON.stringify(results));
else printTable();

function printTable() {
  const pad = (text, width) => String(text).padStart(width);
  console.log(
    `${"bundle of".padEnd(44)}${pad("min", 8)}${pad("gzip", 8)}${pad("budget", 8)}  carries`,
  );
  for (const { name, min, gzip, budget, carries } of [...results, ...besides]) {
    console.log(
      `${name.padEnd(44)}${pad(min, 8)}${pad(gzip, 8)}${pad(budget, 8)}  ${carries.join(", ") || "-"}`,
    );
  }
  const shares = [
    `library ${all.files - commandLine.files} files, ${all.min - commandLine.min} bytes`,
    `command line ${commandLine.files} files, ${commandLine.min} bytes`,
  ];
  console.log(`dist: ${shares.join("; ")}`);
}

const over = [...results, ...besides].filter(({ gzip, budget }) => gzip > budget);
for (const { name } of over) console.error(`over its budget: ${name}`);
process.exitCode = over.length > 0 ? 1 : 0;
