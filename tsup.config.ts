import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";

const folders = ["providers", "schemes", "stores", "adapters"];
const modules = [
  "index",
  "testing",
  ...["hmac", "compiled"].flatMap((name) => [`internal/${name}.node`, `internal/${name}.default`]),
  ...folders.flatMap((folder) =>
    readdirSync(`src/${folder}`).map((file) => `${folder}/${file.replace(/\.ts$/, "")}`),
  ),
];

const src = fileURLToPath(new URL("src", import.meta.url));

/**
 * Puts what the root consists of into one chunk, instead of one for each set of modules that share something: each file
 * costs Node most of a millisecond at start-up, and the root had twenty-five. Chunks are cut by which entries reach a
 * module; here, all reach all of the root. Nothing more is carried by a bundle, which takes from a chunk what it uses.
 */
const oneChunk: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "one-chunk",
  setup: ({ initialOptions, onLoad, onResolve }) => {
    // The root has no side effects, so that nothing of the import is left but the reach.
    initialOptions.logOverride = { "ignored-bare-import": "silent" };
    const others = new Map(
      modules
        .filter((name) => name !== "index" && !name.startsWith("internal/"))
        .map((name) => [
          join(src, `${name}.ts`),
          name.includes("/") ? "../index.js" : "./index.js",
        ]),
    );
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const root = others.get(path);
      if (root === undefined) return undefined;
      return { contents: `${await readFile(path, "utf8")}\nimport "${root}";`, loader: "ts" };
    });
    // Shared by both hash functions, of which nobody loads two: a copy in each, instead of another file.
    onResolve({ filter: /\/key-pads\.js$/ }, ({ importer }) => ({
      path: join(src, "internal/key-pads.ts"),
      suffix: importer.endsWith("hmac.node.ts") ? "?node" : "",
    }));
  },
};

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
  esbuildPlugins: [oneChunk],
  esbuildOptions: (options) => {
    // Names that only the inside of @noble/hashes uses: a minifier leaves properties alone, and they would be 1.5 % of
    // an edge bundle.
    options.mangleProps =
      /^(?:blockLen|canXOF|_cloneInto|_cloneIntoMeta|destroyed|digestInto|finished|isLE|outputLen|padOffset|pos|roundClean|view)$/;
  },
});
