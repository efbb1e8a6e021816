// Delivers to one server and sees what becomes of it. Knows neither Node nor HTTP, so that the runtimes share it.

import { surprisesIn, verdictOf } from "./judge.mjs";

/** What of a message has to be the same wherever it is received. */
function accepted(message) {
  return message && { id: message.id, type: message.type, decision: message.decision ?? null };
}

/**
 * Delivers once, and while it is being handled the one that comes meanwhile.
 *
 * @param server Its name, what was `seen`, and `send`, which takes a path and a request and resolves with the answer.
 */
export async function deliver(delivery, server, clock) {
  const { seen, send } = server;
  const results = [];
  if (delivery.handler === "fails") {
    seen.onNextCall = () => {
      throw new Error("the handler was told to fail");
    };
  } else if (delivery.meanwhile !== undefined) {
    seen.onNextCall = async () => {
      results.push(...(await deliver(delivery.meanwhile, server, clock)));
    };
  }
  const callsBefore = seen.handlerCalls;
  clock.now = delivery.at;
  const answer = await send(delivery.path, delivery.request);
  const outcome = seen.outcomes.splice(0).at(-1);
  const actual = {
    ...answer,
    verdict: outcome && verdictOf(outcome),
    accepted: accepted(outcome?.message),
    // The delivery that came meanwhile is expected not to reach the handler, and is judged for itself.
    handlerCalls: seen.handlerCalls - callsBefore,
  };
  const surprises = surprisesIn(delivery.expected, actual);
  return [{ delivery, server: server.name, actual, surprises }, ...results];
}
