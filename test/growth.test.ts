import { describe, expect, it } from "vitest";
import type { Delivery } from "../src/delivery.js";
import { isWebhookError } from "../src/errors.js";
import type { Scheme } from "../src/scheme.js";
import { bearerIntrospection } from "../src/schemes/bearer-introspection.js";
import { growthOf, mostGrowth } from "./helpers/growth.js";
import { svixHeaders } from "./helpers/sign.js";
import { signingSchemes } from "./helpers/signing-schemes.js";

const secret = Buffer.from("s3cr3t-of-some-length-zq-thirty2");
const time = 1_700_000_000;
const now = () => time * 1000;
// How a secret is written makes no difference here.
const signing = signingSchemes.filter(({ name }) => !/in (?:hex|base64)$|any time/.test(name));
const schemes: readonly (readonly [string, Scheme])[] = signing.map(({ name, make, write }) => [
  name,
  make([write(secret)], now),
]);

/** Text of that many characters that repeats a unit. */
const times = (unit: string) => (size: number) => unit.repeat(Math.ceil(size / unit.length));

/** Values made for a parser: its separators, what it may skip, what almost fits, and what ends a long match badly. */
const values: readonly (readonly [string, (size: number) => string])[] = [
  ["letters", times("a")],
  ["digits", times("9")],
  ["zeros", times("0")],
  ["spaces", times(" ")],
  ["spaces, then one letter", (size) => `${times(" ")(size)}x`],
  ["commas", times(",")],
  ["commas and spaces", times(", ")],
  ["v1 entries without a signature", times("v1, ")],
  ["v1 entries", times(`v1,${"A".repeat(43)}= `)],
  ["entries of another version", times("v1a,AAAA ")],
  ["one v1 entry without end", (size) => `v1,${times("A")(size)}=`],
  ["times", times("t=1,")],
  ["a time without end", (size) => `t=${times("1")(size)},v1=${"0".repeat(64)}`],
  ["stamps", times(`v1=${"0".repeat(64)},`)],
  ["a stamp, then unknown keys", (size) => `t=1,v1=${"0".repeat(64)},${times("k=v,")(size)}`],
  ["equals signs", times("=")],
  ["a token", (size) => `Bearer ${times("a")(size)}`],
  ["a token that ends badly", (size) => `Bearer ${times("a=")(size)}!`],
  ["a token of padding", (size) => `Bearer ${times("=")(size)}`],
  ["bearer without end", times("bearer ")],
  ["hex behind the prefix", (size) => `sha256=${times("0")(size)}`],
  ["base64 behind the prefix", (size) => `sha256=${times("AA==")(size)}`],
  ["a long secret", (size) => `Token ${times("k k")(size)}`],
  ["text outside ASCII", times("é\u{1F600}")],
];

const names = [
  ...["svix-id", "svix-timestamp", "svix-signature", "webhook-id", "webhook-signature"],
  ...["x-signature", "authorization"],
];

/** Verifies with every scheme, as often as there are places for the text. */
function verifyAll(deliveries: readonly Delivery[]): void {
  for (const delivery of deliveries) {
    for (const [, scheme] of schemes) {
      try {
        scheme.verify(delivery);
      } catch (error) {
        if (!isWebhookError(error)) throw error;
      }
    }
  }
}

describe("time grows with the length of what arrives, and not with its square:", () => {
  it("a measure that notices the square", () => {
    // Every start finds out for itself that no “b” follows.
    const square = (size: number) => {
      const text = "a".repeat(size / 400);
      return () => /a*b/.test(text);
    };
    expect(growthOf(square)).toBeGreaterThan(mostGrowth);
  });

  it.each(values)("a header value of %s", (_title, textOf) => {
    const rest = svixHeaders(secret, { timestamp: time });
    const growth = growthOf((size) => {
      const value = textOf(size);
      // Flat text: a rope would be flattened by the first run alone.
      value.charCodeAt(0);
      const deliveries = names.map((name) => ({ headers: { ...rest, [name]: value }, body: "x" }));
      return () => verifyAll(deliveries);
    });
    expect(growth).toBeLessThan(mostGrowth);
  });

  it.each<readonly [string, (size: number) => unknown]>([
    ["of other names", (size) => Array.from({ length: size / 200 }, (_, i) => [`x-${i}`, "1"])],
    ["of one name", (size) => Array.from({ length: size / 200 }, () => ["x-signature", "1"])],
    ["in one list", (size) => ({ "svix-signature": Array(size / 200).fill("1") })],
    ["that are empty", (size) => Array.from({ length: size / 200 }, () => ["svix-id", ""])],
    ["in a Map", (size) => new Map(Array.from({ length: size / 200 }, (_, i) => [`x-${i}`, "1"]))],
    ["with a name without end", (size) => ({ [times("X")(size)]: "1" })],
  ])("headers by the thousand, %s", (_title, headersOf) => {
    const growth = growthOf((size) => {
      const headers = headersOf(size);
      return () => verifyAll([{ headers, body: "x" } as Delivery]);
    });
    expect(growth).toBeLessThan(mostGrowth);
  });

  it.each(schemes)("a body, with %s", (name, scheme) => {
    const { headers } = signing.find((one) => one.name === name) ?? { headers: undefined };
    const growth = growthOf((size) => {
      const body = Buffer.alloc(size, "[");
      const signed = headers?.(secret, { body, id: "m", timestamp: time }) ?? {};
      return () => scheme.verify({ headers: signed, body });
    });
    expect(growth).toBeLessThan(mostGrowth);
  });

  it("a token that a server is asked about", async () => {
    const asked: string[] = [];
    const scheme = bearerIntrospection({
      introspect: async (token) => {
        asked.push(token);
        return { active: true };
      },
    });
    // Beyond the limit nobody is asked.
    for (const size of [16_384, 16_385, 10_000_000]) {
      const delivery = { headers: { authorization: `Bearer ${"a".repeat(size)}` }, body: "" };
      await scheme.verify(delivery).catch(() => undefined);
    }
    expect(asked.map((token) => token.length)).toEqual([16_384]);
  });
});
