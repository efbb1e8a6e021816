import type { JsonType } from "./drift.js";
import type { Form } from "./forms.js";

/** What a schema says by itself: forms, or other schemas that it stands for. */
export type Reading = Form | { readonly kind: "part"; readonly schema: unknown };

type Parts = Readonly<Record<string, unknown>>;

const any: readonly Reading[] = [{ kind: "any" }];
const part = (schema: unknown): Reading => ({ kind: "part", schema });
const words = (list: Iterable<unknown>): Reading => ({ kind: "words", words: new Set(list) });
const scalar = (type: JsonType, choosy = false): Reading => ({ kind: "scalar", type, choosy });
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `rest` is left out where it stands for any key, as in Zod's `looseObject`: such a key is kept, and not declared. */
function object(fields: unknown, rest?: unknown): readonly Reading[] {
  const { type } = ((rest as { _zod?: { def: Parts } })?._zod?.def ?? rest ?? {}) as Parts;
  const isDeclared = rest !== undefined && type !== "unknown" && type !== "never";
  const entries = Object.entries(Object(fields));
  // It declares nothing: whatever is below it is the vendor's own affair.
  if (entries.length === 0 && !isDeclared) return any;
  return [{ kind: "object", fields: new Map(entries), ...(isDeclared ? { rest } : {}) }];
}

function array(items: unknown, rest?: unknown): readonly Reading[] {
  return [{ kind: "array", items: list(items), rest }];
}

/** What neither holds others nor names values, by the name that both libraries have for it. */
function readSimple(type: string): readonly Reading[] {
  switch (type) {
    case "boolean":
    case "null":
      return [scalar(type)];
    // What JSON has none of: it lets nothing stand.
    case "undefined":
    case "void":
    case "never":
    case "nan":
    case "bigint":
    case "date":
    case "symbol":
      return [];
    default:
      return any;
  }
}

function readZod(zod: Parts, { words: known }: Parts): readonly Reading[] {
  const def = zod.def as Parts;
  const type = def.type as string;
  switch (type) {
    case "object":
      return object(def.shape, def.catchall);
    case "record":
      return object({}, def.valueType);
    case "array":
      return array([], def.element);
    case "tuple":
      return array(def.items, def.rest ?? undefined);
    case "union":
      return list(def.options).map(part);
    case "intersection":
      return [part(def.left), part(def.right)];
    case "pipe":
      return [part(def.in)];
    case "lazy":
      return [part((def.getter as () => unknown)())];
    case "literal":
    case "enum":
      return [words(zod.values as Iterable<unknown>)];
    case "string":
    case "number": {
      const { checks, format } = def;
      const any = scalar(type, format !== undefined || list(checks).length > 0);
      // An open enumeration of ours: its words, or any other text.
      return Array.isArray(known) ? [words(known), any] : [any];
    }
    case "template_literal":
      return [scalar("string", true)];
    default:
      return "innerType" in def ? [part(def.innerType)] : readSimple(type);
  }
}

function readValibot(schema: Parts): readonly Reading[] {
  const type = schema.type as string;
  switch (type) {
    case "object":
    case "loose_object":
    case "strict_object":
    case "object_with_rest":
      return object(schema.entries, schema.rest);
    case "record":
      return object({}, schema.value);
    case "array":
      return array([], schema.item);
    case "tuple":
    case "loose_tuple":
    case "strict_tuple":
    case "tuple_with_rest":
      return array(schema.items, schema.rest);
    case "union":
    case "variant":
    case "intersect":
      return list(schema.options).map(part);
    case "picklist":
    case "enum":
      return [words(list(schema.options))];
    case "literal":
      return [words([schema.literal])];
    case "lazy":
      return [part((schema.getter as (input: unknown) => unknown)(undefined))];
    case "string":
    case "number":
      return [scalar(type, "pipe" in schema)];
    default:
      return "wrapped" in schema ? [part(schema.wrapped)] : readSimple(type);
  }
}

/** Reads one level of a schema of Zod 4 or Valibot, also behind a wrapper of ours. Any other lets anything stand. */
export function readSchema(schema: unknown): readonly Reading[] {
  const parts = Object(schema) as Parts;
  if ("_zod" in parts) return readZod(parts._zod as Parts, parts);
  if (parts.kind === "schema") return readValibot(parts);
  // What it prepares an event for says nothing of the event as it was sent.
  if ("sent" in parts) return [part(parts.sent)];
  return "schema" in parts ? [part(parts.schema)] : any;
}
