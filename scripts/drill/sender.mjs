import { Agent, request } from "node:http";
import { signDelivery } from "countersign/testing";
import { bodyOf } from "../vendor-api/server.mjs";
import { provider } from "./provider.mjs";

const timeoutMs = 10_000;

/** A sender of signed events, so many at once, each one time. */
export function openSender({ port, atOnce }) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const acknowledged = new Set();
  const under = new Set();

  const post = (event) =>
    new Promise((resolve) => {
      const { headers, body } = signDelivery(provider, bodyOf(event));
      const outgoing = request(
        { port, host: "127.0.0.1", method: "POST", agent, headers, timeout: timeoutMs },
        (response) => {
          response.on("error", () => resolve(0));
          response.on("end", () => resolve(response.statusCode));
          response.resume();
        },
      );
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", () => resolve(0));
      outgoing.end(body);
    });

  return {
    acknowledged,
    /** Sends an event, and resolves when the next one may be sent. */
    async send(event) {
      const sent = post(event).then((status) => {
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
