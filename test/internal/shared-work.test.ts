import { afterEach, beforeEach, expect, it, vi } from "vitest";
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

it("keeps to the question that was asked meanwhile", async () => {
  const memory = shortMemory<string>(10, 3000, clock);
  let asked = 0;
  const get = (ask: () => Promise<string>) =>
    memory.get("key", () => {
      asked += 1;
      return ask();
    });
  const first = outcomeOf(get(() => gone));
  await vi.advanceTimersByTimeAsync(1000);
  const second = outcomeOf(get(() => gone));
  await vi.advanceTimersByTimeAsync(2000);
  expect(await first).toBe("failed");
  const third = get(() => new Promise((resolve) => setTimeout(resolve, 2500, "answer")));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await second).toBe("failed");
  const fourth = get(() => gone);
  await vi.advanceTimersByTimeAsync(1500);
  expect(await Promise.all([third, fourth])).toMatchObject([
    { value: "answer" },
    { value: "answer" },
  ]);
  expect(asked).toBe(2);
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
