import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery, HeadersInput, VerifiedDelivery } from "../../src/delivery.js";
import { isWebhookError, type WebhookErrorCode } from "../../src/errors.js";
import type { Secret } from "../../src/internal/secrets.js";
import type { Scheme } from "../../src/scheme.js";
import { unsigned } from "../../src/schemes/unsigned.js";
import { anyBody, anyBytes, anyHeaders, anyValue, made, otherByte } from "../helpers/arbitrary.js";
import { type SigningScheme, signingSchemes } from "../helpers/signing-schemes.js";

const anyId = fc.stringMatching(/^[!-+\-/-~]{1,256}$/);
/** Seconds, up to the largest that is well-formed. */
const anyTime = fc.oneof(fc.nat({ max: 4_000_000_000 }), fc.nat({ max: 999_999_999_999 }));

/** The built-in classes of another realm, such as a test runner's. */
const elsewhere = runInNewContext(`({
  bytes: (list) => Uint8Array.from(list),
  derived: (list) => new (class Bytes extends Uint8Array {})(list),
  map: (pairs) => new Map(pairs),
})`) as {
  bytes(list: readonly number[]): Uint8Array<ArrayBuffer>;
  derived(list: readonly number[]): Uint8Array;
  map(pairs: readonly (readonly [string, string])[]): Map<string, string>;
};

/** The code of the refusal; what is no refusal of ours goes on. */
function verdict(verify: () => unknown): WebhookErrorCode | "accepted" {
  try {
    verify();
    return "accepted";
  } catch (error) {
    if (isWebhookError(error)) return error.code;
    throw error;
  }
}

/** A delivery as it was sent, with all that there is to be changed in it. */
function sentBy(scheme: SigningScheme) {
  return fc
    .record({ key: scheme.key, body: anyBytes, id: anyId, timestamp: anyTime })
    .map(({ key, body, id, timestamp }) => ({
      key,
      body,
      id,
      timestamp,
      now: () => timestamp * 1000,
      headers: scheme.headers(key, { body, id, timestamp }),
    }));
}

