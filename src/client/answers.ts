import { bodyCollector } from "../internal/body-collector.js";
import { isBytes } from "../internal/bytes.js";
import { type PayloadIssue, safeIssues } from "../internal/issues.js";
import type { StandardResult, StandardSchema } from "../internal/standard-schema.js";

/** What an answer's body says; or that it is not what was expected, and where. */
export type Reading<Value> =
  | { readonly value: Value }
  | { readonly issues: readonly PayloadIssue[] | undefined };

/** Reads the text of an answer. */
export type AnswerReader<Value> = (text: string) => Reading<Value>;

/** What may be wrong with an answer that was read. */
export type AnswerFault = "response_too_large" | "response_invalid";

const mostBytes = 16 * 1024 * 1024;

function parse(text: string): Reading<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // The engine's message quotes the text.
    return { issues: undefined };
  }
}

/** An answer of which nothing is read. */
export const unread: AnswerReader<void> = () => ({ value: undefined });

/** JSON of any kind, or nothing. */
export const anyJson: AnswerReader<unknown> = (text) =>
  text.trim() === "" ? { value: undefined } : parse(text);

/** JSON that fits a schema. */
export function jsonOf<Value>(schema: StandardSchema<Value>): AnswerReader<Value> {
  return (text) => {
    const parsed = parse(text);
    if (!("value" in parsed)) return parsed;
    // The schemas of clients are synchronous.
    const result = schema["~standard"].validate(parsed.value) as StandardResult<Value>;
    return result.issues === undefined
      ? { value: result.value }
      : { issues: safeIssues(result.issues, schema, parsed.value) };
  };
}

/**
 * Reads an answer's body, as far as the limit.
 *
 * @returns the text, or why there is none; whatever a connection that breaks throws is thrown
 */
export async function readText({
  body,
}: Response): Promise<{ readonly text: string } | { readonly code: AnswerFault }> {
  const collector = bodyCollector({
    limit: mostBytes,
    // Counts compressed bytes, where there is compression.
    contentLength: null,
    allocate: (bytes) => new Uint8Array(bytes),
    ownsChunks: false,
  });
  const reader = body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    try {
      collector.add(value);
    } catch {
      // Not awaited: whoever does not stop must not hold us up.
      reader?.cancel().catch(() => undefined);
      return { code: isBytes(value) ? "response_too_large" : "response_invalid" };
    }
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(collector.finish()) };
  } catch {
    return { code: "response_invalid" };
  }
}
