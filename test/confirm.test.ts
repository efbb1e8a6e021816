import { describe, expect, expectTypeOf, it, vi } from "vitest";
import type { ConfirmContext } from "../src/index.js";
import type { KnownMessage, MessageOf } from "../src/message.js";
import { defineProvider } from "../src/provider.js";
import { type DataspikeEvents, dataspike, dataspikeSamples } from "../src/providers/dataspike.js";
import { createReceiver } from "../src/receiver.js";
import type { ReceiverOptions } from "../src/receiver-options.js";
import { headerSecret } from "../src/schemes/header-secret.js";
import { memoryStore } from "../src/stores/memory.js";
import { specDelivery, specProvider } from "./helpers/spec-provider.js";

const secret = "a-header-secret-of-some-length";
const event = dataspikeSamples.DOCVER;
const unsigned = dataspike({ unsigned: "i-accept-forged-events" });
const delivery = { headers: {}, body: JSON.stringify(event) };

type Options = ReceiverOptions<DataspikeEvents>;

function receiving(options: Options, provider = unsigned) {
  const handler = vi.fn();
  const store = memoryStore();
  const claim = vi.spyOn(store, "claim");
  const receiver = createReceiver(provider, { store, on: { DOCVER: handler }, ...options });
  return { handler, claim, receive: (given = delivery) => receiver.receive(given), receiver };
}

