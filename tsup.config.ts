import { readdirSync } from "node:fs";
import { defineConfig } from "tsup";

const folders = ["providers", "schemes", "stores", "adapters"];
const modules = [
  "index",
  "testing",
  ...["hmac", "compiled"].flatMap((name) => [`internal/${name}.node`, `internal/${name}.default`]),
  ...folders.flatMap((folder) =>
    readdirSync(`src/${folder}`).map((file) => `${folder}/${file.replace(/\.ts$/, "")}`),
  ),
];

export default defineConfig({
  // Named one by one: tsup looks up a list or a pattern in the order the disk answers, and the same sources would
  // make bundles that differ by some bytes.
  entry: Object.fromEntries(modules.sort().map((name) => [name, `src/${name}.ts`])),
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
  clean: true,
  // For CommonJS too: one copy of the error class, whichever subpath it comes through.
  splitting: true,
  removeNodeProtocol: false,
  external: [/^#/, /^node:/, "jose", /^zod/],
  // Bundled because it is ESM only: left external, the CommonJS fallback would need require(esm).
  noExternal: [/^@noble\//],
  esbuildOptions: (options) => {
    // Names that only the inside of @noble/hashes uses: a minifier leaves properties alone, and they would be 1.5 % of
    // an edge bundle.
    options.mangleProps =
      /^(?:blockLen|canXOF|_cloneInto|_cloneIntoMeta|destroyed|digestInto|finished|isLE|outputLen|padOffset|pos|roundClean|view)$/;
  },
});
