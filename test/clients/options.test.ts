import { describe, expect, it } from "vitest";
import { type DataspikeNewWebhook, dataspikeClient } from "../../src/clients/dataspike.js";
import { screverClient } from "../../src/clients/screver.js";
import { validasClient } from "../../src/clients/validas.js";
import { isWebhookError } from "../../src/errors.js";
import { collect } from "./helpers/clients.js";

/** Code and details of what a call throws or rejects with. */
async function told(call: () => unknown): Promise<readonly [string, object]> {
  try {
    await call();
  } catch (error) {
    if (isWebhookError(error)) return [error.code, error.details];
    throw error;
  }
  return ["none", {}];
}

const fetch = () => Promise.reject(new Error("It must not be asked."));
const shared = ["baseUrl", "fetch", "timeoutMs", "retries", "retryDelayMs", "maxRetryAfterMs"];
const baseUrl = "https://validas.example.test";
const address = "an https address, without user, query and fragment";

describe("the options of a client", () => {
  it.each<[string, () => unknown, option: string, expected: string | readonly string[]]>([
    ["none", () => dataspikeClient(undefined as never), "options", "an object"],
    ["odd", () => dataspikeClient({ apiKey: "k", odd: 1 } as never), "odd", ["apiKey", ...shared]],
    [
      "odd",
      () => screverClient({ token: "t", apiKey: 1 } as never),
      "apiKey",
      ["token", ...shared],
    ],
    [
      ...(["odd", () => validasClient({ baseUrl, apiKey: "k", key: 1 } as never)] as const),
      ...(["key", ["apiKey", "header", ...shared]] as const),
    ],
    [
      "header",
      () => validasClient({ baseUrl, apiKey: "k", header: "a b" }),
      "header",
      "a header name",
    ],
    ["no host", () => validasClient({ apiKey: "k" } as never), "baseUrl", address],
    ["fetch", () => screverClient({ token: "t", fetch: 5 as never }), "fetch", "a function"],
  ])("name what is wrong (%s)", async (_title, make, option, expected) => {
    expect(await told(make)).toEqual(["option_invalid", { option, expected }]);
  });

  it.each([
    ...[
      "http://api.example.test",
      "http://127.0.0.1.example.test",
      "http://localhost.example.test",
    ],
    ...["https://user@a.test", "https://:secret@a.test", "https://a.test?a=1", "https://a.test#a"],
    ...["https://a.test/?", "https://a.test/#", "ftp://a.test", "file:///etc", "a.test", "", " "],
    ...["http://[::2]", "http://10.0.0.1", "javascript:alert(1)"],
    ...[5, null, new URL("https://a.test")],
  ])("refuse the address %s", async (given) => {
    const make = () => dataspikeClient({ apiKey: "k", baseUrl: given as never });
    const details = { option: "baseUrl", expected: address };
    expect(await told(make)).toEqual(["option_invalid", details]);
  });

  it.each([
    ["timeoutMs", 1, 3_600_000],
    ["retries", 0, 20],
    ["retryDelayMs", 0, 30_000],
    ["maxRetryAfterMs", 0, 86_400_000],
  ])("bound %s", async (option, least, most) => {
    const make = (value: unknown) => () => dataspikeClient({ apiKey: "k", [option]: value });
    for (const value of [least, most, undefined])
      expect(await told(make(value))).toEqual(["none", {}]);
    const expected = `a whole number from ${least} to ${most}`;
    for (const value of [
      least - 1,
      most + 1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "1",
      null,
    ]) {
      expect(await told(make(value))).toEqual(["option_invalid", { option, expected }]);
    }
  });

  it.each<[string, (key: never) => unknown]>([
    ["apiKey", (apiKey) => dataspikeClient({ apiKey })],
    ["token", (token) => screverClient({ token })],
    ["apiKey", (apiKey) => validasClient({ apiKey, baseUrl })],
  ])("hold a key that can be sent (%s)", async (option, make) => {
    for (const key of [undefined, null, "", " ", "\n", "undefined", "null"]) {
      expect(await told(() => make(key as never))).toEqual(["secret_missing", { option }]);
    }
    for (const key of ["a b", "a\n", "\ta", "a\r\nx: y", "ł", "a\0", "\x7f", 5, {}, ["k"]]) {
      const expected = { option, expected: "visible ASCII" };
      expect(await told(() => make(key as never))).toEqual(["secret_malformed", expected]);
    }
    expect(await told(() => make("!~aZ09+/=_-." as never))).toEqual(["none", {}]);
  });
});

