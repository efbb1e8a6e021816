import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { toExpressHandler } from "../src/adapters/express.js";
import { toFetchHandler } from "../src/adapters/fetch.js";
import { responseHeaders } from "../src/outcome.js";
import { defineProvider, type Provider } from "../src/provider.js";
import { cr3dentials } from "../src/providers/cr3dentials.js";
import { dataspike, dataspikeSamples } from "../src/providers/dataspike.js";
import { screver } from "../src/providers/screver.js";
import { validas } from "../src/providers/validas.js";
import { vove } from "../src/providers/vove.js";
import { createReceiver } from "../src/receiver.js";
import { allOf } from "../src/schemes/all-of.js";
import { anyOf } from "../src/schemes/any-of.js";
import { bearerIntrospection } from "../src/schemes/bearer-introspection.js";
import { headerSecret } from "../src/schemes/header-secret.js";
import { hmac } from "../src/schemes/hmac.js";
import { svix } from "../src/schemes/svix.js";
import { memoryStore } from "../src/stores/memory.js";
import { signDelivery } from "../src/testing.js";
import { codeOf } from "./helpers/code-of.js";
import { post } from "./helpers/post.js";
import { adapters, listening } from "./helpers/servers.js";
import { mac, svixHeaders } from "./helpers/sign.js";
import { specDelivery, specProvider, specSecret } from "./helpers/spec-provider.js";

const key = Buffer.alloc(24, 5);
const secret = "a-secret-of-some-length";
const body = "{}";
const at = (seconds: number) => () => seconds * 1000;

describe("what is known of each sender, as its documentation has it", () => {
  const token = { bearer: { token: secret } };
  it.each<[Provider, string, number | undefined, readonly number[] | undefined]>([
    [
      vove({ secret: key }) as unknown as Provider,
      "docs.voveid.com",
      15_000,
      [5, 300, 1800, 7200, 18_000, 36_000, 36_000],
    ],
    [
      cr3dentials({ signingSecret: secret }) as unknown as Provider,
      "docs.cr3dentials.xyz",
      10_000,
      [1, 2, 4, 8, 16],
    ],
    [dataspike({ secret: key }) as unknown as Provider, "docs.dataspike.io", undefined, undefined],
    [validas(token) as unknown as Provider, "docs.veridas.com", undefined, undefined],
    [screver({ secret }) as unknown as Provider, "github.com", undefined, undefined],
  ])("%o", (provider, host, timeoutMs, delays) => {
    expect(new URL(provider.docs ?? "").hostname).toBe(host);
    expect(provider.timeoutMs).toBe(timeoutMs);
    expect(provider.retry?.delaysSeconds).toEqual(delays);
    if (provider.retry) expect(provider.retry.source).toMatch(/^docs\..*, read \d{4}-\d\d-\d\d/);
  });
});

describe("at the edge of a limit", () => {
  const spaced = (length: number) => {
    const event = '{"type":"deleted","id":"1"}';
    return specDelivery(event + " ".repeat(length - event.length));
  };
  const receiverOf = (maxBodyBytes?: number) =>
    createReceiver(specProvider(), {
      store: false,
      maxBodyBytes,
      on: { deleted: () => undefined },
    });

  it("a body of 1 MiB is taken by default, and not one byte more", async () => {
    expect((await receiverOf().receive(spaced(1_048_576))).kind).toBe("handled");
    expect(await receiverOf().receive(spaced(1_048_577))).toMatchObject({ status: 413 });
  });

  it.each(adapters)(
    "a body is taken whole, announced or streamed, behind %s",
    async (_name, start) => {
      const server = await start(receiverOf(100) as never);
      try {
        for (const chunked of [false, true]) {
          const fits = spaced(100);
          expect((await post(server.url, fits.headers, fits.body, { chunked })).status).toBe(200);
          const large = spaced(101);
          expect((await post(server.url, large.headers, large.body, { chunked })).status).toBe(413);
        }
      } finally {
        await server.close();
      }
    },
  );

  it("a tolerance of a year is taken, and not one second more", async () => {
    expect(svix({ secret: key, toleranceSeconds: 31_536_000 }).name).toBe("svix");
    expect(await codeOf(() => svix({ secret: key, toleranceSeconds: 31_536_001 }))).toBe(
      "option_invalid",
    );
  });

  it("the first second of 1970 is a time", () => {
    const headers = svixHeaders(key, { timestamp: 0, body });
    expect(svix({ secret: key, now: at(0) }).verify({ headers, body }).timestamp).toEqual(
      new Date(0),
    );
  });

  it("a token of 16384 characters is asked about, and not one character more", async () => {
    const asked: number[] = [];
    const scheme = bearerIntrospection({
      introspect: async ({ length }) => {
        asked.push(length);
        return { active: true };
      },
    });
    const send = (token: string) =>
      codeOf(() => scheme.verify({ headers: { authorization: `Bearer ${token}` }, body }));
    expect(await send("a".repeat(16_384))).toBe("none");
    expect(await send("a".repeat(16_385))).toBe("token_malformed");
    expect(await send("to$ken")).toBe("token_malformed");
    expect(asked).toEqual([16_384]);
  });

  it("the memory store remembers 100 000 messages, the one in progress among them, for 48 hours", async () => {
    let time = 0;
    const store = memoryStore({ now: () => time });
    const handle = async (id: string) => {
      const claim = await store.claim(id, { leaseMs: 1 });
      if (claim.state === "claimed")
        await store.complete(id, claim.token, { ttlMs: Number.MAX_SAFE_INTEGER });
      return claim.state;
    };
    for (let index = 0; index < 100_000; index += 1) await handle(`m${index}`);
    expect(await handle("m0")).toBe("done");
    await handle("one more");
    expect(await handle("m1")).toBe("done");
    expect(await handle("m0")).toBe("claimed");
    time = 48 * 3_600_000 - 1;
    expect(await handle("m99999")).toBe("done");
    time += 1;
    expect(await handle("m99999")).toBe("claimed");

    const small = memoryStore({ maxEntries: 2 });
    const first = await small.claim("a", { leaseMs: 1000 });
    if (first.state === "claimed") await small.complete("a", first.token, { ttlMs: 1000 });
    await small.claim("b", { leaseMs: 1000 });
    await small.claim("c", { leaseMs: 1000 });
    expect((await small.claim("a", { leaseMs: 1000 }).catch(() => ({ state: "full" }))).state).toBe(
      "full",
    );
  });
});

