import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

async function isFree(port) {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/**
 * A port on 127.0.0.1 that nobody listens at.
 *
 * Below those that systems give to outgoing connections: otherwise a client that reconnects could take the port of a
 * server that is down for a moment, or even connect to itself there.
 */
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error("No free port on 127.0.0.1 was found between 20000 and 32000.");
}
