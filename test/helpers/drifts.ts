import type { Drift } from "../../src/drift/drift.js";
import { driftObserver } from "../../src/drift/observer.js";
import type { Message } from "../../src/message.js";
import type { Provider } from "../../src/provider.js";
import { signDelivery } from "../../src/testing.js";

/** All that an observer of its own reports of one message. */
export async function driftsOf(provider: Provider, message: Message): Promise<readonly Drift[]> {
  const drifts: Drift[] = [];
  await driftObserver(provider, (drift) => drifts.push(drift))(message);
  return drifts;
}

/** The same of an event that the provider's sender signs. */
export async function driftsOfEvent(provider: Provider, event: unknown): Promise<readonly Drift[]> {
  return driftsOf(provider, await provider.verify(signDelivery(provider, event)));
}

/** A copy of an event with another value at a place, which is made where it is missing. */
export function withValue(event: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(event);
  const keys = path.split(".");
  const last = keys.pop() as string;
  let at = copy as Record<string, unknown>;
  for (const key of keys) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  Object.defineProperty(at, last, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}
