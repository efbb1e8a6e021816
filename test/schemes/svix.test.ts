import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/delivery.js";
import { safeVerifySvix, svix, verifySvix } from "../../src/schemes/svix.js";
import { codeOf } from "../helpers/code-of.js";
import { mac, svixHeaders } from "../helpers/sign.js";

const key = Buffer.from("0123456789abcdef01234567");
const secret = `whsec_${key.toString("base64")}`;
const body = Buffer.from('{"status":"successful","refId":"Žofie 🌍"}');
const time = 1_700_000_000;
const now = () => time * 1000;
const headers = svixHeaders(key, { body });
const genuine: Delivery = { headers, body };

describe("a genuine delivery", () => {
  it("is handed out with what it proves", () => {
    const verified = verifySvix(genuine, { secret, now });
    expect(verified).toMatchObject({
      scheme: "svix",
      id: "msg_1",
      timestamp: new Date(time * 1000),
      secret: { index: 0 },
      bindsBody: true,
    });
    expect(Buffer.from(verified.body)).toEqual(body);
    expect(verified.text()).toBe(body.toString());
    expect(verified.json()).toEqual({ status: "successful", refId: "Žofie 🌍" });
  });

  it("is proven with the Standard Webhooks header names", () => {
    const standard = svixHeaders(key, { body, names: "webhook" });
    expect(verifySvix({ headers: standard, body }, { secret, now }).id).toBe("msg_1");
  });

  it.each([
    ["bytes", new Uint8Array(body)],
    ["an ArrayBuffer", new Uint8Array(body).buffer],
    ["text", body.toString()],
    [
      "a view into a larger buffer",
      Buffer.concat([Buffer.from("xx"), body, Buffer.from("y")]).subarray(2, -1),
    ],
  ])("is proven from %s", (_name, form) => {
    expect(verifySvix({ headers, body: form }, { secret, now }).text()).toBe(body.toString());
  });

  it("is proven over bytes that are not UTF-8, which text() then refuses", async () => {
    const binary = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    const verified = verifySvix(
      { headers: svixHeaders(key, { body: binary }), body: binary },
      { secret, now },
    );
    expect(await codeOf(() => verified.text())).toBe("payload_not_utf8");
    expect(await codeOf(() => verified.json())).toBe("payload_not_utf8");
  });

  it("is proven with an empty body, which json() then refuses", async () => {
    const verified = verifySvix({ headers: svixHeaders(key, {}), body: "" }, { secret, now });
    expect(verified.text()).toBe("");
    expect(await codeOf(() => verified.json())).toBe("payload_not_json");
  });

  it("keeps a byte order mark, which is no JSON", async () => {
    const marked = "\u{feff}{}";
    const verified = verifySvix(
      { headers: svixHeaders(key, { body: marked }), body: marked },
      { secret, now },
    );
    expect(verified.text()).toBe(marked);
    expect(await codeOf(() => verified.json())).toBe("payload_not_json");
  });

  it("takes the clock of the call before that of the scheme", async () => {
    const scheme = svix({ secret, now: () => 0 });
    expect(await codeOf(() => scheme.verify(genuine))).toBe("timestamp_too_new");
    expect(scheme.verify(genuine, { now }).id).toBe("msg_1");
  });

  it("takes the system's clock where none is given", () => {
    const timestamp = Math.floor(Date.now() / 1000);
    const fresh = { headers: svixHeaders(key, { body, timestamp }), body };
    expect(verifySvix(fresh, { secret }).id).toBe("msg_1");
  });

  it("is data from the safe twin", () => {
    const result = safeVerifySvix(genuine, { secret, now });
    expect(result.ok && result.value.id).toBe("msg_1");
    const refused = safeVerifySvix({ headers: {}, body }, { secret, now });
    expect(!refused.ok && refused.error.code).toBe("signature_missing");
    const misused = safeVerifySvix(genuine, { secret: "" });
    expect(!misused.ok && misused.error.code).toBe("secret_missing");
  });

  it("lets what is not our error through the safe twin", () => {
    const broken = () => {
      throw new RangeError("clock");
    };
    expect(() => safeVerifySvix(genuine, { secret, now: broken })).toThrow(RangeError);
  });
});

