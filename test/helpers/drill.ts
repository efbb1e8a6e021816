import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a drill has printed of one mode, and whether it passed. */
export type Drilled = Readonly<Record<string, number>> & { readonly exitCode: number };

/** Runs a small drill. Its environment has nothing of the developer's own. */
export function drill(mode: string, ...more: readonly string[]): Promise<Drilled> {
  expect(existsSync(`${root}dist/catch-up.js`), "dist/ is missing: npm run build").toBe(true);
  const sizes = ["--events", "240", "--kills", "3", "--seed", "5"];
  const args = ["scripts/drill.mjs", ...sizes, "--mode", mode, ...more];
  return new Promise((resolve, reject) => {
    const options = { cwd: root, env: { PATH: process.env.PATH }, timeout: 120_000 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const [, head = "", figures = ""] = stdout.trimEnd().split("\n");
      const columns = head.trim().split(/ {2,}/);
      const values = figures.slice(18).trim().split(/ +/).map(Number);
      if (values.length !== columns.length) reject(new Error(`${stdout}${stderr}`));
      const exitCode = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      const named = columns.map((column, index) => [column, values[index]]);
      resolve({ ...Object.fromEntries(named), exitCode });
    });
  });
}
