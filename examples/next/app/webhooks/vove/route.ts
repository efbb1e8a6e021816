import { createReceiver } from "countersign";
import { toFetchHandler } from "countersign/fetch";
import { vove } from "countersign/providers/vove";

// `next build` loads this module too, so the secret has to be set there as well.
const receiver = createReceiver(vove({ secret: process.env.VOVE_SECRET ?? "" }), {
  on: {
    "kyb.case.completed": (event) => console.log(`company ${event.refId} is approved`),
    "kyb.case.rejected": (event) => console.log(`company ${event.refId} is rejected`),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

export const POST = toFetchHandler(receiver);
