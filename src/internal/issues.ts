import type { StandardIssue } from "./standard-schema.js";

/** Where an event does not fit its schema, and what would fit; never what stood there. */
export interface PayloadIssue {
  /** The path from the event, such as `payload.checks.*.status`; empty for the event itself. */
  readonly path: string;
  /** What the schema expects, where the validator says so in data. */
  readonly expected?: string;
}

const mostIssues = 20;

/** A key that could be a person's name or a document's number is the sender's data, not a field name of the schema. */
function pathPart(part: unknown): string {
  const key = typeof part === "object" && part !== null && "key" in part ? part.key : part;
  if (typeof key === "number") return String(key);
  return typeof key === "string" && /^[a-z][A-Za-z_]{0,39}$/.test(key) ? key : "*";
}

/** The validator's own expectation. Its message is left out: some validators quote the value in it. */
function expectation(issue: StandardIssue): string | undefined {
  const { expected, values } = issue as { expected?: unknown; values?: unknown };
  if (typeof expected === "string") return expected;
  if (!Array.isArray(values)) return undefined;
  return `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`;
}

/** Reduces a validator's issues to what is safe to log. */
export function safeIssues(issues: readonly StandardIssue[]): readonly PayloadIssue[] {
  return issues.slice(0, mostIssues).map((issue) => {
    const path = (issue.path ?? []).map(pathPart).join(".");
    const expected = expectation(issue);
    return expected === undefined ? { path } : { path, expected };
  });
}
