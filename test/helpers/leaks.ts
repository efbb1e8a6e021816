import { inspect } from "node:util";

/** What must never be seen: text, or bytes that could be shown in several ways. */
export type Canary = string | Uint8Array;

const shown = 8;

/** The ways in which somebody could have printed a value. */
function formsOf(canary: Canary): readonly string[] {
  const bytes = Buffer.from(canary);
  return [
    bytes.toString("latin1"),
    bytes.toString("utf8"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("hex").replace(/..(?=.)/g, "$& "),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    [...bytes].join(","),
    JSON.stringify(new Uint8Array(bytes)).slice(1, -1),
    encodeURIComponent(bytes.toString("utf8")),
  ];
}

/** Every way to look at an error that ends in a log. */
function viewsOf(error: Error): readonly string[] {
  const whole = { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null };
  return [
    error.message,
    String(error),
    (error.stack ?? "").split("\n")[0] ?? "",
    inspect(error.cause, whole),
    JSON.stringify(error),
    JSON.stringify((error as { details?: unknown }).details) ?? "",
    inspect(error, { ...whole, showHidden: true, getters: true }),
  ];
}

/** Every run of eight characters. */
function runsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - shown + 1) }, (_, start) =>
    text.slice(start, start + shown),
  );
}

const known = new Map<Canary, readonly string[]>();

function tracesOf(canary: Canary): readonly string[] {
  const traces = known.get(canary) ?? [...new Set(formsOf(canary).flatMap(runsOf))];
  known.set(canary, traces);
  return traces;
}

/** The parts of canaries that an error shows, in any form: eight characters in a row are enough. */
export function leaksOf(error: Error, canaries: readonly Canary[]): readonly string[] {
  return leaksIn(viewsOf(error).join("\n"), canaries);
}

/** The parts of canaries that a text shows. */
export function leaksIn(text: string, canaries: readonly Canary[]): readonly string[] {
  // Lists of numbers are set in columns.
  const visible = new Set([...runsOf(text), ...runsOf(text.replace(/\s+/g, ""))]);
  return canaries.flatMap((canary) => tracesOf(canary).filter((trace) => visible.has(trace)));
}
