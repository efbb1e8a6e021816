import { afterEach, describe, expect, it } from "vitest";
import { headerReader } from "../../src/internal/headers.js";
import { hmac } from "../../src/schemes/hmac.js";
import { codeOf } from "../helpers/code-of.js";
import { mac } from "../helpers/sign.js";

const secret = "a secret of some length";
const signature = mac(secret, "hex", "{}");
const scheme = hmac({ secret, header: "x-signature" });

describe("headers", () => {
  afterEach(() => {
    delete (Object.prototype as Record<string, unknown>)["0"];
    delete (Object.prototype as Record<string, unknown>)["x-signature"];
  });

  it("are not read off a polluted prototype, and a genuine one still is", async () => {
    Object.assign(Object.prototype, { "0": signature, "x-signature": signature });
    expect(await codeOf(() => scheme.verify({ headers: {}, body: "{}" }))).toBe(
      "signature_missing",
    );
    expect(scheme.verify({ headers: { "X-Signature": signature }, body: "{}" }).scheme).toBe(
      "hmac",
    );
  });

  it("are read through `get` of whatever is a Headers, also without an iterator", () => {
    const headers = { [Symbol.toStringTag]: "Headers", get: () => signature };
    expect(scheme.verify({ headers: headers as never, body: "{}" }).scheme).toBe("hmac");
    const other = { [Symbol.toStringTag]: "Headers", get: () => null, "x-signature": signature };
    expect(headerReader(["x-signature"])(other as never)).toEqual([undefined]);
  });

  it("that are repeated are counted, whatever their list's iterator says", async () => {
    const list = Object.assign([signature, "another"], {
      [Symbol.iterator]: [signature][Symbol.iterator].bind([signature]),
    });
    const headers = { "x-signature": list };
    expect(await codeOf(() => scheme.verify({ headers, body: "{}" }))).toBe("header_duplicated");
  });
});

describe("what is handed out", () => {
  it("stays what was proven, though somebody writes another body into it", () => {
    const verified = scheme.verify({ headers: { "x-signature": signature }, body: "{}" });
    (verified as { body: Uint8Array }).body = Buffer.from('{"forged":true}');
    expect(verified.text()).toBe("{}");
    expect(verified.json()).toEqual({});
  });

  it("is nothing but a code for a body whose memory has been handed elsewhere", async () => {
    const body = new Uint8Array([123, 125]);
    structuredClone(body.buffer, { transfer: [body.buffer] });
    const delivery = { headers: { "x-signature": signature }, body };
    expect(await codeOf(() => scheme.verify(delivery))).toBe("signature_mismatch");
  });
});
