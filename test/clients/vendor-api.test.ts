import { afterEach, expect, it } from "vitest";
import {
  bodyOf,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";

let api: VendorApi;
afterEach(() => api.close());

it("pages through a history of 10 000 events, each of them once and in order", async () => {
  const events = historyEvents(10_000);
  api = await startVendorApi({ dataspike: { events } });
  const seen: string[] = [];
  for (let hasNext = true; hasNext; ) {
    const after = seen.length === 0 ? "" : `?after=${seen.at(-1)}`;
    const response = await fetch(`${api.url}/api/v3/notifications/webhook/history${after}`, {
      headers: { "ds-api-token": api.dataspike.apiKey },
    });
    const page = (await response.json()) as { data: { id: string }[]; has_next: boolean };
    seen.push(...page.data.map(({ id }) => id));
    hasNext = page.has_next;
  }
  expect(seen).toEqual(events.map(({ id }) => id));
  expect(bodyOf(events[0] ?? {})).not.toContain("attempts");
});
