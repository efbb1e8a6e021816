import { describe, expect, it } from "vitest";
import type { Provider } from "../src/provider.js";
import { cr3dentials, cr3dentialsSamples } from "../src/providers/cr3dentials.js";
import { dataspike, dataspikeSamples } from "../src/providers/dataspike.js";
import { screver, screverSamples } from "../src/providers/screver.js";
import { validas, validasSamples } from "../src/providers/validas.js";
import { vove, voveSamples } from "../src/providers/vove.js";
import { createReceiver } from "../src/receiver.js";
import { signDelivery, tamper, toRequest } from "../src/testing.js";
import { codeOf } from "./helpers/code-of.js";
import { mac, stamp, svixHeaders } from "./helpers/sign.js";

const key = Buffer.from("0123456789abcdef01234567");
const time = 1_700_000_000;
const now = () => time * 1000;
const body = "{}";
const whsec = (encoding: "hex" | "base64") => `whsec_${key.toString(encoding)}`;

const providers: Readonly<Record<string, readonly [Provider, Readonly<Record<string, unknown>>]>> =
  {
    dataspike: [dataspike({ secret: whsec("hex") }) as unknown as Provider, dataspikeSamples],
    vove: [vove({ secret: whsec("base64") }) as unknown as Provider, voveSamples],
    validas: [
      validas({ bearer: { token: "a-token-of-some-length" } }) as unknown as Provider,
      validasSamples,
    ],
    cr3dentials: [
      cr3dentials({
        signingSecret: "a-secret-of-some-length",
        header: { name: "secret", value: "another-secret-of-length" },
      }) as unknown as Provider,
      cr3dentialsSamples,
    ],
    screver: [
      screver({ secret: "f6353acf-bca0-4992-8313-0d509f80c4f1" }) as unknown as Provider,
      screverSamples,
    ],
  };

describe.each(Object.entries(providers))("%s", (_name, [provider, samples]) => {
  it("has a sample of every type", () => {
    expect(Object.keys(samples).sort()).toEqual([...provider.types].sort());
  });

  it("has samples without a blank in them", () => {
    const blank = JSON.stringify(samples).match(/:(?:""|\{\})/g);
    expect(blank).toBeNull();
  });

  it.each(Object.keys(samples))("accepts its signed sample of %s", async (type) => {
    const delivery = signDelivery(provider, samples[type], { now });
    expect(await provider.verify(delivery, { now })).toMatchObject({ known: true, type });
  });
});

it.each(Object.entries(providers))(
  "has samples of %s that are different messages",
  async (_name, [provider, samples]) => {
    const receiver = createReceiver(provider, {
      onUnknown: () => undefined,
      on: Object.fromEntries(provider.types.map((type) => [type, () => undefined])),
    });
    const kinds = [];
    for (const sample of Object.values(samples))
      kinds.push((await receiver.receive(signDelivery(provider, sample))).kind);
    expect(new Set(kinds)).toEqual(new Set(["handled"]));
  },
);

