// Screver: webhooks, created, updated, listed and deleted.
//
// From “Webhooks” of its API documentation (github.com/CoRMapp/screver-api-docs, source/includes/webhooks.md), read
// 2026-11-20. It contradicts itself: a webhook “must have a url and type”, and the table says that neither is required.
// Creating one takes both here, updating takes either. `sort` is accepted as JSON and as the page prints it. Not
// documented, and chosen here: the order without `sort`, which is the page's sample's, and every body of a refusal.

import { randomBytes, randomUUID } from "node:crypto";
import { answer, refusal } from "./answers.mjs";
import { isObject, unknownKey } from "./shapes.mjs";

const types = ["optionSelected", "surveyCompleted", "*"];
const limits = ["5", "10", "25", "50", "100"];
const company = "5d00f1e3001530581cc1ea85";

/** Like those of the page: four bytes of seconds, eight of chance. */
function newId() {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return seconds.padStart(8, "0") + randomBytes(8).toString("hex");
}

function webhookProblem(body, required) {
  if (!isObject(body)) return "the body must be an object";
  const unknown = unknownKey(body, ["type", "url"]);
  if (unknown !== undefined) return `unknown field ${unknown}`;
  if (required && (body.type === undefined || body.url === undefined)) {
    return "a webhook must have a url and type";
  }
  if (body.type !== undefined && !types.includes(body.type)) return "unknown type";
  if (body.url !== undefined && typeof body.url !== "string") return "url must be a text";
  return undefined;
}

/** `[field, order]`; undefined where the text is not documented. */
function sortOf(text) {
  if (text === undefined) return ["createdAt", -1];
  const [, field, order] =
    /^\{\s*(?:"(?=\w+"))?(createdAt|updatedAt)"?\s*:\s*(-?1)\s*\}$/.exec(text) ?? [];
  return field === undefined ? undefined : [field, Number(order)];
}

/** Plays Screver. */
export function screverApi(options = {}) {
  let token = options.token ?? "screver-test-token";
  const webhooks = [];

  function add({ _id = newId(), type, url, secret = randomUUID(), createdAt, updatedAt }) {
    const created = createdAt ?? new Date().toISOString();
    const webhook = { _id, type, url, secret, createdAt: created, updatedAt: updatedAt ?? created };
    webhooks.push(webhook);
    return webhook;
  }
  for (const webhook of options.webhooks ?? []) add(webhook);

  const find = (id) => webhooks.find(({ _id }) => _id === id);

  function create({ body }) {
    const problem = webhookProblem(body, true);
    if (problem) return refusal(400, problem);
    const { _id, type, ...rest } = add({ type: body.type, url: body.url });
    return answer(201, { _id, type, company, ...rest, __v: 0 });
  }

  function list({ query: { skip = "0", limit, sort } }) {
    if (!limits.includes(limit)) return refusal(400, `limit must be one of ${limits.join(", ")}`);
    if (!/^\d{1,9}$/.test(skip)) return refusal(400, "skip must be a number");
    const by = sortOf(sort);
    if (!by) return refusal(400, "sort must have one key, createdAt or updatedAt, with 1 or -1");
    const [field, order] = by;
    // Of two of the same millisecond, the one that was added later is the newer one.
    const sorted = webhooks
      .map((webhook, at) => ({ webhook, at, time: Date.parse(webhook[field]) }))
      .sort((a, b) => order * (a.time - b.time || a.at - b.at))
      .map(({ webhook }) => webhook);
    const resources = sorted.slice(Number(skip), Number(skip) + Number(limit));
    return answer(200, { resources, total: webhooks.length });
  }

  function get({ params: [id] }) {
    const webhook = find(id);
    return webhook ? answer(200, webhook) : refusal(404, "no such webhook");
  }

  function update({ params: [id], body }) {
    const webhook = find(id);
    if (!webhook) return refusal(404, "no such webhook");
    const problem = webhookProblem(body, false);
    if (problem) return refusal(400, problem);
    Object.assign(webhook, body, { updatedAt: new Date().toISOString() });
    const { _id, type, ...rest } = webhook;
    return answer(200, { type, _id, ...rest });
  }

  function remove({ params: [id] }) {
    const at = webhooks.findIndex(({ _id }) => _id === id);
    if (at === -1) return refusal(404, "no such webhook");
    webhooks.splice(at, 1);
    return answer(204);
  }

  const all = /^\/api\/v2\/webhooks$/;
  const one = /^\/api\/v2\/webhooks\/([^/]+)$/;
  return {
    authorized: ({ authorization }) => authorization === `Bearer ${token}`,
    routes: [
      { method: "POST", path: all, body: "json", run: create },
      { method: "GET", path: all, query: ["skip", "limit", "sort"], run: list },
      { method: "GET", path: one, run: get },
      { method: "PUT", path: one, body: "json", run: update },
      { method: "DELETE", path: one, run: remove },
    ],
    controls: {
      get token() {
        return token;
      },
      rotateToken(next) {
        token = next;
      },
      webhooks,
    },
  };
}
