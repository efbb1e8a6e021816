import { readdirSync } from "node:fs";
import type { TestProject } from "vitest/node";

let leftOut: string[] = [];

export function setup({ vitest }: TestProject): void {
  // Who names files knows what is run. Vitest calls this internal; without it, a little more is said.
  if ((vitest as { filenamePattern?: string[] }).filenamePattern) return;
  leftOut = readdirSync("test/browser").filter((file) => file.endsWith(".test.ts"));
}

/** After the reporters. On stderr, since a report may be on stdout. */
export function teardown(): void {
  for (const file of leftOut.sort()) {
    process.stderr.write(
      `left out, because there is no Chromium: test/browser/${file} — apt-get install chromium, or what your system has for it\n`,
    );
  }
}
