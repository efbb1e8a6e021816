import { Agent } from "node:http";
import { signDelivery } from "countersign/testing";
import { post } from "../storm/post.mjs";
import { bodyOf } from "../vendor-api/server.mjs";
import { provider } from "./provider.mjs";

const timeoutMs = 10_000;

/** A sender of signed events, so many at once, each one time. */
export function openSender({ port, atOnce }) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const acknowledged = new Set();
  const under = new Set();

  return {
    acknowledged,
    /** Sends an event, and resolves when the next one may be sent. */
    async send(event) {
      const delivery = signDelivery(provider, bodyOf(event));
      const sent = post({ port, agent, timeoutMs }, delivery).then((status) => {
        if (status === 200) acknowledged.add(event.id);
        under.delete(sent);
      });
      under.add(sent);
      if (under.size >= atOnce) await Promise.race(under);
    },
    async end() {
      await Promise.all(under);
      agent.destroy();
    },
  };
}