describe("combined schemes", () => {
  const headers = {
    ...svixHeaders(key, { timestamp: 1000, body }),
    "x-k": secret,
    authorization: "Bearer t",
  };
  const branded = svix({ secret: key });
  const shared = headerSecret({ secret, header: "x-k" });
  const asked = bearerIntrospection({ introspect: async () => ({ active: true, exp: 1060 }) });

  it("hand the clock of the call to every member", async () => {
    const delivery = { headers, body };
    const now = at(1000);
    expect(allOf(shared, branded).verify(delivery, { now }).id).toBe("msg_1");
    expect(anyOf(branded, shared).verify(delivery, { now }).id).toBe("msg_1");
    expect((await allOf(asked, branded).verify(delivery, { now })).id).toBe("msg_1");
    expect((await anyOf(asked, branded).verify(delivery, { now })).scheme).toBe(
      "bearerIntrospection",
    );
  });

  it("tell of an expired token sooner than of a mismatch, and of a refused one sooner than of a missing secret", async () => {
    const missing = headerSecret({ secret, header: "x-other" });
    const wrong = headerSecret({ secret: "another-secret-of-length", header: "x-k" });
    const inactive = bearerIntrospection({ introspect: async () => ({ active: false }) });
    const now = at(2000);
    const delivery = { headers: { "x-k": secret, authorization: "Bearer t" }, body };
    expect(await codeOf(() => anyOf(wrong, asked).verify(delivery, { now }))).toBe("token_expired");
    expect(await codeOf(() => anyOf(missing, inactive).verify(delivery, { now }))).toBe(
      "token_invalid",
    );
  });
});

describe("details", () => {
  it("say which of several secrets is at fault", () => {
    for (const [odd, code] of [
      ["", "secret_missing"],
      ["short", "secret_too_short"],
      [" spaced, and long enough", "secret_malformed"],
    ] as const) {
      try {
        hmac({ secret: [secret, odd], header: "s" });
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code, details: { index: 1 } });
      }
    }
  });

  it("name the first of two equal secrets", () => {
    const twice = headerSecret({
      secret: [
        { value: secret, label: "a" },
        { value: secret, label: "b" },
      ],
      header: "x-k",
    });
    expect(twice.verify({ headers: { "x-k": secret }, body }).secret).toEqual({
      index: 0,
      label: "a",
    });
  });

  it("hide keys that the schema does not declare", async () => {
    const schema = z.record(z.string(), z.number());
    const provider = defineProvider({
      name: "p",
      scheme: hmac({ secret: specSecret, header: "x-signature" }),
      schema,
    });
    const keys = ["Nives", "with space", "doc1", "a".repeat(41), "fine_key"];
    const event = Object.fromEntries(keys.map((name) => [name, "x"]));
    await expect(provider.verify(specDelivery(event))).rejects.toMatchObject({
      details: { issues: keys.map(() => ({ path: "*" })) },
    });
  });
});

