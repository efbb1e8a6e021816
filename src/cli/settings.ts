import { usageFailure } from "./failure.js";

// Options that hold a secret, at any depth.
const secretive = /secret(?!Bytes|Encoding)|token(?!AgeSeconds)|value|password|privatekey/i;

function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Reads `--set name=value` and `--set group.name=value`. */
export function parseSettings(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  const settings: Record<string, unknown> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const path = pair.slice(0, Math.max(equals, 0)).split(".");
    if (!path.every((name) => /^[a-z]\w*$/i.test(name))) {
      throw usageFailure("--set takes option=value, such as expect=idv.");
    }
    if (path.some((name) => secretive.test(name))) {
      throw usageFailure(
        "--set takes no secret: it would stay in the shell's history.",
        "Put it into the environment as COUNTERSIGN_SECRET, or into a file for --secret-file.",
      );
    }
    const last = path.pop() as string;
    let group = settings;
    for (const name of path) {
      const inner = group[name];
      const next: Record<string, unknown> =
        typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
      group[name] = next;
      group = next;
    }
    group[last] = readValue(pair.slice(equals + 1));
  }
  return settings;
}
