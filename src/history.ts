import type { HeadersInput, MatchedSecret } from "./delivery.js";

/** One event of a provider's history. */
export interface HistoryEvent {
  /** Where it stands in the history; what {@link HistorySource.page} takes as `after`. */
  readonly id: string;
  /** The event as JSON, in the form in which a delivery's body holds it. */
  readonly event: unknown;
  /** When it happened. Needed for `until` with a time. */
  readonly occurredAt?: Date | undefined;
  /** The message id, for schemes that send it in a header: `svix-id`. */
  readonly messageId?: string | undefined;
  /** Headers, for providers that read the type or the id from one. */
  readonly headers?: HeadersInput | undefined;
  /** Whose secret a delivery would have fitted, for providers that read the type from it. */
  readonly secret?: MatchedSecret | undefined;
  /** Not for this receiver: counted as ignored. */
  readonly leaveOut?: boolean | undefined;
}

/** A part of a history, oldest first. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** Whether there is more after the last of these. */
  readonly hasNext: boolean;
}

/**
 * Where lost events can be had again: a provider's API, or any other record of what it sent.
 *
 * Exported from `countersign/catch-up`.
 */
export interface HistorySource {
  /** Name of the provider whose events these are. */
  readonly provider: string;
  /**
   * Gives the events after one of them, oldest first; from the beginning without `after`. What it throws ends the
   * catch-up.
   */
  page(options: {
    readonly after: string | undefined;
    readonly signal: AbortSignal;
  }): Promise<HistoryPage>;
}
