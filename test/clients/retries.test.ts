import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { historyEvents, startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import { pause } from "../../src/client/interruptible.js";
import { readRetryAfter } from "../../src/client/retry-after.js";
import { dataspikeClient } from "../../src/clients/dataspike.js";
import { screverClient } from "../../src/clients/screver.js";
import { clientsOf, collect } from "./helpers/clients.js";
import { failureOf } from "./helpers/failure-of.js";
import { scripted } from "./helpers/scripted.js";

let api: VendorApi;
beforeEach(async () => {
  api = await startVendorApi({ dataspike: { events: historyEvents(3) } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await api.close();
});

/** The times between the calls that the server has seen. */
const gaps = () => api.calls.slice(1).map(({ at }, index) => at - (api.calls[index]?.at ?? 0));

// Timers may be a millisecond early by the clock that the server looks at.
const early = 2;

describe("the wait before a retry", () => {
  it("doubles each time", async () => {
    api.fault({ kind: "status", status: 500 }, { times: 5 });
    await failureOf(clientsOf(api, { retryDelayMs: 30 }).dataspike.history.page());
    const waited = gaps();
    expect(waited).toHaveLength(4);
    for (const [index, least] of [30, 60, 120, 240].entries()) {
      expect(waited[index]).toBeGreaterThanOrEqual(least - early);
    }
  });

  it("is another one for each client, so that not all come back at once", async () => {
    api.fault({ kind: "status", status: 500 }, { times: Number.POSITIVE_INFINITY });
    const calls = Array.from({ length: 10 }, (_, index) => {
      const { history } = clientsOf(api, { retryDelayMs: 1000, retries: 1 }).dataspike;
      return failureOf(history.page({ after: String(index) }));
    });
    await Promise.all(calls);
    const waited = Array.from({ length: 10 }, (_, index) => {
      const [first, second] = api.calls.filter(({ query }) => query.after === String(index));
      return (second?.at ?? 0) - (first?.at ?? 0);
    });
    // Of ten that are anywhere within a second, not all are within a seventh of it.
    expect(Math.max(...waited) - Math.min(...waited)).toBeGreaterThan(150);
  });

  it("does not take place without retries", async () => {
    api.fault({ kind: "status", status: 500 });
    const { history } = clientsOf(api, { retries: 0 }).dataspike;
    expect((await failureOf(history.page())).details.attempts).toBe(1);
    expect(api.calls).toHaveLength(1);
  });
});

describe("Retry-After", () => {
  it.each([429, 500, 503])("in seconds is waited for (%i)", async (status) => {
    api.fault({ kind: "status", status, headers: { "retry-after": "1" } });
    expect((await clientsOf(api).dataspike.history.page()).data).toHaveLength(3);
    expect(gaps()[0]).toBeGreaterThanOrEqual(1000 - early);
  });

  it("as a date is waited for", async () => {
    const until = new Date(Date.now() + 2000);
    api.fault({ kind: "status", status: 503, headers: { "retry-after": until.toUTCString() } });
    await clientsOf(api).dataspike.history.page();
    // Dates are in whole seconds.
    expect(api.calls[1]?.at).toBeGreaterThanOrEqual(
      Math.floor(until.getTime() / 1000) * 1000 - early,
    );
  });

  it.each([
    ["rate_limited", 429],
    ["server_failed", 503],
  ])("that is too long ends the call at once (%s)", async (code, status) => {
    api.fault({ kind: "status", status, headers: { "retry-after": "61" } });
    const error = await failureOf(clientsOf(api).dataspike.history.page());
    expect(error).toMatchObject({ code, status, retryable: true });
    expect(error.details).toEqual({ status, attempts: 1, retryAfterSeconds: 61 });
    expect(api.calls).toHaveLength(1);
  });

  it("has a limit of the user's", async () => {
    api.fault({ kind: "status", status: 429, headers: { "retry-after": "1" } });
    const { history } = clientsOf(api, { maxRetryAfterMs: 999 }).dataspike;
    expect((await failureOf(history.page())).details.retryAfterSeconds).toBe(1);
  });

  it("is not waited for where no attempt follows", async () => {
    api.fault({ kind: "status", status: 429, headers: { "retry-after": "59" } });
    const { history } = clientsOf(api, { retries: 0 }).dataspike;
    expect((await failureOf(history.page())).details.retryAfterSeconds).toBe(59);
  });

  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  it.each<[string, Record<string, string>, number]>([
    ["seconds", { "retry-after": "120" }, 120_000],
    ["no seconds", { "retry-after": "0" }, 0],
    [
      "more seconds than a number holds",
      { "retry-after": "9".repeat(400) },
      Number.MAX_SAFE_INTEGER,
    ],
    ["a date", { "retry-after": "Sun, 06 Nov 1994 08:50:07 GMT", date }, 30_000],
    ["a date of RFC 850", { "retry-after": "Sunday, 06-Nov-94 08:50:07 GMT", date }, 30_000],
    ["a date of asctime", { "retry-after": "Sun Nov  6 08:50:07 1994", date }, 30_000],
    ["a date that is over", { "retry-after": "Sun, 06 Nov 1994 08:49:07 GMT", date }, 0],
    ["a date that is over by our clock", { "retry-after": date }, 0],
    ["nothing", {}, 0],
    ["nonsense", { "retry-after": "soon" }, 0],
    ["what only looks like a date", { "retry-after": "Sun, soon", date }, 0],
    ["a fraction", { "retry-after": "1.5" }, 0],
    ["several, as a proxy adds one: the longest", { "retry-after": "5, 120,7" }, 120_000],
    ["less than nothing", { "retry-after": "-1" }, 0],
    ["a year", { "retry-after": "2027-01-01" }, 0],
  ])("is read from %s", (_title, headers, expected) => {
    expect(readRetryAfter(new Headers(headers))).toBe(expected);
  });

  it("is read by our clock where the answer does not say its time", () => {
    vi.spyOn(Date, "now").mockReturnValue(Date.parse(date) - 5000);
    for (const headers of [{}, { date: "nonsense" }] as Record<string, string>[]) {
      expect(readRetryAfter(new Headers({ ...headers, "retry-after": date }))).toBe(5000);
    }
  });
});

describe("an abort", () => {
  /** A call that is aborted by what it does itself, and what is left of it. */
  async function aborted(
    start: (control: AbortController, signal: AbortSignal) => Promise<unknown>,
  ): Promise<number | undefined> {
    const control = new AbortController();
    const error = await failureOf(start(control, control.signal));
    expect(error).toMatchObject({ code: "aborted", retryable: false, status: undefined });
    expect(getEventListeners(control.signal, "abort")).toEqual([]);
    return error.details.attempts;
  }
  const reason = new Error("the user's own, with anything in it");

  it("before the call sends nothing", async () => {
    const { history } = clientsOf(api).dataspike;
    const attempts = await aborted((control, signal) => {
      control.abort(reason);
      return history.page({ signal });
    });
    expect([attempts, api.calls.length]).toEqual([0, 0]);
  });

  it("ends the wait for a token", async () => {
    const attempts = await aborted((control, signal) => {
      const token = () => {
        setImmediate(() => control.abort(reason));
        return new Promise<string>(() => undefined);
      };
      return screverClient({ token, baseUrl: api.url }).webhooks.list({ signal });
    });
    expect([attempts, api.calls.length]).toEqual([1, 0]);
  });

  it("ends the wait for an answer, and the connection", async () => {
    const control = new AbortController();
    const { promise, resolve } = deferred<void>();
    const server = await scripted((request) => {
      request.socket.on("close", () => resolve());
      control.abort(reason);
    });
    const { history } = dataspikeClient({ apiKey: "k", baseUrl: server.url });
    expect((await failureOf(history.page({ signal: control.signal }))).code).toBe("aborted");
    await promise;
    await server.close();
  });

  it("ends the wait for an answer of a fetch that does not listen", async () => {
    const attempts = await aborted((control, signal) => {
      const fetch = () => {
        setImmediate(() => control.abort(reason));
        return new Promise<Response>(() => undefined);
      };
      return dataspikeClient({ apiKey: "k", fetch }).history.page({ signal });
    });
    expect(attempts).toBe(1);
  });

  it("ends reading, and has what comes late dropped", async () => {
    const cancelled = vi.fn();
    const { promise, resolve } = deferred<Response>();
    const fetch = () => promise;
    await aborted(async (control, signal) => {
      const call = dataspikeClient({ apiKey: "k", fetch }).history.page({ signal });
      setImmediate(() => control.abort());
      return call;
    });
    resolve(new Response(new ReadableStream({ cancel: cancelled })));
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce());
  });

  it("ends reading a slow body", async () => {
    api.fault({ kind: "slow", msPerByte: 1000 });
    const attempts = await aborted((control, signal) => {
      const fetching: typeof fetch = async (...request) => {
        const response = await fetch(...request);
        setImmediate(() => control.abort(reason));
        return response;
      };
      const client = clientsOf(api, { fetch: fetching, timeoutMs: 60_000 });
      return client.dataspike.history.page({ signal });
    });
    expect(attempts).toBe(1);
  });

  it.each([
    ["Retry-After", { "retry-after": "59" }],
    ["a retry", {}],
  ])("ends the wait for %s", async (_title, headers) => {
    api.fault({ kind: "status", status: 429, headers });
    const attempts = await aborted((control, signal) => {
      const fetching: typeof fetch = async (...request) => {
        const response = await fetch(...request);
        // By then it is waiting, which it would do for half a minute.
        setTimeout(() => control.abort(reason), 50);
        return response;
      };
      const client = clientsOf(api, { fetch: fetching, retryDelayMs: 30_000 });
      return client.dataspike.history.page({ signal });
    });
    expect([attempts, api.calls.length]).toEqual([1, 1]);
  });

  it("ends going through pages", async () => {
    api.fault({ kind: "endless", fresh: true });
    const control = new AbortController();
    const read = async () => {
      let count = 0;
      for await (const _ of clientsOf(api).dataspike.history.events({ signal: control.signal })) {
        count += 1;
        if (count === 4) control.abort(reason);
      }
    };
    expect((await failureOf(read())).code).toBe("aborted");
    expect(getEventListeners(control.signal, "abort")).toEqual([]);
  });

  it("that came before a wait leaves nothing to wait for", async () => {
    const signal = AbortSignal.abort(reason);
    await pause(60_000, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("changes nothing after the call", async () => {
    const control = new AbortController();
    const { signal } = control;
    expect((await clientsOf(api).dataspike.history.page({ signal })).data).toHaveLength(3);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    control.abort();
  });
});

describe("a time-out", () => {
  it("is counted for each attempt", async () => {
    api.fault({ kind: "hang" }, { times: 2 });
    const { history } = clientsOf(api, { timeoutMs: 700 }).dataspike;
    expect((await history.page()).data).toHaveLength(3);
    expect(api.calls).toHaveLength(3);
  });

  it("can be given with a call", async () => {
    api.fault({ kind: "hang" });
    const { history } = clientsOf(api, { retries: 0, timeoutMs: 60_000 }).dataspike;
    expect((await failureOf(history.page({ timeoutMs: 50 }))).code).toBe("timed_out");
  });

  it("ends a fetch that does not listen, a body and a token that do not come", async () => {
    const shared = { retries: 0, timeoutMs: 20 };
    const never = () => new Promise<never>(() => undefined);
    const deaf = screverClient({ token: "t", fetch: never, ...shared });
    const mute = screverClient({ token: never, ...shared });
    const fetch = async () => new Response(new ReadableStream());
    const half = screverClient({ token: "t", fetch, ...shared });
    for (const { webhooks } of [deaf, mute, half]) {
      expect((await failureOf(webhooks.get("1"))).code).toBe("timed_out");
    }
  });

  it("leaves no timer behind, whatever becomes of the call", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout");
    const before = timers().length;
    const control = new AbortController();
    const answers = [
      async () => Response.json({ data: [] }),
      async () => new Response("{"),
      () => Promise.reject(new TypeError("fetch failed")),
      () => {
        control.abort();
        return new Promise<Response>(() => undefined);
      },
    ];
    for (const fetch of answers) {
      const client = dataspikeClient({ apiKey: "k", fetch, retryDelayMs: 1, retries: 1 });
      await client.history.page({ signal: control.signal }).catch(() => undefined);
      expect(timers()).toHaveLength(before);
    }
  });
});

describe("a function for the token", () => {
  it("is asked before each attempt, so that a retry has the token of then", async () => {
    let asked = 0;
    api.screver.rotateToken("token-2");
    api.fault({ kind: "status", status: 500 });
    const token = async () => `token-${++asked}`;
    const { webhooks } = screverClient({ token, baseUrl: api.url, retryDelayMs: 1 });
    expect(await webhooks.list()).toEqual({ resources: [], total: 0 });
    const sent = api.calls.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(["Bearer token-1", "Bearer token-2"]);
    api.screver.rotateToken("token-3");
    expect(await collect(webhooks.all())).toEqual([]);
  });

  it("may be synchronous", async () => {
    const { webhooks } = screverClient({ token: () => api.screver.token, baseUrl: api.url });
    expect((await webhooks.list()).total).toBe(0);
  });

  it("that throws has its own error thrown, and nothing is sent", async () => {
    const own = new Error("No token today.");
    const token = () => Promise.reject(own);
    const { webhooks } = screverClient({ token, baseUrl: api.url });
    await expect(webhooks.list()).rejects.toBe(own);
    const synchronous = screverClient({
      token: () => {
        throw own;
      },
      baseUrl: api.url,
    });
    await expect(synchronous.webhooks.list()).rejects.toBe(own);
    expect(api.calls).toEqual([]);
  });

  it.each(["", " ", "a b", "a\r\nx: y", "ł", undefined, null, 5, {}])(
    "that gives %j ends the call, and nothing is sent",
    async (given) => {
      const { webhooks } = screverClient({ token: () => given as string, baseUrl: api.url });
      expect(await failureOf(webhooks.list())).toMatchObject({
        ...{ code: "unauthorized", retryable: false, status: undefined, details: { attempts: 1 } },
      });
      expect(api.calls).toEqual([]);
    },
  );
});

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
