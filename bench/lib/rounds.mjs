// Measures contenders in interleaved rounds. Runs in every runtime.

const mostIterations = 1 << 22;

// Long enough for a compiler to have seen what it needs.
const warmUpMs = 60;

/** How often a contender runs in one batch: also its warm-up. */
async function calibrate(time, name, batchMs) {
  let iterations = 1;
  let spent = 0;
  for (;;) {
    const ms = await time(name, iterations);
    spent += ms;
    if (ms >= batchMs || iterations >= mostIterations) {
      if (spent >= warmUpMs) break;
      // It was slower before it was compiled.
      iterations = Math.min(mostIterations, Math.ceil((iterations * batchMs) / Math.max(ms, 0.01)));
      continue;
    }
    const wanted = ms > batchMs / 50 ? (iterations * batchMs * 1.2) / ms : iterations * 8;
    iterations = Math.max(iterations + 1, Math.min(Math.ceil(wanted), iterations * 8));
  }
  return iterations;
}

/**
 * @param time Runs a contender that often and resolves to milliseconds.
 * @param collect Collects garbage, where the runtime can be asked to.
 * @returns Nanoseconds per call, by name, one for each round.
 */
export async function measureRounds({ names, time, rounds, batchMs, collect = () => undefined }) {
  const iterations = {};
  for (const name of names) iterations[name] = await calibrate(time, name, batchMs);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Nobody always comes after the same neighbour's garbage.
    const order = names.map((_name, index) => names[(index + round) % names.length]);
    if (round % 2 === 1) order.reverse();
    for (const name of order) {
      await collect();
      await time(name, Math.ceil(iterations[name] / 20));
      const ms = await time(name, iterations[name]);
      samples[name].push((ms * 1e6) / iterations[name]);
    }
  }
  return samples;
}
