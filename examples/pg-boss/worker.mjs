// @ts-check
import { setTimeout } from "node:timers/promises";
import { openQueue, pool, queue } from "./queue.mjs";

// Stands for a table of your own.
await pool.query("create table if not exists decisions (job uuid primary key, data jsonb)");
const boss = await openQueue({ maintenanceIntervalSeconds: 10 });

/**
 * Stands for your own work. A job whose worker died runs again, so what is written is keyed by the job's id.
 *
 * @param {string} jobId
 * @param {{ refId: string, decision?: string }} data
 */
async function work(jobId, data) {
  await setTimeout(1_000);
  await pool.query("insert into decisions values ($1, $2) on conflict do nothing", [jobId, data]);
}

await boss.work(queue, { pollingIntervalSeconds: 1 }, async (jobs) => {
  for (const { id, data } of jobs) {
    console.log(`started ${id}`);
    await work(id, data).catch((error) => {
      // Its message may say whom it is about.
      console.warn(`failed ${id}: ${error.name}`);
      throw error;
    });
    console.log(`done ${id}`);
  }
});
console.log("waiting for jobs");

process.once("SIGTERM", async () => {
  await boss.stop();
  await pool.end();
});
