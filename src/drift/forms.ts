import type { JsonType } from "./drift.js";
import { type Reading, readSchema } from "./read-schema.js";

/** What a schema lets stand at a place: one of its alternatives, with all wrappers taken off. */
export type Form =
  /** Anything may stand here, or nothing is known of what may. */
  | { readonly kind: "any" }
  /** An object; `rest` is the schema of the keys that are not declared, where they have one. */
  | {
      readonly kind: "object";
      readonly fields: ReadonlyMap<string, unknown>;
      readonly rest?: unknown;
    }
  /** An array; `rest` is the schema of what comes after the first items. */
  | { readonly kind: "array"; readonly items: readonly unknown[]; readonly rest?: unknown }
  /** One of a few values. */
  | { readonly kind: "words"; readonly words: ReadonlySet<unknown> }
  /** Any value of a type, or, where it is choosy, only some. */
  | { readonly kind: "scalar"; readonly type: JsonType; readonly choosy: boolean };

// A schema may make itself anew each time it is asked for.
const mostParts = 200;

const known = new WeakMap<object, readonly Form[]>();

function expand(schema: unknown): readonly Form[] {
  const forms: Form[] = [];
  const pending = [schema];
  // A schema that holds itself, with nothing around it, would never end.
  for (let index = 0; index < pending.length; index += 1) {
    if (index === mostParts) return [{ kind: "any" }];
    let readings: readonly Reading[];
    try {
      readings = readSchema(pending[index]);
    } catch {
      // A getter that wants the event, or fails.
      return [{ kind: "any" }];
    }
    for (const reading of readings) {
      if (reading.kind === "part") pending.push(reading.schema);
      else forms.push(reading);
    }
  }
  return forms;
}

/** The alternatives of a schema. */
export function formsOf(schema: unknown): readonly Form[] {
  const key = Object(schema) as object;
  let forms = known.get(key);
  if (forms === undefined) {
    forms = expand(schema);
    known.set(key, forms);
  }
  return forms;
}
