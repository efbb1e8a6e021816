import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/delivery.js";
import { isWebhookError } from "../../src/errors.js";
import type { Scheme } from "../../src/scheme.js";
import { allOf } from "../../src/schemes/all-of.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { bearerToken } from "../../src/schemes/bearer-token.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { stampedHmac } from "../../src/schemes/stamped-hmac.js";
import { svix } from "../../src/schemes/svix.js";
import { mac, stamp, svixHeaders } from "../helpers/sign.js";

const time = 1_700_000_000;
const now = () => time * 1000;
const bytes = fc.uint8Array({ maxLength: 300 });
const keys = fc.uint8Array({ minLength: 16, maxLength: 100 });
const ids = fc.stringMatching(/^[!-+\-/-~]{1,256}$/);

/** Each signing scheme with the headers that node:crypto makes for it. */
const signing: readonly (readonly [
  string,
  (key: Uint8Array) => Scheme,
  (key: Uint8Array, body: Uint8Array, id: string) => Record<string, string>,
])[] = [
  [
    "svix",
    (secret) => svix({ secret, now }),
    (key, body, id) => svixHeaders(key, { body, id, timestamp: time }),
  ],
  [
    "hmac, hex",
    (secret) => hmac({ secret, header: "x-s", prefix: "sha256=" }),
    (key, body) => ({ "x-s": `sha256=${mac(key, "hex", body)}` }),
  ],
  [
    "hmac, base64",
    (secret) => hmac({ secret, header: "x-s", encoding: "base64" }),
    (key, body) => ({ "x-s": mac(key, "base64", body) }),
  ],
  [
    "stampedHmac",
    (secret) => stampedHmac({ secret, header: "x-s", now }),
    (key, body) => ({ "x-s": stamp(key, body, time) }),
  ],
];

describe.each(signing)("%s", (_name, make, sign) => {
  it("proves what is signed, for any key, id and bytes", () => {
    fc.assert(
      fc.property(keys, bytes, ids, (key, body, id) => {
        const delivery = { headers: sign(key, body, id), body };
        expect(Buffer.from(make(key).verify(delivery).body)).toEqual(Buffer.from(body));
      }),
    );
  });

  it("refuses any changed bit of the body, of the key and of any header", () => {
    fc.assert(
      fc.property(
        keys,
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        ids,
        fc.nat(),
        fc.nat({ max: 7 }),
        (key, body, id, place, bit) => {
          const flip = (from: Uint8Array) => {
            const changed = Uint8Array.from(from);
            const index = place % changed.length;
            changed[index] = (changed[index] as number) ^ (1 << bit);
            return changed;
          };
          const headers = sign(key, body, id);
          const refused = (scheme: Scheme, delivery: Delivery) => {
            try {
              scheme.verify(delivery);
              return false;
            } catch (error) {
              return isWebhookError(error);
            }
          };
          expect(refused(make(key), { headers, body: flip(body) })).toBe(true);
          expect(refused(make(flip(key)), { headers, body })).toBe(true);
          for (const [name, value] of Object.entries(headers)) {
            const changed = Buffer.from(flip(Buffer.from(value, "latin1"))).toString("latin1");
            expect(refused(make(key), { headers: { ...headers, [name]: changed }, body })).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

const secret = "s3cr3t-of-some-length-zq";
const all: readonly Scheme[] = [
  svix({ secret: Buffer.from(secret), now }),
  hmac({ secret, header: "x-s" }),
  stampedHmac({ secret, header: "x-s", now }),
  headerSecret({ secret, header: "x-s" }),
  bearerToken({ token: secret }),
];
const schemes = [...all, allOf(...(all as [Scheme])), anyOf(...(all as [Scheme]))];

const names = [
  "svix-id",
  "svix-timestamp",
  "svix-signature",
  "webhook-signature",
  "x-s",
  "authorization",
];
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(
    "v1,",
    "v1,= v1,=",
    "t=1,v1=",
    "Bearer ",
    "t=1700000000,v1=".padEnd(80, "0"),
    "1700000000",
  ),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.anything(),
);
const headers = fc.oneof(
  fc.dictionary(fc.constantFrom(...names, ...names.map((name) => name.toUpperCase())), values),
  fc.array(fc.tuple(fc.constantFrom(...names), values)),
  fc.anything(),
);

describe("whatever arrives", () => {
  it("is refused with our error, which holds nothing of it", () => {
    fc.assert(
      fc.property(headers, fc.oneof(bytes, fc.string(), fc.anything()), (odd, body) => {
        for (const scheme of schemes) {
          try {
            scheme.verify({ headers: odd, body } as Delivery);
          } catch (error) {
            expect(isWebhookError(error)).toBe(true);
            expect(inspect(error, { depth: 10 })).not.toContain(secret);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["x-s", "a".repeat(10_000_000)],
    ["x-s", "t=1,".repeat(2_500_000)],
    ["x-s", "v1=,".repeat(2_500_000)],
    ["svix-signature", "v1, ".repeat(2_500_000)],
    ["svix-signature", " ".repeat(10_000_000)],
    ["svix-id", "m".repeat(10_000_000)],
    ["svix-timestamp", "9".repeat(10_000_000)],
    ["authorization", `Bearer ${"=".repeat(10_000_000)}`],
  ])("is refused at once, also when %s is 10 MB long (%#)", (name, value) => {
    const rest = svixHeaders(secret, { timestamp: time });
    for (const scheme of schemes) {
      expect(() => scheme.verify({ headers: { ...rest, [name]: value }, body: "x" })).toThrow();
    }
  });
});
