// @ts-check
import { serve } from "@hono/node-server";
import { createReceiver } from "countersign";
import { toFetchHandler } from "countersign/fetch";
import { validas } from "countersign/providers/validas";
import { Hono } from "hono";

// What is missing ends the process here, and not with the first webhook.
const provider = validas({
  bearer: {
    issuer: process.env.VALIDAS_ISSUER ?? "",
    audience: process.env.VALIDAS_AUDIENCE ?? "",
    jwksUrl: process.env.VALIDAS_JWKS_URL ?? "",
  },
});

const receiver = createReceiver(provider, {
  on: {
    // A token does not bind the body: read the validation through the API before acting on it.
    confirmed: (event) => console.log(`validation ${event.validationId} is to be read`),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const handle = toFetchHandler(receiver);

const app = new Hono();
app.post("/webhooks/validas", (context) => handle(context.req.raw));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on port ${port}`);
});
