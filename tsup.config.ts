import { copyFileSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { defineConfig } from "tsup";

const folders = ["providers", "schemes", "stores", "adapters", "clients"];
const sourcesIn = (folder: string) =>
  readdirSync(`src/${folder}`).map((file) => `${folder}/${file.replace(/\.ts$/, "")}`);
const modules = [
  "index",
  "testing",
  "diagnose",
  "catch-up",
  ...["hmac", "compiled"].flatMap((name) => [`internal/${name}.node`, `internal/${name}.default`]),
  ...folders.flatMap(sourcesIn),
];

// Named one by one: tsup looks up a list or a pattern in the order the disk answers, and the same sources would
// make bundles that differ by some bytes.
const entriesOf = (names: readonly string[]) =>
  Object.fromEntries([...names].sort().map((name) => [name, `src/${name}.ts`]));

const src = fileURLToPath(new URL("src", import.meta.url));

/**
 * Puts what the root consists of into one chunk, instead of one for each set of modules that share something: each file
 * costs Node most of a millisecond at start-up, and the root had twenty-five. Chunks are cut by which entries reach a
 * module; here, all reach all of the root. Nothing more is carried by a bundle, which takes from a chunk what it uses.
 */
const oneChunk: Plugin = {
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
    // Two lines, likewise.
    onResolve({ filter: /\/safe-url\.js$/ }, ({ importer }) => ({
      path: join(src, "internal/safe-url.ts"),
      suffix: importer.includes("schemes") ? "?scheme" : "",
    }));
  },
};

/** The command line uses the library as it is published, and so adds nothing to it and holds no copy of it. */
const libraryStaysOutside: Plugin = {
  name: "library-stays-outside",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
      const source = relative(resolve("src"), resolve(resolveDir, path)).split(sep).join(posix.sep);
      if (source.startsWith("cli/") || source.startsWith("../")) return undefined;
      if (!modules.includes(source.replace(/\.js$/, ""))) {
        return { errors: [{ text: `src/${source} is no module that the package exports` }] };
      }
      // From dist/cli, where all files are that import any of it, but those that are loaded by their name.
      const isNamed = relative(resolve("src/cli/providers"), importer).split(sep)[0] !== "..";
      return { path: `${isNamed ? "../.." : ".."}/${source}`, external: true };
    });
  },
};

/** The page of `countersign listen --ui`, which a browser loads and nothing imports. */
async function buildInspector(): Promise<void> {
  await build({
    entryPoints: [
      { in: "src/cli/ui/inspector.tsx", out: "inspector" },
      { in: "src/cli/ui/style.css", out: "inspector" },
    ],
    outdir: "dist/cli/ui",
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: ["chrome123", "firefox120", "safari17.5"],
    legalComments: "none",
    logLevel: "warning",
  });
  copyFileSync("src/cli/ui/icon.svg", "dist/cli/ui/icon.svg");
}

export default defineConfig([
  {
    entry: entriesOf(modules),
    format: ["esm", "cjs"],
    platform: "neutral",
    target: "es2022",
    dts: true,
    // All but the command line, which is built at the same time.
    clean: ["!cli", "!cli/**"],
    // For CommonJS too: one copy of the error class, whichever subpath it comes through.
    splitting: true,
    removeNodeProtocol: false,
    external: [/^#/, /^node:/, "jose", /^zod/],
    // Bundled because they are ESM only: left external, the CommonJS fallback would need require(esm).
    noExternal: [/^@noble\//, "p-retry", "is-network-error"],
    esbuildPlugins: [oneChunk],
    esbuildOptions: (options) => {
      // Names that only the inside of @noble/hashes uses: a minifier leaves properties alone, and they would be 1.5 % of
      // an edge bundle.
      options.mangleProps =
        /^(?:blockLen|canXOF|_cloneInto|_cloneIntoMeta|destroyed|digestInto|finished|isLE|outputLen|padOffset|pos|roundClean|view)$/;
    },
  },
  {
    entry: Object.fromEntries(
      Object.entries(entriesOf(["cli/main", ...sourcesIn("cli/providers")])).map(
        ([name, source]) => [name.replace(/^cli\//, ""), source],
      ),
    ),
    outDir: "dist/cli",
    format: ["esm"],
    platform: "node",
    target: "node20",
    clean: true,
    splitting: true,
    minify: true,
    removeNodeProtocol: false,
    // The parser: users install nothing for it.
    noExternal: ["commander"],
    esbuildPlugins: [libraryStaysOutside],
    onSuccess: buildInspector,
    // commander is CommonJS, and asks for Node's own modules by require.
    banner: {
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
    },
  },
]);
