// Dataspike: webhook history, and webhooks with their HMAC secrets.
//
// From the 2022 documentation (github.com/dataspike-io/docs-public, source/includes/_webhooks.md) and the API reference
// (docs.dataspike.io/api-reference/webhooks/…), read 2026-11-20. Not documented, and chosen here: the order of the
// history beyond “after”, the size of a page, 404 for an `after` that nobody knows, an empty page for a webhook that
// nobody knows, and every answer's body that is not a success.

import { randomBytes, randomUUID } from "node:crypto";
import { answer, refusal } from "./answers.mjs";
import { historyEvents } from "./events.mjs";
import { isObject, isWebUrl, unknownKey } from "./shapes.mjs";

const eventTypes = ["AML_SCREENING", "DOCVER", "TRANSACTION_MONITORING", "KYT_WALLET_CHECK"];

/** For the faults that only a history can have. */
export const historyPath = /^\/api\/v3\/notifications\/webhook\/history$/;

const fields = ["is_sandbox", "webhook_url", "event_types", "enabled"];

const newSecret = () => `whsec_${randomBytes(32).toString("hex")}`;

/** Where each event stands; also of those that were put into the array without `push`. */
function indexed(events) {
  const positions = new Map();
  let known = 0;
  let last;
  return (id) => {
    // Taken away or exchanged by a test.
    if (known > events.length || events[known - 1] !== last) {
      positions.clear();
      known = 0;
    }
    for (; known < events.length; known += 1) positions.set(events[known].id, known);
    last = events[known - 1];
    return positions.get(id);
  };
}

/** Events that nobody pushed, for a history that never ends. */
function inventor() {
  const ids = new Set();
  return {
    has: (id) => ids.has(id),
    more(count, webhookId) {
      const startAt = Date.parse("2027-01-01T00:00:00Z") + ids.size * 1000;
      const page = historyEvents(count, { seed: 2027 + ids.size, startAt, webhookId });
      for (const { id } of page) ids.add(id);
      return page;
    },
  };
}

function webhookProblem(body) {
  if (!isObject(body)) return "the body must be an object";
  const unknown = unknownKey(body, fields);
  if (unknown !== undefined) return `unknown field ${unknown}`;
  for (const field of ["is_sandbox", "enabled"]) {
    if (body[field] !== undefined && typeof body[field] !== "boolean") {
      return `${field} must be true or false`;
    }
  }
  if (!isWebUrl(body.webhook_url)) return "webhook_url must be a URL";
  if (!Array.isArray(body.event_types)) return "event_types must be a list";
  if (!body.event_types.every((type) => eventTypes.includes(type))) return "unknown event type";
  return undefined;
}

const listed = ({ is_sandbox = false, webhook_url, event_types, enabled = true }, webhook_id) => ({
  webhook_id,
  is_sandbox,
  webhook_url,
  event_types,
  enabled,
});

/** Plays Dataspike. */
export function dataspikeApi(options = {}) {
  let apiKey = options.apiKey ?? "ds-test-key";
  const pageSize = options.pageSize ?? 100;
  const events = [...(options.events ?? [])];
  const webhooks = [];
  const secrets = new Map();
  const positionOf = indexed(events);
  const invented = inventor();
  let lastPage;

  function add(body, id = randomUUID()) {
    webhooks.push(listed(body, id));
    secrets.set(id, newSecret());
    return id;
  }
  for (const webhook of options.webhooks ?? []) add(webhook, webhook.webhook_id);

  /** Up to a page of the events from `start` on, and whether there is another after them. */
  function pageFrom(start, webhook) {
    const data = [];
    for (let at = start; at < events.length; at += 1) {
      if (webhook !== undefined && events[at].webhook_id !== webhook) continue;
      if (data.length === pageSize) return { data, has_next: true };
      data.push(events[at]);
    }
    return { data, has_next: false };
  }

  function startOf(after) {
    if (after === undefined) return 0;
    if (invented.has(after)) return events.length;
    const position = positionOf(after);
    return position === undefined ? undefined : position + 1;
  }

  function history({ query: { after, webhook }, fault }) {
    const start = startOf(after);
    if (start === undefined) return refusal(404, "no such event");
    if (fault?.kind === "stuck") return answer(200, { data: [], has_next: true });
    if (fault?.kind === "repeatPage" && lastPage) return lastPage;
    const page = pageFrom(start, webhook);
    if (fault?.kind === "endless") {
      page.has_next = true;
      if (fault.fresh && page.data.length === 0) page.data = invented.more(pageSize, webhook);
    }
    lastPage = answer(200, page);
    return lastPage;
  }

  function create({ body }) {
    const problem = webhookProblem(body);
    if (problem) return refusal(400, problem);
    const id = add(body);
    return answer(200, { id, hmac_signing_secret: secrets.get(id) });
  }

  function remove({ params: [id] }) {
    const at = webhooks.findIndex(({ webhook_id }) => webhook_id === id);
    if (at === -1) return refusal(404, "no such webhook");
    webhooks.splice(at, 1);
    secrets.delete(id);
    return answer(204);
  }

  function rotate({ params: [id] }) {
    if (!secrets.has(id)) return refusal(404, "no such webhook");
    secrets.set(id, newSecret());
    return answer(200, { hmac_signing_secret: secrets.get(id) });
  }

  const all = /^\/api\/v3\/organization\/webhooks$/;
  const one = /^\/api\/v3\/organization\/webhooks\/([^/]+)$/;
  return {
    authorized: (headers) => headers["ds-api-token"] === apiKey,
    routes: [
      {
        method: "GET",
        path: historyPath,
        query: ["after", "webhook"],
        run: history,
      },
      { method: "GET", path: all, run: () => answer(200, { webhooks }) },
      { method: "POST", path: all, body: "json", run: create },
      { method: "DELETE", path: one, run: remove },
      {
        method: "POST",
        path: /^\/api\/v3\/organization\/webhooks\/([^/]+)\/hmac\/rotate$/,
        run: rotate,
      },
    ],
    controls: {
      get apiKey() {
        return apiKey;
      },
      rotateKey(next) {
        apiKey = next;
      },
      events,
      push(event) {
        events.push(event);
      },
      webhooks,
      secretOf: (id) => secrets.get(id),
    },
  };
}
