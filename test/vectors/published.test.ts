import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { equalText, macKey, sha256Hex } from "#hmac";
import { verifyHmac } from "../../src/schemes/hmac.js";
import { verifySvix } from "../../src/schemes/svix.js";
import { codeOf } from "../helpers/code-of.js";

interface Vector {
  readonly name: string;
  readonly source: string;
  readonly scheme: "hmac" | "svix";
  readonly key: string;
  readonly body: string;
  readonly id?: string;
  readonly timestamp?: number;
  readonly signature: string;
  readonly expect: string;
}

const file = new URL("../../fixtures/vectors/published.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: Vector[] };

it.each(vectors)("agrees with $source: $name", async (vector) => {
  const secret = Buffer.from(vector.key, "hex");
  const body = Buffer.from(vector.body, "hex");
  const { id = "", timestamp = 0, signature } = vector;
  const code = await codeOf(() =>
    vector.scheme === "hmac"
      ? verifyHmac(
          { headers: { "x-signature": signature }, body },
          { secret, header: "x-signature", minSecretBytes: 1 },
        )
      : verifySvix(
          {
            headers: {
              "webhook-id": id,
              "webhook-timestamp": String(timestamp),
              "webhook-signature": signature,
            },
            body,
          },
          { secret, now: () => timestamp * 1000 },
        ),
  );
  expect(code).toBe(vector.expect);
});

describe("the HMAC seam", () => {
  // Around the block size of 64 bytes, where an HMAC changes how it treats its key.
  it.each([1, 16, 24, 63, 64, 65, 131, 1000])(
    "agrees with node:crypto for a key of %i bytes",
    (length) => {
      const key = Buffer.alloc(length, 0xa5);
      const prepared = macKey(key);
      for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_000]) {
        const body = Buffer.alloc(size, size % 251);
        const expected = createHmac("sha256", key).update("id.17000.").update(body).digest("hex");
        expect(prepared.sign(["id", "17000"], body, "hex")).toBe(expected);
        // A prepared key serves any number of times.
        expect(prepared.sign(["id", "17000"], body, "hex")).toBe(expected);
      }
    },
  );

  it("hashes as FIPS 180-4 says", () => {
    expect(sha256Hex(Buffer.from("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("compares every character, and lengths", () => {
    const a = "0123456789abcdef".repeat(4);
    expect(equalText(a, a.slice(0, 20) + a.slice(20))).toBe(true);
    for (let index = 0; index < a.length; index += 1) {
      expect(equalText(a, `${a.slice(0, index)}x${a.slice(index + 1)}`)).toBe(false);
    }
    expect(equalText(a, a.slice(1))).toBe(false);
    expect(equalText("", "")).toBe(true);
  });
});
