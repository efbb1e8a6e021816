// Prepares contenders and runs batches of them. Runs in every runtime.

import { jsonParse, noble, nodeCrypto, webCrypto } from "./by-hand.mjs";
import { makeDeliveries, makeSecrets, spoilt } from "./deliveries.mjs";
import { ours } from "./ours.mjs";
import { octokit, standardWebhooks, stripe, svix, tern } from "./peers.mjs";

const loaders = {
  ...{ ours, svix, standardWebhooks, octokit, stripe, tern },
  ...{ nodeCrypto, noble, webCrypto, jsonParse },
};

async function accepts(verify, delivery) {
  try {
    return Boolean((await verify(delivery)) ?? false);
  } catch {
    return false;
  }
}

/** Nothing is timed that accepts what it should refuse, or the reverse. */
async function assertCorrect(contender, verify, deliveries) {
  for (const [index, delivery] of deliveries.entries()) {
    if (!(await accepts(verify, delivery))) {
      throw new Error(`${contender.name} refuses delivery ${index}`);
    }
  }
  if (contender.kind === "limit") return;
  for (const [index, forged] of spoilt(deliveries[0]).entries()) {
    if (contender.ignoresBody && index === 1) continue;
    if (await accepts(verify, forged)) throw new Error(`${contender.name} accepts a forgery`);
  }
}

/** @param only Names of loaders; all without it. */
export async function openSession(only = Object.keys(loaders)) {
  const contenders = [];
  const leftOut = {};
  for (const name of only) {
    try {
      contenders.push(...(await loaders[name]()));
    } catch (error) {
      leftOut[name] = String(error?.message ?? error)
        .split("\n")[0]
        .slice(0, 160);
    }
  }
  const secrets = await makeSecrets();
  let ready = new Map();
  return {
    leftOut,
    /** @returns The contenders' names that can be run on bodies of that size. */
    prepare: async (bytes) => {
      const all = await makeDeliveries(secrets, bytes);
      ready = new Map();
      for (const contender of contenders) {
        const deliveries = all[contender.format];
        const verify = contender.make(secrets, deliveries[0]);
        try {
          await assertCorrect(contender, verify, deliveries);
        } catch (error) {
          leftOut[contender.name] = error.message;
          continue;
        }
        ready.set(contender.name, { verify, deliveries, async: contender.async === true });
      }
      return [...ready.keys()];
    },
    /** @returns Milliseconds, where the clock runs. */
    run: async (name, iterations) => {
      const { verify, deliveries, async } = ready.get(name);
      const count = deliveries.length;
      const begin = performance.now();
      if (async) {
        for (let at = 0; at < iterations; at += 1) await verify(deliveries[at % count]);
      } else {
        for (let at = 0; at < iterations; at += 1) verify(deliveries[at % count]);
      }
      return performance.now() - begin;
    },
  };
}
