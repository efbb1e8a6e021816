// @ts-check
import pg from "pg";
import PgBoss from "pg-boss";

export const queue = "vove";

/** Says what is wrong, and not with which values. */
const report = (/** @type {Error} */ error) => console.error("postgres:", error.message);

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 5_000,
});
pool.on("error", report);

/** Either process may be the first. */
export async function openQueue(/** @type {import("pg-boss").MaintenanceOptions} */ options = {}) {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schedule: false,
    ...options,
  });
  boss.on("error", report);
  await boss.start();
  await boss.createQueue(queue, {
    name: queue,
    retryLimit: 10,
    retryBackoff: true,
    // More than the work ever takes: the job of a worker that died runs again after that.
    expireInSeconds: 20,
  });
  return boss;
}