describe("signDelivery", () => {
  const event = { status: "pending", refId: "user-1" };

  it("signs as node:crypto does", () => {
    const body = JSON.stringify(event);
    const [provider] = providers.vove as readonly [Provider, unknown];
    const delivery = signDelivery(provider, event, { now, id: "msg_9" });
    expect(delivery.headers).toEqual({
      "content-type": "application/json",
      ...svixHeaders(key, { id: "msg_9", timestamp: time, body }),
    });
    expect(Buffer.from(delivery.body).toString()).toBe(body);
    const [stamped] = providers.dataspike as readonly [Provider, unknown];
    expect(signDelivery(stamped, event, { now }).headers["x-webhook-signature"]).toBe(
      stamp(key, body, time),
    );
  });

  it("makes a new message for each call, at the present time", async () => {
    const [provider] = providers.vove as readonly [Provider, unknown];
    const ids = [signDelivery(provider, event), signDelivery(provider, event)].map(
      ({ headers }) => headers["svix-id"],
    );
    expect(new Set(ids).size).toBe(2);
    expect((await provider.verify(signDelivery(provider, event))).known).toBe(true);
  });

  it.each(["text", Buffer.from([0xff, 0x00]), ""])(
    "sends text and bytes as they are: %o",
    (body) => {
      const [provider] = providers.screver as readonly [Provider, unknown];
      const delivery = signDelivery(provider, body);
      expect(Buffer.from(delivery.body)).toEqual(Buffer.from(body as string));
      expect(delivery.headers["x-api-signature"]).toBe(
        mac("f6353acf-bca0-4992-8313-0d509f80c4f1", "hex", body),
      );
    },
  );

  it("sends nothing for an event that is nothing", () => {
    const [provider] = providers.screver as readonly [Provider, unknown];
    expect(signDelivery(provider, undefined).body).toHaveLength(0);
  });

  it("signs with the secret that is asked for", async () => {
    const first = "f6353acf-bca0-4992-8313-0d509f80c4f1";
    const second = "970808e3-52ac-4d8c-b584-5c8123a72698";
    const provider = screver({
      endpoints: [
        { secret: first, type: "optionSelected" },
        { secret: second, type: "surveyCompleted" },
      ],
    });
    const delivery = signDelivery(provider, screverSamples.surveyCompleted, { secretIndex: 1 });
    expect(await provider.verify(delivery)).toMatchObject({ type: "surveyCompleted", flags: [] });
    expect(await codeOf(() => signDelivery(provider, {}, { secretIndex: 2 }))).toBe(
      "option_invalid",
    );
  });

  it("needs a token where an authorization server issues it", async () => {
    const introspect = async (token: string) => ({ active: token === "opaque" });
    const provider = validas({ bearer: { introspect } });
    expect(await codeOf(() => signDelivery(provider, validasSamples.confirmed))).toBe(
      "option_invalid",
    );
    const delivery = signDelivery(provider, validasSamples.confirmed, { token: "opaque" });
    expect(await provider.verify(delivery)).toMatchObject({ type: "confirmed" });
    expect(await codeOf(() => provider.verify(tamper(delivery, "signature")))).toBe(
      "token_invalid",
    );
  });

  it("refuses what it cannot do", async () => {
    const [provider] = providers.vove as readonly [Provider, unknown];
    expect(await codeOf(() => signDelivery(provider, event, { at: 5 } as never))).toBe(
      "option_invalid",
    );
    expect(await codeOf(() => signDelivery(provider, event, { secretIndex: -1 }))).toBe(
      "option_invalid",
    );
    const { sign: _sign, ...scheme } = provider.scheme;
    expect(await codeOf(() => signDelivery({ ...provider, scheme } as Provider, event))).toBe(
      "option_invalid",
    );
  });
});

