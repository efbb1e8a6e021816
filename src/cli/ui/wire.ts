import type { DeliverySummary, DeliveryView } from "./view.js";

/** What the page says while there is nothing to show. */
export interface ReceivesView {
  /** Where deliveries are received. */
  readonly url: string;
  /** What sends a first one; absent where no sender was named. */
  readonly command?: string;
}

/** The first thing that a stream says: all there is, newest first. */
export interface Snapshot {
  /** Different in every run of the server: a page of an earlier one holds a token that no longer counts. */
  readonly run: string;
  readonly captures: readonly DeliverySummary[];
  readonly receives?: ReceivesView;
}

/** A delivery on its way to the page: bodies are bytes, so they travel as base64 and never as markup. */
export interface WireDelivery extends Omit<DeliveryView, "body"> {
  readonly bodyBase64: string;
}

/** What the page gets for a replay. */
export type ReplayAnswer = { readonly id: string } | { readonly error: string };
