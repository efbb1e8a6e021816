import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { refreshed } from "../../src/internal/refreshed.js";
import { shortMemory } from "../../src/internal/short-memory.js";

// In a worker, what a request has begun ends with that request: its timers never fire and its fetch never settles. The
// requests that wait for it, and those after them, must not end with it.

const clock = () => 1_700_000_000_000;
const gone = new Promise<never>(() => undefined);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.catch(() => "failed");
}

it("fetches again after a fetch that went with its request", async () => {
  let answer: Promise<string> = gone;
  const keys = refreshed(() => answer, clock);
  void outcomeOf(keys.get(0));
  await vi.advanceTimersByTimeAsync(0);
  vi.clearAllTimers();

  const waiting = outcomeOf(keys.get(0));
  await vi.advanceTimersByTimeAsync(3000);
  expect(await waiting).toBe("failed");
  answer = Promise.resolve("keys");
  expect(await keys.get(0)).toBe("keys");
});

it("asks again after a question that went with its request", async () => {
  const memory = shortMemory<string>(10, 3000, clock);
  void outcomeOf(memory.get("key", () => gone));
  await vi.advanceTimersByTimeAsync(0);
  vi.clearAllTimers();

  const waiting = outcomeOf(memory.get("key", () => gone));
  await vi.advanceTimersByTimeAsync(3000);
  expect(await waiting).toBe("failed");
  expect(await memory.get("key", async () => "answer")).toMatchObject({ value: "answer" });
});
