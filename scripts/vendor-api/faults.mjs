// What goes wrong, in the order in which it was asked for.

import { historyPath } from "./dataspike.mjs";

const historyKinds = ["repeatPage", "endless", "stuck"];

/** Kinds for which the call is not carried out. */
const instead = ["status", "refuse", "hang", "text", "redirect"];

/** The faults that wait for their request. */
export function faultQueue() {
  let waiting = [];
  return {
    add(fault, { times = fault.kind === "endless" ? Number.POSITIVE_INFINITY : 1, when } = {}) {
      waiting.push({ fault, when, left: times });
    },
    clear() {
      waiting = [];
    },
    /** The first fault for a request; it is used up by one. */
    take(request) {
      const { method, path, query } = request;
      const fitting = waiting.filter(
        ({ fault, when }) =>
          (!historyKinds.includes(fault.kind) || (method === "GET" && historyPath.test(path))) &&
          (when?.({ method, path, query }) ?? true),
      );
      // One that stays for ever would keep the others from their turn.
      const found = fitting.find(({ left }) => left !== Number.POSITIVE_INFINITY) ?? fitting[0];
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) waiting.splice(waiting.indexOf(found), 1);
      return found.fault;
    },
  };
}

/** Whether a call is carried out in spite of a fault. */
export const isCarriedOut = (fault) => !instead.includes(fault?.kind);

/** The answer with so much added to it that its JSON has as many bytes as asked for. */
function enlarged({ status, headers, body }, bytes) {
  const whole = { ...(body === "" ? {} : JSON.parse(body)), padding: "" };
  const missing = bytes - Buffer.byteLength(JSON.stringify(whole));
  whole.padding = "x".repeat(Math.max(0, missing));
  return { status: status === 204 ? 200 : status, headers, body: JSON.stringify(whole) };
}

/** What is answered under a fault: `given` is the answer of a call that was carried out. */
export function faultyAnswer(fault, given) {
  switch (fault?.kind) {
    case "status":
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? "" };
    case "text":
      return {
        status: 200,
        headers: { "content-type": fault.contentType ?? "application/json" },
        body: fault.body,
      };
    case "redirect":
      return { status: fault.status ?? 302, headers: { location: fault.location }, body: "" };
    case "large":
      return enlarged(given, fault.bytes);
    default:
      return given;
  }
}
