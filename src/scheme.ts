import type { Delivery, VerifiedDelivery } from "./delivery.js";
import type { Secrets } from "./internal/secrets.js";

/** What a check may be told by its caller. */
export interface VerifyOptions {
  /** The clock, in milliseconds since the epoch. @default the scheme's own `now`, or `Date.now` */
  readonly now?: (() => number) | undefined;
}

/** What a header of a signed delivery is for; a `stamp` holds time and signature. */
export type ProofRole = "id" | "timestamp" | "signature" | "stamp" | "secret" | "token";

/** A header with which a delivery proves its sender. */
export interface ProofHeader {
  readonly name: string;
  readonly value: string;
  readonly role: ProofRole;
}

/** What a scheme is given to sign a delivery in a test. */
export interface SignContext {
  /** Unix time in seconds. */
  readonly timestamp: number;
  /** The message id. */
  readonly id: string;
  /** Which of the scheme's secrets signs. */
  readonly secretIndex: number;
  /** The bearer token to send, for schemes whose tokens are issued elsewhere. */
  readonly token?: string | undefined;
  /** The private key, `whsk_…`, for schemes that know only the public one. */
  readonly privateKey?: string | undefined;
}

interface SchemeFacts {
  /** The scheme's name, as it appears in {@link VerifiedDelivery.scheme}. */
  readonly name: string;
  /** Whether the proof covers the body. */
  readonly bindsBody: boolean;
  /** Whether the proof covers the time of sending, so that an old delivery cannot be replayed. */
  readonly bindsTime: boolean;
  /** Makes the headers of a genuine delivery. For `countersign/testing`; never called while receiving. */
  readonly sign?: (body: Uint8Array, context: SignContext) => readonly ProofHeader[];
  /**
   * Makes the same scheme with other secrets: with what `rewrite` returns for those that this one was given. For
   * `countersign/diagnose`, which tries in what ways a secret may be miswritten; never called while receiving.
   */
  readonly remake?: (rewrite: (secrets: Secrets) => Secrets) => Scheme | AsyncScheme;
  /** The schemes that all have to hold. For `countersign/diagnose`, which looks at each. */
  readonly all?: readonly (Scheme | AsyncScheme)[];
  /** The schemes of which one has to hold. For `countersign/diagnose`, which looks at each. */
  readonly any?: readonly (Scheme | AsyncScheme)[];
}

/** A way for a delivery to prove its sender. */
export interface Scheme extends SchemeFacts {
  readonly async?: false;
  /**
   * Returns only what is proven.
   *
   * @throws {WebhookError} with a code of stage `request` or `verify`.
   */
  verify(delivery: Delivery, options?: VerifyOptions): VerifiedDelivery;
}

/** A scheme that has to ask somebody, such as a key server. */
export interface AsyncScheme extends SchemeFacts {
  readonly async: true;
  /** As {@link Scheme.verify}, later. */
  verify(delivery: Delivery, options?: VerifyOptions): Promise<VerifiedDelivery>;
}
