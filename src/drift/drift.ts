/** What JSON says a value is. */
export type JsonType = "string" | "number" | "boolean" | "null" | "array" | "object";

interface DriftFacts {
  /** Name of the provider. */
  readonly provider: string;
  /** The message type; `*` where it does not look like a name, `unknown` where none was sent. */
  readonly messageType: string;
}

/** A part of an event that the schema of its type does not know. */
interface DriftOfPart extends DriftFacts {
  /**
   * Where, such as `payload.checks.*.status`. Holds the names that the schema declares, and `*` for positions in arrays
   * and keys of records. The last part of an undeclared key is the sender's own word: it is there only where it looks
   * like a field's name.
   */
  readonly path: string;
  /** What stands there. */
  readonly type: JsonType;
}

/**
 * Something that a vendor sends and its schemas do not know. Never a value.
 *
 * Exported from `countersign`.
 */
export type Drift =
  /** A key that the schema does not declare. */
  | (DriftOfPart & { readonly kind: "key" })
  /** A value that is none of those that the schema names. */
  | (DriftOfPart & { readonly kind: "value" })
  /** A message type without a schema. */
  | (DriftFacts & { readonly kind: "type" });
