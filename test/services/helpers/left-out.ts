import { readdirSync } from "node:fs";
import type { TestProject } from "vitest/node";

let leftOut: string[] = [];

export function setup({ vitest }: TestProject): void {
  // Who names files knows what is run. Vitest calls this internal; without it, a little more is said.
  if ((vitest as { filenamePattern?: string[] }).filenamePattern) return;
  leftOut = readdirSync("test/services", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
}

/** After the reporters. On stderr, since a report may be on stdout. */
export function teardown(): void {
  for (const file of leftOut) {
    process.stderr.write(
      `left out, because no Redis and PostgreSQL are running: test/services/${file} — npm run test:services runs it\n`,
    );
  }
}
