import { isStandardSchema } from "../internal/standard-schema.js";
import type { Message } from "../message.js";
import type { Provider } from "../provider.js";
import type { Drift } from "./drift.js";
import { driftIn } from "./drift-in.js";
import { shownName } from "./shown-name.js";

/** Takes what the schemas do not know. */
export type DriftReport = (drift: Drift) => unknown;

const mostKinds = 1000;

// By the function that is told: all receivers of a process that share one report a kind once.
const told = new WeakMap<DriftReport, Set<string>>();

function driftOf(
  { name: provider, schema }: Pick<Provider, "name" | "schema">,
  { known, type, delivery }: Pick<Message, "known" | "type" | "delivery">,
): readonly Drift[] {
  const single = isStandardSchema(schema);
  // A type that has a schema of its own is the provider's word; any other is the sender's.
  const messageType = known && !single ? type : shownName(type);
  if (!known) return [{ provider, kind: "type", messageType }];
  const own = single ? schema : new Map(Object.entries(schema)).get(type);
  return driftIn(own, delivery.json()).map((part) => ({ provider, messageType, ...part }));
}

/**
 * Makes an observer of proven messages that reports what the provider's schemas do not know, each kind once for each
 * function that is told, and at most a thousand. It never throws, and never rejects; what it returns is settled when
 * all reports are.
 */
export function driftObserver(
  provider: Pick<Provider, "name" | "schema">,
  report: DriftReport,
): (message: Pick<Message, "known" | "type" | "delivery">) => Promise<unknown> {
  const kinds = told.get(report) ?? new Set();
  told.set(report, kinds);
  return async (message) => {
    if (kinds.size >= mostKinds) return;
    let drifts: readonly Drift[];
    try {
      drifts = driftOf(provider, message);
    } catch {
      // A provider that was not made by defineProvider, say: nothing is known of its schemas.
      return;
    }
    const reports = drifts.map(async (drift) => {
      const kind = JSON.stringify(drift);
      if (kinds.has(kind) || kinds.size >= mostKinds) return;
      kinds.add(kind);
      await report(drift);
    });
    // Whoever watches must not change what happens.
    await Promise.allSettled(reports);
  };
}
