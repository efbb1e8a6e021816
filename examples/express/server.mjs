// @ts-check
import { createReceiver } from "countersign";
import { toExpressHandler } from "countersign/express";
import { dataspike } from "countersign/providers/dataspike";
import express from "express";

// A missing secret ends the process here, and not with the first webhook.
const receiver = createReceiver(dataspike({ secret: process.env.DATASPIKE_SECRET ?? "" }), {
  on: {
    DOCVER: (event, message) => {
      console.log(`applicant ${event.payload.applicant_id}: ${message.decision}`);
    },
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const app = express();
// Above any body parser: what is signed is the bytes, and a parser leaves none.
app.post("/webhooks/dataspike", toExpressHandler(receiver));
app.use(express.json());

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`listening on port ${port}`));
