import { beforeAll, describe, it } from "vitest";
import { postgresStore } from "../../src/stores/postgres.js";
import { storeConformance } from "../../src/testing.js";
import { postgresResources } from "./helpers/postgres.js";

const { openPool, newTable } = postgresResources();
const table = newTable();
const pools = [openPool(), openPool()];
// Nobody listens at port 1.
const nowhere = openPool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });

beforeAll(() => postgresStore(pools[0] as (typeof pools)[0], { table }).migrate());

/** As two processes would have them: what one check asks for twice has nothing in common but the database. */
let asked = 0;
function makeStore() {
  asked += 1;
  return postgresStore(pools[asked % 2] as (typeof pools)[0], { table });
}

describe("the contract of stores", () => {
  // The checks bring their own patience; a machine that is busy takes more than a few milliseconds.
  const checks = storeConformance(makeStore, {
    unreachable: () => postgresStore(nowhere, { table }),
    timeScale: 3,
  });
  for (const { name, run } of checks) it(name, run);
});
