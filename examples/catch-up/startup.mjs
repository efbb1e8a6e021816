// @ts-check
import { createServer } from "node:http";
import { toExpressHandler } from "countersign/express";
import { bringBack, receiver, store } from "./receiver.mjs";

const handle = toExpressHandler(receiver);

const server = createServer((request, response) => {
  if (request.url === "/webhooks/dataspike") handle(request, response);
  else response.writeHead(404).end();
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => {
  console.log(`listening on port ${port}`);
  // Not before: what comes between the end of the history and the first delivery would be missed. And a vendor that is
  // out of reach is no reason to receive nothing.
  bringBack().catch((error) => console.error("not caught up:", error.code ?? error.name));
});

// Nothing else deletes what the store has to remember no longer.
setInterval(() => store.prune().catch(() => console.error("not pruned")), 3_600_000);
