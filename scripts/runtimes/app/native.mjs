// Runs the battery on Node, Bun or Deno, and prints what was seen.
//
//   native.mjs <modules.mjs | modules.cjs | bundle.mjs>

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { runBattery } from "./scripts/runtimes/battery/battery.mjs";

// Counts what node:crypto itself computes, whoever asks it and however it was imported: the proof of the backend.
const { prototype } = createHmac("sha256", "key").constructor;
const { digest } = prototype;
let hmacs = 0;
prototype.digest = function (...rest) {
  hmacs += 1;
  return digest.apply(this, rest);
};
createHmac("sha256", "key").digest();
if (hmacs !== 1) throw new Error("the HMACs of node:crypto cannot be counted here");
hmacs = 0;

// The bundle for browsers would ask for node:crypto where the runtime has it; here it is to do without.
if (process.argv[2].startsWith("bundle")) process.getBuiltinModule = undefined;

const { modules, entry = import.meta.resolve("countersign") } = await import(
  `./${process.argv[2]}`
);
const inputs = JSON.parse(readFileSync(new URL("inputs.json", import.meta.url), "utf8"));
const results = await runBattery(modules, inputs);
const { bun, deno, node } = process.versions;
console.log(JSON.stringify({ results, hmacs, entry, version: bun ?? deno ?? node }));
