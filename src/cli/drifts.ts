import { createReceiver, type Drift, type PayloadIssue, type Provider } from "../index.js";
import { unsigned } from "../schemes/unsigned.js";
import type { HttpRequest } from "./http-file.js";

/** Why a delivery's event could not be held against its schema. */
export interface Misfit {
  /** An error's code. */
  readonly code: string;
  /** The message type, where it is known. */
  readonly type?: string;
  /** Of an event that does not fit its schema. */
  readonly path?: string;
  readonly expected?: string;
}

/** What one delivery has that the schemas do not know. */
export interface Differences {
  readonly drifts: readonly Drift[];
  readonly misfits: readonly Misfit[];
}

/** Holds a captured delivery against a provider's schemas, and does not ask who sent it. */
export async function differencesOf(
  provider: Provider,
  request: HttpRequest,
): Promise<Differences> {
  const drifts: Drift[] = [];
  const trusting = { ...provider, scheme: unsigned("i-accept-forged-events") };
  // One of its own for each delivery: a receiver reports a kind once for each function, and here all are counted.
  const { receive } = createReceiver(trusting, {
    onDrift: (drift) => drifts.push(drift),
    store: false,
    maxBodyBytes: 2 ** 30,
  });
  const outcome = await receive({ headers: request.headers, body: request.body });
  if (outcome.kind !== "rejected") return { drifts, misfits: [] };
  const { code, details } = outcome.error;
  const { type, issues } = details as { type?: string; issues?: readonly PayloadIssue[] };
  const named = type === undefined ? { code } : { code, type };
  return { drifts, misfits: (issues ?? [{}]).map((issue) => ({ ...named, ...issue })) };
}
