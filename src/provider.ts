import { sha256Hex } from "#hmac";
import type { Delivery, HeadersInput, VerifiedDelivery } from "./delivery.js";
import { payloadInvalid } from "./error-kinds.js";
import { WebhookError } from "./errors.js";
import { readHeader, settledHeaders } from "./internal/headers.js";
import { type PayloadIssue, safeIssues } from "./internal/issues.js";
import { isLate } from "./internal/late.js";
import { checkOptions, invalidOption, wholeNumber } from "./internal/options.js";
import {
  isStandardSchema,
  type OutputOf,
  type StandardSchema,
} from "./internal/standard-schema.js";
import type { Decision, MessageFlag, MessageOf } from "./message.js";
import type { AsyncScheme, Scheme, VerifyOptions } from "./scheme.js";

/** One validator for all events, or one for each message type. */
export type SchemaInput = StandardSchema | Readonly<Record<string, StandardSchema>>;

/** The events of a provider by message type. */
export type EventsOf<Schema extends SchemaInput> = Schema extends StandardSchema
  ? Record<string, OutputOf<Schema>>
  : { readonly [Type in keyof Schema]: OutputOf<Schema[Type]> };

/** What else is known of a delivery when its event is read. */
export interface ReadContext {
  /** The proof and the proven bytes. */
  readonly delivery: VerifiedDelivery;
  /** Reads a header. Most schemes do not sign headers: what it returns is as trustworthy as the sender's network. */
  header(name: string): string | undefined;
}

/** A message type together with doubts about it. */
export interface TypeReading {
  readonly type: string;
  readonly flags?: readonly MessageFlag[];
}

type Reader<Value> = (event: unknown, context: ReadContext) => Value | undefined;
type EventReader<Schema extends SchemaInput, Value> = (
  event: EventsOf<Schema>[keyof EventsOf<Schema>],
  context: ReadContext,
) => Value | undefined;

/** A sender's retries, as data for documentation and tests. */
export interface RetrySchedule {
  /** Waits before each retry, in seconds. */
  readonly delaysSeconds: readonly number[];
  /** Where this is written, or why it is assumed. */
  readonly source: string;
}

/** Declares a provider: everything that countersign has to know about one sender. */
export interface ProviderDefinition<Schema extends SchemaInput> {
  /** Lower-case name; part of every key in a store. */
  readonly name: string;
  /** How its deliveries prove their sender. */
  readonly scheme: Scheme | AsyncScheme;
  /**
   * Checks its events: one validator for each message type, or one for all. With one for all, every type is known.
   * Any Standard Schema validator will do (Zod, Valibot, ArkType).
   */
  readonly schema: Schema;
  /** The message type, from the parsed but unchecked body: a field's name or a function. @default "type" */
  readonly type?: string | Reader<string | TypeReading>;
  /** The id that is the same on every retry: a field's name or a function. @default the scheme's id, else a hash of the body */
  readonly id?: string | Reader<string>;
  /** What the event is about: a field's name or a function. */
  readonly subject?: string | Reader<string>;
  /** When it happened, RFC 3339 or a date: a field's name or a function. */
  readonly occurredAt?: string | Reader<string | Date>;
  /** What a known event decides. */
  readonly decision?: EventReader<Schema, Decision>;
  /** Doubts about a known event. */
  readonly flags?: EventReader<Schema, readonly MessageFlag[]>;
  /** The vendor's documentation. */
  readonly docs?: string;
  /** How long the sender waits for an answer, in milliseconds, where it says so. */
  readonly timeoutMs?: number;
  /** When the sender tries again, where it says so. */
  readonly retry?: RetrySchedule;
}

