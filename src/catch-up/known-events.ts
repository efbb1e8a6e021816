import { sha256Hex } from "#hmac";
import { utf8Bytes } from "../internal/bytes.js";
import { oldestOf } from "../internal/oldest-of.js";
import { canonicalJson } from "./canonical-json.js";

/** What an event says, for comparing. */
export interface EventContent {
  readonly id: string;
  /** The hash of all that a delivery and the history have in common. */
  readonly digest: string;
  /** Only histories say it; a delivery that does has to say the same. */
  readonly sandbox: unknown;
}

/** Of the history alone, and not the same at every look. */
const bookkeeping = ["is_sandbox", "attempts", "response_code", "last_attempt_at"];

const longestId = 1024;

/** Reads what parsed JSON says as an event; `undefined` for what is none. */
export function eventContent(event: unknown): EventContent | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const { id, is_sandbox: sandbox } = event as Readonly<Record<string, unknown>>;
  if (typeof id !== "string" || id === "" || id.length > longestId) return undefined;
  return { id, digest: sha256Hex(utf8Bytes(canonicalJson(event, bookkeeping))), sandbox };
}

/** What the newest events of a history say. */
export interface KnownEvents {
  add(content: EventContent): void;
  /** Whether the history says the same; `undefined` where it says nothing of that id. */
  compare(content: EventContent): boolean | undefined;
}

/** @param most Beyond it, the event that was added first is forgotten. */
export function knownEvents(most: number): KnownEvents {
  const known = new Map<string, Omit<EventContent, "id">>();
  const oldest = oldestOf(known);
  return {
    add: ({ id, digest, sandbox }) => {
      // Last in the map again, as the one that was heard of last.
      known.delete(id);
      known.set(id, { digest, sandbox });
      if (known.size > most) known.delete((oldest() as readonly [string, unknown])[0]);
    },
    compare: ({ id, digest, sandbox }) => {
      const told = known.get(id);
      if (told === undefined) return undefined;
      return told.digest === digest && (sandbox === undefined || sandbox === told.sandbox);
    },
  };
}
