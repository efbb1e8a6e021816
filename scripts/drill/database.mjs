import { postgresStore } from "countersign/stores/postgres";
import { startPostgres } from "../services/postgres.mjs";
import { effectsTable, openPool } from "./receiver.mjs";

/** A PostgreSQL with the store's tables and one for the effects. */
export async function openDatabase() {
  // It is the processes beside it that are killed, and its disk is not what is put to the test.
  const engine = await startPostgres({ args: ["-c", "synchronous_commit=off"] });
  const pool = openPool(engine.url);
  await postgresStore(pool).migrate();
  await pool.query(effectsTable);
  return {
    url: engine.url,
    /** How often each event has had its effect, and how many of them did by a catch-up. */
    async effects() {
      const { rows } = await pool.query(
        `select id, count(*)::int as times, count(*) filter (where via = 'history')::int as recovered
         from effects group by id`,
      );
      return {
        effects: new Map(rows.map(({ id, times }) => [id, times])),
        recovered: rows.reduce((sum, { recovered }) => sum + recovered, 0),
      };
    },
    async remove() {
      await pool.end();
      await engine.remove();
    },
  };
}
