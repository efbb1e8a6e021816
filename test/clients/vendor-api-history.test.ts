// The history that the catch-up is tested against.

import { afterEach, expect, it } from "vitest";
import {
  bodyOf,
  type HistoryItem,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { dataspikeEvent } from "../../src/providers/dataspike.js";

let api: VendorApi | undefined;
afterEach(() => api?.close());

interface Page {
  readonly data: readonly HistoryItem[];
  readonly has_next: boolean;
}

async function page(server: VendorApi, query: Record<string, string> = {}): Promise<Page> {
  const search = new URLSearchParams(query);
  const url = `${server.url}/api/v3/notifications/webhook/history?${search}`;
  const response = await fetch(url, { headers: { "ds-api-token": server.dataspike.apiKey } });
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

const ids = (events: readonly HistoryItem[]) => events.map(({ id }) => id);

it("pages through a history of 10 000 events, each of them once and in order", async () => {
  const events = historyEvents(10_000);
  api = await startVendorApi({ dataspike: { events } });
  const seen: HistoryItem[] = [];
  for (let hasNext = true; hasNext; ) {
    const after = seen.at(-1)?.id;
    const next = await page(api, after === undefined ? {} : { after });
    expect(next.data.length).toBeLessThanOrEqual(100);
    seen.push(...next.data);
    hasNext = next.has_next;
  }
  expect(seen).toEqual(events);
  expect(api.calls).toHaveLength(100);
});

it("goes on after the event that is named, and says whether there is more", async () => {
  const events = historyEvents(5);
  const [a = "", b = "", c = "", d = "", e = ""] = ids(events);
  api = await startVendorApi({ dataspike: { events, pageSize: 2 } });
  expect(await page(api)).toEqual({ data: events.slice(0, 2), has_next: true });
  expect(await page(api, { after: b })).toEqual({ data: events.slice(2, 4), has_next: true });
  expect(await page(api, { after: c })).toEqual({ data: events.slice(3), has_next: false });
  expect(await page(api, { after: d })).toEqual({ data: events.slice(4), has_next: false });
  expect(await page(api, { after: e })).toEqual({ data: [], has_next: false });
  expect(a).not.toBe(b);
});

it("gives the events of one webhook, after any event", async () => {
  const mine = historyEvents(3, { webhookId: "mine", seed: 1 });
  const other = historyEvents(3, { webhookId: "other", seed: 2 });
  const events = [0, 1, 2].flatMap((at) => [mine[at] ?? {}, other[at] ?? {}]);
  api = await startVendorApi({ dataspike: { events, pageSize: 2 } });
  expect(await page(api, { webhook: "mine" })).toEqual({ data: mine.slice(0, 2), has_next: true });
  const after = other[0]?.id ?? "";
  expect(await page(api, { webhook: "mine", after })).toEqual({
    data: mine.slice(1),
    has_next: false,
  });
  expect(await page(api, { webhook: "nobody" })).toEqual({ data: [], has_next: false });
});

it("gives what is pushed while somebody pages", async () => {
  type Four = [HistoryItem, HistoryItem, HistoryItem, HistoryItem];
  const [first, second, third, last] = historyEvents(4) as Four;
  api = await startVendorApi({ dataspike: { events: [first] } });
  expect(await page(api)).toEqual({ data: [first], has_next: false });
  api.dataspike.push(second);
  expect(await page(api, { after: first.id })).toEqual({ data: [second], has_next: false });
  api.dataspike.events.push(third, last);
  expect(await page(api, { after: third.id })).toEqual({ data: [last], has_next: false });
  api.dataspike.events.length = 1;
  api.dataspike.push(third);
  expect(await page(api, { after: first.id })).toEqual({ data: [third], has_next: false });
  const gone = `${api.url}/api/v3/notifications/webhook/history?after=${last.id}`;
  const headers = { "ds-api-token": api.dataspike.apiKey };
  expect((await fetch(gone, { headers })).status).toBe(404);
});

it("makes the same events again, in time order, a second apart and each with its own id", () => {
  const events = historyEvents(3000, { startAt: "2026-05-01T00:00:00Z", webhookId: "mine" });
  expect(historyEvents(3000, { startAt: Date.UTC(2026, 4, 1), webhookId: "mine" })).toEqual(events);
  expect(events.slice(0, 10)).toEqual(
    historyEvents(10, { startAt: new Date("2026-05-01T00:00:00Z"), webhookId: "mine" }),
  );
  const found = ids(events);
  expect(new Set(found).size).toBe(3000);
  expect([...found].sort()).toEqual(found);
  const others = ids(historyEvents(3000, { startAt: "2026-05-01T00:00:00Z", seed: 2 }));
  expect(new Set([...found, ...others]).size).toBe(6000);
  for (const [at, event] of events.entries()) {
    expect(Date.parse(event.timestamp)).toBe(Date.UTC(2026, 4, 1) + at * 1000);
    expect(event.webhook_id).toBe("mine");
  }
  expect(new Set(events.map(({ event_type }) => event_type))).toEqual(
    new Set(["DOCVER", "AML_SCREENING"]),
  );
});

it("makes events that the provider's schema takes, as history and as delivery", () => {
  const historyOnly = ["is_sandbox", "attempts", "response_code", "last_attempt_at"] as const;
  for (const event of historyEvents(100)) {
    expect(dataspikeEvent.parse(event)).toEqual(event);
    const delivered = JSON.parse(bodyOf(event)) as HistoryItem;
    for (const field of historyOnly) {
      expect(event).toHaveProperty(field);
      expect(delivered).not.toHaveProperty(field);
    }
    expect({ ...event, ...delivered }).toEqual(event);
    expect(Object.keys(delivered)).toHaveLength(Object.keys(event).length - 4);
  }
});