const signature = headers["svix-signature"] as string;
const wrong = `v1,${mac("another key, as long", "base64", "x")}`;

describe("forged and broken deliveries", () => {
  const table: readonly [string, Partial<Record<keyof typeof headers, unknown>>, string][] = [
    [
      "no headers",
      { "svix-id": undefined, "svix-timestamp": undefined, "svix-signature": undefined },
      "signature_missing",
    ],
    ["no signature", { "svix-signature": undefined }, "signature_missing"],
    ["an empty signature", { "svix-signature": "" }, "signature_missing"],
    ["no id", { "svix-id": undefined }, "id_missing"],
    ["no timestamp", { "svix-timestamp": undefined }, "timestamp_missing"],
    ["another signature", { "svix-signature": wrong }, "signature_mismatch"],
    ["another id", { "svix-id": "msg_2" }, "signature_mismatch"],
    ["another time", { "svix-timestamp": String(time + 1) }, "signature_mismatch"],
    [
      "the signature under version 2",
      { "svix-signature": signature.replace("v1", "v2") },
      "signature_malformed",
    ],
    [
      "the signature under v1a",
      { "svix-signature": signature.replace("v1", "v1a") },
      "signature_malformed",
    ],
    [
      "the signature without version",
      { "svix-signature": signature.slice(3) },
      "signature_malformed",
    ],
    ["a signature with a head", { "svix-signature": `A${signature}` }, "signature_malformed"],
    ["a comma alone", { "svix-signature": "v1," }, "signature_malformed"],
    ["an unpadded signature", { "svix-signature": signature.slice(0, -1) }, "signature_malformed"],
    ["a truncated signature", { "svix-signature": signature.slice(0, 11) }, "signature_malformed"],
    ["a signature with a tail", { "svix-signature": `${signature}A` }, "signature_malformed"],
    [
      "a signature with a line break",
      { "svix-signature": `${signature}\n` },
      "signature_malformed",
    ],
    [
      "a signature in hex",
      { "svix-signature": `v1,${mac(key, "hex", `msg_1.${time}.`, body)}` },
      "signature_malformed",
    ],
    [
      "a signature shifted by U+0100",
      {
        "svix-signature": `v1,${String.fromCharCode(signature.charCodeAt(3) + 0x100)}${signature.slice(4)}`,
      },
      "signature_malformed",
    ],
    [
      "64 signatures and one more",
      { "svix-signature": [...Array(64).fill("v9,x"), signature].join(" ") },
      "signature_malformed",
    ],
    [
      "65 signatures, the right one first",
      { "svix-signature": [signature, ...Array(64).fill("v9,x")].join(" ") },
      "signature_malformed",
    ],
    [
      "two signature headers that a proxy has joined",
      { "svix-signature": `${wrong}, ${signature}` },
      "signature_malformed",
    ],
    ["two signature headers", { "svix-signature": [signature, wrong] }, "header_duplicated"],
    ["two id headers of one value", { "svix-id": ["msg_1", "msg_1"] }, "header_duplicated"],
    ["a number for a timestamp header", { "svix-timestamp": time }, "timestamp_missing"],
    ["an id with a dot", { "svix-id": "msg.1" }, "id_malformed"],
    ["an id with a comma", { "svix-id": "msg,1" }, "id_malformed"],
    ["an id with a space", { "svix-id": "msg 1" }, "id_malformed"],
    ["an id that is not ASCII", { "svix-id": "msgé" }, "id_malformed"],
    ["an id of 257 characters", { "svix-id": "m".repeat(257) }, "id_malformed"],
    ...["", " ", "+", "-", "0x", "0"].map((before): [string, Record<string, unknown>, string] => [
      `a timestamp after “${before}”`,
      { "svix-timestamp": before === "" ? "" : `${before}${time}` },
      before === "" ? "timestamp_missing" : "timestamp_malformed",
    ]),
    ...["abc", ".5", " ", "\n", "e3", "n"].map(
      (after): [string, Record<string, unknown>, string] => [
        `a timestamp before “${after}”`,
        { "svix-timestamp": `${time}${after}` },
        "timestamp_malformed",
      ],
    ),
    ["a timestamp in full-width digits", { "svix-timestamp": "１７" }, "timestamp_malformed"],
    ["NaN for a timestamp", { "svix-timestamp": "NaN" }, "timestamp_malformed"],
    ["a timestamp of 13 digits", { "svix-timestamp": `${time}000` }, "timestamp_malformed"],
  ];

  it.each(table)("refuses %s", async (_name, change, code) => {
    const altered = { headers: { ...headers, ...change } as Delivery["headers"], body };
    expect(await codeOf(() => verifySvix(altered, { secret, now }))).toBe(code);
    expect(await codeOf(() => svix({ secret, now }).verify(altered))).toBe(code);
  });

  it("skips malformed and unknown entries beside the right one", () => {
    const mixed = `v2,abc ${wrong} v1,short ${signature} v1a,x`;
    expect(
      verifySvix({ headers: { ...headers, "svix-signature": mixed }, body }, { secret, now }).id,
    ).toBe("msg_1");
  });

  it("takes 64 signatures", () => {
    const many = [...Array(63).fill("v9,x"), signature].join(" ");
    expect(
      verifySvix({ headers: { ...headers, "svix-signature": many }, body }, { secret, now }).id,
    ).toBe("msg_1");
  });

  it("takes an id of 256 characters", () => {
    const id = "~".repeat(256);
    expect(verifySvix({ headers: svixHeaders(key, { body, id }), body }, { secret, now }).id).toBe(
      id,
    );
  });

  it("never joins headers of two sets", async () => {
    const { "svix-signature": own, ...rest } = headers;
    const mixed = { ...rest, "webhook-signature": own as string };
    expect(await codeOf(() => verifySvix({ headers: mixed, body }, { secret, now }))).toBe(
      "signature_missing",
    );
  });

  it("takes the whole set beside a broken one, and its own beside another whole one", async () => {
    const standard = svixHeaders(key, { body, id: "msg_standard", names: "webhook" });
    expect(
      verifySvix({ headers: { "svix-id": "msg_x", ...standard }, body }, { secret, now }).id,
    ).toBe("msg_standard");
    expect(verifySvix({ headers: { ...headers, ...standard }, body }, { secret, now }).id).toBe(
      "msg_1",
    );
    const half = { "webhook-signature": signature };
    expect(await codeOf(() => verifySvix({ headers: half, body }, { secret, now }))).toBe(
      "id_missing",
    );
  });

  it.each([
    ["a parsed object", { status: "successful" }, "body_already_parsed"],
    ["an array", [1], "body_already_parsed"],
    ["another view", new Uint16Array(2), "body_already_parsed"],
    ["what calls itself bytes", { [Symbol.toStringTag]: "Uint8Array" }, "body_already_parsed"],
    ["nothing", undefined, "body_unreadable"],
    ["null", null, "body_unreadable"],
    ["a number", 5, "body_unreadable"],
  ])("refuses %s for a body, before it looks at the signature", async (_name, form, code) => {
    const odd = { headers: {}, body: form } as unknown as Delivery;
    expect(await codeOf(() => verifySvix(odd, { secret, now }))).toBe(code);
  });

  it("names the line to move when the body was parsed", () => {
    const result = safeVerifySvix({ headers, body: {} } as unknown as Delivery, { secret, now });
    expect(!result.ok && result.error.message).toContain("app.use(express.json())");
  });

  it("is proven from headers that can be read once", () => {
    const once = new Headers(headers).entries();
    expect(verifySvix({ headers: once, body }, { secret, now }).id).toBe("msg_1");
  });

  it.each([undefined, null, 5, "text", [], ["svix-id", "msg_1"], [null], new Map()])(
    "says that the signature is missing from headers that are %s",
    async (odd) => {
      const delivery = { headers: odd, body } as unknown as Delivery;
      expect(await codeOf(() => verifySvix(delivery, { secret, now }))).toBe("signature_missing");
    },
  );

  it("refuses no delivery at all", async () => {
    const none = undefined as unknown as Delivery;
    expect(await codeOf(() => verifySvix(none, { secret, now }))).toBe("body_unreadable");
  });
});