describe("what a call is given", () => {
  const { history, webhooks: hooks } = dataspikeClient({ apiKey: "k", fetch });
  const { webhooks } = screverClient({ token: "t", fetch });
  const validas = validasClient({ baseUrl, apiKey: "k", fetch });
  const notBlank = "text that is not blank";
  const hook = { webhook_url: "https://a.test", event_types: ["DOCVER"] };
  const created = (fields: object) => () =>
    hooks.create({ ...hook, ...fields } as DataspikeNewWebhook);
  const call = ["signal", "timeoutMs"];
  const cycle: { self?: object } = {};
  cycle.self = cycle;
  const object = "an object that JSON can hold";

  it.each<[string, () => unknown, option: string, expected: string | readonly string[]]>([
    ["history", () => history.page({ afer: "1" } as never), "afer", ["after", "webhook", ...call]],
    ["history", () => history.page({ after: " " }), "after", notBlank],
    ["history", () => history.page({ webhook: "" }), "webhook", notBlank],
    ["history", () => collect(history.events({ after: 5 as never })), "after", notBlank],
    ["history", () => collect(history.pages({ after: "" })), "after", notBlank],
    ["create", created({ odd: 1 }), "odd", ["webhook_url", "event_types", "is_sandbox", "enabled"]],
    ["create", created({ webhook_url: undefined }), "webhook_url", notBlank],
    ["create", created({ event_types: [] }), "event_types", "at least one event type"],
    ["create", created({ event_types: "DOCVER" }), "event_types", "at least one event type"],
    ["create", created({ event_types: ["DOCVER", ""] }), "event_types", notBlank],
    ["create", created({ event_types: [undefined] }), "event_types", notBlank],
    ["create", created({ is_sandbox: "no" }), "is_sandbox", "true or false"],
    ["create", created({ enabled: 1 }), "enabled", "true or false"],
    ["create", () => webhooks.create({ typ: "*" } as never), "typ", ["type", "url"]],
    ["create", () => webhooks.create({ url: "" }), "url", notBlank],
    ["update", () => webhooks.update("1", { type: " " }), "type", notBlank],
    ["ensure", () => webhooks.ensure({ type: "*" } as never), "url", notBlank],
    ["ensure", () => webhooks.ensure({ url: "https://a.test" } as never), "type", notBlank],
    ["list", () => webhooks.list({ limit: 7 as never }), "limit", ["5", "10", "25", "50", "100"]],
    [
      "list",
      () => webhooks.list({ skip: -1 }),
      "skip",
      "a whole number from 0 to 9007199254740991",
    ],
    ["list", () => webhooks.list({ page: 1 } as never), "page", ["limit", "skip", "sort", ...call]],
    ["all", () => collect(webhooks.all({ skip: 1 } as never)), "skip", ["limit", "sort", ...call]],
    ["settings", () => validas.settings.create([] as never), "body", object],
    ["settings", () => validas.settings.create(null as never), "body", object],
    ["settings", () => validas.settings.create(cycle as never), "body", object],
    ["settings", () => validas.settings.create({ toJSON: () => undefined }), "body", object],
    ["test", () => validas.test("{}" as never), "body", object],
    ["test", () => validas.test({ at: 5n }), "body", object],
    ["signal", () => history.page({ signal: {} as never }), "signal", "an AbortSignal"],
    ["signal", () => history.page({ signal: null as never }), "signal", "an AbortSignal"],
    [
      "time-out",
      () => hooks.list({ timeoutMs: 0 }),
      "timeoutMs",
      "a whole number from 1 to 3600000",
    ],
    ["odd", () => hooks.list({ signl: 1 } as never), "signl", call],
  ])("is refused before anything is sent (%s)", async (_title, make, option, expected) => {
    expect(await told(make)).toEqual(["option_invalid", { option, expected }]);
  });

  it.each([
    {},
    { createdAt: 0 },
    { createdAt: 1, updatedAt: 1 },
    { name: 1 },
    null,
    "createdAt",
    [],
  ])("is refused as a sort (%j)", async (sort) => {
    const expected = "createdAt or updatedAt, with 1 or -1";
    const details = { option: "sort", expected };
    expect(await told(() => webhooks.list({ sort: sort as never }))).toEqual([
      "option_invalid",
      details,
    ]);
  });

  it.each(["", " ", ".", "..", "\ud800", undefined, null, 5, ["1"]])(
    "is refused as an id (%j)",
    async (id) => {
      const calls = [
        () => hooks.delete(id as never),
        () => hooks.rotateSecret(id as never),
        () => webhooks.get(id as never),
        () => webhooks.update(id as never, {}),
        () => webhooks.delete(id as never),
      ];
      for (const call of calls) {
        const details = { option: "id", expected: notBlank };
        expect(await told(call)).toEqual(["option_invalid", details]);
      }
    },
  );
});
