// @ts-check
import { createReceiver } from "countersign";
import { catchUp, dataspikeHistory, storeCursor } from "countersign/catch-up";
import { dataspikeClient } from "countersign/clients/dataspike";
import { dataspike } from "countersign/providers/dataspike";
import { postgresStore } from "countersign/stores/postgres";
import pg from "pg";

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 5_000,
});
pool.on("error", (error) => console.error("postgres:", error.message));

export const store = postgresStore(pool);

// A missing secret, key or id ends the process here, and not in the next outage.
export const receiver = createReceiver(dataspike({ secret: process.env.DATASPIKE_SECRET ?? "" }), {
  store,
  on: {
    // Stands for your own work. It is committed with the claim, or not at all: whatever is killed, it is there once.
    DOCVER: (event, message, { claim }) =>
      store.transaction(claim, (client) =>
        client.query("insert into decisions values ($1, $2, $3)", [
          ...[event.id, event.payload.applicant_id, message.decision],
        ]),
      ),
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") console.warn(outcome.error.code);
  },
});

const client = dataspikeClient({
  apiKey: process.env.DATASPIKE_API_KEY ?? "",
  baseUrl: process.env.DATASPIKE_BASE_URL,
});
const history = dataspikeHistory(client, { webhook: process.env.DATASPIKE_WEBHOOK_ID ?? "" });

/** Brings back what has not been handled yet, and says how many events failed. */
export async function bringBack() {
  const { recovered, failed } = await catchUp(receiver, history, {
    cursor: storeCursor(store, "dataspike"),
    // For the first time; after that, the cursor knows.
    after: process.env.DATASPIKE_AFTER,
  });
  console.log(`brought back ${recovered}, failed ${failed}`);
  return failed;
}

await store.migrate();
await pool.query(
  "create table if not exists decisions (event text, applicant text, decision text)",
);
