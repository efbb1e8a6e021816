// That every fault does on the wire what its name says.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type Fault,
  type HistoryItem,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { rawExchange } from "../helpers/raw-http.js";

let api: VendorApi;
const events = historyEvents(3);
const [first, second] = events as [HistoryItem, HistoryItem];
beforeEach(async () => {
  api = await startVendorApi({ dataspike: { events, pageSize: 1 } });
});
afterEach(() => api.close());

const key = [["ds-api-token", "ds-test-key"]] as const;
const history = (query = "") =>
  rawExchange(api.url, {
    method: "GET",
    target: `/api/v3/notifications/webhook/history${query}`,
    headers: key,
  });
const create = () =>
  rawExchange(api.url, {
    method: "POST",
    target: "/api/v3/organization/webhooks",
    headers: [...key, ["content-type", "application/json"]],
    body: '{"webhook_url":"https://a.example.test/","event_types":[]}',
  });

const pageOf = async (query = "") =>
  JSON.parse((await history(query)).body) as { data: HistoryItem[]; has_next: boolean };

it.each<[string, Fault, boolean]>([
  ["an answer instead", { kind: "status", status: 503 }, false],
  ["a refused connection", { kind: "refuse" }, false],
  ["another body", { kind: "text", body: "<html>" }, false],
  ["a redirect", { kind: "redirect", location: "http://127.0.0.1:1/" }, false],
  ["a cut answer", { kind: "cut" }, true],
  ["a slow answer", { kind: "slow", msPerByte: 0 }, true],
  ["a late answer", { kind: "late", ms: 1 }, true],
  ["a large answer", { kind: "large", bytes: 1000 }, true],
  ["a lost answer", { kind: "lost" }, true],
])("with %s, a call is carried out or not, as documented", async (_name, fault, isCarriedOut) => {
  api.fault(fault);
  await create();
  expect(api.dataspike.webhooks).toHaveLength(isCarriedOut ? 1 : 0);
  // It was for one request.
  expect((await create()).status).toBe(200);
  expect(api.dataspike.webhooks).toHaveLength(isCarriedOut ? 2 : 1);
});

it("answers with any status, headers and body", async () => {
  api.fault({ kind: "status", status: 429, headers: { "Retry-After": "7" }, body: "slowly" });
  expect(await history()).toMatchObject({
    status: 429,
    headers: { "retry-after": "7", "content-length": "6" },
    body: "slowly",
  });
  api.fault({ kind: "status", status: 500 });
  expect(await history()).toMatchObject({ status: 500, body: "" });
  expect(api.calls.map(({ status }) => status)).toEqual([429, 500]);
});

it("ends a connection before a byte of an answer", async () => {
  api.fault({ kind: "refuse" });
  api.fault({ kind: "lost" });
  expect((await history()).text).toBe("");
  expect((await history()).text).toBe("");
  expect(api.calls.map(({ status }) => status)).toEqual([0, 0]);
});

it("cuts a body after so many bytes of those that its head promises", async () => {
  const { bodyBytes: length } = await history();
  const promised = String(length);
  for (const [afterBytes, bytes] of [
    [undefined, length >> 1],
    [0, 0],
    [10, 10],
    [1_000_000, length - 1],
  ] as const) {
    api.fault({ kind: "cut", ...(afterBytes === undefined ? {} : { afterBytes }) });
    const cut = await history();
    expect(cut).toMatchObject({ status: 200, headers: { "content-length": promised } });
    expect(cut.bodyBytes).toBe(bytes);
  }
});

it("cuts the head of an answer that has no body", async () => {
  const { id } = JSON.parse((await create()).body) as { id: string };
  api.fault({ kind: "cut" });
  const target = `/api/v3/organization/webhooks/${id}`;
  const cut = await rawExchange(api.url, { method: "DELETE", target, headers: key });
  expect(cut).toMatchObject({ status: 0, text: "HTTP/1.1 204 " });
  expect(api.dataspike.webhooks).toEqual([]);
});

it("sends a body byte by byte", async () => {
  const whole = await history();
  api.fault({ kind: "slow", msPerByte: 1 });
  const slow = await history();
  expect(slow.body).toBe(whole.body);
  expect(slow.pieces).toBeGreaterThan(10);
});

it("never answers, until it is closed, and goes on answering others", async () => {
  api.fault({ kind: "hang" });
  api.fault({ kind: "late", ms: 3_600_000 });
  const hanging = history();
  const late = create();
  await vi.waitFor(() => expect(api.calls).toHaveLength(2));
  expect(api.dataspike.webhooks).toHaveLength(1);
  expect((await history()).status).toBe(200);
  await api.close();
  expect((await hanging).text).toBe("");
  expect((await late).text).toBe("");
});

it("answers late, and no earlier", async () => {
  api.fault({ kind: "late", ms: 50 });
  const start = performance.now();
  expect(JSON.parse((await history()).body)).toEqual({ data: [first], has_next: true });
  // A timer may be early by less than a millisecond.
  expect(performance.now() - start).toBeGreaterThanOrEqual(49);
});

