// Bundles a measuring script for a runtime without a file system.

import { builtinModules } from "node:module";
import { build } from "esbuild";

/** @returns Where the bundle is. */
export async function bundle(folder, entry, outfile, conditions) {
  await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions,
    // There or not when it runs; what needs one that is not is left out.
    external: ["node:*", ...builtinModules],
    logLevel: "error",
    tsconfigRaw: {},
  });
  return outfile;
}
