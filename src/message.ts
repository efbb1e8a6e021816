import type { VerifiedDelivery } from "./delivery.js";

/**
 * What an event says about its subject, in one vocabulary for all providers. `undefined` where the event decides
 * nothing and for every status that is not known: the unknown is never a success.
 */
export type Decision = "positive" | "negative" | "pending";

/**
 * Doubts about a message that its handler may want to know of: `type_inferred`: the sender does not name the type, it
 * was read off the fields; `type_ambiguous`: two families share this status, and nothing tells which one is meant;
 * `subject_conflict`: the event names two different subjects; `stale`: a newer message about its subject came before, which
 * only a receiver with an `order` says.
 */
export type MessageFlag = "type_inferred" | "type_ambiguous" | "subject_conflict" | "stale";

interface MessageFacts {
  /** Name of the provider. */
  readonly provider: string;
  /** What makes two deliveries the same message: the vendor's id where there is one, else a hash of the body. */
  readonly id: string;
  /** What the event is about: an applicant, a validation, a session. */
  readonly subject?: string;
  /** When it happened, by the event's own account. */
  readonly occurredAt?: Date;
  /** Doubts; mostly none. */
  readonly flags: readonly MessageFlag[];
  /** The proof and the proven bytes. */
  readonly delivery: VerifiedDelivery;
}

/** A message of a type that the provider's schemas know. */
export interface KnownMessage<Event, Type extends string = string> extends MessageFacts {
  readonly known: true;
  readonly type: Type;
  /** The parsed event, in the vendor's field names. */
  readonly event: Event;
  readonly decision?: Decision;
}

/** An authentic message of a type that the provider's schemas do not know. */
export interface UnknownMessage extends MessageFacts {
  readonly known: false;
  /** The type as sent, or `unknown` where the event has none. */
  readonly type: string;
  /** The parsed JSON, unchecked. */
  readonly event: unknown;
  readonly decision?: undefined;
}

/** One verified webhook. */
export type Message<Event = unknown, Type extends string = string> =
  | KnownMessage<Event, Type>
  | UnknownMessage;

/** One verified webhook of a provider whose types map to these events; `known` and `type` narrow it. */
export type MessageOf<Events> =
  | { [Type in keyof Events & string]: KnownMessage<Events[Type], Type> }[keyof Events & string]
  | UnknownMessage;
