// Measures every size in the runtime that it runs in.

import { collect } from "../lib/collect.mjs";
import { measureRounds } from "../lib/rounds.mjs";
import { openSession } from "./session.mjs";

/** @returns Samples by size and contender, and who could not take part and why. */
export async function measureVerify({ sizes, rounds, batchMs, only }) {
  const session = await openSession(only);
  const samples = {};
  for (const size of sizes) {
    const names = await session.prepare(size);
    samples[size] = await measureRounds({ names, time: session.run, rounds, batchMs, collect });
  }
  return { samples, leftOut: session.leftOut };
}