describe("confirm", () => {
  it("is asked before an event is handled that nothing binds, and lets it through with true", async () => {
    const confirm = vi.fn(
      async (_message: MessageOf<DataspikeEvents>, _context: ConfirmContext) => {
        expect(handler).not.toHaveBeenCalled();
        expect(claim).not.toHaveBeenCalled();
        return true;
      },
    );
    const { handler, claim, receive } = receiving({ confirm });
    expect(await receive()).toMatchObject({ kind: "handled", status: 200 });
    expect(confirm).toHaveBeenCalledTimes(1);
    expect(confirm.mock.calls[0]?.[0]).toMatchObject({
      id: event.id,
      event,
      delivery: { scheme: "unsigned", bindsBody: false },
    });
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("refuses with false: 401, no handler, no claim, nothing handed out", async () => {
    const { handler, claim, receive } = receiving({ confirm: () => false });
    const outcome = await receive();
    expect(outcome).toMatchObject({
      kind: "rejected",
      status: 401,
      error: { code: "event_unconfirmed", stage: "verify" },
    });
    expect(outcome).not.toHaveProperty("message");
    expect(outcome).not.toHaveProperty("cause");
    expect(handler).not.toHaveBeenCalled();
    expect(claim).not.toHaveBeenCalled();
  });

  it("handles the genuine one that comes after a forged one of the same id", async () => {
    const confirm = (message: MessageOf<DataspikeEvents>) =>
      (message as KnownMessage<(typeof dataspikeSamples)["DOCVER"]>).event.payload.status ===
      event.payload.status;
    const { handler, receive } = receiving({ confirm });
    const forged = { ...event, payload: { ...event.payload, status: "failed" } };
    expect((await receive({ headers: {}, body: JSON.stringify(forged) })).status).toBe(401);
    expect((await receive()).kind).toBe("handled");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  const failure = new Error("the API is out of reach");
  it.each<[string, () => unknown, unknown]>([
    [
      "throws",
      () => {
        throw failure;
      },
      failure,
    ],
    ["rejects", () => Promise.reject(failure), failure],
    ["answers nothing", () => undefined, expect.any(TypeError)],
    ["answers something else that is true", () => "yes", expect.any(TypeError)],
    ["answers an object", async () => ({ confirmed: true }), expect.any(TypeError)],
  ])("has the sender retry when it %s", async (_how, confirm, cause) => {
    const { handler, receive } = receiving({ confirm: confirm as Options["confirm"] });
    expect(await receive()).toEqual({
      kind: "rejected",
      status: 503,
      error: expect.objectContaining({ code: "confirmation_unavailable", stage: "verify" }),
      cause,
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it("has the sender retry when it is not answered before the deadline, and aborts", async () => {
    let signal: AbortSignal | undefined;
    const { handler, receive } = receiving({
      deadlineMs: 30,
      confirm: (_message, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      },
    });
    expect(await receive()).toMatchObject({
      status: 503,
      error: { code: "confirmation_unavailable" },
    });
    expect(signal?.aborted).toBe(true);
    expect(handler).not.toHaveBeenCalled();
  });

  it("does not have an answer of true count that comes after the deadline", async () => {
    let answer: (value: boolean) => void = () => undefined;
    const { handler, receive } = receiving({
      deadlineMs: 30,
      confirm: () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    });
    await receive();
    answer(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(handler).not.toHaveBeenCalled();
  });

  it("is asked for a header secret, and not where a signature covers the body", async () => {
    const confirm = vi.fn(() => true);
    const byHeader = dataspike({ header: { name: "x-secret", value: secret } });
    const { receive, handler } = receiving({ confirm }, byHeader);
    expect(
      (await receive({ headers: { "x-secret": secret } as never, body: delivery.body })).kind,
    ).toBe("handled");
    expect(confirm).toHaveBeenCalledTimes(1);
    expect(handler).toHaveBeenCalledTimes(1);
    const signed = vi.fn(() => true);
    const receiver = createReceiver(specProvider(), {
      on: { created: () => undefined },
      confirm: signed,
    });
    const genuine = specDelivery({ type: "created", id: "1", name: "x" });
    expect((await receiver.receive(genuine)).kind).toBe("handled");
    expect(signed).not.toHaveBeenCalled();
  });

  it("is asked where a scheme of one's own does not say what it binds", async () => {
    const scheme = headerSecret({ secret, header: "x-secret" });
    const schema = { created: passing };
    const silent = {
      ...scheme,
      verify: (given: Parameters<typeof scheme.verify>[0]) => ({
        ...scheme.verify(given),
        bindsBody: undefined as never,
      }),
    };
    const confirm = vi.fn(() => false);
    const receiver = createReceiver(defineProvider({ name: "own", scheme: silent, schema }), {
      on: { created: () => undefined },
      confirm,
    });
    const body = JSON.stringify({ type: "created" });
    expect((await receiver.receive({ headers: { "x-secret": secret }, body })).status).toBe(401);
    expect(confirm).toHaveBeenCalledTimes(1);
  });

  it("is not asked for what no handler takes, and is for what onUnknown takes", async () => {
    const confirm = vi.fn(() => false);
    const renamed = { headers: {}, body: JSON.stringify({ ...event, event_type: "NEW" }) };
    const { receive } = receiving({ confirm });
    expect(await receive(renamed)).toMatchObject({ kind: "ignored", reason: "unknown_type" });
    expect(confirm).not.toHaveBeenCalled();
    const onUnknown = vi.fn();
    const second = receiving({ confirm, onUnknown });
    expect((await second.receive(renamed)).status).toBe(401);
    expect(onUnknown).not.toHaveBeenCalled();
  });

  it("keeps events that cannot be confirmed from onInvalid", async () => {
    const onInvalid = vi.fn(() => "acknowledge");
    const broken = { headers: {}, body: JSON.stringify({ ...event, payload: {} }) };
    const { receive } = receiving({ confirm: () => true, onInvalid });
    expect(await receive(broken)).toMatchObject({
      status: 422,
      error: { code: "payload_invalid" },
    });
    expect(onInvalid).not.toHaveBeenCalled();
    expect((await receiving({ onInvalid }).receive(broken)).status).toBe(200);
    expect(onInvalid).toHaveBeenCalledTimes(1);
  });

  it("is typed by the provider's events", () => {
    expectTypeOf<Parameters<NonNullable<Options["confirm"]>>[0]>().toEqualTypeOf<
      MessageOf<DataspikeEvents>
    >();
  });
});

const passing = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
  },
};
