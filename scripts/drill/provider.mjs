import { dataspike } from "countersign/providers/dataspike";

/** Secret of the webhook, made up for the drill. */
const secret = `whsec_${"d6".repeat(32)}`;

/** The sender of all events: signed, one try each. */
export const provider = dataspike({ secret });
