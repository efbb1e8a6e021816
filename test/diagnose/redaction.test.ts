import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { diagnose, explainFailures } from "../../src/diagnose.js";
import { bodyBytes } from "../../src/internal/body.js";
import { createReceiver } from "../../src/receiver.js";
import { type Canary, leaksIn } from "../helpers/leaks.js";
import { specProvider, specSecret } from "../helpers/spec-provider.js";
import { all } from "./senders.js";
import { table } from "./table.js";

const whole = { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null };

/** Everything that a reader of a diagnosis could see. */
const viewsOf = (value: unknown): string =>
  [JSON.stringify(value), inspect(value, { ...whole, showHidden: true, getters: true })].join("\n");

/** The MACs that would be right for a body, under a key, for all that anybody signs. */
function macsOf(key: string | Uint8Array, body: Uint8Array, time: string): readonly string[] {
  return ["", `${time}.`, `msg_2Lh9.${time}.`].flatMap((prefix) =>
    ["sha1", "sha256", "sha512"].flatMap((hash) => {
      const mac = createHmac(hash, key).update(prefix).update(body).digest();
      return [mac.toString("hex"), mac.toString("base64")];
    }),
  );
}

const secrets: readonly Canary[] = [
  ...all.flatMap(({ secret, key }) => [secret, key]),
  "a-shared-header-value-0123",
  "fixed-token-0123456789abcdef",
  "the-sandbox-s-value-0123",
].map((secret) =>
  // What everybody knows of a secret is no leak.
  typeof secret === "string" ? secret.replace(/^whsec_/, "") : secret,
);
const person: readonly Canary[] = ["Amélie Brontë", 'evt_7","refId', "example.test/a/b"];

describe("a diagnosis", () => {
  it("shows no secret, no signature, right or wrong, and nothing of the body", {
    timeout: 120_000,
  }, async () => {
    const leaks: string[] = [];
    for (const [index, { title, delivery, provider, options }] of table.entries()) {
      // Every third: what is looked for is long, and the sentences are the same.
      if (index % 3 !== 0) continue;
      const diagnosis = await diagnose(delivery, provider, options);
      const values = [...new Headers(delivery.headers as HeadersInit).values()].filter(
        (value) => value.length > 20,
      );
      const isBody = typeof delivery.body === "string" || delivery.body instanceof Uint8Array;
      const body = isBody ? bodyBytes(delivery) : new Uint8Array();
      const key = all.find(({ name }) => title.startsWith(name))?.key ?? "";
      const canaries = [...secrets, ...person, ...values, ...macsOf(key, body, "1795000000")];
      leaks.push(...leaksIn(viewsOf(diagnosis), canaries).map((leak) => `${title}: ${leak}`));
    }
    expect(leaks).toEqual([]);
  });

  it("names no header that a terminal would read as a command", async () => {
    const name = "x-evil\u001b[2J-signature";
    const mac = createHmac("sha256", specSecret).update("{}").digest("hex");
    const delivery = { headers: [[name, mac]] as [string, string][], body: "{}" };
    const { findings } = await diagnose(delivery, specProvider());
    expect(findings.map(({ code }) => code)).toEqual(["header_renamed"]);
    expect(JSON.stringify(findings)).not.toMatch(/evil|u001b/);
  });

  it("in a log is as silent", async () => {
    const lines: string[] = [];
    const { onOutcome, done } = waiting(explainFailures((line) => lines.push(line)));
    const receiver = createReceiver(specProvider(), { onOutcome });
    const body = '{ "type": "created", "id": "1", "name": "Amélie Brontë" }';
    const mac = createHmac("sha256", specSecret).update(body).digest("hex");
    await receiver.receive({
      headers: { "x-signature": mac },
      body: JSON.stringify(JSON.parse(body)),
    });
    await done();
    expect(lines.length).toBe(1);
    expect(
      leaksIn(lines.join("\n"), [
        specSecret,
        mac,
        "Amélie Brontë",
        ...macsOf(specSecret, Buffer.from(body), "0"),
      ]),
    ).toEqual([]);
  });
});

type Observer = ReturnType<typeof explainFailures>;

/** Waits for what an observer still does. */
function waiting(observe: Observer): { onOutcome: Observer; done: () => Promise<unknown> } {
  const work: Promise<void>[] = [];
  return {
    onOutcome: (outcome, context) => {
      const one = observe(outcome, context);
      work.push(one);
      return one;
    },
    done: () => Promise.all(work),
  };
}
