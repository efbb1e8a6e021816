// Makes the folder in which the runtimes run: an application that has installed the built package. There each of them
// chooses among the package's exports by its own conditions, which it would not do inside this repository.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export function makeApp() {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("npm run build comes first");
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = realpathSync(mkdtempSync(join(root, ".cache/bench-")));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "countersign"), { recursive: true });
  for (const file of ["dist", "package.json"]) {
    cpSync(join(root, file), join(modules, "countersign", file), { recursive: true });
  }
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name === "countersign" || name.startsWith(".")) continue;
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const part of ["lib", "verify", "server", "growth", "size", "memory", "pipeline"]) {
    cpSync(join(root, "bench", part), join(folder, "bench", part), { recursive: true });
  }
  return folder;
}
