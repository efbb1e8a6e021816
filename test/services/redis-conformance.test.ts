import { afterAll, describe, it } from "vitest";
import { redisStore } from "../../src/stores/redis.js";
import { storeConformance } from "../../src/testing.js";
import { type Connection, libraries } from "./helpers/redis-clients.js";
import { redisUrl, startRedis } from "./helpers/services.js";

const url = redisUrl;
const connections: Connection[] = [];
const open = async (connect: (address: string) => Promise<Connection>, address = url) => {
  const connection = await connect(address);
  connections.push(connection);
  return connection.client;
};
afterAll(() => {
  for (const { close } of connections) close();
});

describe.each(libraries)("the contract of stores ($name)", async (library) => {
  const prefix = `conformance-${library.name}`;
  const clients = [await open(library.connect), await open(library.connect)];
  // Connected to a server that is gone by the time it is asked.
  const gone = await startRedis();
  const lonely = await open(library.connect, gone.url);
  await gone.remove();

  /** As two processes would have them: what one check asks for twice has nothing in common but the server. */
  let asked = 0;
  const makeStore = () => {
    asked += 1;
    return redisStore(clients[asked % 2] as (typeof clients)[0], { prefix });
  };
  // The checks bring their own patience; a machine that is busy takes more than a few milliseconds.
  const checks = storeConformance(makeStore, {
    unreachable: () => redisStore(lonely, { prefix }),
    timeScale: 3,
  });
  for (const { name, run } of checks) it(name, run);
});
