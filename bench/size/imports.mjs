// How long a fresh process takes to import a module.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runChild } from "../lib/child.mjs";

/** What Node takes to find and read a package, whatever is in it. */
export const empty = "(an empty package)";
const emptyName = "bench-empty";
const providers = ["dataspike", "vove", "validas", "cr3dentials", "screver"];
export const imported = {
  [empty]: emptyName,
  "node:crypto": "node:crypto",
  "zod/mini": "zod/mini",
  countersign: "countersign",
  ...Object.fromEntries(
    providers.map((name) => [`countersign/providers/${name}`, `countersign/providers/${name}`]),
  ),
  svix: "svix",
  standardwebhooks: "standardwebhooks",
  "@octokit/webhooks-methods": "@octokit/webhooks-methods",
  stripe: "stripe",
  "@hookflo/tern": "@hookflo/tern",
};

const code = (specifier) => `
const begin = performance.now();
await import(${JSON.stringify(specifier)});
console.log(performance.now() - begin);
process.exit(0);`;

/** @returns Milliseconds of `import()`, by module, one for each round. */
export async function measureImports(node, folder, rounds) {
  const home = join(folder, "node_modules", emptyName);
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{ "type": "module", "exports": "./index.js" }');
  writeFileSync(join(home, "index.js"), "");
  const samples = Object.fromEntries(Object.keys(imported).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, specifier] of Object.entries(imported)) {
      const ms = await runChild(node, ["--input-type=module", "-e", code(specifier)], folder);
      // The first round fills the disk's cache.
      if (round >= 0) samples[name].push(ms);
    }
  }
  return samples;
}
