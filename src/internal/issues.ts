import { isStandardSchema, type StandardIssue, type StandardSchema } from "./standard-schema.js";

/** Where an event does not fit its schema, and what would fit; never what stood there. */
export interface PayloadIssue {
  /**
   * The path from the event, such as `payload.checks.*.status`; empty for the event itself. Holds positions in arrays
   * and the field names that the schema itself declares, where it is one of Zod or Valibot; `*` stands for all else.
   */
  readonly path: string;
  /** What the schema expects, where Zod or Valibot says so in data. */
  readonly expected?: string;
}

const mostIssues = 20;
const mostParts = 20;
// A schema may make itself anew each time it is asked for.
const mostSchemas = 2000;

/** The field names that a validator declares, however deep: `shape` in Zod, `entries` in Valibot. */
function namesIn(schema: StandardSchema): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  const seen = new Set<unknown>();
  const pending: unknown[] = [schema];
  while (pending.length > 0 && seen.size < mostSchemas) {
    const next = pending.pop();
    if (!isStandardSchema(next) || seen.has(next)) continue;
    seen.add(next);
    try {
      const { def = next } = next as { def?: object };
      for (const [key, value] of Object.entries(def) as [string, unknown][]) {
        const fields = key === "shape" || key === "entries";
        if (fields) for (const name of Object.keys(Object(value))) names.add(name);
        // A schema that holds itself is behind a function.
        if (key === "getter") pending.push((value as () => unknown)());
        else if (fields || Array.isArray(value)) pending.push(...Object.values(Object(value)));
        else pending.push(value);
      }
    } catch {
      // A getter that wants the event, or fails: what it would declare stays unknown.
    }
  }
  return names;
}

/**
 * The validator's own expectation. Its message is left out: some validators quote the value in it. So do others in
 * `expected`, and checks of the user's own can: only what the schemas of Zod and Valibot say by themselves is taken.
 */
function expectation(issue: StandardIssue, vendor: string): string | undefined {
  const { code, kind, expected, values } = issue as {
    readonly [Key in "code" | "kind" | "expected" | "values"]?: unknown;
  };
  const itsOwn = vendor === "zod" ? code !== "custom" : vendor === "valibot" && kind === "schema";
  if (!itsOwn) return undefined;
  if (typeof expected === "string") return expected;
  if (!Array.isArray(values)) return undefined;
  const words = values.map((value) =>
    typeof value === "string" ? JSON.stringify(value) : String(value),
  );
  return `one of ${words.join(", ")}`;
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
  const names = namesIn(schema);
  const { vendor } = schema["~standard"];
  const pathOf = ({ path = [] }: StandardIssue): string => {
    let at = payload;
    const parts = path.slice(0, mostParts).map((part) => {
      const key = typeof part === "object" && part !== null ? part.key : part;
      const own = Object.hasOwn(Object(at), key);
      const isPosition = Array.isArray(at) && own;
      at = own ? Object(at)[key] : undefined;
      return isPosition || names.has(key) ? String(key) : "*";
    });
    return parts.join(".");
  };
  return issues.slice(0, mostIssues).map((issue) => {
    const path = pathOf(issue);
    const expected = expectation(issue, vendor);
    return expected === undefined ? { path } : { path, expected };
  });
}
