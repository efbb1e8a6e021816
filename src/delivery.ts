import { payloadNotJson, payloadNotUtf8 } from "./error-kinds.js";
import { WebhookError } from "./errors.js";

/** Request headers in any of the forms that runtimes hand out. Names are matched in any case. */
export type HeadersInput =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

/** One attempt by a sender, exactly as received. */
export interface Delivery {
  /** The request's headers. */
  readonly headers: HeadersInput;
  /** The untouched body. Bytes are exact; a string stands for its UTF-8 bytes. */
  readonly body: string | Uint8Array | ArrayBuffer;
}

/** Which of the configured secrets fitted, so that a rotation can be watched. */
export interface MatchedSecret {
  /** Position among the configured secrets, from 0. */
  readonly index: number;
  /** The label given with the secret. */
  readonly label?: string;
}

/** What is known of a delivery once its sender is proven. Only schemes make one. */
export interface VerifiedDelivery {
  /** Name of the scheme that proved the sender. */
  readonly scheme: string;
  /** The signed message id, where the scheme has one. The same on every retry. */
  readonly id?: string;
  /** The signed time of sending, where the scheme has one. */
  readonly timestamp?: Date;
  /** The secret that fitted. */
  readonly secret: MatchedSecret;
  /** Whether the proof covers the body. When `false`, whoever knows the secret or token can write any body. */
  readonly bindsBody: boolean;
  /** The proven bytes. */
  readonly body: Uint8Array;
  /**
   * Decodes the body as UTF-8.
   *
   * @throws {WebhookError} `payload_not_utf8`
   */
  text(): string;
  /**
   * Parses the body as JSON. A leading byte order mark is not JSON.
   *
   * @throws {WebhookError} `payload_not_utf8`, `payload_not_json`
   */
  json(): unknown;
}

// ignoreBOM keeps a byte order mark in the text: what is handed out stays byte for byte what was proven.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    throw new WebhookError(payloadNotUtf8);
  }
}

function jsonOf(body: Uint8Array): unknown {
  const source = textOf(body);
  try {
    return JSON.parse(source);
  } catch {
    // The engine's message quotes the body, so it must not become a cause.
    throw new WebhookError(payloadNotJson);
  }
}

/** Makes the object that a scheme returns. The fields become it: a copy would take as long as all the rest here. */
export function verifiedDelivery(
  fields: Omit<VerifiedDelivery, "text" | "json">,
): VerifiedDelivery {
  // Not of the object that is handed out: what somebody writes there is not proven.
  const { body } = fields;
  const delivery = fields as { -readonly [Key in keyof VerifiedDelivery]: VerifiedDelivery[Key] };
  delivery.text = () => textOf(body);
  delivery.json = () => jsonOf(body);
  return delivery;
}
