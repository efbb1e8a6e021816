import { readFileSync } from "node:fs";
import { verify, verifyWithFallback } from "@octokit/webhooks-methods";
import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isWebhookError } from "../../src/errors.js";
import { verifyHmac } from "../../src/schemes/hmac.js";
import { verifySvix } from "../../src/schemes/svix.js";
import { type HexCase, hexCases, type StandardCase, standardCases, time } from "./cases.js";
import { differences, type Peer, type Verdict, versions } from "./differences.js";

type Check<Case> = (one: Case) => unknown;

/** Accepted is what does not throw, reject or return false. */
async function verdictOf<Case>(check: Check<Case>, one: Case): Promise<Verdict> {
  try {
    return (await check(one)) === false ? "refuses" : "accepts";
  } catch {
    return "refuses";
  }
}

async function ourVerdict<Case>(check: Check<Case>, one: Case): Promise<Verdict> {
  try {
    await check(one);
    return "accepts";
  } catch (error) {
    if (isWebhookError(error)) return "refuses";
    throw error;
  }
}

// The peers have no clock of their own to set.
beforeAll(() => void vi.useFakeTimers({ now: time * 1000, toFake: ["Date"] }));
afterAll(() => void vi.useRealTimers());

function versionOf(peer: string): string {
  const path = new URL(`../../node_modules/${peer}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

const ours: Check<StandardCase> = ({ secret, headers, body }) =>
  verifySvix({ headers: headers as never, body }, { secret });
const oursHex: Check<HexCase> = ({ secrets, signature, body }) =>
  verifyHmac(
    { headers: { "x-hub-signature-256": signature }, body },
    { secret: secrets, header: "x-hub-signature-256", prefix: "sha256=" },
  );

const peers: readonly {
  readonly peer: Peer;
  readonly run: () => readonly (readonly [string, fc.Arbitrary<unknown>])[];
  readonly theirs: Check<never>;
  readonly ours: Check<never>;
}[] = [
  {
    peer: "svix",
    run: () => Object.entries(standardCases),
    theirs: ({ secret, headers, body }: StandardCase) =>
      new SvixWebhook(secret).verify(body as string, headers as never),
    ours,
  },
  {
    peer: "standardwebhooks",
    run: () => Object.entries(standardCases),
    // Like for like: whether the body is JSON is another question.
    theirs: ({ secret, headers, body }: StandardCase) =>
      new StandardWebhook(secret).verify(body as string, headers as never, { jsonParse: false }),
    ours,
  },
  {
    peer: "@octokit/webhooks-methods",
    run: () => Object.entries(hexCases),
    theirs: ({ secrets: [secret = "", ...others], signature, body }: HexCase) =>
      others.length === 0
        ? verify(secret, body as string, signature)
        : verifyWithFallback(secret, body as string, signature, others),
    ours: oursHex,
  },
];

describe.each(peers)("beside $peer", ({ peer, run, theirs, ours }) => {
  const rows = differences.filter((row) => row.peers.includes(peer));

  it("the rows are about the version that is installed, and about cases that there are", () => {
    expect(versions[peer]).toBe(versionOf(peer));
    const named = rows.map(({ what }) => what);
    expect(new Set(named).size).toBe(named.length);
    for (const what of named) expect(run().map(([name]) => name)).toContain(what);
  });

  it.each(run())("the verdict on %s is the same, or a row says why not", async (what, cases) => {
    const found = new Set<string>();
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const theirVerdict = await verdictOf(theirs, one as never);
        const same = theirVerdict === (await ourVerdict(ours, one as never));
        found.add(same ? "the same" : `theirs ${theirVerdict}, ours does not`);
      }),
      { numRuns: 25 },
    );
    const row = rows.find((one) => one.what === what);
    expect([...found]).toEqual([
      row === undefined ? "the same" : `theirs ${row.theirs}, ours does not`,
    ]);
  });
});
