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

// Three who wait: one gives up, another has the work begun anew, and the third gives up later.
it("keeps to the fetch that was begun meanwhile", async () => {
  let begun = 0;
  let answer: Promise<string> = gone;
  const keys = refreshed(() => {
    begun += 1;
    return answer;
  }, clock);
  void outcomeOf(keys.get(0));
  await vi.advanceTimersByTimeAsync(0);
  vi.clearAllTimers();

  const first = outcomeOf(keys.get(0));
  await vi.advanceTimersByTimeAsync(1000);
  const second = outcomeOf(keys.get(0));
  await vi.advanceTimersByTimeAsync(2000);
  expect(await first).toBe("failed");
  answer = new Promise((resolve) => setTimeout(resolve, 2500, "keys"));
  const third = keys.get(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await second).toBe("failed");
  const fourth = keys.get(0);
  await vi.advanceTimersByTimeAsync(1500);
  expect(await Promise.all([third, fourth])).toEqual(["keys", "keys"]);
  expect(begun).toBe(2);
});

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
