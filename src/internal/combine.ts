import type { Delivery, VerifiedDelivery } from "../delivery.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import { isBytes } from "./bytes.js";
import { settledHeaders } from "./headers.js";
import { invalidOption } from "./options.js";

/** Refuses a list of schemes that is empty or holds something else. */
export function checkSchemes(schemes: readonly (Scheme | AsyncScheme)[]): void {
  if (schemes.length === 0 || schemes.some((scheme) => typeof scheme?.verify !== "function")) {
    invalidOption("schemes", "at least one scheme");
  }
}

/** A delivery that several schemes can look at. */
export function settled(delivery: Delivery): Delivery {
  return { headers: settledHeaders(delivery?.headers), body: delivery?.body };
}

/** Takes nothing for a proof but a proof: a promise that nobody awaits would pass for one. */
export function checkProof(proof: VerifiedDelivery): VerifiedDelivery {
  if (!isBytes(proof?.body)) throw new TypeError("A scheme returned no verified delivery.");
  return proof;
}
