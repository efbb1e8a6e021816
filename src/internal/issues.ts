import { isStandardSchema, type StandardIssue, type StandardSchema } from "./standard-schema.js";

/** Where an event does not fit its schema, and what would fit; never what stood there. */
export interface PayloadIssue {
  /**
   * The path from the event, such as `payload.checks.*.status`; empty for the event itself. Holds positions in arrays
   * and the field names that the schema itself declares, where it is one of Zod or Valibot; `*` stands for all else.
   */
  readonly path: string;
  /** What the schema expects, where the validator says so in data. */
  readonly expected?: string;
}

const mostIssues = 20;
const mostParts = 20;
// A schema may make itself anew each time it is asked for.
const mostSchemas = 2000;

/** Adds the field names that a validator declares, however deep: `shape` in Zod, `entries` in Valibot. */
function addNames(schema: unknown, names: Set<unknown>, seen: Set<unknown>): void {
  if (!isStandardSchema(schema) || seen.has(schema) || seen.size > mostSchemas) return;
  seen.add(schema);
  const { def = schema } = schema as { def?: object };
  for (const [key, value] of Object.entries(def) as [string, unknown][]) {
    const fields = key === "shape" || key === "entries";
    if (fields) for (const name of Object.keys(Object(value))) names.add(name);
    const parts = fields || Array.isArray(value) ? Object.values(Object(value)) : [value];
    // A schema that holds itself is behind a function.
    for (const part of key === "getter" ? [(value as () => unknown)()] : parts) {
      addNames(part, names, seen);
    }
  }
}

/**
 * Reduces a validator's issues to what is safe to log. A key that the schema does not declare is the sender's data: it
 * could be a person's name or a document's number.
 */
export function safeIssues(
  issues: readonly StandardIssue[],
  schema: StandardSchema,
  payload: unknown,
): readonly PayloadIssue[] {
  const names = new Set<unknown>();
  addNames(schema, names, new Set());
  const pathOf = ({ path = [] }: StandardIssue): string => {
    let at = payload;
    const parts = path.slice(0, mostParts).map((part) => {
      const key = typeof part === "object" && part !== null ? part.key : part;
      const isPosition = Array.isArray(at) && Object.hasOwn(at, key);
      at = Object(at)[key];
      return isPosition || names.has(key) ? String(key) : "*";
    });
    return parts.join(".");
  };
  return issues.slice(0, mostIssues).map((issue) => {
    const path = pathOf(issue);
    const expected = expectation(issue);
    return expected === undefined ? { path } : { path, expected };
  });
}

/** The validator's own expectation. Its message is left out: some validators quote the value in it. */
function expectation(issue: StandardIssue): string | undefined {
  const { expected, values } = issue as { expected?: unknown; values?: unknown };
  if (typeof expected === "string") return expected;
  if (!Array.isArray(values)) return undefined;
  return `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
}
