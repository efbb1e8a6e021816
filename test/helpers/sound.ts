import { inspect } from "node:util";
import { expect } from "vitest";
import { isWebhookError } from "../../src/errors.js";
import type { Outcome } from "../../src/outcome.js";

const builtIns = [Object, Array, Function, String, Number, Map, Set, Error, Promise, Uint8Array];

function inventory(): readonly unknown[] {
  return builtIns.flatMap(({ prototype }) => [
    Object.getPrototypeOf(prototype),
    ...Reflect.ownKeys(prototype).flatMap((key) => {
      const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      return [key, value, get, set];
    }),
  ]);
}

const pristine = inventory();

/** That the built-in prototypes hold what they held when the tests began. */
export function expectPristine(): void {
  const now = inventory();
  expect(now.length).toBe(pristine.length);
  expect(now.every((one, index) => Object.is(one, pristine[index]))).toBe(true);
}

/** That what came out of JSON inherits from nothing that came out of JSON. Any depth. */
export function expectPlain(event: unknown): void {
  const pending = [event];
  const strange: unknown[] = [];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== (Array.isArray(value) ? Array.prototype : Object.prototype)) {
      strange.push(prototype);
    }
    for (const key of Reflect.ownKeys(value)) {
      pending.push((value as Record<PropertyKey, unknown>)[key]);
    }
  }
  expect(strange).toEqual([]);
}

/** That an error is one of ours and says nothing of the body. */
export function expectSilent(error: unknown, marks: readonly string[]): void {
  expect(isWebhookError(error), String(error)).toBe(true);
  const { message, stack, details } = error as Error & { details: unknown };
  const all = [
    inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null }),
    JSON.stringify(error),
    JSON.stringify(details),
    ...[message, stack],
  ].join("\n");
  for (const mark of marks) expect(all).not.toContain(mark);
}

/** That a genuine delivery became a plain event or a payload error, and left nothing behind. */
export function expectSound(outcome: Outcome<never>, marks: readonly string[] = []): void {
  expect(outcome.cause).toBeUndefined();
  if (outcome.kind === "rejected") {
    expectSilent(outcome.error, marks);
    expect(outcome.error.stage).toBe("payload");
  } else {
    expect(["handled", "ignored"]).toContain(outcome.kind);
    if ("message" in outcome) expectPlain(outcome.message?.event);
  }
  expectPristine();
}
