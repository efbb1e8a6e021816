// The README has a line for each call that the vendors' documents show. Each line is run as it stands there, against the
// documented contract on loopback, and has to make exactly the documented request.

import { readFileSync } from "node:fs";
import { dataspikeClient } from "countersign/clients/dataspike";
import { screverClient } from "countersign/clients/screver";
import { validasClient } from "countersign/clients/validas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historyEvents, startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const [, part = ""] = /<!-- calls -->\n([\s\S]*?)<!-- \/calls -->/.exec(readme) ?? [];
const rows = part
  .split("\n")
  .filter((line) => /^\| (?!---|The document)/.test(line))
  .map((line) => {
    const [, document = "", call = ""] = /^\| (.*) \| `(.*)` \|$/.exec(line) ?? [];
    return { document, call };
  });

const url = "https://go.screver.com/api/v1/test-webhook";
const settings = { url, note: "whatever the contract says" };

let api: VendorApi;
/** What the lines in the README take for granted. */
let scope: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  const webhook = "1ed2f903-2d75-6b19-b6a5-29535bc3340e";
  const events = historyEvents(3, { webhookId: webhook });
  const id = "5d9b4816de62163caf637d5c";
  const times = { createdAt: "2019-10-07T14:13:42.489Z", updatedAt: "2019-10-07T14:13:42.489Z" };
  api = await startVendorApi({
    dataspike: {
      events,
      webhooks: [
        {
          webhook_id: webhook,
          is_sandbox: false,
          webhook_url: url,
          event_types: ["DOCVER"],
          enabled: true,
        },
      ],
    },
    screver: {
      webhooks: [
        { _id: id, type: "*", url, secret: "f6353acf-bca0-4992-8313-0d509f80c4f1", ...times },
      ],
    },
  });
  const baseUrl = api.url;
  scope = {
    dataspike: dataspikeClient({ baseUrl, apiKey: api.dataspike.apiKey }),
    screver: screverClient({ baseUrl, token: api.screver.token }),
    validas: validasClient({ baseUrl, apiKey: api.validas.apiKey }),
    after: events[0]?.id,
    webhook,
    url,
    id,
    settings,
  };
});
afterAll(() => api.close());

// In the order of the README, written off the documents by hand: method, path, query, body.
const history = "/api/v3/notifications/webhook/history";
const own = "/api/v3/organization/webhooks";
const documented: readonly (readonly [
  method: string,
  path: (id: string, webhook: string) => string,
  body?: unknown,
])[] = [
  ["GET", () => history],
  ["POST", () => own, { webhook_url: url, event_types: ["DOCVER"] }],
  ["GET", () => own],
  ["POST", (_id, webhook) => `${own}/${webhook}/hmac/rotate`],
  ["DELETE", (_id, webhook) => `${own}/${webhook}`],
  ["POST", () => "/api/v2/webhooks", { type: "optionSelected", url }],
  ["PUT", (id) => `/api/v2/webhooks/${id}`, { type: "optionSelected", url }],
  ["GET", () => "/api/v2/webhooks"],
  ["GET", (id) => `/api/v2/webhooks/${id}`],
  ["DELETE", (id) => `/api/v2/webhooks/${id}`],
  ["POST", () => "/validas/v1/webhook/settings", settings],
  ["GET", () => "/validas/v1/webhook/settings"],
  ["POST", () => "/validas/v1/webhook/test"],
];

async function evaluate(call: string): Promise<unknown> {
  const names = Object.keys(scope);
  const run = new Function(...names, `return ${call};`);
  return run(...names.map((name) => scope[name]));
}

describe("the README's line for", () => {
  it("each documented call is there", () => {
    expect(rows.length).toBe(documented.length);
  });

  it.each(rows.map((row, index) => [row.document, row.call, index] as const))(
    "%s makes that request",
    async (document, call, index) => {
      const [method = "", path = () => "", body] = documented[index] ?? [];
      const seen = api.calls.length;
      await evaluate(call);
      const calls = api.calls.slice(seen);
      expect(calls).toHaveLength(1);
      const { id, webhook, after } = scope as Readonly<Record<string, string>>;
      expect(calls[0]).toMatchObject({ method, path: path(String(id), String(webhook)) });
      expect(calls[0]?.status).toBeGreaterThanOrEqual(200);
      expect(calls[0]?.status).toBeLessThan(300);
      const sent = calls[0]?.body ?? "";
      expect(sent === "" ? undefined : JSON.parse(sent)).toEqual(body);
      if (path("", "") === history) expect(calls[0]?.query).toEqual({ after, webhook });
      if (document.includes("?limit=5")) expect(calls[0]?.query).toEqual({ limit: "5" });
      // What the document itself writes: its method and its path are those of the request.
      expect(document).toContain(method);
      const shape = path("ID", "ID").replace(/ID/g, "[^/`?]+");
      expect(document).toMatch(new RegExp(`${shape}[\`?]`));
    },
  );

  it("the webhook history gives the page that is documented", async () => {
    const page = await evaluate(rows[0]?.call ?? "");
    const [, ...later] = api.dataspike.events;
    expect(later).toHaveLength(2);
    expect(page).toEqual({ data: later, has_next: false });
  });
});
