import { readFileSync } from "node:fs";

/** The package's version. */
export function version(): string {
  // From dist/cli/main.js.
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
