// Installs the runtimes with npm, into a folder of their own.

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { cache, installed, others, packages, unsuitable } from "./catalogue.mjs";

const run = promisify(execFile);

// npm's own lockfile in the folder is to name no address either.
const quiet = [
  ...["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"],
  ...["--omit-lockfile-registry-resolved", "--loglevel=error"],
];

/** @returns Why the runtimes are not there; nothing when they are. */
export async function installRuntimes() {
  const reason = unsuitable();
  if (reason !== undefined) return reason;
  const list = Object.entries({ ...packages, ...others });
  const isThere = () => list.every(([name, [, version]]) => installed(name) === version);
  if (isThere()) return undefined;
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${cache}package.json`, '{ "private": true }\n');
  const wanted = list.map(([name, [source, version]]) => `${name}@npm:${source}@${version}`);
  try {
    await run("npm", ["install", "--no-save", ...quiet, ...wanted], { cwd: cache });
    return isThere() ? undefined : "npm installed other versions than it was asked for";
  } catch ({ stderr, message }) {
    return `npm could not install them: ${String(stderr || message).trim()}`;
  }
}
