// @ts-check
import { createHash } from "node:crypto";
import { Queue } from "bullmq";
import { createReceiver } from "countersign";
import { toExpressHandler } from "countersign/express";
import { dataspike } from "countersign/providers/dataspike";
import { redisStore } from "countersign/stores/redis";
import express from "express";
import { Redis } from "ioredis";

// A missing secret ends the process here, and not with the first webhook.
const provider = dataspike({ secret: process.env.DATASPIKE_SECRET ?? "" });

// Without Redis a command fails instead of waiting for it, and the sender retries.
const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379", {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
});
const queue = new Queue("dataspike", { connection: redis });
queue.on("error", (error) => console.error("redis:", error.message));

/**
 * The same for every delivery of a message. Hashed, since BullMQ has ids without colons, and senders have any.
 *
 * @param {{ readonly provider: string, readonly id: string }} message
 */
function jobIdOf({ provider, id }) {
  return `${provider}-${createHash("sha256").update(JSON.stringify(id)).digest("hex")}`;
}

const receiver = createReceiver(provider, {
  store: redisStore(redis),
  // The handler takes milliseconds, and the job's id is there for a claim that was lost.
  leaseMs: 5_000,
  on: {
    // Resolves when Redis has the job: only then does the sender get 200. A job with this id that is there already stays.
    DOCVER: (event, message) =>
      queue.add(
        message.type,
        // No more than the worker needs: it stays in Redis for two days.
        { applicantId: event.payload.applicant_id, decision: message.decision },
        {
          jobId: jobIdOf(message),
          attempts: 5,
          backoff: { type: "exponential", delay: 1_000 },
          // A job that is gone no longer keeps out a second one.
          removeOnComplete: { age: 48 * 3_600 },
        },
      ),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const app = express();
// Above any body parser: what is signed is the bytes, and a parser leaves none.
app.post("/webhooks/dataspike", toExpressHandler(receiver));
app.use(express.json());

await queue.waitUntilReady();
const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`listening on port ${port}`));