/** One sender, configured. */
export interface Provider<Events = Record<string, unknown>> {
  readonly name: string;
  /** The message types its schemas know; empty when one validator serves for all. */
  readonly types: readonly (keyof Events & string)[];
  readonly scheme: Scheme | AsyncScheme;
  /** The validators, as declared; what tools look at. */
  readonly schema: SchemaInput;
  readonly docs?: string;
  readonly timeoutMs?: number;
  readonly retry?: RetrySchedule;
  /**
   * Proves a delivery and reads its message.
   *
   * @throws {WebhookError} with a code of stage `request`, `verify` or `payload`.
   */
  verify(delivery: Delivery, options?: VerifyOptions): Promise<MessageOf<Events>>;
  /**
   * Reads the message of a delivery that is already proven. {@link Provider.verify} does both.
   *
   * @throws {WebhookError} with a code of stage `payload`.
   */
  read(verified: VerifiedDelivery, headers?: HeadersInput): Promise<MessageOf<Events>>;
}

/** The field of an object, or `undefined` for anything else. */
function field(event: unknown, name: string): unknown {
  return typeof event === "object" && event !== null && Object.hasOwn(event, name)
    ? (event as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function asText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

// Only full times with a zone: what else Date reads, and in which zone, differs between engines.
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function asDate(value: unknown): Date | undefined {
  const date = typeof value === "string" && time.test(value) ? new Date(value) : value;
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function reader<Value>(option: string, from: string | Reader<Value> | undefined): Reader<unknown> {
  if (from === undefined) return () => undefined;
  if (typeof from === "string") return (event) => field(event, from);
  if (typeof from !== "function") invalidOption(option, "a field's name or a function");
  return from;
}

const flagWords: readonly unknown[] = [
  "type_inferred",
  "type_ambiguous",
  "subject_conflict",
] satisfies MessageFlag[];

function knownFlags(flags: unknown): readonly MessageFlag[] {
  return Array.isArray(flags) ? flags.filter((flag) => flagWords.includes(flag)) : [];
}

function headerOf(headers: HeadersInput, name: string): string | undefined {
  return readHeader(headers, name.toLowerCase());
}

/** Runs a provider's own function on what a sender wrote; one that trips over it must not take the delivery down. */
function attempt<Given, Beside, Value>(
  read: (given: Given, beside: Beside) => Value,
  given: Given,
  beside: Beside,
): Value | undefined {
  try {
    return read(given, beside);
  } catch {
    return undefined;
  }
}

function checkDefinition(definition: ProviderDefinition<SchemaInput>): void {
  checkOptions(definition, [
    ...["name", "scheme", "schema", "type", "id", "subject", "occurredAt", "decision", "flags"],
    ...["docs", "timeoutMs", "retry"],
  ]);
  const { name, scheme, schema, timeoutMs } = definition;
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
    invalidOption("name", "lower-case letters, digits, - and _");
  }
  if (typeof scheme?.verify !== "function") invalidOption("scheme", "a scheme");
  const list = isStandardSchema(schema) ? [schema] : Object.values(schema ?? {});
  if (list.length === 0 || !list.every(isStandardSchema)) {
    invalidOption("schema", "a Standard Schema validator, or one for each message type");
  }
  wholeNumber("timeoutMs", timeoutMs, 0, 1, 600_000);
}

/**
 * Declares a provider. The built-in ones are made with it and can do nothing that yours cannot.
 *
 * Exported from `countersign`.
 *
 * @example
 * GitHub
 * ```ts
 * const github = defineProvider({
 *   name: "github",
 *   scheme: hmac({ secret, header: "x-hub-signature-256", prefix: "sha256=" }),
 *   schema: { push: z.looseObject({ ref: z.string() }) },
 *   // Headers are not signed: an id from one would let a captured delivery in again, as another message.
 *   type: (_event, { header }) => header("x-github-event"),
 * });
 * ```
 *
 * @throws {WebhookError} `option_invalid`
 */
export function defineProvider<const Schema extends SchemaInput>(
  definition: ProviderDefinition<Schema>,
): Provider<EventsOf<Schema>> {
  checkDefinition(definition as unknown as ProviderDefinition<SchemaInput>);
  const { name, scheme, schema } = definition;
  const single = isStandardSchema(schema) ? schema : undefined;
  const byType = new Map(single === undefined ? Object.entries(schema) : []);
  const readType = reader("type", definition.type ?? "type");
  const readId = reader("id", definition.id);
  const readSubject = reader("subject", definition.subject);
  const readTime = reader("occurredAt", definition.occurredAt);
  const own = (option: "decision" | "flags"): Reader<unknown> | undefined => {
    const read = definition[option];
    if (read !== undefined && typeof read !== "function") invalidOption(option, "a function");
    return read?.bind(definition) as Reader<unknown> | undefined;
  };
  const decide = own("decision");
  const doubt = own("flags");

  const messageOf = async (
    prove: () => readonly [VerifiedDelivery | Promise<VerifiedDelivery>, HeadersInput],
  ): Promise<MessageOf<EventsOf<Schema>>> => {
    const [proven, headers] = prove();
    const delivery = isLate(proven) ? await proven : proven;
    const context: ReadContext = {
      delivery,
      header: (header) => attempt(headerOf, headers, header),
    };
    const payload = delivery.json();
    let reading: unknown;
    try {
      reading = readType(payload, context);
      if (isLate(reading)) reading = await reading;
    } catch {
      // Not “unknown”, which is acknowledged and forgotten.
      throw new WebhookError(payloadInvalid, { issues: [{ path: "", expected: "a type" }] });
    }
    // Only a function of the provider's may name doubts, never the event itself.
    const full = typeof definition.type === "function" && typeof reading === "object";
    const told = (full ? (reading ?? {}) : { type: reading }) as Partial<TypeReading>;
    const type = asText(told.type) ?? (single === undefined ? "unknown" : "event");
    const flags = knownFlags(told.flags);
    const validator = single ?? byType.get(type);
    let event = payload;
    if (validator !== undefined) {
      let issues: readonly PayloadIssue[] | undefined = [];
      try {
        const pending = validator["~standard"].validate(payload);
        const result = isLate(pending) ? await pending : pending;
        if (result.issues === undefined) {
          event = result.value;
          // Last: a value that cannot be read is no event.
          issues = undefined;
        } else issues = safeIssues(result.issues, validator, payload);
      } catch {
        // What a validator throws may quote the event.
      }
      if (issues !== undefined) {
        // One validator for all types leaves the type to the sender, who could write anything there.
        throw new WebhookError(
          payloadInvalid,
          single === undefined ? { type, issues } : { issues },
        );
      }
    }
    // Filled in one by one: spreading parts into a whole takes several times as long.
    const message: Record<string, unknown> = {
      provider: name,
      id:
        asText(attempt(readId, event, context)) ??
        // A validator may strip the field that the id is in.
        asText(typeof definition.id === "string" && field(payload, definition.id)) ??
        delivery.id ??
        sha256Hex(delivery.body),
      type,
      known: validator !== undefined,
      event,
      delivery,
      flags,
    };
    const subject = asText(attempt(readSubject, event, context));
    if (subject !== undefined) message.subject = subject;
    const occurredAt = asDate(attempt(readTime, event, context));
    if (occurredAt !== undefined) message.occurredAt = occurredAt;
    if (validator !== undefined) {
      const decision = decide && attempt(decide, event, context);
      if (decision !== undefined) message.decision = decision;
      if (doubt) message.flags = [...flags, ...knownFlags(attempt(doubt, event, context))];
    }
    return message as unknown as MessageOf<EventsOf<Schema>>;
  };

  const facts = (["docs", "timeoutMs", "retry"] as const).filter(
    (fact) => definition[fact] !== undefined,
  );
  return {
    name,
    types: [...byType.keys()] as (keyof EventsOf<Schema> & string)[],
    scheme,
    schema,
    ...Object.fromEntries(facts.map((fact) => [fact, definition[fact]])),
    read: (verified, headers = {}) => messageOf(() => [verified, headers]),
    verify: (delivery, options) =>
      messageOf(() => {
        const headers = settledHeaders(delivery?.headers);
        return [scheme.verify({ headers, body: delivery?.body }, options), headers];
      }),
  };
}
