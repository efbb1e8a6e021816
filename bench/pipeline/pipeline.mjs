// What a delivery costs from its bytes to the typed event, beside JSON.parse alone:  pipeline.mjs <settings as JSON>

import { randomBytes } from "node:crypto";
import { createReceiver } from "countersign";
import { dataspike, dataspikeEvent, dataspikeSamples } from "countersign/providers/dataspike";
import { signDelivery } from "countersign/testing";
import { collect } from "../lib/collect.mjs";
import { measureRounds } from "../lib/rounds.mjs";

const provider = dataspike({ secret: `whsec_${randomBytes(32).toString("hex")}` });
const receiver = createReceiver(provider, { store: false, on: { DOCVER: () => undefined } });
const memory = createReceiver(provider, { on: { DOCVER: () => undefined } });
const event = dataspikeSamples.DOCVER;
const delivery = signDelivery(provider, event);
const text = JSON.stringify(event);
const bytes = Buffer.from(delivery.body);
const parsed = JSON.parse(text);

if (bytes.toString() !== text) throw new Error("the sample is sent as something else");
if ((await provider.verify(delivery)).type !== "DOCVER") throw new Error("not verified");
if ((await receiver.receive(delivery)).kind !== "handled") throw new Error("not handled");

const run = {
  "JSON.parse(text)": () => JSON.parse(text),
  "JSON.parse(bytes.toString())": () => JSON.parse(bytes.toString()),
  "verify: scheme alone": () => provider.scheme.verify(delivery),
  "verify + parse": () => provider.scheme.verify(delivery).json(),
  "schema alone": () => dataspikeEvent.parse(parsed),
  "verify + parse + schema: provider.verify": () => provider.verify(delivery),
  "… + handler: receiver, no store": () => receiver.receive(delivery),
  "… + claim: receiver, memory store": () => memory.receive(delivery),
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
const samples = await measureRounds({ names, time, ...settings, collect });
console.log(JSON.stringify({ bytes: bytes.length, samples }));
process.exit(0);
