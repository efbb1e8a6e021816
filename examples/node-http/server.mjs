// @ts-check
import { createServer } from "node:http";
import { createReceiver } from "countersign";
import { toExpressHandler } from "countersign/express";
import { screver } from "countersign/providers/screver";

// A missing secret ends the process here, and not with the first webhook.
const receiver = createReceiver(screver({ secret: process.env.SCREVER_SECRET ?? "" }), {
  on: {
    optionSelected: (event) => console.log(`question ${event.surveyItemId} was answered`),
    surveyCompleted: () => console.log("a survey was completed"),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const handle = toExpressHandler(receiver);

const server = createServer((request, response) => {
  if (request.url === "/webhooks/screver") handle(request, response);
  else response.writeHead(404).end();
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => console.log(`listening on port ${port}`));