describe.each(signingSchemes)("$name", (scheme) => {
  const { key: anyKey, write, make, bindsBody, bindsTime } = scheme;
  const sent = sentBy(scheme);

  it("signs as node:crypto does, and proves any bytes under any of its secrets", () => {
    const secrets = fc.uniqueArray(anyKey, {
      minLength: 1,
      maxLength: 5,
      // HMAC pads a key with zeros.
      selector: (key) => key.toString("hex").replace(/(?:00)+$/, ""),
    });
    fc.assert(
      fc.property(
        secrets,
        fc.nat(),
        anyBytes,
        anyId,
        anyTime,
        (keys, place, body, id, timestamp) => {
          const index = place % keys.length;
          const labelled = keys.map((key, position): Secret => {
            const value = write(key);
            const plain = typeof value === "object" && "value" in value ? value.value : value;
            return position % 2 === 0 ? { value: plain, label: `secret ${position}` } : value;
          });
          const ready = make(labelled, () => timestamp * 1000);
          const signer = keys[index] as Buffer;
          const privateKey = scheme.privateKey?.(signer);
          const proof = ready.sign?.(body, { id, timestamp, secretIndex: index, privateKey }) ?? [];
          const headers = Object.fromEntries(proof.map(({ name, value }) => [name, value]));
          expect(headers).toEqual(scheme.headers(signer, { body, id, timestamp }));
          const verified = ready.verify({ headers, body });
          expect(verified.secret).toEqual(
            index % 2 === 0 ? { index, label: `secret ${index}` } : { index },
          );
          expect(Buffer.compare(verified.body, body)).toBe(0);
          if (verified.id !== undefined) expect(verified.id).toBe(id);
          if (verified.timestamp !== undefined) {
            expect(verified.timestamp.getTime()).toBe(timestamp * 1000);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses any other byte in a header: id, time, signature, secret or token", () => {
    fc.assert(
      fc.property(sent, fc.nat(), fc.nat(), fc.nat(), (delivery, which, place, shift) => {
        const { key, headers, body, now } = delivery;
        const entries = Object.entries(headers);
        const [name, value] = entries[which % entries.length] as [string, string];
        const bytes = Buffer.from(value, "latin1");
        const index = place % bytes.length;
        const other = otherByte(bytes[index] as number, shift);
        bytes[index] = other;
        const changed = bytes.toString("latin1");
        // The one thing whose case does not count is the word “Bearer”.
        fc.pre(
          changed.toLowerCase() !== value.toLowerCase() || name !== "authorization" || index > 5,
        );
        const forged = { headers: { ...headers, [name]: changed }, body };
        expect(verdict(() => make([write(key)], now).verify(forged))).not.toBe("accepted");
      }),
      { numRuns: 150 },
    );
  });

  it("refuses a delivery under any other key", () => {
    fc.assert(
      fc.property(sent, fc.nat(), fc.nat(), ({ key, headers, body, now }, place, shift) => {
        const other = Buffer.from(key);
        // Not among the padding that ends some tokens.
        const index = place % 16;
        // Another character of the same kind where the key is text.
        other[index] = /^[!-~]+$/.test(key.toString("latin1"))
          ? 48 + (((other[index] as number) + (shift % 9)) % 10)
          : otherByte(other[index] as number, shift);
        fc.pre(!other.equals(key));
        const code = verdict(() => make([write(other)], now).verify({ headers, body }));
        expect(code).toMatch(/_(?:mismatch|invalid|missing)$/);
      }),
      { numRuns: 60 },
    );
  });

  it(`${bindsBody ? "refuses" : "cannot tell"} any other body, and says so`, () => {
    const change = fc.oneof(
      fc.tuple(fc.constantFrom("replace" as const, "insert" as const), fc.nat(), fc.nat()),
      fc.tuple(fc.constantFrom("delete" as const, "truncate" as const), fc.nat(), fc.nat()),
    );
    fc.assert(
      fc.property(sent, change, (delivery, [how, place, shift]) => {
        const { key, body, now } = delivery;
        const index = place % (body.length + 1);
        const before = [...body.subarray(0, index)];
        const after = [...body.subarray(index)];
        const [first = 0, ...rest] = after;
        const changed = Uint8Array.from(
          {
            replace: [...before, otherByte(first, shift), ...rest],
            insert: [...before, shift % 256, ...after],
            delete: [...before, ...rest],
            truncate: before,
          }[how],
        );
        fc.pre(Buffer.compare(changed, body) !== 0);
        const ready = make([write(key)], now);
        expect(ready.bindsBody).toBe(bindsBody);
        const refuses = (headers: HeadersInput): boolean =>
          verdict(() => ready.verify({ headers, body: changed })) !== "accepted";
        const loosest = (scheme.loosest ?? scheme.headers)(key, delivery);
        expect(refuses(loosest)).toBe(bindsBody);
        const { bindsBody: bound } = ready.verify({ headers: delivery.headers, body });
        expect(refuses(delivery.headers)).toBe(bound);
      }),
      { numRuns: 100 },
    );
  });

  it(`${bindsTime ? "refuses" : "takes"} a delivery of another time, and says so`, () => {
    fc.assert(
      fc.property(sent, anyTime, (delivery, later) => {
        const { key, body, timestamp } = delivery;
        fc.pre(Math.abs(later - timestamp) > 300);
        const ready = make([write(key)], () => later * 1000);
        expect(ready.bindsTime).toBe(bindsTime);
        const headers = (scheme.loosest ?? scheme.headers)(key, delivery);
        const expected = later > timestamp ? "timestamp_too_old" : "timestamp_too_new";
        expect(verdict(() => ready.verify({ headers, body }))).toBe(
          bindsTime ? expected : "accepted",
        );
      }),
      { numRuns: 40 },
    );
  });

  it("reads headers in any order, case and container, each with the same verdict", () => {
    fc.assert(
      fc.property(sent, fc.boolean(), fc.infiniteStream(fc.nat()), (delivery, genuine, random) => {
        const { key, body, now } = delivery;
        const any = () => random.next().value as number;
        const pairs = [...Object.entries(delivery.headers), ["x-other", "1"], ["Host", "h"]]
          .map(([name = "", value = ""]): [string, string] => [
            name.replace(/./g, (letter) => (any() % 2 ? letter.toUpperCase() : letter)),
            // Inside Latin-1, where Headers can follow.
            genuine || name.toLowerCase() === "host" ? value : `${value.slice(0, -1)}~`,
          ])
          .map((pair) => [any(), pair] as const)
          .sort(([a], [b]) => a - b)
          .map(([, pair]) => pair);
        const containers: (() => HeadersInput)[] = [
          () => Object.fromEntries(pairs),
          () => Object.assign(Object.create(null), Object.fromEntries(pairs)),
          () => Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
          () => pairs,
          () => pairs.values(),
          () => new Map(pairs),
          () => new Map(pairs).entries(),
          () => new Set(pairs),
          () => new Headers(pairs),
          () => new Headers(pairs).entries(),
          () =>
            (function* () {
              yield* pairs;
            })(),
          () => elsewhere.map(pairs),
        ];
        const ready = make([write(key)], now);
        const codes = containers.map((container) =>
          verdict(() => ready.verify({ headers: container(), body })),
        );
        expect(new Set(codes).size).toBe(1);
        if (genuine) expect(codes[0]).toBe("accepted");
      }),
      { numRuns: 30 },
    );
  });

  it("takes a body as text or bytes of any kind, each with the same verdict", () => {
    const bodies = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      anyBytes,
    );
    fc.assert(
      fc.property(scheme.key, bodies, anyId, anyTime, (key, body, id, timestamp) => {
        const headers = scheme.headers(key, { body, id, timestamp });
        const ready = make([write(key)], () => timestamp * 1000);
        const around = Buffer.concat([Buffer.from([1, 2, 3]), body, Buffer.from([4])]);
        const list = [...body];
        const text = Buffer.from(body).toString();
        const forms: Delivery["body"][] = [
          Uint8Array.from(body),
          Buffer.from(body),
          Uint8Array.from(body).buffer,
          around.subarray(3, -1),
          new Uint8Array(around.buffer, around.byteOffset + 3, body.length),
          elsewhere.bytes(list),
          elsewhere.bytes(list).buffer,
          elsewhere.derived(list),
          ...(Buffer.compare(Buffer.from(text), body) === 0 ? [text] : []),
        ];
        for (const form of forms) {
          const verified: VerifiedDelivery = ready.verify({ headers, body: form });
          expect(Buffer.from(verified.body).equals(body)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("whatever arrives", () => {
  const secret = "s3cr3t-of-some-length-zq-thirty2";
  const now = () => 1_700_000_000_000;
  const schemes: readonly Scheme[] = [
    ...signingSchemes
      .filter(({ name }) => !/secret in (?:hex|base64)$/.test(name))
      .map(({ make, write }) => make([write(Buffer.from(secret))], now)),
    unsigned("i-accept-forged-events"),
  ];
  const parts = ["id", "timestamp", "signature"];
  const names = [
    ...parts.flatMap((part) => [`svix-${part}`, `webhook-${part}`]),
    "x-signature",
    "authorization",
  ];
  const values = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom(
      ...["v1,", "v1,= v1,=", "t=1,v1=", "Bearer ", "t=1700000000,v1=".padEnd(80, "0")],
      ...["1700000000", "msg_1", `v1,${"A".repeat(43)}=`, `sha256=${"0".repeat(64)}`],
    ),
    fc.array(fc.oneof(fc.string(), anyValue), { maxLength: 3 }),
    anyValue,
  );

  it("is refused with our error, which holds nothing of it", () => {
    fc.assert(
      fc.property(fc.nat(), anyHeaders(names, values), anyBody, (which, headers, body) => {
        const scheme = schemes[which % schemes.length] as Scheme;
        try {
          scheme.verify({ headers: made(headers), body: made(body) } as Delivery);
        } catch (error) {
          expect(isWebhookError(error), String(error)).toBe(true);
          expect(inspect(error, { depth: 10 })).not.toContain(secret);
        }
      }),
      { numRuns: 2500 },
    );
  });

  it("may be no delivery at all", () => {
    for (const nothing of [undefined, null, 5, "x", [], {}, { headers: null }, { body: "x" }]) {
      for (const scheme of schemes) {
        const code = verdict(() => scheme.verify(nothing as never));
        expect(code === "accepted" ? scheme.name : "").toBe(
          code === "accepted" && (nothing as Delivery).body === "x" ? "unsigned" : "",
        );
      }
    }
  });
});
