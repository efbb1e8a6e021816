// What the figures were measured on and with.

import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { opensslVersion } from "../verify/openssl.mjs";
import { root } from "./app.mjs";

const packages = [
  ...["svix", "standardwebhooks", "@octokit/webhooks-methods", "stripe", "@hookflo/tern"],
  ...["@noble/hashes", "zod", "express", "fastify", "hono", "@hono/node-server"],
];

export function describeMachine() {
  const [{ model }] = cpus();
  return {
    cpu: model.trim(),
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()} ${process.arch}`,
  };
}

export async function describeVersions() {
  const versionOf = (name) =>
    JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  return {
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    openssl: await opensslVersion(),
  };
}
