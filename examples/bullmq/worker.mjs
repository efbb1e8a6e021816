// @ts-check
import { setTimeout } from "node:timers/promises";
import { Worker } from "bullmq";
import { Redis } from "ioredis";

// BullMQ's workers wait for a Redis that is away.
const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379", {
  maxRetriesPerRequest: null,
});

/**
 * Stands for your own work. A job whose worker died runs again, so what is written is keyed by the job's id.
 *
 * @param {string} jobId
 * @param {{ applicantId: string, decision?: string }} data
 */
async function work(jobId, { applicantId, decision }) {
  await setTimeout(1_000);
  await redis.hsetnx("decisions", jobId, JSON.stringify({ applicantId, decision }));
}

const worker = new Worker(
  "dataspike",
  async (job) => {
    const id = String(job.id);
    console.log(`started ${id}`);
    await work(id, job.data);
    console.log(`done ${id}`);
  },
  {
    connection: redis,
    concurrency: 10,
    // The job of a worker that died is another's after 20 seconds, and however many die of it.
    lockDuration: 10_000,
    stalledInterval: 10_000,
    maxStalledCount: 100,
  },
);
worker.on("error", (error) => console.error("redis:", error.message));
// Its message may say whom it is about.
worker.on("failed", (job, error) => console.warn(`failed ${job?.id}: ${error.name}`));

await worker.waitUntilReady();
console.log("waiting for jobs");

process.once("SIGTERM", async () => {
  await worker.close();
  redis.disconnect();
});
