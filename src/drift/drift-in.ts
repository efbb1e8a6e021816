import type { JsonType } from "./drift.js";
import { type Form, formsOf } from "./forms.js";
import { shownName } from "./shown-name.js";

/** One part of an event that its schema does not know. */
export interface DriftingPart {
  readonly kind: "key" | "value";
  readonly path: string;
  readonly type: JsonType;
}

type ObjectForm = Form & { readonly kind: "object" };
type JsonObject = Readonly<Record<string, unknown>>;

const deepest = 64;
const mostNodes = 10_000;

function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : (typeof value as JsonType);
}

/** Whether an alternative names the values of a key, and the event has another one there. */
function contradicts({ fields }: ObjectForm, event: JsonObject): boolean {
  return [...fields].some(([key, schema]) => {
    if (!Object.hasOwn(event, key)) return false;
    const forms = formsOf(schema);
    const named = forms.flatMap((form) => (form.kind === "words" ? [form.words] : []));
    return (
      named.length > 0 &&
      named.length === forms.length &&
      !named.some((words) => words.has(event[key]))
    );
  });
}

/** The alternatives that an object can be: those that its discriminators allow, or else all. */
function fitting(forms: readonly ObjectForm[], event: JsonObject): readonly ObjectForm[] {
  if (forms.length < 2) return forms;
  const left = forms.filter((form) => !contradicts(form, event));
  return left.length > 0 ? left : forms;
}

/** Whether a value is none of those that are named, and is let through by an alternative that lets anything through. */
function isNew(value: unknown, type: JsonType, forms: readonly Form[]): boolean {
  let isNamed = false;
  for (const form of forms) {
    if (form.kind === "scalar" && form.type === type && form.choosy) return false;
    if (form.kind !== "words") continue;
    if (form.words.has(value)) return false;
    isNamed ||= [...form.words].some((word) => typeOf(word) === type);
  }
  return isNamed;
}

/**
 * Holds a parsed event against its schema, and lists what the schema does not know: paths and types, never a value.
 * Bounded in depth and in the number of parts that it looks at; beyond that, nothing is reported.
 */
export function driftIn(schema: unknown, payload: unknown): readonly DriftingPart[] {
  const found = new Map<string, DriftingPart>();
  let nodes = 0;

  const note = (part: DriftingPart): void => {
    found.set(`${part.kind} ${part.type} ${part.path}`, part);
  };

  const look = (value: unknown, schemas: readonly unknown[], path: readonly string[]): void => {
    nodes += 1;
    if (path.length > deepest) return;
    const forms = schemas.flatMap(formsOf);
    if (forms.some(({ kind }) => kind === "any")) return;
    const type = typeOf(value);
    if (type === "array") {
      const arrays = forms.filter((form) => form.kind === "array");
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        const candidates = arrays.flatMap(({ items, rest }) => items[index] ?? rest ?? []);
        // None for this one is none for those after it, of which there may be any number.
        if (nodes > mostNodes || candidates.length === 0) return;
        look(item, candidates, [...path, "*"]);
      }
    } else if (type === "object") {
      const event = value as JsonObject;
      const objects = fitting(
        forms.filter((form) => form.kind === "object"),
        event,
      );
      if (objects.length === 0) return;
      for (const key of Object.keys(event)) {
        if (nodes > mostNodes) return;
        const isDeclared = objects.some(({ fields }) => fields.has(key));
        const candidates = objects.flatMap(({ fields, rest }) => fields.get(key) ?? rest ?? []);
        const inner = event[key];
        if (candidates.length > 0) look(inner, candidates, [...path, isDeclared ? key : "*"]);
        else {
          nodes += 1;
          const place = [...path, shownName(key)].join(".");
          note({ kind: "key", path: place, type: typeOf(inner) });
        }
      }
    } else if (isNew(value, type, forms)) note({ kind: "value", path: path.join("."), type });
  };

  look(payload, [schema], []);
  return [...found.values()];
}
