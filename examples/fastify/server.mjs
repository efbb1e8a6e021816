// @ts-check
import { createReceiver } from "countersign";
import { toFastifyPlugin } from "countersign/fastify";
import { cr3dentials } from "countersign/providers/cr3dentials";
import fastify from "fastify";

// A missing secret ends the process here, and not with the first webhook.
const provider = cr3dentials({ signingSecret: process.env.CR3DENTIALS_SIGNING_SECRET ?? "" });

const receiver = createReceiver(provider, {
  on: {
    "verification.completed": (event, message) => {
      console.log(`verification ${event.data.verificationId}: ${message.decision}`);
    },
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const app = fastify();
// Other routes keep Fastify's body parsers.
app.register(toFastifyPlugin(receiver, { path: "/webhooks/cr3dentials" }));

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port, host: "0.0.0.0" });
console.log(`listening on port ${port}`);
