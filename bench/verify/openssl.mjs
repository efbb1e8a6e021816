// The limit: what the machine's own SHA-256 takes for as many bytes, without any JavaScript.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { median } from "../lib/statistics.mjs";

const run = promisify(execFile);
/** Bytes that are signed beside the body: id, time and two dots, on average. */
const prefixBytes = 50;

export async function opensslVersion() {
  try {
    return (await run("openssl", ["version"])).stdout.trim().replace(/ \(Library.*$/, "");
  } catch {
    return undefined;
  }
}

/** Nanoseconds of one `openssl speed` second. */
async function once(bytes) {
  const args = ["speed", "-seconds", "1", "-bytes", String(bytes), "-evp", "sha256"];
  const { stdout } = await run("openssl", args);
  const [, rate] = /^sha256\s+([\d.]+)k/im.exec(stdout) ?? [];
  return (1e9 * bytes) / (Number(rate) * 1000);
}

/** @returns Nanoseconds by size of the body, or why there are none. */
export async function measureOpenssl(sizes, times) {
  if ((await opensslVersion()) === undefined) return { leftOut: "there is no openssl command" };
  const samples = Object.fromEntries(sizes.map((size) => [size, []]));
  for (let index = 0; index < times; index += 1) {
    for (const size of sizes) samples[size].push(await once(size + prefixBytes));
  }
  return { ns: Object.fromEntries(sizes.map((size) => [size, median(samples[size])])) };
}
