import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toFetchHandler } from "../src/adapters/fetch.js";
import type { HandlerContext } from "../src/claims.js";
import type { Delivery } from "../src/delivery.js";
import type { Outcome } from "../src/outcome.js";
import type { Provider } from "../src/provider.js";
import { cr3dentials } from "../src/providers/cr3dentials.js";
import { vove } from "../src/providers/vove.js";
import { createReceiver } from "../src/receiver.js";
import type { Store } from "../src/store.js";
import { memoryStore } from "../src/stores/memory.js";
import { signDelivery, toRequest } from "../src/testing.js";
import { codeOf } from "./helpers/code-of.js";
import { specDelivery, specProvider } from "./helpers/spec-provider.js";

const genuine = specDelivery({ type: "created", id: "1", name: "Nives Ałtamira" });
const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts a delivery whose handler runs until it is told to end. */
function startHandler(store: Store | undefined, options: { leaseMs?: number } = {}) {
  let finish: (error?: Error) => void = () => undefined;
  let context: HandlerContext | undefined;
  const outcomes: Outcome[] = [];
  const receiver = createReceiver(specProvider(), {
    ...(store === undefined ? {} : { store }),
    ...options,
    onOutcome: (outcome) => outcomes.push(outcome as Outcome),
    on: {
      created: (_event, _message, given) => {
        context = given;
        return new Promise<void>((resolve, reject) => {
          finish = (error) => (error === undefined ? resolve() : reject(error));
        });
      },
    },
  });
  const answer = receiver.receive(genuine);
  return {
    receiver,
    answer,
    outcomes,
    finish: (error?: Error) => finish(error),
    signal: () => context?.signal as AbortSignal,
    claim: () => context?.claim,
  };
}

/** A store that another process shares; what this one asks of it can be made to fail. */
function sharedStore() {
  const memory = memoryStore();
  const calls: string[] = [];
  const state = { down: false };
  const store: Store = {
    ...memory,
    renew: async (key, token, options) => {
      calls.push(`renew ${options.leaseMs}`);
      if (state.down) throw new Error("down");
      return memory.renew(key, token, options);
    },
  };
  return { memory, store, calls, state };
}

