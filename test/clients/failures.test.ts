import { createServer } from "node:http";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Fault,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { screverClient } from "../../src/clients/screver.js";
import { validasClient } from "../../src/clients/validas.js";
import { leaksIn, leaksOf } from "../helpers/leaks.js";
import { freePort, listen } from "../helpers/listen.js";
import { clientsOf } from "./helpers/clients.js";
import { failureOf } from "./helpers/failure-of.js";
import { scripted } from "./helpers/scripted.js";

let api: VendorApi;
beforeEach(async () => {
  api = await startVendorApi({ dataspike: { events: historyEvents(3) } });
});
afterEach(() => api.close());

const limit = 16 * 1024 * 1024;
const hook = { webhook_url: "https://hooks.example.test/d", event_types: ["DOCVER"] };
const status = (status: number): Fault => ({ kind: "status", status });

describe("a failure of the API", () => {
  it.each<[string, Fault, object]>([
    ["401", status(401), { code: "unauthorized", retryable: false, attempts: 1, status: 401 }],
    ["403", status(403), { code: "unauthorized", retryable: false, attempts: 1, status: 403 }],
    ["404", status(404), { code: "not_found", retryable: false, attempts: 1, status: 404 }],
    ["400", status(400), { code: "refused", retryable: false, attempts: 1, status: 400 }],
    ["409", status(409), { code: "refused", retryable: false, attempts: 1, status: 409 }],
    ["422", status(422), { code: "refused", retryable: false, attempts: 1, status: 422 }],
    ["429", status(429), { code: "rate_limited", retryable: true, attempts: 3, status: 429 }],
    ["500", status(500), { code: "server_failed", retryable: true, attempts: 3, status: 500 }],
    ["503", status(503), { code: "server_failed", retryable: true, attempts: 3, status: 503 }],
    ["599", status(599), { code: "server_failed", retryable: true, attempts: 3, status: 599 }],
    ["304", status(304), { code: "redirected", retryable: false, attempts: 1, status: 304 }],
    ["no answer", { kind: "hang" }, { code: "timed_out", retryable: true, attempts: 3 }],
    [
      "a slow body",
      { kind: "slow", msPerByte: 50 },
      { code: "timed_out", retryable: true, attempts: 3 },
    ],
    ["a cut connection", { kind: "refuse" }, { code: "unreachable", retryable: true, attempts: 3 }],
    ["a lost answer", { kind: "lost" }, { code: "unreachable", retryable: true, attempts: 3 }],
    ["a cut body", { kind: "cut" }, { code: "unreachable", retryable: true, attempts: 3 }],
    [
      "a cut head",
      { kind: "cut", afterBytes: 0 },
      { code: "unreachable", retryable: true, attempts: 3 },
    ],
    [
      "no JSON",
      { kind: "text", body: "<html>" },
      { code: "response_invalid", retryable: true, attempts: 3, status: 200 },
    ],
    [
      "half of JSON",
      { kind: "text", body: `{"data":[` },
      { code: "response_invalid", retryable: true, attempts: 3, status: 200 },
    ],
    [
      "no body",
      { kind: "text", body: "" },
      { code: "response_invalid", retryable: true, attempts: 3, status: 200 },
    ],
    [
      "a body beyond the limit",
      { kind: "large", bytes: limit + 1 },
      { code: "response_too_large", retryable: false, attempts: 1, status: 200 },
    ],
  ])(
    "is told apart: %s",
    async (_title, fault, { attempts, ...expected }: { attempts?: number }) => {
      api.fault(fault, { times: Number.POSITIVE_INFINITY });
      // Time enough for 16 MiB on a busy machine.
      const timeoutMs = fault.kind === "large" ? 15_000 : 300;
      const { history } = clientsOf(api, { retries: 2, timeoutMs }).dataspike;
      const error = await failureOf(history.page());
      expect(error).toMatchObject({ ...expected, provider: "dataspike", operation: "history" });
      expect(error.details).toMatchObject({ attempts });
      expect(api.calls).toHaveLength(attempts ?? 0);
    },
  );

  it.each<Fault>([
    { kind: "refuse" },
    { kind: "cut" },
    { kind: "text", body: "<html>" },
    { kind: "text", body: `{"data":5}` },
    status(429),
    status(500),
    { kind: "hang" },
  ])("is forgotten when the next attempt succeeds: $kind $status $body", async (fault) => {
    api.fault(fault, { times: 2 });
    const { history } = clientsOf(api, { timeoutMs: 1000 }).dataspike;
    expect((await history.page()).data).toHaveLength(3);
    expect(api.calls).toHaveLength(3);
  });

  it("names the network's reason, where it is a word", async () => {
    const client = screverClient({
      ...{ token: "t", retries: 0, baseUrl: `http://127.0.0.1:${await freePort()}` },
    });
    const error = await failureOf(client.webhooks.get("1"));
    expect(error.details).toEqual({ attempts: 1, reason: "ECONNREFUSED" });
    for (const code of ["https://key@host", "lower", 5, "A".repeat(42), undefined]) {
      const fetch = () => Promise.reject(Object.assign(new Error("https://key@host"), { code }));
      const odd = screverClient({ token: "t", retries: 0, fetch });
      expect((await failureOf(odd.webhooks.get("1"))).details).toEqual({ attempts: 1 });
    }
    const fetch = () => Promise.reject(null);
    const none = screverClient({ token: "t", retries: 0, fetch });
    expect((await failureOf(none.webhooks.get("1"))).code).toBe("unreachable");
  });

  it("says where an answer is not as documented, and not what stood there", async () => {
    const body = JSON.stringify({ data: [{ id: "1" }, { id: "", "Nives Ałtamira": 5 }] });
    api.fault({ kind: "text", body }, { times: 5 });
    const error = await failureOf(clientsOf(api).dataspike.history.page());
    expect(error.code).toBe("response_invalid");
    expect(error.details.issues).toMatchObject([{ path: "data.1.id" }]);
    api.fault(
      { kind: "text", body: `{"resources":[{"_id":7,"secret":"s"}],"total":"1"}` },
      { times: 5 },
    );
    const { details } = await failureOf(clientsOf(api).screver.webhooks.list());
    expect(details.issues).toEqual([
      { path: "resources.0._id", expected: "string" },
      { path: "total", expected: "number" },
    ]);
  });

  it("is invalid text, whatever it holds otherwise", async () => {
    const server = await scripted((_request, response) => {
      response.end(Buffer.from([0x22, 0xff, 0x22]));
    });
    const client = validasClient({ apiKey: "k", baseUrl: server.url, retries: 0 });
    expect((await failureOf(client.settings.get())).code).toBe("response_invalid");
    await server.close();
  });

  it("is a body of anything but bytes, which a fetch of the user's own may have", async () => {
    const cancel = vi.fn();
    const pull = (stream: ReadableStreamDefaultController) => stream.enqueue("{}");
    const fetch = async () => new Response(new ReadableStream({ pull, cancel }));
    const client = validasClient({ apiKey: "k", baseUrl: api.url, retries: 0, fetch });
    expect((await failureOf(client.settings.get())).code).toBe("response_invalid");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("is an answer of more than 16 MiB, once it is unpacked, and none of just that", async () => {
    const json = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    const server = await scripted((_request, response, index) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(json(index === 0 ? limit : limit + 1)));
    });
    const client = validasClient({ apiKey: "k", baseUrl: server.url, retries: 0 });
    expect(await client.settings.get()).toHaveLength(limit - 2);
    expect((await failureOf(client.settings.get())).code).toBe("response_too_large");
    await server.close();
  });

  it("has the rest of an endless answer cancelled", async () => {
    let ended: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const server = await scripted((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const more = () => {
        if (!response.destroyed) response.write(chunk, more);
      };
      response.on("close", ended);
      more();
    });
    const client = validasClient({ apiKey: "k", baseUrl: server.url });
    expect((await failureOf(client.settings.get())).code).toBe("response_too_large");
    await closed;
    expect(server.seen).toHaveLength(1);
    await server.close();
  });
});

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("of status %i is not followed", async (status) => {
    const other = createServer((_request, response) => response.end("{}"));
    const { url, close } = await listen(other);
    let asked = 0;
    other.on("connection", () => {
      asked += 1;
    });
    const fault: Fault = { kind: "redirect", location: `${url}/elsewhere`, status };
    api.fault(fault, { times: 3 });
    const { dataspike, screver, validas } = clientsOf(api);
    const calls = [
      () => dataspike.history.page(),
      () => screver.webhooks.create({ type: "*" }),
      () => validas.test(),
    ];
    for (const call of calls) {
      expect(await failureOf(call())).toMatchObject({
        code: "redirected",
        status,
        retryable: false,
      });
    }
    expect(api.calls).toHaveLength(3);
    expect(asked).toBe(0);
    await close();
  });

  it("is recognised where the platform hides it", async () => {
    const hidden = { type: "opaqueredirect", status: 0, headers: new Headers(), body: null };
    const fetch = async () => hidden as Response;
    const { webhooks } = screverClient({ token: "t", fetch });
    expect(await failureOf(webhooks.get("1"))).toMatchObject({ code: "redirected" });
  });
});

