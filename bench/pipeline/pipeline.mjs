// What a delivery costs from its bytes to the handled event, stage by stage, beside JSON.parse alone:
//   pipeline.mjs <settings as JSON>

import { randomBytes } from "node:crypto";
import { createReceiver, defineProvider, memoryStore, stampedHmac } from "countersign";
import { dataspike, dataspikeEvent } from "countersign/providers/dataspike";
import { signDelivery } from "countersign/testing";
import { measureRounds } from "../lib/rounds.mjs";
import { docver } from "./docver.mjs";

const secret = `whsec_${randomBytes(32).toString("hex")}`;
const provider = dataspike({ secret });
/** A schema that takes anything: what is left is all but the schema. */
const anything = { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } };
const unchecked = defineProvider({
  name: "unchecked",
  scheme: stampedHmac({ secret, header: "x-webhook-signature", secretEncoding: "hex" }),
  schema: { DOCVER: anything },
  type: "event_type",
  id: "id",
  subject: (event) => event.payload.applicant_id,
  occurredAt: "timestamp",
  decision: (event) => (event.payload.status === "verified" ? "positive" : undefined),
});
const on = { DOCVER: () => undefined };
const receiver = createReceiver(provider, { store: false, on });

// To the store each message is a new one, as it is in life.
const store = memoryStore({ maxEntries: 10_000 });
let messages = 0;
const key = () => `docver:${messages}`;
const fresh = createReceiver(provider, {
  on,
  store: {
    ...store,
    claim: (_key, lease) => {
      messages += 1;
      return store.claim(key(), lease);
    },
    complete: (_key, token, settings) => store.complete(key(), token, settings),
  },
});

const delivery = signDelivery(provider, docver);
const text = JSON.stringify(docver);
const bytes = Buffer.from(delivery.body);
const parsed = JSON.parse(text);
const verified = provider.scheme.verify(delivery);
const [plain] = dataspikeEvent.def.options;

if (bytes.toString() !== text) throw new Error("the sample is sent as something else");
if ((await provider.verify(delivery)).type !== "DOCVER") throw new Error("not verified");
if ((await unchecked.verify(delivery)).known !== true) throw new Error("not known");
if ((await receiver.receive(delivery)).kind !== "handled") throw new Error("not handled");
for (let time = 0; time < 2; time += 1) {
  if ((await fresh.receive(delivery)).kind !== "handled") throw new Error("not handled");
}

const run = {
  "JSON.parse(text)": () => JSON.parse(text),
  "JSON.parse(bytes.toString())": () => JSON.parse(bytes.toString()),
  "decode: delivery.text()": () => verified.text(),
  "decode + parse: delivery.json()": () => verified.json(),
  "verify: scheme alone": () => provider.scheme.verify(delivery),
  "verify + parse": () => provider.scheme.verify(delivery).json(),
  "schema alone, interpreted": () => plain["~standard"].validate(parsed),
  "parse + schema: provider.read": () => provider.read(verified),
  "verify + parse, no schema: provider.verify": () => unchecked.verify(delivery),
  "verify + parse + schema: provider.verify": () => provider.verify(delivery),
  "… + handler: receiver, no store": () => receiver.receive(delivery),
  "… + claim: receiver, memory store": () => fresh.receive(delivery),
};
const asynchronous = new Set(Object.keys(run).filter((name) => /provider|receiver/.test(name)));

async function time(name, iterations) {
  const one = run[name];
  const begin = performance.now();
  if (asynchronous.has(name)) for (let index = 0; index < iterations; index += 1) await one();
  else for (let index = 0; index < iterations; index += 1) one();
  return performance.now() - begin;
}

const settings = JSON.parse(process.argv[2]);
const names = Object.keys(run);
// Of the young alone: when all objects of a kind are gone at once, so is the code that was compiled for them, which a
// server at work does not see.
const collect = () => globalThis.gc?.({ type: "minor" });
const samples = await measureRounds({ names, time, ...settings, collect });
console.log(JSON.stringify({ bytes: bytes.length, samples }));
process.exit(0);