describe("a handler that outlives its claim's lease", () => {
  it("keeps the claim, and its sender's retry finds it", async () => {
    const { receiver, answer, outcomes, finish, signal } = startHandler(memoryStore());
    await vi.advanceTimersByTimeAsync(9000);
    expect(await answer).toMatchObject({ status: 503, error: { code: "handler_timeout" } });
    for (let minutes = 0; minutes < 30; minutes += 1) {
      await vi.advanceTimersByTimeAsync(minute);
      expect((await receiver.receive(genuine)).kind).toBe("in_progress");
    }
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes.at(-1)).toMatchObject({ kind: "handled", late: true });
    expect((await receiver.receive(genuine)).kind).toBe("duplicate");
    expect(signal().aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives the claim back when it fails after all", async () => {
    const { receiver, finish } = startHandler(memoryStore());
    await vi.advanceTimersByTimeAsync(10 * minute);
    finish(new Error("no"));
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    const again = receiver.receive(genuine);
    await vi.advanceTimersByTimeAsync(0);
    finish();
    expect((await again).kind).toBe("handled");
  });

  it("loses it after an hour, and is told so", async () => {
    const { receiver, finish, signal } = startHandler(memoryStore());
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(signal().aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(minute);
    expect(signal().aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(minute);
    const again = receiver.receive(genuine);
    await vi.advanceTimersByTimeAsync(0);
    finish();
    expect((await again).kind).toBe("handled");
  });
});

describe("a claim", () => {
  it("is renewed three times a lease, while its handler runs and no longer", async () => {
    const { store, calls } = sharedStore();
    const { finish } = startHandler(store, { leaseMs: 30_000 });
    await vi.advanceTimersByTimeAsync(9999);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual(["renew 30000"]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(calls).toHaveLength(3);
    finish();
    await vi.advanceTimersByTimeAsync(minute);
    expect(calls).toHaveLength(3);
  });

  it("is kept until the store knows how it ended", async () => {
    const { memory, store, calls } = sharedStore();
    let settle: () => void = () => undefined;
    const { finish } = startHandler(
      {
        ...store,
        complete: async (...call) => {
          await new Promise<void>((resolve) => {
            settle = resolve;
          });
          await memory.complete(...call);
        },
      },
      { leaseMs: 3000 },
    );
    await vi.advanceTimersByTimeAsync(0);
    finish();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toHaveLength(10);
    settle();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toHaveLength(10);
    expect(await memory.claim("spec:1", { leaseMs: 1 })).toEqual({ state: "done" });
  });

  it("is lost when another has it, and its late holder changes nothing", async () => {
    const { memory, store } = sharedStore();
    const { finish, signal, claim } = startHandler(store, { leaseMs: 3000 });
    await vi.advanceTimersByTimeAsync(0);
    // As if this process had stood still for longer than the lease.
    await memory.release("spec:1", claim()?.token as string);
    expect((await memory.claim("spec:1", { leaseMs: minute })).state).toBe("claimed");
    expect(signal().aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(signal().aborted).toBe(true);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(await memory.claim("spec:1", { leaseMs: 1 })).toEqual({ state: "busy" });
  });

  it("survives a store that is away for a moment", async () => {
    const { store, state } = sharedStore();
    const { receiver, signal } = startHandler(store, { leaseMs: 30_000 });
    for (let turn = 0; turn < 5; turn += 1) {
      state.down = true;
      await vi.advanceTimersByTimeAsync(15_000);
      state.down = false;
      await vi.advanceTimersByTimeAsync(15_000);
      expect((await receiver.receive(genuine)).kind).toBe("in_progress");
    }
    expect(signal().aborted).toBe(false);
  });

  it("is lost when the store is away for as long as the lease", async () => {
    const { store, state, calls } = sharedStore();
    const { signal } = startHandler(store, { leaseMs: 30_000 });
    await vi.advanceTimersByTimeAsync(10_000);
    state.down = true;
    await vi.advanceTimersByTimeAsync(29_999);
    expect(signal().aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal().aborted).toBe(true);
    expect(calls).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(minute);
    expect(calls).toHaveLength(3);
  });

  it("is lost when the store does not answer for as long as the lease, and a late answer counts for nothing", async () => {
    const answers: ((held: boolean) => void)[] = [];
    const store: Store = {
      ...memoryStore(),
      renew: () => new Promise((resolve) => answers.push(resolve)),
    };
    const { signal } = startHandler(store, { leaseMs: 30_000 });
    await vi.advanceTimersByTimeAsync(20_000);
    answers[0]?.(true);
    await vi.advanceTimersByTimeAsync(9999);
    expect(signal().aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal().aborted).toBe(true);
    expect(answers).toHaveLength(2);
  });

  it("is not lost when it is settled while a renewal is under way", async () => {
    const answers: ((held: boolean) => void)[] = [];
    const store: Store = {
      ...memoryStore(),
      renew: () => new Promise((resolve) => answers.push(resolve)),
    };
    const { finish, signal, outcomes } = startHandler(store, { leaseMs: 3000 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers).toHaveLength(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes.at(-1)?.kind).toBe("handled");
    answers[0]?.(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(signal().aborted).toBe(false);
  });

  it("that the store took a third of the lease to give is given back: it may have ended by then", async () => {
    const memory = memoryStore();
    let delayMs = 3334;
    const store: Store = {
      ...memory,
      claim: async (...call) => {
        const claim = await memory.claim(...call);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        return claim;
      },
    };
    const handled: number[] = [];
    const receiver = createReceiver(specProvider(), {
      store,
      leaseMs: 10_000,
      on: { created: () => handled.push(delayMs) },
    });
    const late = receiver.receive(genuine);
    await vi.advanceTimersByTimeAsync(delayMs);
    expect(await late).toMatchObject({ status: 503, error: { code: "store_unavailable" } });
    delayMs = 3333;
    const again = receiver.receive(genuine);
    await vi.advanceTimersByTimeAsync(delayMs);
    expect((await again).kind).toBe("handled");
    expect(handled).toEqual([3333]);
  });

  it("names itself to the handler", async () => {
    const { claim } = startHandler(memoryStore());
    await vi.advanceTimersByTimeAsync(0);
    expect(claim()).toEqual({ key: "spec:1", token: "1", ttlMs: 48 * 60 * minute });
  });

  it("is none without a store, and then nothing is ever lost", async () => {
    const contexts: HandlerContext[] = [];
    const receiver = createReceiver(specProvider(), {
      store: false,
      on: { created: (_event, _message, context) => contexts.push(context) },
      onUnknown: (_message, context) => contexts.push(context),
    });
    await receiver.receive(genuine);
    await receiver.receive(specDelivery({ type: "other", id: "2" }));
    expect(contexts).toHaveLength(2);
    for (const context of contexts) {
      expect(Object.keys(context)).toEqual(["signal"]);
      expect(context.signal.aborted).toBe(false);
    }
  });

  it("is renewed where timers are numbers", async () => {
    const real = setInterval;
    let turns = 0;
    vi.stubGlobal("setInterval", (work: () => void, time: number) =>
      Number(
        real(() => {
          turns += 1;
          work();
        }, time),
      ),
    );
    try {
      const { signal } = startHandler(memoryStore(), { leaseMs: 3000 });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(turns).toBe(10);
      expect(signal().aborted).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("the lease", () => {
  const short = cr3dentials({ signingSecret: "a-secret-for-the-tests" });
  const long = vove({ secret: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==" });
  const unknown = specDelivery({ type: "other", id: "1" });
  const retrying = (delaysSeconds: readonly number[]) => ({
    ...(specProvider() as unknown as Provider),
    retry: { delaysSeconds, source: "here" },
  });

  it.each<[string, Provider, Delivery | undefined, number]>([
    [
      "a minute where nothing is known of retries",
      specProvider() as unknown as Provider,
      unknown,
      minute,
    ],
    [
      "a minute for a sender that retries for hours",
      long as unknown as Provider,
      undefined,
      minute,
    ],
    [
      "half the 31 seconds for which cr3dentials retries",
      short as unknown as Provider,
      undefined,
      15_500,
    ],
    ["never less than five seconds", retrying([1]), unknown, 5000],
    ["a minute where the sender does not retry", retrying([]), unknown, minute],
  ])("is %s", async (_what, provider, given, expected) => {
    const asked: number[] = [];
    const store: Store = {
      ...memoryStore(),
      claim: async (_key, { leaseMs }) => {
        asked.push(leaseMs);
        return { state: "busy" };
      },
    };
    const delivery = given ?? signDelivery(provider, { refId: "user-1", status: "of no type" });
    const receiver = createReceiver(provider, { store, onUnknown: () => undefined });
    expect((await receiver.receive(delivery)).kind).toBe("in_progress");
    expect(asked).toEqual([expected]);
  });

  it("and the time a message is remembered are the application's to set", async () => {
    const asked: number[] = [];
    const memory = memoryStore();
    const store: Store = {
      claim: (key, options) => {
        asked.push(options.leaseMs);
        return memory.claim(key, options);
      },
      complete: async (_key, _token, { ttlMs }) => {
        asked.push(ttlMs);
      },
      release: memory.release,
    };
    await createReceiver(specProvider(), {
      store,
      leaseMs: 20_000,
      ttlMs: 3000,
      on: { created: () => undefined },
    }).receive(genuine);
    expect(asked).toEqual([20_000, 3000]);
  });

  it.each<object>([
    { leaseMs: 999 },
    { leaseMs: 3_600_001 },
    { leaseMs: 9999, store: { ...memoryStore(), renew: undefined } },
    { leaseMs: 1500.5 },
    { leaseMs: Number.NaN },
    { ttlMs: 0 },
    { ttlMs: Number.POSITIVE_INFINITY },
    { store: { ...memoryStore(), renew: true } },
  ])("is refused as %o", async (options) => {
    expect(await codeOf(() => createReceiver(specProvider(), options))).toBe("option_invalid");
  });
});

describe("work that goes on after the answer", () => {
  function start(...rest: readonly unknown[]) {
    let finish: () => void = () => undefined;
    const provider = vove({ secret: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==" });
    const receiver = createReceiver(provider, {
      on: {
        "idv.successful": () =>
          new Promise<void>((resolve) => {
            finish = resolve;
          }),
      },
    });
    const delivery = signDelivery(provider, { status: "successful", refId: "user-1" });
    const request = () => toRequest(delivery, "https://example.test/webhooks/vove");
    const handler = toFetchHandler(receiver);
    return {
      answer: handler(request(), ...rest),
      again: () => handler(request()),
      finish: () => finish(),
    };
  }

  class Context {
    readonly #works: Promise<unknown>[] = [];
    // Like that of Workers, it must not be torn off its object.
    waitUntil(work: Promise<unknown>) {
      this.#works.push(work);
    }
    all() {
      return this.#works;
    }
  }

  it.each<[string, (context: Context) => readonly unknown[]]>([
    ["Workers: request, env, context", (context) => [{ VOVE_SECRET: "…" }, context]],
    ["Next and Vercel: request, event", (context) => [context]],
    ["anything else in between", (context) => [undefined, null, 5, "x", context, new Context()]],
  ])("is given to the runtime that can wait (%s)", async (_what, rest) => {
    const context = new Context();
    const { answer, again, finish } = start(...rest(context));
    await vi.advanceTimersByTimeAsync(14_000);
    expect((await answer).status).toBe(503);
    expect(context.all()).toHaveLength(1);
    let ended = false;
    const waited = Promise.all(context.all()).then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended).toBe(false);
    finish();
    await waited;
    // The claim is complete by then, so the runtime may stop.
    expect((await again()).status).toBe(200);
  });

  it("includes what watches, also after the deadline", async () => {
    for (const runsMs of [1000, 20_000]) {
      const context = new Context();
      const seen: string[] = [];
      const provider = vove({ secret: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==" });
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const receiver = createReceiver(provider, {
        on: { "idv.successful": () => pause(runsMs) },
        onOutcome: async (outcome) => {
          await pause(500);
          seen.push(`${outcome.kind}${outcome.late ? " late" : ""}`);
        },
      });
      const delivery = signDelivery(provider, { status: "successful", refId: "user-1" });
      const answer = toFetchHandler(receiver)(
        toRequest(delivery, "https://example.test/"),
        context,
      );
      await vi.advanceTimersByTimeAsync(14_000);
      await answer;
      const waited = Promise.all(context.all());
      await vi.advanceTimersByTimeAsync(10_000);
      await waited;
      expect(seen.at(-1)).toBe(runsMs === 1000 ? "handled" : "handled late");
    }
  });

  it("includes giving back a claim that comes after the deadline", async () => {
    const context = new Context();
    const memory = memoryStore();
    const provider = vove({ secret: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==" });
    const receiver = createReceiver(provider, {
      store: {
        ...memory,
        claim: async (...call) => {
          const claim = await memory.claim(...call);
          await new Promise((resolve) => setTimeout(resolve, 15_000));
          return claim;
        },
      },
      on: { "idv.successful": () => undefined },
    });
    const delivery = signDelivery(provider, { status: "successful", refId: "user-1" }, { id: "m" });
    const answer = toFetchHandler(receiver)(toRequest(delivery, "https://example.test/"), context);
    await vi.advanceTimersByTimeAsync(14_000);
    expect((await answer).status).toBe(503);
    const waited = Promise.all(context.all());
    await vi.advanceTimersByTimeAsync(1000);
    await waited;
    expect((await memory.claim("vove:m", { leaseMs: 1 })).state).toBe("claimed");
  });

  it("is nothing that has to be waited for where the sender is not proven", async () => {
    const context = new Context();
    const provider = vove({ secret: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==" });
    const request = new Request("https://example.test/", { method: "POST", body: "{}" });
    expect((await toFetchHandler(createReceiver(provider))(request, context)).status).toBe(401);
    expect(context.all()).toEqual([]);
  });

  it("goes on where nothing can wait, and where waiting is refused", async () => {
    const refusing = {
      waitUntil: () => {
        throw new Error("too late");
      },
    };
    for (const rest of [[], [{}], [refusing]]) {
      const { answer, finish } = start(...rest);
      await vi.advanceTimersByTimeAsync(0);
      finish();
      expect((await answer).status).toBe(200);
    }
  });
});
