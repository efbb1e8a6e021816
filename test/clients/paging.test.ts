import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { historyEvents, startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import { pages } from "../../src/client/pages.js";
import { screverClient } from "../../src/clients/screver.js";
import { clientsOf, collect } from "./helpers/clients.js";
import { failureOf } from "./helpers/failure-of.js";

const events = historyEvents(10);
let api: VendorApi;
beforeEach(async () => {
  api = await startVendorApi({ dataspike: { events, pageSize: 3 } });
});
afterEach(() => api.close());

describe("a history", () => {
  const read = async () => {
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { id } of clientsOf(api).dataspike.history.events()) seen.push(id);
      })(),
    );
    return { seen, error };
  };
  const idsOf = (count: number) => events.slice(0, count).map(({ id }) => id);

  it("that says that there is more, and gives nothing, ends the reading", async () => {
    api.fault({ kind: "stuck" }, { when: ({ query }) => query.after === events[2]?.id });
    const { seen, error } = await read();
    expect(error).toMatchObject({
      code: "cursor_stuck",
      provider: "dataspike",
      operation: "history",
    });
    expect(seen).toEqual(idsOf(3));
    api.clearFaults();
    api.fault({ kind: "endless" });
    expect((await read()).error.code).toBe("cursor_stuck");
  });

  it("that gives a page again ends the reading before anybody sees it twice", async () => {
    const pageOf = (from: number) =>
      JSON.stringify({ data: events.slice(from, from + 3), has_next: true });
    const after = (id: string | undefined) => ({
      when: ({ query }: { query: Record<string, string> }) => query.after === id,
    });
    api.fault({ kind: "text", body: pageOf(0) }, after(events[5]?.id));
    const { seen, error } = await read();
    expect(error).toMatchObject({ code: "page_repeated", retryable: false });
    expect(seen).toEqual(idsOf(6));
    api.fault({ kind: "repeatPage" }, after(events[5]?.id));
    expect((await read()).seen).toEqual(idsOf(6));
  });

  it("is read no further than anybody asks for", async () => {
    for await (const { id } of clientsOf(api).dataspike.history.events()) {
      if (id === events[1]?.id) break;
    }
    expect(api.calls).toHaveLength(1);
  });

  it("that grows while it is read is read to its end", async () => {
    const more = historyEvents(14).slice(10);
    const seen: string[] = [];
    for await (const { id } of clientsOf(api).dataspike.history.events()) {
      seen.push(id);
      const next = more.shift();
      if (next !== undefined) api.dataspike.push(next);
    }
    expect(seen).toEqual(historyEvents(14).map(({ id }) => id));
  });
});

describe("pages without end", () => {
  it("end at the limit", async () => {
    let page = 0;
    const endless = pages(async () => ({ items: [1], last: String(++page), hasNext: true }), {
      provider: "p",
      operation: "o",
      maxPages: 7,
    });
    expect((await failureOf(collect(endless))).code).toBe("page_limit");
    expect(page).toBe(7);
  });
});

describe("a list by number", () => {
  const item = (index: number) => ({ _id: `id-${index}`, secret: "s" });
  /** A client whose list is these pages, one after the other. */
  const over = (lists: readonly { resources: object[]; total: number }[]) => {
    const asked: (string | null)[] = [];
    const fetch = async (url: unknown) => {
      asked.push(new URL(String(url)).searchParams.get("skip"));
      return Response.json(lists[asked.length - 1] ?? { resources: [], total: 0 });
    };
    const { webhooks } = screverClient({ token: "t", fetch });
    return { read: () => collect(webhooks.all({ limit: 5 })), asked };
  };

  it("goes on by what has come, however little that is", async () => {
    const total = 3;
    const { read, asked } = over([0, 1, 2].map((index) => ({ resources: [item(index)], total })));
    expect((await read()).map(({ _id }) => _id)).toEqual(["id-0", "id-1", "id-2"]);
    expect(asked).toEqual([null, "1", "2"]);
  });

  it("gives what moved into the next part once", async () => {
    const { read } = over([
      { resources: [item(0), item(1)], total: 3 },
      { resources: [item(1), item(2)], total: 4 },
    ]);
    expect((await read()).map(({ _id }) => _id)).toEqual(["id-0", "id-1", "id-2"]);
  });

  it("ends where one was deleted meanwhile", async () => {
    const { read } = over([
      { resources: [item(0), item(1)], total: 3 },
      { resources: [], total: 2 },
    ]);
    expect(await read()).toHaveLength(2);
  });

  it("ends with an error where there should be more, and is not", async () => {
    const stuck = over([
      { resources: [item(0)], total: 3 },
      { resources: [], total: 3 },
    ]);
    expect(await failureOf(stuck.read())).toMatchObject({
      ...{ code: "cursor_stuck", provider: "screver", operation: "webhooks.list" },
    });
    const repeated = over([
      { resources: [item(0), item(1)], total: 9 },
      { resources: [item(2), item(3)], total: 9 },
      { resources: [item(0), item(1)], total: 9 },
    ]);
    expect((await failureOf(repeated.read())).code).toBe("page_repeated");
  });
});
