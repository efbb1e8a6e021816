// The server that the clients are tested against: that it does what the vendors' documents say, and nothing else.

import { afterEach, describe, expect, it } from "vitest";
import { startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import { exchangesOf, type Vendor } from "../helpers/exchanges.js";
import { type RawRequest, rawExchange } from "../helpers/raw-http.js";

let api: VendorApi;
afterEach(() => api.close());

const key = [["ds-api-token", "ds-test-key"]] as const;
const token = [["authorization", "Bearer screver-test-token"]] as const;
const apikey = [["apikey", "validas-test-key"]] as const;
const json = [["content-type", "application/json"]] as const;

const history = "/api/v3/notifications/webhook/history";
const organization = "/api/v3/organization/webhooks";
const webhooks = "/api/v2/webhooks";
const settings = "/validas/v1/webhook/settings";

const ask = (method: string, target: string, headers: RawRequest["headers"] = [], body = "") =>
  rawExchange(api.url, { method, target, headers, body });

/** The JSON text with the values of some keys replaced by their form. */
function withForms(text: string, generated: readonly string[]): string {
  return JSON.stringify(
    JSON.parse(text, (name, value) =>
      generated.includes(name)
        ? String(value)
            .replace(/[0-9a-f]{62,64}$/, "<hex>")
            .replace(/[0-9a-f]+/g, "<hex>")
            .replace(/\b\w{4}-\w\w-\w\wT[\d:.]+Z/, "<time>")
        : (value as unknown),
    ),
  );
}

describe.each<Vendor>(["dataspike", "screver", "validas"])("%s", (vendor) => {
  it.each(exchangesOf(vendor))("answers “$name” as the documents print it", async (exchange) => {
    const { given, generated, request, answer } = exchange;
    api = await startVendorApi({ [vendor]: given });
    const [method = "", target = ""] = request.start.split(" ");
    const got = await rawExchange(api.url, { method, target, ...request });

    expect(got.status).toBe(Number(answer.start.split(" ")[1]));
    for (const [name, value] of answer.headers) {
      expect(got.headers[name.toLowerCase()]?.split(";")[0]).toBe(value);
    }
    // Compact where the page is laid out; keys in the page's order. A refusal's body is not documented.
    if (answer.body !== "") {
      expect(withForms(got.body, generated)).toBe(withForms(answer.body, generated));
    } else if (got.status < 300) {
      expect(got.body).toBe("");
    }
    expect(api.calls).toMatchObject([{ method, body: request.body, status: got.status }]);
  });
});

const hook = JSON.stringify({ webhook_url: "https://a.example.test/", event_types: ["DOCVER"] });
const screverHook = JSON.stringify({ type: "*", url: "https://a.example.test/" });
const without = (body: string, field: string) =>
  JSON.stringify({ ...(JSON.parse(body) as object), [field]: undefined });
const withField = (body: string, field: string, value: unknown) =>
  JSON.stringify({ ...(JSON.parse(body) as object), [field]: value });

type Row = readonly [string, number, string, string, RawRequest["headers"]?, string?];

const refused: Row[] = [
  ["a path that nobody documents", 404, "GET", "/api/v3/notifications", key],
  ["a path with a slash at its end", 404, "GET", `${webhooks}/?limit=5`, token],
  ["the history without a key", 401, "GET", history],
  ["the history with another key", 401, "GET", history, [["ds-api-token", "ds-test-keY"]]],
  ["a key given twice", 401, "GET", history, [...key, ...key]],
  ["a method that is not documented", 405, "POST", history, [...key, ...json], "{}"],
  ["an update of a Dataspike webhook", 405, "PUT", `${organization}/x`, [...key, ...json], hook],
  ["an unknown query key", 400, "GET", `${history}?limit=5`, key],
  ["a query key given twice", 400, "GET", `${history}?webhook=a&webhook=b`, key],
  ["an empty query value", 400, "GET", `${history}?after=`, key],
  ["an event that is not in the history", 404, "GET", `${history}?after=nobody`, key],
  ["a body where none is documented", 400, "GET", history, [...key, ...json], "{}"],
  ["a query at the list", 400, "GET", `${organization}?limit=5`, key],
  ["a webhook without a content type", 400, "POST", organization, key, hook],
  ["another type", 400, "POST", organization, [...key, ["content-type", "text/plain"]], hook],
  ["what is not JSON", 400, "POST", organization, [...key, ...json], "{"],
  ["no body", 400, "POST", organization, [...key, ...json]],
  ["JSON that is no object", 400, "POST", organization, [...key, ...json], "[]"],
  ...["webhook_url", "event_types"].map(
    (field): Row => [
      `a webhook without ${field}`,
      ...([400, "POST", organization, [...key, ...json], without(hook, field)] as const),
    ],
  ),
  ...(
    [
      ["event_types", ["AML"]],
      ["event_types", "DOCVER"],
      ["webhook_url", "a.example.test"],
      ["is_sandbox", "no"],
      ["enabled", 1],
      ["secret", "x"],
    ] as const
  ).map(
    ([field, value]): Row => [
      `a webhook with ${field} ${JSON.stringify(value)}`,
      ...([400, "POST", organization, [...key, ...json], withField(hook, field, value)] as const),
    ],
  ),
  ["a webhook that nobody knows", 404, "DELETE", `${organization}/nobody`, key],
  ["the rotation of one", 404, "POST", `${organization}/nobody/hmac/rotate`, key],
  ["Screver without a token", 401, "GET", `${webhooks}?limit=5`],
  ["a token of no scheme", 401, "GET", webhooks, [["authorization", "screver-test-token"]]],
  ["a list without limit", 400, "GET", webhooks, token],
  ...["0", "7", "05", "101", "ten"].map(
    (limit): Row => [`limit=${limit}`, 400, "GET", `${webhooks}?limit=${limit}`, token],
  ),
  ...["-1", "x", "1.5"].map(
    (skip): Row => [`skip=${skip}`, 400, "GET", `${webhooks}?limit=5&skip=${skip}`, token],
  ),
  ...['{"url":1}', '{"createdAt":2}', '{"createdAt":1,"updatedAt":1}', "createdAt", "[]"].map(
    (sort): Row => [
      `sort=${sort}`,
      ...([400, "GET", `${webhooks}?limit=5&sort=${encodeURIComponent(sort)}`, token] as const),
    ],
  ),
  ...["type", "url"].map(
    (field): Row => [
      `a Screver webhook without ${field}`,
      ...([400, "POST", webhooks, [...token, ...json], without(screverHook, field)] as const),
    ],
  ),
  ...(
    [
      ["type", "other"],
      ["url", 1],
      ["secret", "x"],
    ] as const
  ).map(
    ([field, value]): Row => [
      `a Screver webhook with ${field} ${value}`,
      ...([
        400,
        "POST",
        webhooks,
        [...token, ...json],
        withField(screverHook, field, value),
      ] as const),
    ],
  ),
  ...["GET", "DELETE"].map(
    (method): Row => [
      `${method} of a Screver webhook that nobody knows`,
      ...([404, method, `${webhooks}/5d9b4816de62163caf637d5c`, token] as const),
    ],
  ),
  ["an update of one", 404, "PUT", `${webhooks}/5d`, [...token, ...json], screverHook],
  ["vali-Das without a key", 401, "GET", settings],
  ["settings without a content type", 400, "POST", settings, apikey, "{}"],
  ["settings without a body", 400, "POST", settings, apikey],
  [
    "a test call that is not JSON",
    400,
    "POST",
    "/validas/v1/webhook/test",
    [...apikey, ...json],
    "?",
  ],
  ["the test call as GET", 405, "GET", "/validas/v1/webhook/test", apikey],
];

it.each(refused.map(([what, ...row]) => ({ what, status: row[0], row })))(
  "refuses $what: $status",
  async ({ status, row: [, method, target, headers, body] }) => {
    api = await startVendorApi();
    const answer = await ask(method, target, headers, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
    expect(api.dataspike.webhooks).toEqual([]);
    expect(api.screver.webhooks).toEqual([]);
    expect(api.validas.settings).toBeUndefined();
    expect(api.validas.tests).toEqual([]);
  },
);

it("never lists a secret of Dataspike, and replaces one at once", async () => {
  api = await startVendorApi();
  const created = JSON.parse((await ask("POST", organization, [...key, ...json], hook)).body) as {
    id: string;
    hmac_signing_secret: string;
  };
  expect(created.hmac_signing_secret).toMatch(/^whsec_[0-9a-f]{64}$/);
  expect(api.dataspike.secretOf(created.id)).toBe(created.hmac_signing_secret);
  const list = await ask("GET", organization, key);
  expect(JSON.parse(list.body)).toEqual({
    webhooks: [
      { webhook_id: created.id, is_sandbox: false, enabled: true, ...(JSON.parse(hook) as object) },
    ],
  });

  const rotated = await ask("POST", `${organization}/${created.id}/hmac/rotate`, key);
  const { hmac_signing_secret: next } = JSON.parse(rotated.body) as typeof created;
  expect(next).not.toBe(created.hmac_signing_secret);
  expect(api.dataspike.secretOf(created.id)).toBe(next);

  expect((await ask("DELETE", `${organization}/${created.id}`, key)).status).toBe(204);
  expect(api.dataspike.webhooks).toEqual([]);
  expect(api.dataspike.secretOf(created.id)).toBeUndefined();
});

it("pages through Screver's webhooks by skip, limit and sort", async () => {
  const made = Array.from({ length: 12 }, (_, at) => ({
    url: `https://a.example.test/${at}`,
    type: "*",
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString(),
    updatedAt: new Date(Date.UTC(2026, 0, 2, 0, (at * 5) % 12)).toISOString(),
  }));
  api = await startVendorApi({ screver: { webhooks: made } });
  const list = async (query: string) => {
    const { resources, total } = JSON.parse(
      (await ask("GET", `${webhooks}?${query}`, token)).body,
    ) as { resources: { _id: string; secret: string; url: string }[]; total: number };
    for (const { _id, secret } of resources) {
      expect(_id).toMatch(/^[0-9a-f]{24}$/);
      expect(secret).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
    expect(total).toBe(12);
    return resources.map(({ url }) => Number(url.split("/").at(-1)));
  };

  expect(await list("limit=5")).toEqual([11, 10, 9, 8, 7]);
  expect(await list("limit=5&skip=10")).toEqual([1, 0]);
  expect(await list("limit=5&skip=12")).toEqual([]);
  expect(await list(`limit=5&sort=${encodeURIComponent('{"createdAt":1}')}`)).toEqual([
    0, 1, 2, 3, 4,
  ]);
  // As the page prints it.
  expect(await list(`limit=5&sort=${encodeURIComponent("{ createdAt: -1 }")}`)).toEqual([
    11, 10, 9, 8, 7,
  ]);
  // Minute m was given to 5 m mod 12, which is its own inverse.
  expect(await list(`limit=5&sort=${encodeURIComponent('{"updatedAt":1}')}`)).toEqual([
    0, 5, 10, 3, 8,
  ]);
});

it("changes of a Screver webhook what is given, and its time", async () => {
  const before = { _id: "5d9b4816de62163caf637d5c", type: "*", url: "https://a.example.test/" };
  const createdAt = "2019-10-07T14:13:42.489Z";
  api = await startVendorApi({ screver: { webhooks: [{ ...before, createdAt }] } });
  const answer = await ask(
    "PUT",
    `${webhooks}/${before._id}`,
    [...token, ...json],
    '{"url":"x:y"}',
  );
  expect(JSON.parse(answer.body)).toMatchObject({ ...before, url: "x:y", createdAt });
  expect(api.screver.webhooks).toEqual([JSON.parse(answer.body)]);
  expect((api.screver.webhooks[0] as { updatedAt: string }).updatedAt > createdAt).toBe(true);
});

it("keeps the settings of vali-Das, and notes its test calls", async () => {
  api = await startVendorApi({ validas: { header: "X-Key" } });
  const headers = [["x-key", "validas-test-key"]] as const;
  expect((await ask("GET", settings, apikey)).status).toBe(401);
  const given = '{"any":["thing",1]}';
  expect((await ask("POST", settings, [...headers, ...json], given)).body).toBe(given);
  expect((await ask("GET", settings, headers)).body).toBe(given);
  expect(api.validas.settings).toEqual(JSON.parse(given));
  await ask("POST", "/validas/v1/webhook/test", headers);
  await ask("POST", "/validas/v1/webhook/test", [...headers, ...json], '{"a":1}');
  expect(api.validas.tests).toEqual([undefined, { a: 1 }]);
});

it("refuses the old key and the old token as soon as there are new ones", async () => {
  api = await startVendorApi();
  api.dataspike.rotateKey("next-key");
  api.screver.rotateToken("next-token");
  expect(api.dataspike.apiKey).toBe("next-key");
  expect(api.screver.token).toBe("next-token");
  expect((await ask("GET", history, key)).status).toBe(401);
  expect((await ask("GET", history, [["ds-api-token", "next-key"]])).status).toBe(200);
  expect((await ask("GET", `${webhooks}?limit=5`, token)).status).toBe(401);
  const next = [["authorization", "Bearer next-token"]] as const;
  expect((await ask("GET", `${webhooks}?limit=5`, next)).status).toBe(200);
});
