// Plays the management and history APIs of Dataspike, Screver and vali-Das on loopback, by their documents, with
// faults on demand. For tests, drills and examples. What each document says, and what it does not, stands in the
// vendor's own file. A request that the documents do not allow is refused, so that clients are held to them.

import { once } from "node:events";
import { createServer } from "node:http";
import { dataspikeApi } from "./dataspike.mjs";
import { faultQueue, faultyAnswer, isCarriedOut } from "./faults.mjs";
import { carryOut } from "./routes.mjs";
import { screverApi } from "./screver.mjs";
import { send } from "./send.mjs";
import { validasApi } from "./validas.mjs";

export { bodyOf, historyEvents } from "./events.mjs";

function timerSet() {
  const timers = new Set();
  return {
    after(ms, run) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const flat = (headers) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );

async function read(incoming) {
  const [path = "", ...rest] = (incoming.url ?? "").split("?");
  const search = new URLSearchParams(rest.join("?"));
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return {
    method: incoming.method ?? "",
    path,
    search,
    query: Object.fromEntries(search),
    headers: flat(incoming.headers),
    body: Buffer.concat(chunks).toString(),
  };
}

/** Starts the server. */
export async function startVendorApi(options = {}) {
  const dataspike = dataspikeApi(options.dataspike);
  const screver = screverApi(options.screver);
  const validas = validasApi(options.validas);
  const vendors = [dataspike, screver, validas];
  const faults = faultQueue();
  const timers = timerSet();
  const calls = [];

  async function respond(incoming, response) {
    const at = Date.now();
    const request = await read(incoming);
    const { search, ...seen } = request;
    const call = { at, ...seen, status: 0 };
    calls.push(call);
    const fault = faults.take(request);
    const given = isCarriedOut(fault) ? carryOut(vendors, request, { fault }) : undefined;
    const answer = faultyAnswer(fault, given);
    if (answer && fault?.kind !== "lost") call.status = answer.status;
    send(response, answer, fault, timers);
  }

  const server = createServer((incoming, response) => {
    // The caller has gone away before the end of its request.
    respond(incoming, response).catch(() => response.destroy());
  });
  // Or an idle connection ends just as a client uses it again.
  server.keepAliveTimeout = 0;
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");

  let closed;
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    dataspike: dataspike.controls,
    screver: screver.controls,
    validas: validas.controls,
    calls,
    fault: faults.add,
    clearFaults: faults.clear,
    close() {
      closed ??= (async () => {
        timers.clear();
        const ended = once(server, "close");
        server.close();
        server.closeAllConnections();
        await ended;
      })();
      return closed;
    },
  };
}
