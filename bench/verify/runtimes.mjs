// Which runtimes there are, and how each measures.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { cache, installed, packages } from "../../scripts/runtimes/catalogue.mjs";
import { installRuntimes } from "../../scripts/runtimes/install.mjs";
import { runChild } from "../lib/child.mjs";
import { measureChromium } from "./chromium.mjs";
import { measureWorkerd } from "./workerd.mjs";

const script = "bench/verify/native.mjs";
const denoArgs = [
  ...["run", "--quiet", "--no-prompt", "--no-remote", "--node-modules-dir=manual", "--allow-all"],
  "--v8-flags=--expose-gc",
];
const before = { node: ["--expose-gc"], bun: ["run"], deno: denoArgs };
const titles = { node: "Node", bun: "Bun", deno: "Deno" };
const binaries = { node: "bin/node", bun: "bin/bun", deno: "deno" };

function native(name, version, binary) {
  const kind = name.replace(/\d+$/, "");
  return {
    name,
    title: `${titles[kind]} ${version}`,
    kind,
    version,
    binary,
    measure: (folder, settings) =>
      runChild(binary, [...before[kind], script, JSON.stringify(settings)], folder),
  };
}

function workerd() {
  const require = createRequire(import.meta.url);
  const { default: binary } = require("workerd");
  const version = require("workerd/package.json").version.split(".")[1];
  return ["nodejs_compat", "plain"].map((flags) => ({
    name: flags === "plain" ? "workerd" : "workerd-node",
    title: `workerd ${version}${flags === "plain" ? "" : ", nodejs_compat"}`,
    kind: "workerd",
    version,
    measure: (folder, settings) =>
      measureWorkerd(binary, flags === "plain" ? [] : [flags], folder, settings),
  }));
}

/** The Node that runs this, first in the order in which servers, growth and memory look for one. */
export function ownNode() {
  const { node } = process.versions;
  return native(`node${node.split(".")[0]}`, node, process.execPath);
}

/** @returns All that can be measured here, and what cannot and why. */
export async function findRuntimes() {
  const missing = await installRuntimes();
  const leftOut = {};
  const found = [];
  for (const [name, [, version]] of Object.entries(packages)) {
    const binary = `${cache}node_modules/${name}/${binaries[name.replace(/\d+$/, "")]}`;
    if (missing === undefined && installed(name) === version) {
      found.push(native(name, version, binary));
    } else leftOut[name] = missing ?? "not installed";
  }
  if (!found.some(({ kind }) => kind === "node")) found.unshift(ownNode());
  try {
    found.push(...workerd());
  } catch (error) {
    leftOut.workerd = error.message.split("\n")[0];
  }
  const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executable = paths.find((path) => existsSync(path));
  if (executable === undefined) leftOut.chromium = `there is none at ${paths.join(", ")}`;
  else {
    found.push({
      name: "chromium",
      title: "Chromium",
      kind: "chromium",
      measure: (folder, settings) => measureChromium(executable, folder, settings),
    });
  }
  return { found, leftOut };
}