describe("tamper", () => {
  const sign = (name: string) => {
    const [provider, samples] = providers[name] as readonly [
      Provider,
      Readonly<Record<string, unknown>>,
    ];
    return [provider, signDelivery(provider, Object.values(samples)[0], { now })] as const;
  };

  it.each([
    ["vove", "body", "signature_mismatch"],
    ["vove", "empty", "signature_mismatch"],
    ["vove", "signature", "signature_mismatch"],
    ["vove", "timestamp", "signature_mismatch"],
    ["vove", "id", "signature_mismatch"],
    ["vove", "unsigned", "signature_missing"],
    ["dataspike", "body", "signature_mismatch"],
    ["dataspike", "signature", "signature_mismatch"],
    ["dataspike", "timestamp", "signature_mismatch"],
    ["dataspike", "unsigned", "signature_missing"],
    ["screver", "signature", "signature_mismatch"],
    ["screver", "unsigned", "signature_missing"],
    ["cr3dentials", "signature", "signature_mismatch"],
    ["cr3dentials", "unsigned", "signature_missing"],
    ["validas", "signature", "token_invalid"],
    ["validas", "unsigned", "token_missing"],
    ["validas", "empty", "payload_not_json"],
  ] as const)("of %s: %s is %s", async (name, how, code) => {
    const [provider, delivery] = sign(name);
    const before = JSON.stringify([delivery.headers, [...delivery.body]]);
    expect(await codeOf(() => provider.verify(tamper(delivery, how), { now }))).toBe(code);
    expect(JSON.stringify([delivery.headers, [...delivery.body]])).toBe(before);
    expect(await codeOf(() => provider.verify(delivery, { now }))).toBe("none");
  });

  it("can be done again, by names that only the provider knows", async () => {
    const [provider, delivery] = sign("cr3dentials");
    const twice = tamper(tamper(delivery, "body"), "unsigned");
    expect(await codeOf(() => provider.verify(twice, { now }))).toBe("signature_missing");
    const own = cr3dentials({ header: { name: "X-Odd", value: "another-secret-of-length" } });
    const bare = tamper(tamper(signDelivery(own, {}), "body"), "unsigned");
    expect(await codeOf(() => own.verify(bare))).toBe("secret_header_missing");
    expect(bare.headers).toEqual({ "content-type": "application/json" });
  });

  it("knows id, timestamp and signature by their usual names too", async () => {
    const [provider, signed] = sign("vove");
    const copy = { headers: { ...signed.headers }, body: signed.body };
    for (const how of ["id", "timestamp", "signature"] as const) {
      const forged = tamper(copy, how);
      expect(await codeOf(() => provider.verify(forged, { now }))).toBe("signature_mismatch");
      const changed = Object.keys(copy.headers).filter(
        (name) => forged.headers[name] !== signed.headers[name],
      );
      expect(changed).toEqual([`svix-${how}`]);
    }
    expect(tamper(copy, "unsigned").headers).toEqual({ "content-type": "application/json" });
    const named = (names: string) => svixHeaders(key, { body: "{}", timestamp: time, names });
    expect(tamper({ headers: named("webhook"), body: "{}" }, "unsigned").headers).toEqual({});
  });

  it("always changes the signature, whichever character stands there", async () => {
    const [provider] = providers.screver as readonly [Provider, unknown];
    for (let index = 0; index < 64; index += 1) {
      const forged = tamper(signDelivery(provider, `{"n":${index}}`), "signature");
      expect(await codeOf(() => provider.verify(forged))).toBe("signature_mismatch");
    }
  });

  it("changes no more than it says", async () => {
    const [, vove] = sign("vove");
    const [, dataspike] = sign("dataspike");
    expect(tamper(vove, "timestamp").headers["svix-timestamp"]).toBe(String(time + 1));
    expect(tamper(dataspike, "timestamp").headers["x-webhook-signature"]).toMatch(`t=${time + 1},`);
    const differing = (a: ArrayLike<unknown>, b: ArrayLike<unknown>) =>
      Array.from(a).filter((one, index) => one !== b[index]).length;
    const forged = tamper(vove, "body").body;
    expect([forged.length, differing(forged, vove.body)]).toEqual([vove.body.length, 1]);
    for (const [name, how, header] of [
      ["vove", "id", "svix-id"],
      ["vove", "signature", "svix-signature"],
      ["validas", "signature", "authorization"],
    ] as const) {
      const [, signed] = sign(name);
      const [before, after] = [signed, tamper(signed, how)].map(({ headers }) => headers[header]);
      expect(after).toHaveLength(String(before).length);
      expect(differing(String(after), String(before))).toBe(1);
    }
  });

  it("changes a secret that is all there is", async () => {
    const value = "another-secret-of-length";
    const own = cr3dentials({ header: { name: "X-Odd", value } });
    const forged = tamper(signDelivery(own, {}), "signature");
    expect(forged.headers["x-odd"]).toHaveLength(value.length);
    expect(await codeOf(() => own.verify(forged))).toBe("secret_header_mismatch");
  });

  it("leaves headers alone that only look like the usual ones", () => {
    const headers = {
      "x-svix-id": "1",
      "svix-id-x": "1",
      "x-svix-timestamp": "1",
      "svix-timestamp-x": "1",
      "x-authorization": "a",
      "authorization-x": "a",
    };
    expect(tamper({ headers, body }, "unsigned").headers).toEqual(headers);
  });

  it("takes any delivery, with the usual header names", async () => {
    const [provider, { headers, body }] = sign("vove");
    for (const container of [
      headers,
      Object.entries(headers),
      new Headers(headers),
      { ...headers, x: ["1", "2"], y: undefined },
    ]) {
      const forged = tamper({ headers: container, body }, "signature");
      expect(await codeOf(() => provider.verify(forged, { now }))).toBe("signature_mismatch");
    }
    const bearing = { headers: { authorization: "Bearer a-token-of-some-length" }, body: "{}" };
    expect(tamper(bearing, "unsigned").headers).toEqual({});
    expect(tamper({ headers: {}, body: "" }, "body").body).toEqual(new Uint8Array([1]));
  });

  it.each([
    ["screver", "timestamp"],
    ["screver", "id"],
    ["dataspike", "id"],
    ["vove", "everything"],
    ["vove", undefined],
  ])("refuses, of %s, what there is not: %s", async (name, how) => {
    const [, delivery] = sign(name);
    expect(await codeOf(() => tamper(delivery, how as never))).toBe("option_invalid");
  });
});

describe("toRequest", () => {
  it("carries headers and bytes as they are", async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    for (const headers of [
      { "x-a": "1", "x-b": ["2", "3"], "x-c": undefined },
      [
        ["x-a", "1"],
        ["x-b", "2"],
        ["x-b", "3"],
      ],
    ] as const) {
      const request = toRequest({ headers, body: bytes }, "https://example.test/hook");
      expect(request.method).toBe("POST");
      expect(request.url).toBe("https://example.test/hook");
      expect(request.headers.get("x-a")).toBe("1");
      expect(request.headers.get("x-b")).toBe("2, 3");
      expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes);
    }
  });
});