describe("a call that must not be carried out twice", () => {
  const calls = (options = {}) => {
    const { dataspike, screver, validas } = clientsOf(api, options);
    return {
      "dataspike create": () => dataspike.webhooks.create(hook),
      "screver create": () => screver.webhooks.create({ type: "*", url: "https://a.test" }),
      "validas create": () => validas.settings.create({ a: 1 }),
    };
  };
  const names = ["dataspike create", "screver create", "validas create"] as const;
  const made = () => [
    ...api.dataspike.webhooks,
    ...api.screver.webhooks,
    ...[api.validas.settings].filter((settings) => settings !== undefined),
  ];

  for (const name of names) {
    it.each<[string, Fault]>([
      ["unreachable", { kind: "refuse" }],
      ["unreachable", { kind: "lost" }],
      ["unreachable", { kind: "cut" }],
      ["timed_out", { kind: "hang" }],
      ["server_failed", status(500)],
      ["server_failed", { kind: "status", status: 503, headers: { "retry-after": "0" } }],
      ["response_invalid", { kind: "text", body: "{" }],
    ])(`(${name}) is not made again after %s (%o)`, async (code, fault) => {
      api.fault(fault);
      const error = await failureOf(calls({ timeoutMs: 1000 })[name]());
      expect(error).toMatchObject({ code, retryable: false });
      expect(error.details.attempts).toBe(1);
      expect(api.calls).toHaveLength(1);
    });

    it(`(${name}) is made again after 429, which says that it was not`, async () => {
      api.fault(status(429), { times: 2 });
      await calls()[name]();
      expect(api.calls).toHaveLength(3);
      expect(made()).toHaveLength(1);
    });

    it(`(${name}) may be tried later when 429 does not end`, async () => {
      api.fault(status(429), { times: 5 });
      expect(await failureOf(calls()[name]())).toMatchObject({
        ...{ code: "rate_limited", retryable: true, details: { attempts: 5, status: 429 } },
      });
      expect(made()).toEqual([]);
    });
  }

  it("is not the rotation of a secret: the last answer holds the one that counts", async () => {
    const { webhooks } = clientsOf(api).dataspike;
    const { id, hmac_signing_secret } = await webhooks.create(hook);
    api.fault({ kind: "lost" });
    api.fault({ kind: "cut" });
    const rotated = await webhooks.rotateSecret(id);
    expect(api.calls).toHaveLength(4);
    expect(rotated.hmac_signing_secret).toBe(api.dataspike.secretOf(id));
    expect(rotated.hmac_signing_secret).not.toBe(hmac_signing_secret);
  });

  it("is not an update, nor a test", async () => {
    const { screver, validas } = clientsOf(api);
    const { _id } = await screver.webhooks.create({ type: "*", url: "https://a.test" });
    api.fault({ kind: "lost" });
    expect(await screver.webhooks.update(_id, { type: "surveyCompleted" })).toMatchObject({ _id });
    api.fault({ kind: "lost" });
    await validas.test();
    expect(api.validas.tests).toHaveLength(2);
  });
});

