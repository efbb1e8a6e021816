import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { defineProvider } from "../src/provider.js";
import { type DataspikeEvents, dataspike, dataspikeSamples } from "../src/providers/dataspike.js";
import { screver } from "../src/providers/screver.js";
import { vove } from "../src/providers/vove.js";
import { createReceiver } from "../src/receiver.js";
import type { ReceiverOptions } from "../src/receiver-options.js";
import { hmac } from "../src/schemes/hmac.js";
import { signDelivery } from "../src/testing.js";

const secret = `whsec_${Buffer.alloc(32, 7).toString("hex")}`;
const provider = dataspike({ secret });
const event = { ...dataspikeSamples.DOCVER, is_sandbox: false, attempts: 3, response_code: 500 };
const source = "history";

function receiving(options: ReceiverOptions<DataspikeEvents> = {}) {
  const handler = vi.fn();
  return { handler, receiver: createReceiver(provider, { on: { DOCVER: handler }, ...options }) };
}

describe("recover", () => {
  it("has an event handled as a delivery is, and says where it comes from", async () => {
    const { receiver, handler } = receiving();
    const outcome = await receiver.recover({ event, source });
    expect(outcome).toMatchObject({
      kind: "handled",
      status: 200,
      message: {
        id: event.id,
        type: "DOCVER",
        decision: "positive",
        subject: event.payload.applicant_id,
        delivery: { scheme: "history", secret: { index: 0 }, bindsBody: true },
      },
    });
    expect(handler.mock.calls[0]?.[0]).toEqual(event);
    const { delivery } = handler.mock.calls[0]?.[1] ?? {};
    expect(delivery.json()).toEqual(event);
    expect(delivery.text()).toBe(JSON.stringify(event));
    expect(delivery).not.toHaveProperty("id");
  });

  it("is a duplicate after the delivery, and the delivery is one after it", async () => {
    const { receiver, handler } = receiving();
    expect((await receiver.receive(await signDelivery(provider, event))).kind).toBe("handled");
    expect((await receiver.recover({ event, source })).kind).toBe("duplicate");
    const other = { ...event, id: "1ed2fb46-0000-6a33-a9ef-7553f473af46" };
    expect((await receiver.recover({ event: other, source })).kind).toBe("handled");
    expect((await receiver.receive(await signDelivery(provider, other))).kind).toBe("duplicate");
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("is not confirmed again: the answer of the API is what confirms", async () => {
    const confirm = vi.fn(() => false);
    const unsigned = dataspike({ unsigned: "i-accept-forged-events" });
    const receiver = createReceiver(unsigned, { on: { DOCVER: () => undefined }, confirm });
    expect((await receiver.recover({ event, source })).kind).toBe("handled");
    expect(confirm).not.toHaveBeenCalled();
  });

  it("goes through the schema, onInvalid and onOutcome as any", async () => {
    const onInvalid = vi.fn();
    const onOutcome = vi.fn();
    const { receiver, handler } = receiving({ onInvalid, onOutcome });
    const broken = { ...event, payload: {} };
    expect(await receiver.recover({ event: broken, source })).toMatchObject({
      kind: "rejected",
      status: 422,
      error: { code: "payload_invalid" },
    });
    expect(onInvalid).toHaveBeenCalledTimes(1);
    expect(onOutcome).toHaveBeenCalledTimes(1);
    expect(onOutcome.mock.calls[0]?.[1].delivery).toBeUndefined();
    expect(
      await receiver.recover({ event: { ...event, event_type: "NEW" }, source }),
    ).toMatchObject({ kind: "ignored", reason: "unknown_type" });
    expect(handler).not.toHaveBeenCalled();
  });

  it("gives the claim back when the handler fails", async () => {
    const { receiver, handler } = receiving();
    handler.mockRejectedValueOnce(new Error("no"));
    expect(await receiver.recover({ event, source })).toMatchObject({
      status: 500,
      error: { code: "handler_failed" },
    });
    expect((await receiver.recover({ event, source })).kind).toBe("handled");
  });

  it("takes what a scheme would have read from headers: the id, and whose secret fitted", async () => {
    const user = { status: "successful", refId: "customer-7" };
    const signed = vove({ secret: `whsec_${Buffer.alloc(24, 1).toString("base64")}` });
    const one = createReceiver(signed, { on: { "idv.successful": () => undefined } });
    expect(await one.recover({ event: user, source, messageId: "msg_1" })).toMatchObject({
      kind: "handled",
      message: { id: "msg_1", delivery: { id: "msg_1" } },
    });
    const typed = screver({
      endpoints: [{ secret: "f6353acf-bca0-4992-8313-0d509f80c4f1", type: "surveyCompleted" }],
    });
    const other = createReceiver(typed, { on: { surveyCompleted: () => undefined } });
    const survey = { timestamp: "2026-03-01T09:00:00Z", meta: {} };
    const outcome = await other.recover({
      event: survey,
      source,
      secret: { index: 0, label: "surveyCompleted" },
      headers: { "x-note": "1" },
    });
    expect(outcome).toMatchObject({ kind: "handled", message: { type: "surveyCompleted" } });
  });

  it("reads headers as often as the provider does, also from an iterator", async () => {
    const schema = {
      "~standard": { version: 1, vendor: "own", validate: (value: unknown) => ({ value }) },
    } as const;
    const own = defineProvider({
      name: "own",
      scheme: hmac({ secret: "0123456789abcdef", header: "x-signature" }),
      schema: { push: schema },
      type: (_event, { header }) => header("x-type"),
      id: (_event, { header }) => header("x-id"),
    });
    const { recover } = createReceiver(own, { on: { push: () => undefined } });
    const headers = new Headers({ "x-type": "push", "x-id": "id-1" });
    const outcome = await recover({ event: {}, source, headers: headers.entries() });
    expect(outcome).toMatchObject({ kind: "handled", message: { type: "push", id: "id-1" } });
    expect((await recover({ event: {}, source, headers })).kind).toBe("duplicate");
  });

  const loop: Record<string, unknown> = {};
  loop.loop = loop;
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no event", { source }],
    ["no source", { event }],
    ["an event that is no JSON", { event: loop, source }],
    ["a function for an event", { event: () => event, source }],
    ["a number that JSON does not have", { event: { id: 1n }, source }],
  ])("never throws: %s is payload_not_json", async (_what, given) => {
    const { receiver } = receiving();
    expect(await receiver.recover(given as never)).toMatchObject({
      kind: "rejected",
      error: { code: "payload_not_json" },
      cause: expect.any(TypeError),
    });
  });

  it("makes an outcome of whatever JSON", async () => {
    const { receiver } = receiving();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const outcome = await receiver.recover({ event: value, source });
        expect(["ignored", "rejected"]).toContain(outcome.kind);
      }),
    );
  });
});
