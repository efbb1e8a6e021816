import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnose } from "../../src/diagnose.js";
import { clock, now, type Sender, senders } from "./senders.js";

/** Changes one letter or digit into another: never what a proxy, an editor or a parser does by mistake. */
function changed(text: string, at: number, shift: number): string {
  const places = [...text.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index);
  const index = places[at % places.length] as number;
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  const old = alphabet.indexOf(text.charAt(index).toLowerCase());
  const other = alphabet.charAt((old + 1 + (shift % 35)) % 36);
  return text.slice(0, index) + other + text.slice(index + 1);
}

const position = fc.nat(100_000);
const json = fc.json({ maxDepth: 2 }).filter((text) => /[A-Za-z0-9]/.test(text));
const body = fc.oneof(
  json,
  fc
    .record({ id: fc.uuid(), name: fc.string(), status: fc.constantFrom("verified", "failed") })
    .map((event) => JSON.stringify(event)),
  fc.string({ minLength: 1, unit: "grapheme" }).map((text) => `${text}x`),
);

/** What happens to deliveries by mistake. On top of a forgery, none of it makes it explicable. */
const mistakes: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${text}\n`,
  (text) => text.trim(),
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("latin1"),
  (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  },
];

function saysTheSame(a: string, b: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
  } catch {
    return a === b;
  }
}

type Forgery = (
  sender: Sender,
  sent: string,
  at: number,
  shift: number,
) => {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const forgeries: Readonly<Record<string, Forgery>> = {
  "another body": (sender, sent, at, shift) => ({
    headers: sender.headers(sent),
    body: changed(sent, at, shift),
  }),
  "a character more in the body": (sender, sent, at) => {
    const index = at % sent.length;
    return { headers: sender.headers(sent), body: `${sent.slice(0, index)}7${sent.slice(index)}` };
  },
  "a character less in the body": (sender, sent, at) => {
    const text = `${sent}{"status":"verified"}`;
    const places = [...text.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index);
    const index = places[at % places.length] as number;
    return { headers: sender.headers(text), body: text.slice(0, index) + text.slice(index + 1) };
  },
  "another signature": (sender, sent, at, shift) => {
    const headers = sender.headers(sent);
    const value = headers[sender.header] ?? "";
    // Before the last digit, part of which counts for nothing; after the prefix.
    const mac = /[0-9a-f]{64}$|[A-Za-z0-9+/]{43}=$/.exec(value)?.[0] ?? "";
    const index = value.length - mac.length + (at % 40);
    const digit = changed(value.charAt(index).replace(/[+/]/, "a"), 0, shift).replace(/[g-z]/, "0");
    const other = digit === value.charAt(index) ? (digit === "0" ? "1" : "0") : digit;
    return {
      headers: {
        ...headers,
        [sender.header]: value.slice(0, index) + other + value.slice(index + 1),
      },
      body: sent,
    };
  },
  "another time or id": (sender, sent, at) => {
    const other = sender.timed ? now - 1 - (at % 200) : now;
    const headers = Object.entries(sender.headers(sent)).map(([name, value]) => [
      name,
      value.replace(String(now), String(other)).replace("msg_2Lh9", `msg_${at}x`),
    ]);
    return { headers: Object.fromEntries(headers), body: sender.timed ? sent : `${sent}x` };
  },
  "a key that is not ours": (sender, sent, at) => ({
    headers: sender.headers(sent, { key: `a-forger-s-own-key-${at}` }),
    body: sent,
  }),
  "an old capture with another body": (sender, sent, at, shift) => ({
    headers: sender.headers(sent, { time: now - 100_000 }),
    body: changed(sent, at, shift),
  }),
};

const runs = 10_000;

describe("a forgery", () => {
  const limit = Error.stackTraceLimit;
  // Each try makes an error, and most of the time would go into their stacks.
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = limit;
  });

  const players = [
    senders.vove,
    senders.dataspike,
    senders.screver,
    senders.github,
    senders.shopify,
  ];
  const providers = Object.values(senders).map((sender) => sender.provider());

  it("is never explained, whatever else has happened to it", {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...players),
        fc.constantFrom(...Object.entries(forgeries)),
        fc.constantFrom(...mistakes),
        body,
        position,
        fc.nat(34),
        async (sender, [name, forge], mistake, sent, at, shift) => {
          const forged = forge(sender, sent, at, shift);
          // Another spelling of the same number is another writing, and rightly called one.
          fc.pre(!/body/.test(name) || !saysTheSame(forged.body, sent));
          const delivery = { headers: forged.headers, body: mistake(forged.body) };
          const { verdict, findings } = await diagnose(delivery, sender.provider(), {
            now: clock,
            ...(at % 10 === 0 ? { providers, secrets: "another-secret-0123456789" } : {}),
          });
          expect({ verdict, findings }).toEqual({ verdict: "unexplained", findings: [] });
        },
      ),
      { numRuns: runs },
    );
  });

  const text = '{"amount":100,"status":"verified"}';
  const cut = text.indexOf("100");
  /** All that was signed is there, in the order in which it was signed, but not where it was. */
  const moved: Readonly<
    Record<string, readonly [Sender, Readonly<Record<string, string>>, string]>
  > = {
    "the time into the body, of a signed id, time and body": [
      senders.vove,
      senders.vove.headers(text),
      `${now}.${text}`,
    ],
    "the time into the body, of a signed time and body": [
      senders.dataspike,
      senders.dataspike.headers(text),
      `${now}.${text}`,
    ],
    "the beginning of the body into an id": [
      senders.github,
      { ...senders.github.headers(text), "x-request-id": text.slice(0, cut) },
      text.slice(cut),
    ],
  };

  it.each(Object.entries(moved))("that moves %s is not explained", async (_what, given) => {
    const [sender, headers, forged] = given;
    for (const mistake of mistakes) {
      const { verdict, findings } = await diagnose(
        { headers, body: mistake(forged) },
        sender.provider(),
        { now: clock, providers },
      );
      expect({ verdict, findings }).toEqual({ verdict: "unexplained", findings: [] });
    }
  });
});
