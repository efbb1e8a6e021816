// @ts-check
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createReceiver } from "countersign";
import { toExpressHandler } from "countersign/express";
import { vove } from "countersign/providers/vove";
import { postgresStore } from "countersign/stores/postgres";
import { openQueue, pool, queue } from "./queue.mjs";

// A missing secret ends the process here, and not with the first webhook.
const provider = vove({ secret: process.env.VOVE_SECRET ?? "", expect: "idv" });

const store = postgresStore(pool);
await store.migrate();
setInterval(() => store.prune().catch(() => console.error("not pruned")), 3_600_000);
// Maintenance is the worker's.
const boss = await openQueue({ supervise: false });

/**
 * The same for every delivery of a message: a UUID of version 8, made of a hash.
 *
 * @param {import("countersign").Message} message
 */
function jobIdOf({ provider, id }) {
  const hash = createHash("sha256")
    .update(JSON.stringify([provider, id]))
    .digest("hex");
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}

/**
 * Writes the job and completes the claim in one transaction: both are there, or neither is.
 *
 * @param {{ readonly refId: string }} event
 * @param {import("countersign").Message & { readonly known: true }} message
 * @param {import("countersign").HandlerContext} context
 */
function enqueue({ refId }, message, { claim }) {
  return store.transaction(claim, async (client) => {
    const db = {
      executeSql: (/** @type {string} */ text, /** @type {unknown[]} */ values) =>
        client.query(text, values),
    };
    const id = jobIdOf(message);
    const data = { refId, decision: message.decision };
    if ((await boss.send(queue, data, { id, db })) !== null) return;
    // Null says that the job is there already, and also that there is no such queue.
    if ((await boss.getJobById(queue, id, { db, includeArchive: false })) === null)
      throw new Error("no such queue");
  });
}

const receiver = createReceiver(provider, {
  store,
  // The handler takes milliseconds, and a claim that was lost undoes its transaction.
  leaseMs: 5_000,
  on: { "idv.successful": enqueue, "idv.suspected": enqueue },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const handle = toExpressHandler(receiver);

const server = createServer((request, response) => {
  if (request.url === "/webhooks/vove") handle(request, response);
  else response.writeHead(404).end();
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => console.log(`listening on port ${port}`));