it("answers 200 with any text", async () => {
  api.fault({ kind: "text", body: "<html>", contentType: "text/html" });
  const html = { status: 200, headers: { "content-type": "text/html" }, body: "<html>" };
  expect(await history()).toMatchObject(html);
  api.fault({ kind: "text", body: '{"data":' });
  expect(await history()).toMatchObject({
    headers: { "content-type": "application/json" },
    body: '{"data":',
  });
});

it("sends elsewhere", async () => {
  api.fault({ kind: "redirect", location: "http://127.0.0.1:1/x" });
  expect(await history()).toMatchObject({
    status: 302,
    headers: { location: "http://127.0.0.1:1/x" },
  });
  api.fault({ kind: "redirect", location: "/", status: 307 });
  expect((await history()).status).toBe(307);
});

it("answers with as much JSON as is asked for, without saying how much", async () => {
  api.fault({ kind: "large", bytes: 3_000_000 });
  const response = await fetch(`${api.url}/api/v3/notifications/webhook/history`, {
    headers: { "ds-api-token": "ds-test-key" },
  });
  expect(response.headers.get("content-length")).toBeNull();
  const body = await response.text();
  expect(Buffer.byteLength(body)).toBe(3_000_000);
  expect(JSON.parse(body)).toMatchObject({ data: [first], has_next: true });
});

it("repeats a page whatever is asked for", async () => {
  api.fault({ kind: "repeatPage" });
  // Nothing to repeat yet.
  const one = await pageOf();
  api.fault({ kind: "repeatPage" }, { times: 2 });
  expect(await pageOf(`?after=${first.id}`)).toEqual(one);
  expect(await pageOf(`?after=${second.id}`)).toEqual(one);
  expect(await pageOf(`?after=${first.id}`)).toEqual({ data: [second], has_next: true });
});

it("is stuck: there is more, and nothing comes", async () => {
  api.fault({ kind: "stuck" });
  expect(await pageOf()).toEqual({ data: [], has_next: true });
  expect(await pageOf()).toEqual({ data: [first], has_next: true });
});

it("goes on for ever with nothing, until that is cleared", async () => {
  api.fault({ kind: "endless" });
  const last = `?after=${events.at(-1)?.id}`;
  expect(await pageOf(`?after=${second.id}`)).toEqual({ data: events.slice(2), has_next: true });
  for (let count = 0; count < 5; count += 1) {
    expect(await pageOf(last)).toEqual({ data: [], has_next: true });
  }
  api.clearFaults();
  expect(await pageOf(last)).toEqual({ data: [], has_next: false });
});

it("goes on for ever with events that nobody pushed", async () => {
  api.fault({ kind: "endless", fresh: true });
  const seen = new Set<string>();
  let after: string | undefined;
  for (let count = 0; count < 20; count += 1) {
    const page = await pageOf(after === undefined ? "" : `?after=${after}`);
    expect(page.has_next).toBe(true);
    for (const { id } of page.data) seen.add(id);
    after = page.data.at(-1)?.id;
  }
  expect(seen.size).toBe(20);
  expect([...seen].slice(0, 3)).toEqual(events.map(({ id }) => id));
  expect(api.dataspike.events).toHaveLength(3);
});

it("asks for the key all the same when the history is at fault", async () => {
  api.fault({ kind: "stuck" });
  const target = "/api/v3/notifications/webhook/history";
  expect((await rawExchange(api.url, { method: "GET", target })).status).toBe(401);
});

it("gives each request one fault, in order, and only to those that it is for", async () => {
  api.fault({ kind: "endless" });
  api.fault({ kind: "status", status: 500 }, { when: ({ method }) => method === "POST" });
  api.fault({ kind: "status", status: 502 }, { times: 2, when: ({ query }) => "after" in query });
  api.fault({ kind: "status", status: 503 });
  expect((await history()).status).toBe(503);
  expect((await history(`?after=${first.id}`)).status).toBe(502);
  expect((await create()).status).toBe(500);
  // A fault of the history is not for other calls.
  expect((await create()).status).toBe(200);
  expect((await history(`?after=${first.id}`)).status).toBe(502);
  // What stays for ever has waited.
  expect(await pageOf(`?after=${second.id}`)).toEqual({ data: events.slice(2), has_next: true });
  expect(api.calls.map(({ status }) => status)).toEqual([503, 502, 500, 200, 502, 200]);
});

it("notes every request, as it came", async () => {
  const before = Date.now();
  await history(`?after=${first.id}&webhook=${encodeURIComponent("a b")}`);
  await create();
  expect(api.calls).toEqual([
    {
      at: expect.any(Number),
      method: "GET",
      path: "/api/v3/notifications/webhook/history",
      query: { after: first.id, webhook: "a b" },
      headers: expect.objectContaining({ "ds-api-token": "ds-test-key" }),
      body: "",
      status: 200,
    },
    expect.objectContaining({
      query: {},
      body: '{"webhook_url":"https://a.example.test/","event_types":[]}',
    }),
  ]);
  for (const { at } of api.calls) {
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  }
});
