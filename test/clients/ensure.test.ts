import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import { type ScreverWebhook, screverClient } from "../../src/clients/screver.js";
import { clientsOf } from "./helpers/clients.js";
import { failureOf } from "./helpers/failure-of.js";

const wanted = { type: "surveyCompleted", url: "https://hooks.example.test/screver" };
const made = (createdAt: string, fields: object = {}) => ({
  ...wanted,
  _id: `${Date.parse(createdAt).toString(16)}0000000000000`,
  createdAt,
  ...fields,
});

let api: VendorApi;
beforeEach(async () => {
  api = await startVendorApi();
});
afterEach(() => api.close());

const existing = () => api.screver.webhooks as ScreverWebhook[];
const put = (...webhooks: readonly object[]) =>
  existing().push(
    ...webhooks.map((one) => ({ secret: crypto.randomUUID(), ...one }) as ScreverWebhook),
  );
const ensure = (options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  clientsOf(api).screver.webhooks.ensure(wanted, options);
const methods = () => api.calls.map(({ method }) => method);

describe("ensure", () => {
  it("creates what is not there, and finds it again", async () => {
    put(made("2026-01-01T00:00:00.000Z", { type: "*" }));
    put(made("2026-01-02T00:00:00.000Z", { url: `${wanted.url}/other` }));
    const created = await ensure();
    expect(created).toMatchObject(wanted);
    expect(existing()).toHaveLength(3);
    const again = await ensure();
    expect([again._id, again.secret]).toEqual([created._id, created.secret]);
    expect(existing()).toHaveLength(3);
    expect(methods()).toEqual(["GET", "POST", "GET", "GET"]);
  });

  it("finds one that is not on the first page of the list", async () => {
    put(made("2020-01-01T00:00:00.000Z"));
    for (let index = 0; index < 100; index += 1) {
      put(made("2026-01-01T00:00:00.000Z", { _id: `id-${index}`, type: "*" }));
    }
    expect((await ensure()).createdAt).toBe("2020-01-01T00:00:00.000Z");
    expect(methods()).toEqual(["GET", "GET"]);
  });

  it("goes by the id where nothing says how old they are", async () => {
    for (const _id of ["2", "1", "3"]) put({ ...wanted, _id });
    expect((await ensure())._id).toBe("1");
  });

  it("takes the oldest of several, and leaves the others to whoever made them", async () => {
    put(made("2026-01-02T00:00:00.000Z"), made("2026-01-01T00:00:00.000Z"));
    put(made("2026-01-03T00:00:00.000Z"));
    expect((await ensure()).createdAt).toBe("2026-01-01T00:00:00.000Z");
    expect(existing()).toHaveLength(3);
  });

  it("knows an address that is written in another way", async () => {
    put(made("2026-01-01T00:00:00.000Z", { url: "HTTPS://Hooks.Example.Test:443/screver" }));
    expect((await ensure()).createdAt).toBe("2026-01-01T00:00:00.000Z");
    put({ ...made("2025-01-01T00:00:00.000Z"), _id: "none", url: null });
    put({ ...made("2025-01-01T00:00:00.000Z"), _id: "odd", url: "no address" });
    expect((await ensure()).createdAt).toBe("2026-01-01T00:00:00.000Z");
  });

  it("of five clients at once, which have all looked before any has created one, leaves one", async () => {
    let looked = 0;
    let go: () => void = () => undefined;
    const allLooked = new Promise<void>((resolve) => {
      go = resolve;
    });
    const fetching: typeof fetch = async (url, init) => {
      if (init?.method === "POST") await allLooked;
      const response = await fetch(url, init);
      if (init?.method === "GET") {
        looked += 1;
        if (looked === 5) go();
      }
      return response;
    };
    const found = await Promise.all(
      Array.from({ length: 5 }, () =>
        clientsOf(api, { fetch: fetching }).screver.webhooks.ensure(wanted),
      ),
    );
    expect(methods().filter((method) => method === "POST")).toHaveLength(5);
    expect(methods().filter((method) => method === "DELETE")).toHaveLength(4);
    expect(existing()).toHaveLength(1);
    const [left] = existing();
    expect(new Set(found.map(({ secret }) => secret))).toEqual(new Set([left?.secret]));
  });

  it("of clients that come one after another, before the first is done, leaves one", async () => {
    for (let round = 0; round < 3; round += 1) {
      existing().splice(0);
      const found = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          for (let turn = 0; turn < index; turn += 1) await fetch(api.url);
          return ensure();
        }),
      );
      expect(existing()).toHaveLength(1);
      expect(new Set(found.map(({ _id }) => _id)).size).toBe(1);
    }
  });

  it("lets the id decide between two of the same moment", async () => {
    const fetching: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      const [own] = existing();
      if (init?.method === "POST" && own !== undefined)
        put({ ...own, _id: "0000", secret: "older" });
      return response;
    };
    const { webhooks } = clientsOf(api, { fetch: fetching }).screver;
    expect((await webhooks.ensure(wanted)).secret).toBe("older");
    expect(existing().map(({ secret }) => secret)).toEqual(["older"]);
  });

  it.each(["lost", "cut"] as const)(
    "finds what it has created where the answer was %s",
    async (kind) => {
      api.fault({ kind }, { when: ({ method }) => method === "POST" });
      const [created, ...more] = [await ensure(), ...existing()];
      expect(more).toEqual([expect.objectContaining({ _id: created._id, secret: created.secret })]);
    },
  );

  it("can be called again where nothing was created, and says so", async () => {
    api.fault({ kind: "refuse" }, { when: ({ method }) => method === "POST" });
    expect(await failureOf(ensure())).toMatchObject({
      ...{ code: "unreachable", retryable: true, operation: "webhooks.ensure" },
    });
    expect(await ensure()).toMatchObject(wanted);
  });

  it("does not look again where the API has refused", async () => {
    api.fault({ kind: "status", status: 400 }, { when: ({ method }) => method === "POST" });
    const error = await failureOf(ensure());
    expect(error).toMatchObject({
      code: "refused",
      retryable: false,
      operation: "webhooks.create",
    });
    expect(methods()).toEqual(["GET", "POST"]);
  });

  it("goes on when its own has been deleted by somebody else", async () => {
    const fetching: typeof fetch = async (url, init) => {
      if (init?.method === "DELETE") existing().pop();
      const response = await fetch(url, init);
      if (init?.method === "POST")
        existing().unshift({ ...made("2020-01-01T00:00:00.000Z"), secret: "s" });
      return response;
    };
    const { webhooks } = clientsOf(api, { fetch: fetching }).screver;
    expect(await webhooks.ensure(wanted)).toMatchObject({ secret: "s" });
  });

  it("throws what is no failure of the API as it is", async () => {
    const own = new Error("No token today.");
    let asked = 0;
    const token = () => {
      asked += 1;
      if (asked > 1) throw own;
      return api.screver.token;
    };
    const { webhooks } = screverClient({ token, baseUrl: api.url });
    await expect(webhooks.ensure(wanted)).rejects.toBe(own);
  });

  it("ends when it is aborted, also before it looks again", async () => {
    const control = new AbortController();
    const fetching: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (init?.method === "POST") setTimeout(() => control.abort(), 20);
      return response;
    };
    const { webhooks } = clientsOf(api, { fetch: fetching }).screver;
    const error = await failureOf(webhooks.ensure(wanted, { signal: control.signal }));
    expect(error.code).toBe("aborted");
    expect(methods()).toEqual(["GET", "POST"]);
  });
});