describe("time", () => {
  const at = (seconds: number, toleranceSeconds?: number | false) =>
    codeOf(() =>
      verifySvix(genuine, { secret, now: () => (time + seconds) * 1000, toleranceSeconds }),
    );

  it.each([
    [300, undefined, "none"],
    [301, undefined, "timestamp_too_old"],
    [-300, undefined, "none"],
    [-301, undefined, "timestamp_too_new"],
    [0, 0, "none"],
    [0.999, 0, "none"],
    [1, 0, "timestamp_too_old"],
    [-1, 0, "timestamp_too_new"],
    [10, 10, "none"],
    [11, 10, "timestamp_too_old"],
    [1e9, false, "none"],
    [-1e9, false, "none"],
  ] as const)("at %s s with tolerance %s gives %s", async (seconds, tolerance, code) => {
    expect(await at(seconds, tolerance)).toBe(code);
  });

  it("looks at the signature before the time", async () => {
    const stale = { headers, body: "{}" };
    expect(await codeOf(() => verifySvix(stale, { secret, now: () => 0 }))).toBe(
      "signature_mismatch",
    );
  });

  it("says whether it binds the time", () => {
    expect(svix({ secret }).bindsTime).toBe(true);
    expect(svix({ secret, toleranceSeconds: false }).bindsTime).toBe(false);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 1e12, "300", null, true])(
    "refuses a tolerance of %s",
    async (toleranceSeconds) => {
      const options = { secret, toleranceSeconds } as never;
      expect(await codeOf(() => svix(options))).toBe("option_invalid");
    },
  );

  it.each([5, "now", null])("refuses a clock that is %s", async (clock) => {
    expect(await codeOf(() => svix({ secret, now: clock } as never))).toBe("option_invalid");
    expect(await codeOf(() => svix({ secret }).verify(genuine, { now: clock } as never))).toBe(
      "option_invalid",
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a clock that says %s",
    async (reading) => {
      expect(await codeOf(() => verifySvix(genuine, { secret, now: () => reading }))).toBe(
        "option_invalid",
      );
    },
  );
});

describe("secrets", () => {
  it.each([
    ["with its prefix", secret],
    ["without its prefix", secret.slice(6)],
    ["as bytes", new Uint8Array(key)],
    ["in an object", { value: secret }],
    ["in a list", [secret]],
  ])("is taken %s", (_name, form) => {
    expect(verifySvix(genuine, { secret: form, now }).secret).toEqual({ index: 0 });
  });

  it("may lack padding and have unused bits, as the one in VOVE's documentation", () => {
    const documented = "whsec_5WbX5kEWLlfzsGNjH64Ide8lOOqUB6e8FH";
    const decoded = Buffer.from(documented.slice(6), "base64");
    expect(decoded).toHaveLength(25);
    const signed = { headers: svixHeaders(decoded, { body }), body };
    expect(verifySvix(signed, { secret: documented, now }).id).toBe("msg_1");
  });

  it("tells which one fitted, by position and label", () => {
    const other = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const list = [
      { value: other, label: "old" },
      { value: secret, label: "new" },
    ];
    expect(verifySvix(genuine, { secret: list, now }).secret).toEqual({ index: 1, label: "new" });
    expect(verifySvix(genuine, { secret: [...list].reverse(), now }).secret).toEqual({
      index: 0,
      label: "new",
    });
    expect(verifySvix(genuine, { secret: [secret, secret], now }).secret).toEqual({ index: 0 });
  });

  it("refuses a delivery that none fits", async () => {
    const others = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)];
    expect(await codeOf(() => verifySvix(genuine, { secret: others, now }))).toBe(
      "signature_mismatch",
    );
  });

  it("is copied: what happens to the bytes later changes nothing", () => {
    const bytes = new Uint8Array(key);
    const scheme = svix({ secret: bytes, now });
    bytes.fill(0);
    expect(scheme.verify(genuine).id).toBe("msg_1");
  });

  it.each([
    [undefined, "secret_missing"],
    [null, "secret_missing"],
    ["", "secret_missing"],
    ["  \n", "secret_missing"],
    ["undefined", "secret_missing"],
    ["null", "secret_missing"],
    ["whsec_", "secret_missing"],
    [new Uint8Array(), "secret_missing"],
    [[], "secret_missing"],
    [[secret, ""], "secret_missing"],
    [{ value: undefined }, "secret_missing"],
    ["whsec_not-valid-base64!!!", "secret_malformed"],
    [`${secret}\n`, "secret_malformed"],
    [`"${secret}"`, "secret_malformed"],
    [`v1,${secret}`, "secret_malformed"],
    ["whsec_abcde", "secret_malformed"],
    ["whsec_ab=c", "secret_malformed"],
    ["whsec_MfKQ9r8GKYqrTwjUPD8I-_ZIo2LaLaSw", "secret_malformed"],
    [`whpk_${key.toString("base64")}`, "secret_malformed"],
    [`whsk_${key.toString("base64")}`, "secret_malformed"],
    [42, "secret_malformed"],
    [{}, "secret_malformed"],
    [new ArrayBuffer(24), "secret_malformed"],
    ["whsec_YWJj", "secret_too_short"],
    [new Uint8Array(15).fill(1), "secret_too_short"],
    [new Uint8Array(32), "secret_missing"],
    [`whsec_${"A".repeat(32)}`, "secret_missing"],
    [{ value: secret, label: 5 }, "option_invalid"],
  ])("refuses %s", async (odd, code) => {
    expect(await codeOf(() => svix({ secret: odd } as never))).toBe(code);
  });

  it("may be shorter when that is asked for", () => {
    const short = svix({ secret: "whsec_YWJj", minSecretBytes: 3, now });
    expect(short.verify({ headers: svixHeaders("abc", { body }), body }).id).toBe("msg_1");
  });

  it.each([0, -1, 1.5, Number.NaN, "16", 5000])(
    "refuses %s for the least length",
    async (minSecretBytes) => {
      expect(await codeOf(() => svix({ secret, minSecretBytes } as never))).toBe("option_invalid");
    },
  );
});

describe("options", () => {
  it.each([undefined, null, 5, "secret"])("refuses %s for options", async (options) => {
    expect(await codeOf(() => svix(options as never))).toBe("option_invalid");
  });

  it("refuses an option that it does not know, and names it", () => {
    const result = safeVerifySvix(genuine, { secret, tolerance: 5 } as never);
    expect(!result.ok && result.error).toMatchObject({
      code: "option_invalid",
      details: { option: "tolerance" },
    });
  });
});

describe("sign", () => {
  it("makes the headers that node:crypto makes", () => {
    const signed = svix({ secret }).sign?.(body, { id: "msg_1", timestamp: time, secretIndex: 0 });
    expect(Object.fromEntries(signed?.map(({ name, value }) => [name, value]) ?? [])).toEqual(
      headers,
    );
  });

  it("refuses the position of a secret that is not there", async () => {
    const { sign } = svix({ secret });
    expect(await codeOf(() => sign?.(body, { id: "a", timestamp: 1, secretIndex: 1 }))).toBe(
      "option_invalid",
    );
  });
});
