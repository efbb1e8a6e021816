import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { historyEvents, startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import {
  type DataspikeHistoryEvent,
  type DataspikeHistoryPage,
  dataspikeClient,
} from "../../src/clients/dataspike.js";
import { type ScreverWebhook, screverClient } from "../../src/clients/screver.js";
import { validasClient } from "../../src/clients/validas.js";
import { clientsOf, collect } from "./helpers/clients.js";

const events = historyEvents(5);
const webhook = {
  _id: "5d9b4816de62163caf637d5c",
  type: "optionSelected",
  url: "https://hooks.example.test/screver",
  secret: "f6353acf-bca0-4992-8313-0d509f80c4f1",
  createdAt: "2019-10-07T14:13:42.489Z",
  updatedAt: "2019-10-07T14:13:42.489Z",
};
const registered = {
  webhook_id: "1ed2f903-2d75-6b19-b6a5-29535bc3340e",
  is_sandbox: false,
  webhook_url: "https://hooks.example.test/dataspike",
  event_types: ["DOCVER"],
  enabled: true,
};

let api: VendorApi;
beforeEach(async () => {
  api = await startVendorApi({
    dataspike: { events, webhooks: [registered], pageSize: 2 },
    screver: { webhooks: [webhook] },
  });
});
afterEach(() => api.close());

/** What of a request is ours to decide. */
function lastCall() {
  const call = api.calls.at(-1);
  if (call === undefined) throw new Error("The server has seen no call.");
  const { method, path, query, headers, body } = call;
  const { accept, "content-type": type, authorization, apikey } = headers;
  const key = { token: headers["ds-api-token"], authorization, apikey };
  return { method, path, query, accept, type, key, body };
}

const json = "application/json";
const none = { token: undefined, authorization: undefined, apikey: undefined };

describe("Dataspike's client sends and reads as documented", () => {
  const key = { ...none, token: "ds-test-key" };
  const all = "/api/v3/organization/webhooks";
  const one = `${all}/${registered.webhook_id}`;
  const client = () => clientsOf(api).dataspike;

  it("a page of the history", async () => {
    const path = "/api/v3/notifications/webhook/history";
    const page = await client().history.page();
    expect(lastCall()).toEqual({
      method: "GET",
      path,
      query: {},
      accept: json,
      type: json,
      key,
      body: "",
    });
    expect(page).toEqual({ data: events.slice(0, 2), has_next: true });
    const [, second] = events;
    const after = second?.id ?? "";
    const next = await client().history.page({ after, webhook: second?.webhook_id });
    expect(lastCall().query).toEqual({ after, webhook: second?.webhook_id });
    expect(next).toEqual({ data: events.slice(2, 4), has_next: true });
  });

  it("all pages, and all events", async () => {
    const pages = await collect(client().history.pages());
    expect(pages.map(({ data }) => data.length)).toEqual([2, 2, 1]);
    expect(await collect(client().history.events())).toEqual(events);
    const after = events[2]?.id;
    expect(await collect(client().history.events({ after }))).toEqual(events.slice(3));
    expect(await collect(client().history.events({ webhook: "another" }))).toEqual([]);
    expect(lastCall().query).toEqual({ webhook: "another" });
  });

  it("the list of webhooks", async () => {
    expect(await client().webhooks.list()).toEqual([registered]);
    const call = { method: "GET", path: all, query: {}, accept: json, type: undefined, key };
    expect(lastCall()).toEqual({ ...call, body: "" });
  });

  it("a new webhook", async () => {
    const wanted = {
      webhook_url: "https://hooks.example.test/other",
      event_types: ["DOCVER", "AML_SCREENING"],
    };
    const { id, hmac_signing_secret } = await client().webhooks.create(wanted);
    const { body, ...call } = lastCall();
    expect(call).toEqual({ method: "POST", path: all, query: {}, accept: json, type: json, key });
    expect(JSON.parse(body)).toEqual(wanted);
    expect(hmac_signing_secret).toBe(api.dataspike.secretOf(id));
    const sandbox = { ...wanted, is_sandbox: true, enabled: false };
    await client().webhooks.create(sandbox);
    expect(JSON.parse(lastCall().body)).toEqual(sandbox);
  });

  it("a webhook's deletion", async () => {
    expect(await client().webhooks.delete(registered.webhook_id)).toBe(undefined);
    const call = { method: "DELETE", path: one, query: {}, accept: json, type: undefined, key };
    expect(lastCall()).toEqual({ ...call, body: "" });
    expect(api.dataspike.webhooks).toEqual([]);
  });

  it("a webhook's new secret", async () => {
    const before = api.dataspike.secretOf(registered.webhook_id);
    const { hmac_signing_secret } = await client().webhooks.rotateSecret(registered.webhook_id);
    const path = `${one}/hmac/rotate`;
    const call = { method: "POST", path, query: {}, accept: json, type: undefined, key };
    expect(lastCall()).toEqual({ ...call, body: "" });
    expect(hmac_signing_secret).toBe(api.dataspike.secretOf(registered.webhook_id));
    expect(hmac_signing_secret).not.toBe(before);
  });
});

describe("Screver's client sends and reads as documented", () => {
  const key = { ...none, authorization: "Bearer screver-test-token" };
  const shared = { accept: json, type: json, key };
  const path = "/api/v2/webhooks";
  const one = `${path}/${webhook._id}`;
  const webhooks = () => clientsOf(api).screver.webhooks;

  it("a new webhook", async () => {
    const fields = { type: "surveyCompleted", url: "https://hooks.example.test/new" };
    const created = await webhooks().create(fields);
    const { body, ...call } = lastCall();
    expect(call).toEqual({ method: "POST", path, query: {}, ...shared });
    expect(JSON.parse(body)).toEqual(fields);
    // What the vendor sends beside what it documents stays.
    expect(created).toMatchObject({ ...fields, __v: 0, company: "5d00f1e3001530581cc1ea85" });
    expect(api.screver.webhooks).toContainEqual(
      expect.objectContaining({ _id: created._id, secret: created.secret }),
    );
  });

  it("a change", async () => {
    const changed = await webhooks().update(webhook._id, { type: "*" });
    const call = { method: "PUT", path: one, query: {}, ...shared, body: `{"type":"*"}` };
    expect(lastCall()).toEqual(call);
    const { updatedAt, ...rest } = webhook;
    expect(changed).toMatchObject({ ...rest, type: "*" });
    expect(changed.updatedAt).not.toBe(updatedAt);
  });

  it("one webhook", async () => {
    expect(await webhooks().get(webhook._id)).toEqual(webhook);
    expect(lastCall()).toEqual({ method: "GET", path: one, query: {}, ...shared, body: "" });
  });

  it("a deletion", async () => {
    expect(await webhooks().delete(webhook._id)).toBe(undefined);
    expect(lastCall()).toEqual({ method: "DELETE", path: one, query: {}, ...shared, body: "" });
    expect(api.screver.webhooks).toEqual([]);
  });

  it("the list", async () => {
    expect(await webhooks().list()).toEqual({ resources: [webhook], total: 1 });
    const call = { method: "GET", path, ...shared, body: "" };
    expect(lastCall()).toEqual({ ...call, query: { limit: "100" } });
    const sort = { createdAt: -1 } as const;
    expect(await webhooks().list({ limit: 5, skip: 1, sort })).toEqual({ resources: [], total: 1 });
    expect(lastCall()).toEqual({
      ...call,
      query: { limit: "5", skip: "1", sort: `{"createdAt":-1}` },
    });
    for (const limit of [5, 10, 25, 50, 100] as const) await webhooks().list({ limit });
    expect(api.calls.slice(-5).map(({ query }) => query.limit)).toEqual([
      "5",
      "10",
      "25",
      "50",
      "100",
    ]);
  });

  it("all webhooks, part by part", async () => {
    for (let index = 0; index < 11; index += 1) {
      await webhooks().create({ type: "*", url: `https://hooks.example.test/${index}` });
    }
    const found = await collect(webhooks().all({ limit: 5, sort: { createdAt: 1 } }));
    expect(found.map(({ _id }) => _id)).toEqual(
      api.screver.webhooks.map((one) => (one as { _id: string })._id),
    );
    expect(api.calls.slice(-3).map(({ query }) => query.skip)).toEqual([undefined, "5", "10"]);
  });
});

describe("vali-Das' client sends and reads what it is given", () => {
  const key = { ...none, apikey: "validas-test-key" };
  const path = "/validas/v1/webhook/settings";
  const client = () => clientsOf(api).validas;

  it("settings, as they were given", async () => {
    const settings = { anything: ["at", { all: true }], not: null };
    expect(await client().settings.create(settings)).toEqual(settings);
    const { body, ...call } = lastCall();
    expect(call).toEqual({ method: "POST", path, query: {}, accept: json, type: json, key });
    expect(JSON.parse(body)).toEqual(settings);
    expect(await client().settings.get()).toEqual(settings);
    const get = { method: "GET", path, query: {}, accept: json, type: undefined, key, body: "" };
    expect(lastCall()).toEqual(get);
  });

  it("a test call, with a body and without", async () => {
    const test = "/validas/v1/webhook/test";
    expect(await client().test()).toBe(undefined);
    const call = { method: "POST", path: test, query: {}, accept: json, key };
    expect(lastCall()).toEqual({ ...call, type: undefined, body: "" });
    await client().test({ status: "confirmed" });
    expect(lastCall()).toEqual({ ...call, type: json, body: `{"status":"confirmed"}` });
    expect(api.validas.tests).toEqual([undefined, { status: "confirmed" }]);
  });

  it("its key in another header, where a gateway asks for that", async () => {
    const other = validasClient({ baseUrl: api.url, apiKey: "k-e-y", header: "X-Gateway-Key" });
    await other.settings.get().catch(() => undefined);
    expect(api.calls.at(-1)?.headers).toMatchObject({ "x-gateway-key": "k-e-y" });
    expect(api.calls.at(-1)?.headers).not.toHaveProperty("apikey");
  });
});

describe("the address of a call", () => {
  it("is on the vendor's documented host unless another is given", async () => {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return Response.json({ data: [], resources: [], total: 0 });
    };
    await dataspikeClient({ apiKey: "k", fetch }).history.page();
    await screverClient({ token: "t", fetch }).webhooks.list();
    expect(asked).toEqual([
      "https://api.dataspike.io/api/v3/notifications/webhook/history",
      "https://go.screver.com/api/v2/webhooks?limit=100",
    ]);
  });

  it.each([
    [
      "https://proxy.example.test/vendors/a",
      "https://proxy.example.test/vendors/a/api/v2/webhooks/1",
    ],
    [
      "https://proxy.example.test/vendors/a//",
      "https://proxy.example.test/vendors/a/api/v2/webhooks/1",
    ],
    ["https://proxy.example.test", "https://proxy.example.test/api/v2/webhooks/1"],
    ["http://127.8.0.1:8080", "http://127.8.0.1:8080/api/v2/webhooks/1"],
    ["http://[::1]:8080/x", "http://[::1]:8080/x/api/v2/webhooks/1"],
    ["http://localhost", "http://localhost/api/v2/webhooks/1"],
  ])("keeps the path of %s", async (baseUrl, expected) => {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return new Response(null, { status: 204 });
    };
    await screverClient({ token: "t", fetch, baseUrl }).webhooks.delete("1");
    expect(asked).toEqual([expected]);
  });

  it.each([
    ["../admin", "/api/v2/webhooks/..%2Fadmin"],
    ["a/b?c#d", "/api/v2/webhooks/a%2Fb%3Fc%23d"],
    ["%2e%2e", "/api/v2/webhooks/%252e%252e"],
    ["ł 1", "/api/v2/webhooks/%C5%82%201"],
  ])("holds the id %s as one part", async (id, path) => {
    await clientsOf(api)
      .screver.webhooks.get(id)
      .catch(() => undefined);
    expect(api.calls.map((call) => call.path)).toEqual([path]);
  });

  it("holds what is asked of the history as it was given", async () => {
    const after = "a&webhook=b #?+%";
    await clientsOf(api)
      .dataspike.history.page({ after })
      .catch(() => undefined);
    expect(api.calls.map(({ query }) => query)).toEqual([{ after }]);
  });
});

