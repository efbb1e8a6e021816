import { request } from "node:http";

/** Posts a delivery to a receiver on this machine. Resolves to the status, or to 0 where there was no whole answer. */
export function post({ port, agent, timeoutMs }, { headers, body }) {
  return new Promise((resolve) => {
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
}
