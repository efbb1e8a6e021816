// How long a fresh process takes to import a module.

import { runChild } from "../lib/child.mjs";

const providers = ["dataspike", "vove", "validas", "cr3dentials", "screver"];
export const imported = {
  "(nothing)": undefined,
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
${specifier === undefined ? "" : `await import(${JSON.stringify(specifier)});`}
console.log(performance.now() - begin);
process.exit(0);`;

/** @returns Milliseconds of `import()`, by module, one for each round. */
export async function measureImports(node, folder, rounds) {
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