describe("a deletion", () => {
  const create = async () => {
    const { dataspike, screver } = clientsOf(api);
    const { id } = await dataspike.webhooks.create(hook);
    const { _id } = await screver.webhooks.create({ type: "*", url: "https://a.test" });
    return [() => dataspike.webhooks.delete(id), () => screver.webhooks.delete(_id)] as const;
  };

  it.each<Fault>([{ kind: "lost" }, { kind: "late", ms: 1000 }])(
    "whose answer was lost ($kind) has succeeded when nothing is found",
    async (fault) => {
      for (const remove of await create()) {
        api.fault(fault);
        await remove();
      }
      expect(api.dataspike.webhooks).toEqual([]);
      expect(api.screver.webhooks).toEqual([]);
    },
  );

  it("of what is not there has not", async () => {
    for (const remove of await create()) {
      await remove();
      expect((await failureOf(remove())).code).toBe("not_found");
      // Not carried out, by its own words: whoever deleted it, we did not.
      api.fault(status(429));
      expect((await failureOf(remove())).code).toBe("not_found");
    }
  });
});

describe("an error", () => {
  const needles = {
    key: "Zx9-secret-key-Qw7",
    id: "applicant-Nives-Altamira-77",
    after: "cursor-Kvistgard-0042",
    url: "https://hooks.customer.example.test/secret-path-31",
    answer: `{"person":"Odran Hrafnsvik, 1970-01-31","secret":"7f2c9e11aa"}`,
  };
  const canaries = Object.values(needles);

  it("holds nothing that was sent or received, however it is looked at", async () => {
    const { key, id, after, url, answer } = needles;
    const faults: readonly Fault[] = [
      ...[301, 400, 401, 404, 429, 500].map(
        (status): Fault => ({ kind: "status", status, body: answer, headers: { "x-a": answer } }),
      ),
      { kind: "text", body: answer },
      { kind: "text", body: answer.slice(0, -1) },
      { kind: "redirect", location: url },
      { kind: "refuse" },
      { kind: "cut" },
      { kind: "hang" },
    ];
    const shared = { retries: 0, timeoutMs: 300 };
    api.dataspike.rotateKey(key);
    api.screver.rotateToken(key);
    const { dataspike, screver, validas } = clientsOf(api, shared);
    const calls = [
      () => dataspike.history.page({ after, webhook: id }),
      () => dataspike.webhooks.create({ webhook_url: url, event_types: ["DOCVER"] }),
      () => screver.webhooks.update(id, { url }),
      () => screver.webhooks.ensure({ url, type: "*" }),
      () => validas.settings.create({ answer, url }),
    ];
    for (const call of calls) {
      for (const fault of faults) {
        // Which is as good an answer as any, there.
        if (call === calls.at(-1) && "body" in fault && fault.body === answer) continue;
        api.clearFaults();
        api.fault(fault, { times: Number.POSITIVE_INFINITY });
        const error = await failureOf(call());
        expect(leaksOf(error, canaries)).toEqual([]);
        expect(error.cause).toBe(undefined);
        expect(JSON.stringify(error)).not.toContain(new URL(api.url).port);
      }
    }
    const unknown = screverClient({ token: key, retries: 0, baseUrl: "http://127.0.0.1:1/" });
    expect(
      leaksOf(await failureOf(unknown.webhooks.get(id)), [...canaries, "127.0.0.1:1"]),
    ).toEqual([]);
  });

  it("is no more than its code, whose call it was and numbers", async () => {
    api.fault({ kind: "status", status: 429, headers: { "retry-after": "7200" } });
    const error = await failureOf(clientsOf(api).dataspike.webhooks.list());
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "ClientError",
      code: "rate_limited",
      provider: "dataspike",
      operation: "webhooks.list",
      retryable: true,
      message: "The API asks for fewer calls.",
      details: { status: 429, attempts: 1, retryAfterSeconds: 7200 },
    });
  });

  it("is not needed to learn a client's key: the client does not show it", () => {
    const { key } = needles;
    const shared = { apiKey: key, baseUrl: api.url };
    api.dataspike.rotateKey(key);
    api.screver.rotateToken(key);
    const clients = { ...clientsOf(api), validas: validasClient(shared) };
    const whole = { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true };
    expect(leaksIn(inspect(clients, whole) + JSON.stringify(clients), [key])).toEqual([]);
  });
});
