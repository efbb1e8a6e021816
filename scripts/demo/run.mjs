// Posts the deliveries to every server, one after another, and judges what becomes of them.

import { deliver } from "./deliver.mjs";
import { allDeliveries } from "./deliveries.mjs";
import { startServers } from "./servers.mjs";
import { printTable } from "./table.mjs";

async function deliverAll(deliveries, server, clock) {
  const results = [];
  for (const delivery of deliveries) results.push(...(await deliver(delivery, server, clock)));
  return results;
}

/**
 * Runs the demonstration and prints it.
 *
 * @returns The exit code: 1 when a delivery ended otherwise than expected.
 */
export async function runDemo({ print, paint, deliveries = allDeliveries() }) {
  const clock = { now: 0 };
  const servers = await startServers(clock);
  const results = [];
  try {
    // One server at a time: they share the clock, which each delivery sets.
    for (const server of servers) results.push(await deliverAll(deliveries, server, clock));
  } finally {
    await Promise.all(servers.map(({ close }) => close()));
  }
  const rows = results[0].map((_, index) => results.map((ofServer) => ofServer[index]));
  printTable(rows, print, paint);

  const all = results.flat();
  const surprises = all.filter((result) => result.surprises.length > 0).length;
  const summary = `${all.length} deliveries, ${all.length - surprises} as expected, ${surprises} surprises`;
  print("");
  print(
    "not bound: the provider's proof does not cover it, so nobody can see that it was changed.",
  );
  print(paint(surprises === 0 ? "bold" : "red", summary));
  return surprises === 0 ? 0 : 1;
}
