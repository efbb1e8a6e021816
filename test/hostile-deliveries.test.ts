import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWebhookError } from "../src/errors.js";
import { createReceiver } from "../src/receiver.js";
import { anyBody, anyHeaders, anyValue, made } from "./helpers/arbitrary.js";
import { genuine } from "./helpers/genuine.js";
import { expectPristine, expectSilent } from "./helpers/sound.js";

const providers = [
  ...new Map(
    genuine.map(({ title, provider, now }) => [
      title.replace(/,[^,]*$/, ""),
      { provider, now, name: title.replace(/,[^,]*$/, "") },
    ]),
  ).values(),
];
const names = [
  ...["svix-id", "svix-timestamp", "svix-signature", "authorization", "x-webhook-signature"],
  ...["x-api-signature", "content-length", "content-encoding", "x-header-secret"],
];
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("5", "identity", "gzip", "Bearer x.y.z", "t=1,v1=", "msg_1", "1e400", "-1"),
  fc.array(anyValue, { maxLength: 2 }),
  anyValue,
);
const mark = "Zdravka-7391";
const marked = fc.oneof(anyBody, fc.constant(`{"name":"${mark}`), fc.constant(`"${mark}"`));

describe.each(providers)("$name", ({ provider, now }) => {
  it("rejects whatever is posted with an error of ours, or reads it where it is told to", async () => {
    await fc.assert(
      fc.asyncProperty(anyHeaders(names, values), marked, async (headers, body) => {
        try {
          const delivery = { headers: made(headers), body: made(body) };
          const message = await provider.verify(delivery as never, { now });
          expect(provider.scheme.name).toBe("unsigned");
          expect(message.provider).toBe(provider.name);
        } catch (error) {
          expectSilent(error, [mark]);
        }
        expectPristine();
      }),
      { numRuns: 150 },
    );
  });

  it("has an outcome for whatever is posted", async () => {
    const receiver = createReceiver(provider, { now });
    const methods = fc.oneof(fc.constantFrom("POST", "GET", "post", ""), anyValue);
    const reading = fc.oneof(
      marked.map((body) => async () => made(body)),
      fc.constant(async () => {
        throw new Error(mark);
      }),
      fc.constant(() => {
        throw new Error(mark);
      }),
    );
    const deliveries = fc.oneof(
      fc.record({ headers: anyHeaders(names, values), body: marked }),
      fc.record({ method: methods, headers: anyHeaders(names, values), body: reading }),
      anyValue,
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async (delivery) => {
        const parts = delivery as { method?: unknown; headers?: unknown; body?: unknown };
        const whole = Object.hasOwn(Object(delivery), "headers")
          ? { ...parts, headers: made(parts.headers), body: made(parts.body) }
          : made(delivery);
        const outcome = await receiver.receive(whole as never);
        if (outcome.kind === "rejected") {
          expect(isWebhookError(outcome.error)).toBe(true);
          expectSilent(outcome.error, [mark]);
          expect(outcome.status).toBe(outcome.error.status);
        } else {
          expect([provider.scheme.name, outcome.kind]).toEqual(["unsigned", "ignored"]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