describe("what could be read in two ways", () => {
  it("rawBody comes before body", async () => {
    const { headers, body: text } = specDelivery({ type: "deleted", id: "1" });
    const receiver = createReceiver(specProvider(), { on: { deleted: () => undefined } });
    const server = await listening(
      createServer((request, response) => {
        Object.assign(request, { rawBody: Buffer.from(text), body: Buffer.from("other") });
        void toExpressHandler(receiver)(request, response);
      }),
    );
    try {
      expect((await post(server.url, headers, "sent")).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it("a stream that a parser has marked as read is read, though it does not look so", async () => {
    const { headers, body: text } = specDelivery({ type: "deleted", id: "1" });
    const server = await listening(
      createServer((request, response) => {
        Object.assign(request, { _body: true });
        void toExpressHandler(createReceiver(specProvider()))(request, response);
      }),
    );
    try {
      expect((await post(server.url, headers, text)).status).toBe(500);
    } finally {
      await server.close();
    }
  });

  it("type comes before eventType, and the plain name before the others", async () => {
    const provider = vove({ secret: key });
    const both = {
      refId: "r",
      status: "REJECTED",
      type: "kyb.case.rejected",
      eventType: "user.aml.rejected",
    };
    expect(await provider.verify(signDelivery(provider, both))).toMatchObject({
      type: "kyb.case.rejected",
    });
    const open = validas({ bearer: { token: secret } });
    const names = {
      validation_id: "1",
      validationId: "2",
      id: "3",
      status: "confirmed",
      validation_status: "deleted",
      data: { validation_id: "4", id: "5", status: "cancelled" },
    };
    expect(await open.verify(signDelivery(open, names))).toMatchObject({
      type: "confirmed",
      subject: "1",
    });
    const nested = { data: { id: "5", validation_id: "4", status: "cancelled" } };
    expect(await open.verify(signDelivery(open, nested))).toMatchObject({ subject: "4" });
  });

  it("only a verification decides, though another payload has a status too", async () => {
    const provider = dataspike({ secret: key });
    const event = dataspikeSamples.APPLICANT;
    const odd = { ...event, payload: { ...event.payload, status: "verified" } };
    expect((await provider.verify(signDelivery(provider, odd))).decision).toBeUndefined();
  });

  it("an unknown type keeps the doubts about it", async () => {
    const provider = defineProvider({
      name: "p",
      scheme: hmac({ secret: specSecret, header: "x-signature" }),
      schema: { known: z.looseObject({}) },
      type: () => ({ type: "other", flags: ["type_inferred"] }),
    });
    expect(await provider.verify(specDelivery({}))).toMatchObject({
      known: false,
      flags: ["type_inferred"],
    });
  });

  it("a signature with bits that mean nothing is malformed, not another", async () => {
    const right = mac(key, "base64", "msg_1.1000.", body);
    const odd = right.replace(/.=$/, (last) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`);
    const headers = {
      ...svixHeaders(key, { timestamp: 1000, body }),
      "svix-signature": `v1,${odd}`,
    };
    expect(await codeOf(() => svix({ secret: key, now: at(1000) }).verify({ headers, body }))).toBe(
      "signature_malformed",
    );
  });
});

it("an answer has the headers that it needs, and no others", async () => {
  const receiver = createReceiver(specProvider());
  const delivery = specDelivery({ type: "deleted", id: "1" });
  const headersOf = async (incoming: Parameters<typeof receiver.receive>[0]) =>
    responseHeaders((await receiver.receive(incoming)) as never);
  const nothing = { "content-length": "0" };
  expect(await headersOf(delivery)).toEqual(nothing);
  expect(await headersOf({ ...delivery, headers: {} })).toEqual(nothing);
  const get = { ...delivery, method: "GET", body: async () => delivery.body };
  expect(await headersOf(get)).toEqual({ ...nothing, allow: "POST", connection: "close" });
  const zipped = { ...delivery, headers: { "content-encoding": "gzip" } };
  expect(await headersOf(zipped)).toEqual({ ...nothing, connection: "close" });
});

it("minSecretBytes reaches every secret of a provider", () => {
  expect(screver({ secret: "short", minSecretBytes: 5 }).name).toBe("screver");
  expect(cr3dentials({ header: { name: "x", value: "short" }, minSecretBytes: 5 }).name).toBe(
    "cr3dentials",
  );
});

it("an outcome in progress names its message", async () => {
  const store = { ...memoryStore(), claim: async () => ({ state: "busy" as const }) };
  const receiver = createReceiver(specProvider(), { store, on: { deleted: () => undefined } });
  expect(await receiver.receive(specDelivery({ type: "deleted", id: "7" }))).toMatchObject({
    kind: "in_progress",
    message: { id: "7" },
  });
  expect(
    (
      await toFetchHandler(receiver)(
        new Request("http://x.test", {
          method: "POST",
          ...specDelivery({ type: "deleted", id: "7" }),
        }),
      )
    ).status,
  ).toBe(409);
});
