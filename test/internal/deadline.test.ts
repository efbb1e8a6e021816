import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { expired, startDeadline } from "../../src/internal/deadline.js";

const never = new Promise<never>(() => undefined);

describe("a deadline", () => {
  it("lets through what comes in time, be it a value or a failure", async () => {
    const deadline = startDeadline(10_000);
    expect(await deadline.within(sleep(1, "value"))).toBe("value");
    await expect(deadline.within(Promise.reject(new Error("no")))).rejects.toThrow("no");
    deadline.clear();
  });

  it("ends a wait, and hands what comes afterwards to whoever wants it", async () => {
    const deadline = startDeadline(5);
    const late: string[] = [];
    const work = sleep(50, "late");
    expect(await deadline.within(work, (value) => late.push(value))).toBe(expired);
    expect(late).toEqual([]);
    await deadline.rest();
    expect(late).toEqual(["late"]);
  });

  it("has passed for every wait that begins after it", async () => {
    const deadline = startDeadline(1);
    await sleep(20);
    expect(await deadline.within(never)).toBe(expired);
    const late: string[] = [];
    expect(await deadline.within(Promise.resolve("late"), (one) => late.push(one))).toBe(expired);
  });

  it("drops a failure that comes after it", async () => {
    const deadline = startDeadline(1);
    const fails = sleep(20).then(() => Promise.reject(new Error("nobody waits")));
    expect(await deadline.within(fails)).toBe(expired);
    await deadline.rest();
  });
});
