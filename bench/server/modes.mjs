// What a route does with the bytes it has received. Every mode ends with the parsed body, or throws.

import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createReceiver, defineProvider, svix as scheme } from "countersign";
import Stripe from "stripe";
import { Webhook } from "svix";

export const names = ["none", "countersign", "svix", "stripe", "by hand"];

function byHand(key) {
  const secret = createSecretKey(key);
  return (headers, body) => {
    const timestamp = headers["svix-timestamp"];
    const hmac = createHmac("sha256", secret).update(`${headers["svix-id"]}.${timestamp}.`);
    const expected = Buffer.from(hmac.update(body).digest("base64"));
    const given = Buffer.from(String(headers["svix-signature"]).slice("v1,".length));
    const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;
    if (!fresh || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Error("forged");
    }
    return JSON.parse(body.toString());
  };
}

/** @returns Functions of headers and body. */
export function makeModes({ whsec, text }) {
  const prepared = scheme({ secret: whsec });
  const webhook = new Webhook(whsec);
  const { webhooks } = new Stripe("sk_test_none");
  return {
    none: (_headers, body) => JSON.parse(body.toString()),
    countersign: (headers, body) => prepared.verify({ headers, body }).json(),
    svix: (headers, body) => {
      webhook.verify(body, headers);
      return JSON.parse(body.toString());
    },
    stripe: (headers, body) => webhooks.constructEvent(body, headers["stripe-signature"], text),
    "by hand": byHand(Buffer.from(whsec.slice("whsec_".length), "base64")),
  };
}

/** The whole of countersign: adapter, receiver, a schema that says yes, no claims. */
export function makeReceiver({ whsec }) {
  const schema = {
    "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) },
  };
  const provider = defineProvider({ name: "bench", scheme: scheme({ secret: whsec }), schema });
  return createReceiver(provider, { store: false, on: { event: () => undefined } });
}
