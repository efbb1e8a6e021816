import { dataspike } from "countersign/providers/dataspike";

/** Secret of the webhook, made up for the drill. */
export const secret = `whsec_${"d6".repeat(32)}`;

export const apiKey = "ds-drill-key";

/** The sender of all events: signed, one try each. */
export const provider = dataspike({ secret });
