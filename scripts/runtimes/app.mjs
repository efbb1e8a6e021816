// Makes the folder in which the battery runs: an application that has installed the packed package.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { workerdConfig } from "./app/workerd.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Packs what `npm publish` would send, and installs it beside its two peers. */
async function install(folder) {
  const packing = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", packing, { cwd: root });
  const [{ filename }] = JSON.parse(stdout);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const peers = ["zod", "jose"].map((name) => `${name}@${devDependencies[name]}`);
  await run(
    "npm",
    [
      ...["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--prefer-offline"],
      ...["--no-audit", "--no-fund", "--loglevel=error", `./${filename}`, ...peers],
    ],
    { cwd: folder },
  );
}

/** Every specifier that the battery needs, as the installed package offers them. */
function specifiersIn(folder) {
  const dist = join(folder, "node_modules/countersign/dist");
  const listed = ["clients", "schemes", "providers"].flatMap((plural) =>
    readdirSync(join(dist, plural))
      .filter((file) => /(?<!\.d)\.cjs$/.test(file))
      .map((file) => `countersign/${plural}/${file.slice(0, -".cjs".length)}`),
  );
  return ["countersign", "countersign/catch-up", "countersign/fetch", ...listed.sort()];
}

/** Writes the modules that import all of the package, each in one of the two ways. */
function writeModules(folder, specifiers) {
  const entries = (written) =>
    specifiers.map((name, index) => `  ${JSON.stringify(name)}: ${written(name, index)},\n`);
  const imports = specifiers.map((name, index) => `import * as m${index} from "${name}";\n`);
  writeFileSync(
    join(folder, "modules.mjs"),
    `${imports.join("")}
export const modules = {\n${entries((_name, index) => `m${index}`).join("")}};
`,
  );
  writeFileSync(
    join(folder, "modules.cjs"),
    `exports.modules = {\n${entries((name) => `require("${name}")`).join("")}};
exports.entry = require.resolve("countersign");
`,
  );
}

/** Bundles as a user's tools would; the inputs of the bundle prove which backend is in it. */
async function bundle(folder, outfile, conditions) {
  const { metafile } = await build({
    absWorkingDir: folder,
    stdin: {
      contents: `export { modules } from "./modules.mjs";
export { runBattery } from "./scripts/runtimes/battery/battery.mjs";`,
      resolveDir: folder,
      loader: "js",
    },
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions,
    metafile: true,
    logLevel: "error",
    tsconfigRaw: {},
  });
  const held = Object.keys(metafile.inputs).flatMap(
    (path) => /dist\/internal\/hmac\.(\w+)\.js$/.exec(path)?.[1] ?? [],
  );
  if (held.join() !== "default") {
    throw new Error(`${outfile} should hold the default backend alone, and holds: ${held}`);
  }
}

/** @returns The specifiers under which the package was loaded. */
export async function makeApp(folder, inputs) {
  await install(folder);
  const specifiers = specifiersIn(folder);
  writeModules(folder, specifiers);
  writeFileSync(join(folder, "inputs.json"), JSON.stringify(inputs));
  for (const part of ["runtimes/battery", "demo"]) {
    mkdirSync(join(folder, "scripts", part), { recursive: true });
    cpSync(join(root, "scripts", part), join(folder, "scripts", part), { recursive: true });
  }
  for (const file of ["native.mjs", "worker.mjs"]) {
    cpSync(join(root, "scripts/runtimes/app", file), join(folder, file));
  }
  for (const flags of ["plain", "nodejs_compat"]) {
    const list = flags === "plain" ? [] : [flags];
    writeFileSync(join(folder, `workerd.${flags}.capnp`), workerdConfig(list));
  }
  await bundle(folder, "bundle.browser.mjs", ["browser"]);
  await bundle(folder, "bundle.workerd.mjs", ["workerd", "worker", "browser"]);
  return specifiers;
}
