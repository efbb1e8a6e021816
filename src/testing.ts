import type { Delivery, HeadersInput } from "./delivery.js";
import { bodyBytes } from "./internal/body.js";
import { isBytes, utf8Bytes } from "./internal/bytes.js";
import { type Now, readNow, secondsOf } from "./internal/clock.js";
import { checkOptions, invalidOption, wholeNumber } from "./internal/options.js";
import type { Provider } from "./provider.js";
import type { ProofRole } from "./scheme.js";

export {
  type MakeStore,
  type StoreCheck,
  type StoreConformanceOptions,
  storeConformance,
} from "./testing/store-conformance.js";

/** A delivery made by {@link signDelivery}. */
export interface SignedDelivery extends Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Options of {@link signDelivery}. */
export interface SignOptions {
  /** When it is signed, in milliseconds since the epoch. @default Date.now */
  readonly now?: Now | undefined;
  /** The message id, for schemes that send one. @default a new one for each call */
  readonly id?: string | undefined;
  /** Which of the provider's secrets signs, from 0. @default 0 */
  readonly secretIndex?: number | undefined;
  /** The bearer token, where an authorization server issues it. */
  readonly token?: string | undefined;
  /** The sender's private key, `whsk_…`, where signatures are asymmetric. */
  readonly privateKey?: string | undefined;
}

const roles = new WeakMap<object, ReadonlyMap<string, ProofRole>>();
let deliveries = 0;

/**
 * Makes a delivery as the provider would send it, signed with the secret that the provider was configured with.
 *
 * Exported from `countersign/testing`.
 *
 * @example
 * ```ts
 * const delivery = signDelivery(provider, { status: "successful", refId: "user-1" });
 * expect((await receiver.receive(delivery)).kind).toBe("handled");
 * ```
 *
 * @param provider A configured provider.
 * @param event The event, serialised as compact JSON; text and bytes are sent as they are.
 * @throws {WebhookError} `option_invalid`: an unknown option, a position without a secret, a scheme that needs `token` or
 * `privateKey`.
 */
export function signDelivery<Events>(
  provider: Provider<Events>,
  event: unknown,
  options: SignOptions = {},
): SignedDelivery {
  checkOptions(options, ["now", "id", "secretIndex", "token", "privateKey"]);
  const { sign } = provider.scheme;
  if (sign === undefined) invalidOption("provider", "a provider whose scheme can sign");
  const body = isBytes(event)
    ? event
    : utf8Bytes(typeof event === "string" ? event : (JSON.stringify(event) ?? ""));
  deliveries += 1;
  const timestamp = secondsOf(readNow(options.now));
  const proof = sign(body, {
    timestamp,
    id: options.id ?? `msg_test_${timestamp}_${deliveries}`,
    secretIndex: wholeNumber("secretIndex", options.secretIndex, 0, 0, 1000),
    token: options.token,
    privateKey: options.privateKey,
  });
  const delivery: SignedDelivery = {
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(proof.map(({ name, value }) => [name, value])),
    },
    body,
  };
  roles.set(delivery, new Map(proof.map(({ name, role }) => [name, role])));
  return delivery;
}

function pairsOf(headers: HeadersInput): [string, string][] {
  if (Symbol.iterator in headers) return [...headers].map(([name, value]) => [name, value]);
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, one]),
  );
}

/**
 * Makes the `Request` that carries a delivery, for handlers of the fetch API and for `fetch` itself.
 *
 * Exported from `countersign/testing`.
 */
export function toRequest(delivery: Delivery, url: string | URL): Request {
  return new Request(url, {
    method: "POST",
    headers: pairsOf(delivery.headers),
    body: bodyBytes(delivery) as BodyInit,
  });
}

/** What {@link tamper} does to a delivery. */
export type Tampering = "body" | "empty" | "signature" | "timestamp" | "id" | "unsigned";