describe("what is read", () => {
  it("lets an event through that fits no schema, but for its id", async () => {
    const odd = { id: "1", payload: 5, timestamp: null, event_type: ["?"], more: { deep: true } };
    api.dataspike.events.splice(0, 5, odd);
    expect(await collect(clientsOf(api).dataspike.history.events())).toEqual([odd]);
  });

  it("takes a page without has_next, or with null, for the last one", async () => {
    for (const body of [`{"data":[{"id":"1"}]}`, `{"data":[{"id":"1"}],"has_next":null}`]) {
      api.fault({ kind: "text", body });
      const read = await collect(clientsOf(api).dataspike.history.pages());
      expect(read).toEqual([JSON.parse(body)]);
    }
  });

  it("takes null for an empty list", async () => {
    api.fault({ kind: "text", body: `{"data":null,"has_next":false}` });
    expect(await collect(clientsOf(api).dataspike.history.events())).toEqual([]);
    api.fault({ kind: "text", body: `{"webhooks":null}` });
    expect(await clientsOf(api).dataspike.webhooks.list()).toEqual([]);
  });

  it("takes a byte order mark for none, and any label of the content", async () => {
    api.fault({ kind: "text", body: `\ufeff{"a":"ł"}`, contentType: "text/html" });
    expect(await clientsOf(api).validas.settings.get()).toEqual({ a: "ł" });
  });

  it("is typed", () => {
    const client = dataspikeClient({ apiKey: "k" });
    expectTypeOf(client.history.events).returns.toEqualTypeOf<
      AsyncIterable<DataspikeHistoryEvent>
    >();
    expectTypeOf<DataspikeHistoryPage["data"]>().toEqualTypeOf<DataspikeHistoryEvent[]>();
    expectTypeOf<DataspikeHistoryEvent["id"]>().toEqualTypeOf<string>();
    expectTypeOf<DataspikeHistoryEvent["payload"]>().toEqualTypeOf<unknown>();
    expectTypeOf<ScreverWebhook["secret"]>().toEqualTypeOf<string>();
    const { settings } = validasClient({ baseUrl: "https://a.test", apiKey: "k" });
    expectTypeOf(settings.get).returns.toEqualTypeOf<Promise<unknown>>();
  });
});
