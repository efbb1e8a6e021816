import { describe, expect, it } from "vitest";
import {
  safeVerifyStampedHmac,
  stampedHmac,
  verifyStampedHmac,
} from "../../src/schemes/stamped-hmac.js";
import { codeOf } from "../helpers/code-of.js";
import { mac, stamp } from "../helpers/sign.js";

const key = Buffer.from("a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6", "hex");
const secret = `whsec_${key.toString("hex")}`;
const header = "X-Webhook-Signature";
const time = 1_700_000_000;
const now = () => time * 1000;
const body = Buffer.from('{"id":"1"}');
const options = { secret, header, secretEncoding: "hex", now } as const;
const value = stamp(key, body);
const signature = value.slice(value.indexOf("v1="));

const verify = (headerValue: unknown, sent: string | Uint8Array = body) =>
  verifyStampedHmac({ headers: { [header]: headerValue as string }, body: sent }, options);

describe("a genuine delivery", () => {
  it("is handed out with what it proves", () => {
    const verified = verify(value);
    expect(verified).toMatchObject({
      scheme: "stampedHmac",
      timestamp: new Date(time * 1000),
      secret: { index: 0 },
      bindsBody: true,
    });
    expect(verified.id).toBeUndefined();
    expect(
      stampedHmac(options)
        .verify({ headers: { [header]: value }, body })
        .text(),
    ).toBe(body.toString());
  });

  it.each([
    ["several v1, one right", `t=${time},v1=${"0".repeat(64)},${signature}`],
    ["the right v1 first", `t=${time},${signature},v1=${"0".repeat(64)}`],
    ["keys that are not known", `v0=x,t=${time},${signature},scheme=1,v1a=${"0".repeat(64)}`],
    ["the time last", `${signature},t=${time}`],
    ["64 entries", `${Array(62).fill("v0=x").join(",")},t=${time},${signature}`],
  ])("is proven with %s", (_name, odd) => {
    expect(verify(odd).text()).toBe(body.toString());
  });

  it("is data from the safe twin", () => {
    const delivery = { headers: { [header]: value }, body };
    const result = safeVerifyStampedHmac(delivery, options);
    expect(result.ok && result.value.text()).toBe(body.toString());
    const refused = safeVerifyStampedHmac({ ...delivery, body: "" }, options);
    expect(!refused.ok && refused.error.code).toBe("signature_mismatch");
  });
});

describe("forged and broken deliveries", () => {
  it.each([
    [undefined, "signature_missing"],
    ["", "signature_missing"],
    ["test-signature", "timestamp_missing"],
    [signature, "timestamp_missing"],
    [`T=${time},${signature}`, "timestamp_missing"],
    [`at=${time},${signature}`, "timestamp_missing"],
    [`t=${time},a${signature}`, "signature_malformed"],
    [`t=,${signature}`, "timestamp_malformed"],
    [`t=abc,${signature}`, "timestamp_malformed"],
    [`t=+${time},${signature}`, "timestamp_malformed"],
    [`t=0${time},${signature}`, "timestamp_malformed"],
    [`t=${time}.5,${signature}`, "timestamp_malformed"],
    [`t=${time},t=${time},${signature}`, "timestamp_malformed"],
    [`t=${time}`, "signature_malformed"],
    [`t=${time},v1=`, "signature_malformed"],
    [`t=${time},v2=${signature.slice(3)}`, "signature_malformed"],
    [`t=${time},${signature.toUpperCase()}`, "signature_malformed"],
    [`t=${time},v1=${signature.slice(3).toUpperCase()}`, "signature_malformed"],
    [`t=${time},${signature.slice(0, -1)}`, "signature_malformed"],
    [`t=${time},${signature}0`, "signature_malformed"],
    [`t=${time}, ${signature}`, "signature_malformed"],
    [`${value}, ${value}`, "signature_malformed"],
    [`${value}\n`, "signature_malformed"],
    [`${Array(63).fill("v0=x").join(",")},t=${time},${signature}`, "signature_malformed"],
    [`t=${time + 1},${signature}`, "signature_mismatch"],
    [`t=${time},v1=${"0".repeat(64)}`, "signature_mismatch"],
    [stamp(Buffer.from(secret), body), "signature_mismatch"],
    [stamp(Buffer.from(secret.slice(6), "base64"), body), "signature_mismatch"],
    [`t=${time},v1=${mac(key, "hex", body)}`, "signature_mismatch"],
    [[value, value], "header_duplicated"],
  ])("refuses %s", async (odd, code) => {
    expect(await codeOf(() => verify(odd))).toBe(code);
  });

  it("refuses another body", async () => {
    expect(await codeOf(() => verify(value, '{"id":"2"}'))).toBe("signature_mismatch");
  });

  it("cannot be read in two ways: the time is not part of the body", async () => {
    const shifted = stamp(key, "5.{}", 17);
    expect(await codeOf(() => verify(shifted.replace("t=17", "t=175"), "{}"))).toBe(
      "signature_mismatch",
    );
  });
});

it.each([
  [300, undefined, "none"],
  [301, undefined, "timestamp_too_old"],
  [-301, undefined, "timestamp_too_new"],
  [1, 0, "timestamp_too_old"],
  [1e6, false, "none"],
] as const)("at %s s with tolerance %s gives %s", async (seconds, toleranceSeconds, code) => {
  const delivery = { headers: { [header]: value }, body };
  const clock = { now: () => (time + seconds) * 1000 };
  expect(
    await codeOf(() => verifyStampedHmac(delivery, { ...options, ...clock, toleranceSeconds })),
  ).toBe(code);
  expect(
    await codeOf(() => stampedHmac({ ...options, toleranceSeconds }).verify(delivery, clock)),
  ).toBe(code);
});

it("uses the secret as text unless it is said otherwise", () => {
  const delivery = { headers: { [header]: stamp(secret, body) }, body };
  expect(verifyStampedHmac(delivery, { secret, header, now }).text()).toBe(body.toString());
});

it("says whether it binds the time, and signs as node:crypto does", () => {
  expect(stampedHmac(options).bindsTime).toBe(true);
  expect(stampedHmac({ ...options, toleranceSeconds: false }).bindsTime).toBe(false);
  expect(stampedHmac(options).sign?.(body, { id: "", timestamp: time, secretIndex: 0 })).toEqual([
    { name: header.toLowerCase(), value, role: "stamp" },
  ]);
});

it("refuses an option that it does not know", async () => {
  expect(await codeOf(() => stampedHmac({ ...options, prefix: "" } as never))).toBe(
    "option_invalid",
  );
});
