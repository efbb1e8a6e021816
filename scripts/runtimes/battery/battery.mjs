// Runs all cases with the package as it was imported. Imports nothing of a runtime, so that it runs in each of them.

import { runCatchUp } from "./catch-up.mjs";
import { runFetch } from "./fetch.mjs";
import { runProvider } from "./providers.mjs";
import { runScheme } from "./schemes.mjs";

const kinds = { "catch-up": runCatchUp, provider: runProvider, scheme: runScheme };

/**
 * @param modules The package: each specifier with its exports.
 * @param inputs What to check. What is expected of it is not in there, and no runtime is told.
 * @returns Names and what was seen, in the order of the inputs.
 */
export async function runBattery(modules, inputs) {
  const results = [];
  for (const input of inputs) {
    if (input.kind === "fetch") results.push(...(await runFetch(modules, input)));
    else {
      const run = kinds[input.kind];
      results.push([input.name, await run(modules, input)]);
    }
  }
  return results;
}
