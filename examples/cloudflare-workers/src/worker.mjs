// @ts-check
import { env } from "cloudflare:workers";
import { createReceiver } from "countersign";
import { toFetchHandler } from "countersign/fetch";
import { vove } from "countersign/providers/vove";

// Without its secret the Worker does not start.
const receiver = createReceiver(vove({ secret: env.VOVE_SECRET }), {
  on: {
    "idv.successful": (event) => console.log(`${event.refId} is verified`),
    "idv.suspected": (event) => console.log(`${event.refId} is suspected: ${event.reason}`),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const handle = toFetchHandler(receiver);

export default {
  /** @param {Request} request */
  fetch: async (request) =>
    new URL(request.url).pathname === "/webhooks/vove"
      ? handle(request)
      : new Response(null, { status: 404 }),
};
