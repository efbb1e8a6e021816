// The receiver's process: a server, and in the outage the catch-up at its start. It may be killed at any time.
import { createServer } from "node:http";
import { storeCursor } from "countersign/catch-up";
import { toExpressHandler } from "countersign/express";
import { begin } from "./child.mjs";
import { catchUpFrom } from "./history.mjs";
import { memoryReceiver, postgresReceiver } from "./receiver.mjs";

const { port, databaseUrl, apiUrl, after, wrong, catchesUp } = begin();

const { receiver, store } = databaseUrl
  ? postgresReceiver(databaseUrl, wrong)
  : memoryReceiver({
      wrong,
      effect: (effect) => process.send({ effect }),
      onOutcome: ({ kind }) => process.send({ outcome: kind }),
    });

async function bringBack() {
  const cursor = storeCursor(store, "drill");
  const result = await catchUpFrom(apiUrl, receiver, { after, cursor, wrong });
  process.send({ what: "caught up", result });
}

createServer(toExpressHandler(receiver)).listen(port, "127.0.0.1", () => {
  process.send({ what: "listening" });
  if (catchesUp) bringBack();
});
process.on("message", bringBack);
