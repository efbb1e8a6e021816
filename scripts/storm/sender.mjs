import { Agent } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { signDelivery } from "countersign/testing";
import { post } from "./post.mjs";
import { provider } from "./provider.mjs";
import { shuffled } from "./random.mjs";

const atOnce = 64;

/** Messages, several about each subject, each at its own time. */
export function makeMessages(count, random) {
  const perSubject = 5;
  return Array.from({ length: count }, (_, index) => ({
    id: `msg_${index}`,
    type: "event",
    subject: `subject-${Math.floor(index / perSubject)}`,
    at: new Date(Date.UTC(2026, 0, 1) + (index % perSubject) * 1000).toISOString(),
    // Some outlive the deadline and the lease: their sender is told to retry, and their claim has to be renewed.
    takesMs: Math.round(random() < 0.01 ? 2500 + 3500 * random() : 20 * random()),
  }));
}

/**
 * Sends every message several times over, in no order, and each of those again by the provider's schedule until it is
 * acknowledged: as fast as the receiver allows, with the waits `speed` times as short.
 */
export async function sendAll({ port, messages, deliveries, speed, random, ledger, onProgress }) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const statuses = new Map();
  const givenUp = [];
  const queue = shuffled(
    Array.from({ length: deliveries }, (_, index) => messages[index % messages.length]),
    random,
  );
  let sent = 0;
  let slots = atOnce;
  const waiting = [];

  const attempt = async (message) => {
    if (slots > 0) slots -= 1;
    else await new Promise((resolve) => waiting.push(resolve));
    // Svix signs each attempt anew, under the same id.
    const { id, ...event } = message;
    const status = await post(
      { port, agent, timeoutMs: provider.timeoutMs },
      signDelivery(provider, event, { id }),
    );
    const next = waiting.shift();
    if (next) next();
    else slots += 1;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    return status === 200;
  };

  const deliver = async (message) => {
    for (const delaySeconds of [0, ...provider.retry.delaysSeconds]) {
      if (delaySeconds > 0) await wait((delaySeconds * 1000) / speed);
      if (await attempt(message)) {
        ledger.acknowledge({ subject: message.subject, at: Date.parse(message.at) });
        return;
      }
    }
    givenUp.push(message.id);
  };

  const retried = [];
  while (sent < queue.length) {
    const message = queue[sent];
    sent += 1;
    onProgress(sent);
    const delivered = deliver(message);
    retried.push(delivered);
    // New ones keep coming while others wait for their next try.
    await Promise.race([delivered, wait(20 * random())]);
  }
  await Promise.all(retried);
  agent.destroy();
  return { statuses, givenUp };
}
