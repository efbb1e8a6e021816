import pg from "pg";
import { createReceiver } from "../../../src/receiver.js";
import { postgresStore } from "../../../src/stores/postgres.js";
import { specDelivery, specProvider } from "../../helpers/spec-provider.js";

// A process that receives one delivery and never gets beyond its effect: postgres-transaction.test.ts kills it there.

const [, , connectionString, table, effects, id] = process.argv;
const store = postgresStore(new pg.Pool({ connectionString }), { table });
const receiver = createReceiver(specProvider(), {
  store,
  leaseMs: 2000,
  on: {
    created: (event, _message, { claim }) =>
      store.transaction(claim, async (client) => {
        await client.query(`insert into ${effects} (id) values ($1)`, [event.id]);
        process.stdout.write("written\n");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }),
  },
});
await receiver.receive(specDelivery({ type: "created", id, name: "Ada" }));
