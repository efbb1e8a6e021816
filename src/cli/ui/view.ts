/** What was found wrong with a delivery, as `diagnose` says it. */
export interface FindingView {
  readonly code: string;
  readonly summary: string;
  readonly fix: string;
}

/**
 * Whether a delivery is genuine, and if not, whether a cause was found. `rejected` where nobody looked for one, `captured`
 * where nothing was verified.
 */
export type Verdict = "authentic" | "explained" | "unexplained" | "rejected" | "captured";

/** What became of a delivery. */
export interface OutcomeView {
  readonly kind: string;
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  /** Where the event does not fit its schema, never with values. */
  readonly issues?: readonly { readonly path: string; readonly expected: string }[];
}

/** The verified message. */
export interface MessageView {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly decision?: string;
  readonly occurredAt?: string;
  readonly event: unknown;
}

/** What the app said to which a delivery was forwarded. */
export interface ForwardedView {
  readonly status?: number;
  readonly ms: number;
  readonly error?: string;
}

/** One row of the list. */
export interface DeliverySummary {
  readonly id: string;
  readonly receivedAt: string;
  readonly method: string;
  readonly path: string;
  readonly provider: string;
  readonly verdict: Verdict;
  readonly status: number;
  /** The error's code, where it was refused. */
  readonly code?: string;
  /** The message type, where there is a message. */
  readonly type?: string;
  /** What more there is to say in a word: the cause that was found, or whom the message is about. */
  readonly about?: string;
  readonly bytes: number;
  readonly replayOf?: string;
  /** What the filter looks through: ids, headers, findings and the beginning of the body. */
  readonly search: string;
}

/** Everything about one delivery. */
export interface DeliveryView {
  readonly id: string;
  readonly receivedAt: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly provider: string;
  readonly verdict: Verdict;
  readonly outcome: OutcomeView;
  readonly findings: readonly FindingView[];
  readonly message?: MessageView;
  readonly forwarded?: ForwardedView;
  readonly file?: string;
  readonly replayOf?: string;
}

/** The verdict of a delivery that was judged so. A content that is refused has a sender that is proven. */
export function verdictOf(
  { kind, code }: Pick<OutcomeView, "kind" | "code">,
  diagnosed?: string,
): Verdict {
  if (diagnosed === "authentic" || diagnosed === "explained" || diagnosed === "unexplained") {
    return diagnosed;
  }
  if (kind === "captured") return kind;
  return kind === "rejected" && !code?.startsWith("payload_") ? "rejected" : "authentic";
}
