import { describe, expect, it } from "vitest";
import { hmac, safeVerifyHmac, verifyHmac } from "../../src/schemes/hmac.js";
import { codeOf } from "../helpers/code-of.js";
import { mac } from "../helpers/sign.js";

const secret = "It's a Secret to Everybody";
const body = "Hello, World!";
const options = { secret, header: "X-Hub-Signature-256", prefix: "sha256=" } as const;
// GitHub, “Validating webhook deliveries”, testing the webhook payload validation.
const published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const digest = published.slice(7);

describe("hex", () => {
  it("agrees with the vector that GitHub publishes", () => {
    const delivery = { headers: { "X-Hub-Signature-256": published }, body };
    const verified = verifyHmac(delivery, options);
    expect(verified).toMatchObject({ scheme: "hmac", secret: { index: 0 }, bindsBody: true });
    expect(verified.id).toBeUndefined();
    expect(verified.timestamp).toBeUndefined();
    expect(hmac(options).verify(delivery).text()).toBe(body);
    const safe = safeVerifyHmac(delivery, options);
    expect(safe.ok && safe.value.text()).toBe(body);
    const refused = safeVerifyHmac({ ...delivery, body: "Hello" }, options);
    expect(!refused.ok && refused.error.code).toBe("signature_mismatch");
  });

  it.each([
    [undefined, "signature_missing"],
    ["", "signature_missing"],
    [digest, "signature_malformed"],
    [`SHA256=${digest}`, "signature_malformed"],
    [`sha1=${digest}`, "signature_malformed"],
    [`sha256= ${digest}`, "signature_malformed"],
    [published.toUpperCase(), "signature_malformed"],
    [`sha256=${digest.toUpperCase()}`, "signature_malformed"],
    [published.slice(0, -1), "signature_malformed"],
    [`${published}0`, "signature_malformed"],
    [`${published}\n`, "signature_malformed"],
    [`${published}, ${published}`, "signature_malformed"],
    [`sha256=${"g".repeat(64)}`, "signature_malformed"],
    [`sha256=${mac(secret, "base64", body)}`, "signature_malformed"],
    ["sha256=", "signature_malformed"],
    [`sha256=${"0".repeat(64)}`, "signature_mismatch"],
    [`sha256=${mac("another secret!!", "hex", body)}`, "signature_mismatch"],
    [[published, published], "header_duplicated"],
  ])("refuses %s", async (value, code) => {
    const delivery = { headers: { "x-hub-signature-256": value as string }, body };
    expect(await codeOf(() => verifyHmac(delivery, options))).toBe(code);
  });

  it("refuses a list of secrets with a hole, as one with a secret that is undefined", async () => {
    for (const holes of [Array(2), Object.assign(Array(2), { 1: secret })]) {
      const incomplete = { ...options, secret: holes as string[] };
      expect(await codeOf(() => hmac(incomplete))).toBe("secret_missing");
    }
  });

  it("needs no prefix where none is set", () => {
    const verified = verifyHmac(
      { headers: [["x-signature", digest]], body },
      { secret, header: "x-signature" },
    );
    expect(verified.text()).toBe(body);
  });
});

describe("base64", () => {
  const base64 = { secret, header: "x-signature", encoding: "base64" } as const;
  const value = mac(secret, "base64", body);

  it("takes canonical base64", () => {
    expect(verifyHmac({ headers: { "x-signature": value }, body }, base64).text()).toBe(body);
  });

  it.each([
    value.slice(0, -1),
    `${value}=`,
    `AA${value}`,
    `${value} `,
    value.replace(/.=$/, (last) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`),
    digest,
    Buffer.from(value, "base64").subarray(0, 16).toString("base64"),
  ])("refuses %s", async (odd) => {
    expect(await codeOf(() => verifyHmac({ headers: { "x-signature": odd }, body }, base64))).toBe(
      "signature_malformed",
    );
  });
});

describe("secrets", () => {
  const key = Buffer.from("000102030405060708090a0b0c0d0e0f10", "hex");

  it.each([
    ["hex", key.toString("hex")],
    ["hex", key.toString("hex").toUpperCase()],
    ["hex", `whsec_${key.toString("hex")}`],
    ["base64", key.toString("base64")],
    ["base64", `whsec_${key.toString("base64")}`],
    ["utf8", key],
  ] as const)("are read as %s: %s", (secretEncoding, text) => {
    const delivery = { headers: { s: mac(key, "hex", body) }, body };
    expect(verifyHmac(delivery, { secret: text, header: "s", secretEncoding }).text()).toBe(body);
  });

  it("are text unless it is said otherwise, prefix and all", () => {
    const text = "whsec_0123456789abcdef";
    const delivery = { headers: { s: mac(text, "hex", body) }, body };
    expect(verifyHmac(delivery, { secret: text, header: "s" }).text()).toBe(body);
  });

  it.each([
    ["hex", "whsec_abc", "secret_malformed"],
    ["hex", "zz".repeat(16), "secret_malformed"],
    ["hex", "", "secret_missing"],
    ["hex", "whsec_", "secret_missing"],
    ["utf8", " padded with spaces ", "secret_malformed"],
    ["utf8", "a trailing newline\n", "secret_malformed"],
    ["utf8", '"a secret in quotes"', "secret_malformed"],
    ["utf8", "'a secret in quotes'", "secret_malformed"],
    ["utf8", "`a secret in backticks`", "secret_malformed"],
    ["utf8", 'a "secret" with quotes inside', "none"],
    ["utf8", '"a secret" that begins with quotes', "none"],
    ["utf8", 'a secret that ends with "quotes"', "none"],
    ["utf8", "a secret with whsk_ inside", "none"],
    ["utf8", "a secret of undefined", "secret_malformed"],
    ["utf8", "undefined or null and long enough", "none"],
    ["hex", `${key.toString("hex")}whsec_`, "secret_malformed"],
    ["utf8", "short", "secret_too_short"],
    ["utf8", "whsk_0123456789abcdef", "secret_malformed"],
  ] as const)("in %s refuse %s", async (secretEncoding, odd, code) => {
    expect(await codeOf(() => hmac({ secret: odd, header: "s", secretEncoding }))).toBe(code);
  });
});

it.each([
  { header: undefined },
  { header: "" },
  { header: "with space" },
  { header: 5 },
  { prefix: 5 },
  { encoding: "base64url" },
  { encoding: null },
  { secretEncoding: "latin1" },
  { now: Date.now },
])("refuses the option %o", async (odd) => {
  expect(await codeOf(() => hmac({ ...options, ...odd } as never))).toBe("option_invalid");
});

it("signs as node:crypto does, and does not claim to bind the time", () => {
  const scheme = hmac(options);
  expect(scheme.bindsTime).toBe(false);
  expect(scheme.sign?.(Buffer.from(body), { id: "", timestamp: 0, secretIndex: 0 })).toEqual([
    { name: "x-hub-signature-256", value: published, role: "signature" },
  ]);
});