/** Changes one character into another of the same kind, so that the text stays well-formed. */
function changeCharacter(text: string, index: number): string {
  const character = text.charAt(index);
  const other = /[0-9]/.test(character)
    ? String((Number(character) + 1) % 10)
    : /[a-f]/.test(character)
      ? character === "a"
        ? "b"
        : "a"
      : character === "A"
        ? "B"
        : "A";
  return text.slice(0, index) + other + text.slice(index + 1);
}

/** Spoils a header's value where it counts, for each thing that can be spoilt in it. */
const spoilers: Readonly<
  Record<ProofRole, Readonly<Partial<Record<Tampering, (value: string) => string>>>>
> = {
  id: { id: (value) => changeCharacter(value, value.length - 1) },
  timestamp: { timestamp: (value) => String(Number(value) + 1) },
  // Not at the end: the last digit of base64 holds bits that mean nothing, and the padding is none.
  signature: { signature: (value) => changeCharacter(value, value.length - 8) },
  stamp: {
    signature: (value) => changeCharacter(value, value.length - 8),
    timestamp: (value) => value.replace(/\d+/, (time) => String(Number(time) + 1)),
  },
  secret: { signature: (value) => changeCharacter(value, value.length - 1) },
  token: { signature: (value) => changeCharacter(value, value.length - 2) },
};

const usualNames: readonly (readonly [RegExp, ProofRole])[] = [
  [/^(?:svix|webhook)-id$/, "id"],
  [/^(?:svix|webhook)-timestamp$/, "timestamp"],
  [/signature/, "signature"],
  [/^authorization$/, "token"],
];

/** What each header of a delivery is for: as it was signed, else by the usual names. */
function rolesOf(delivery: Delivery, names: readonly string[]): ReadonlyMap<string, ProofRole> {
  const known = roles.get(delivery);
  if (known !== undefined) return known;
  return new Map(
    names.flatMap((name) => {
      const usual = usualNames.find(([pattern]) => pattern.test(name));
      return usual === undefined ? [] : [[name, usual[1]] as const];
    }),
  );
}

/** Changes the byte in the middle; a body without bytes gets one. */
function changeByte(body: Uint8Array): Uint8Array {
  const changed = body.length === 0 ? new Uint8Array(1) : Uint8Array.from(body);
  const middle = changed.length >> 1;
  changed[middle] = (changed[middle] as number) ^ 1;
  return changed;
}

/**
 * Forges a delivery in one way, and leaves the original alone:
 *
 * - `body`: one byte is another; `empty`: the body is gone
 * - `signature`: the signature, header secret or token is another, and still well-formed
 * - `timestamp`, `id`: the signed one is another
 * - `unsigned`: everything that proves the sender is missing
 *
 * A provider that does not bind the body accepts `body` and `empty`: that is what its README column says.
 *
 * Exported from `countersign/testing`.
 *
 * @throws {WebhookError} `option_invalid`: nothing in the delivery can be forged in this way.
 */
export function tamper(delivery: Delivery, how: Tampering): SignedDelivery {
  const ways = ["body", "empty", "signature", "timestamp", "id", "unsigned"] as const;
  if (!ways.includes(how)) invalidOption("how", `one of ${ways.join(", ")}`);
  const pairs = pairsOf(delivery.headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const known = rolesOf(
    delivery,
    pairs.map(([name]) => name),
  );
  let body = bodyBytes(delivery);
  let forgedPairs = pairs;
  if (how === "body") {
    body = changeByte(body);
  } else if (how === "empty") {
    body = new Uint8Array();
  } else if (how === "unsigned") {
    forgedPairs = pairs.filter(([name]) => !known.has(name));
  } else {
    forgedPairs = pairs.map(([name, value]) => {
      const role = known.get(name);
      const spoil = role && spoilers[role][how];
      return [name, spoil === undefined ? value : spoil(value)] as const;
    });
    if (forgedPairs.every(([, value], index) => value === pairs[index]?.[1])) {
      invalidOption("how", "something that the delivery has");
    }
  }
  const forged: SignedDelivery = { headers: Object.fromEntries(forgedPairs), body };
  roles.set(forged, known);
  return forged;
}
