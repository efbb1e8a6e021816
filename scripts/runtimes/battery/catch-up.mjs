// Catches up from an API that is played by a function: real `Response` objects, and all that can go wrong with them.

import { bytesOf } from "./values.mjs";

/** A body that breaks off in the middle. */
function broken(text) {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (isSent) controller.error(new TypeError("the connection was cut"));
      else controller.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2)));
      isSent = true;
    },
  });
}

function answerOf({ code, headers, text, arrives = "whole" }) {
  if (arrives === "never") return new Promise(() => undefined);
  if (arrives === "not at all") throw new TypeError("the network is out of reach");
  return new Response(arrives === "broken" ? broken(text) : text, { status: code, headers });
}

/** Plays the API: one answer after the other. */
function played(answers) {
  const asked = [];
  return {
    asked,
    fetch: async (url, { headers }) => {
      const { pathname, searchParams } = new URL(url);
      asked.push(
        `${pathname} ${searchParams.get("after")} ${new Headers(headers).get("ds-api-token")}`,
      );
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new Error("nobody expects that the API is asked again");
      return answerOf(answer);
    },
  };
}

export async function runCatchUp(modules, { answers, delivered = [] }) {
  const { createReceiver, memoryStore } = modules.countersign;
  const { catchUp, confirmWithHistory, dataspikeHistory, isClientError, storeCursor } =
    modules["countersign/catch-up"];
  const { dataspikeClient } = modules["countersign/clients/dataspike"];
  const { dataspike } = modules["countersign/providers/dataspike"];
  const { asked, fetch } = played(answers);
  const settings = { apiKey: "ds-key", retryDelayMs: 1, timeoutMs: 100, retries: 2 };
  const client = dataspikeClient({ ...settings, fetch });
  const store = memoryStore();
  const handled = [];
  const drift = [];
  const receiver = createReceiver(dataspike({ unsigned: "i-accept-forged-events" }), {
    store,
    on: { DOCVER: ({ id }) => void handled.push(id) },
    confirm: confirmWithHistory(client, { webhook: "w", minIntervalMs: 0 }),
    onDrift: ({ kind, path, type }) => void drift.push(`${kind} ${path} ${type}`),
  });
  const statuses = [];
  for (const body of delivered) {
    const { status } = await receiver.receive({ headers: {}, body: bytesOf(body) });
    statuses.push(status);
  }
  const seen = () => ({ statuses, handled, drift, asked });
  if (delivered.length > 0) return { verdict: "accept", ...seen() };
  try {
    const history = dataspikeHistory(client, { webhook: "w" });
    const cursor = storeCursor(store, "history");
    const result = await catchUp(receiver, history, { cursor });
    return { verdict: "accept", result, kept: await store.readCursor("history"), ...seen() };
  } catch (error) {
    if (!isClientError(error)) return { verdict: `threw ${error?.name}: ${error?.message}` };
    const { code, retryable, details } = error;
    return {
      verdict: code,
      retryable,
      details,
      kept: await store.readCursor("history"),
      ...seen(),
    };
  }
}
