import { sha256Hex } from "#hmac";
import { utf8Bytes } from "./internal/bytes.js";
import { startRenewal } from "./internal/renewal.js";
import type { MessageOf } from "./message.js";
import type { Claim, ClaimOrder, HeldClaim, Store } from "./store.js";

/** How messages are claimed. */
export interface ClaimSettings {
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** What becomes of a message that comes after a newer one about its subject. */
  readonly onStale?: "skip" | "flag" | undefined;
}

/** What a handler gets beside the message. */
export interface HandlerContext {
  /** The claim on the message; absent with `store: false`. */
  readonly claim?: HeldClaim;
  /**
   * Aborts when the claim is lost, so that another worker may begin to handle the message: the store was out of reach
   * for as long as the lease, or the handler has run for an hour. Never aborts with a store that cannot renew.
   */
  readonly signal: AbortSignal;
}

/** A message that is the caller's to handle. */
export interface Grant<Events> {
  /** Flagged where a newer one came before. */
  readonly message: MessageOf<Events>;
  readonly context: HandlerContext;
  complete(): Promise<void>;
  release(): Promise<void>;
}

/** A grant, or why there is none. */
export type Granted<Events> = Grant<Events> | "busy" | "done" | "stale";

const hour = 3_600_000;
const longestId = 256;

/**
 * Ids of any length and any characters make keys of bounded length that a database can hold, and that stay apart: text
 * columns refuse NUL, and every lone surrogate has the same UTF-8 bytes, which is why an id is hashed as JSON.
 */
export function keyOf(provider: string, id: string): string {
  const isPlainText = id.length <= longestId && !/[\p{Cc}\p{Cs}]/u.test(id);
  return `${provider}:${isPlainText ? id : sha256Hex(utf8Bytes(JSON.stringify(id)))}`;
}

/** Takes nothing for a claim but what the contract says: handling without one would be handling twice. */
function checkClaim(claim: Claim): Claim {
  const { state, token, newer } = claim as { state: string; token?: unknown; newer?: unknown };
  const fits =
    state === "claimed"
      ? typeof token === "string" && [undefined, "busy", "done"].includes(newer as string)
      : state === "busy" || state === "done";
  if (!fits) throw new TypeError("The store's claim is none.");
  return claim;
}

/** Claims a message, and keeps the claim until it is settled. Throws what the store throws. */
export async function claimMessage<Events>(
  store: Store,
  message: MessageOf<Events>,
  { leaseMs, ttlMs, onStale }: ClaimSettings,
  order: ClaimOrder | undefined,
): Promise<Granted<Events>> {
  const key = keyOf(message.provider, message.id);
  const asked = performance.now();
  const claim = checkClaim(await store.claim(key, { leaseMs, order }));
  if (claim.state !== "claimed") return claim.state;
  const { token } = claim;
  const newer = onStale === undefined ? undefined : claim.newer;
  let stop: (() => void) | undefined;
  const settled = (settle: () => unknown) => async (): Promise<void> => {
    try {
      await settle();
    } finally {
      // Kept until the store has answered: a claim that ends before it is settled is another's to take.
      stop?.();
    }
  };
  const complete = settled(() => store.complete(key, token, { ttlMs, order }));
  const release = settled(() => store.release(key, token, { order }));
  if (performance.now() - asked > leaseMs / 3) {
    // The lease may have begun when the question was asked: no renewal could be sure to come before it ends.
    await release().catch(() => undefined);
    throw new Error("The store took a third of the lease to answer.");
  }
  if (newer !== undefined && onStale === "skip") {
    // Until the newer one is done it may yet fail, and this one would be all there is.
    await (newer === "done" ? complete() : release()).catch(() => undefined);
    return newer === "done" ? "stale" : "busy";
  }
  const control = new AbortController();
  const renew = store.renew?.bind(store, key, token, { leaseMs, order });
  stop = renew && startRenewal({ leaseMs, longestMs: hour }, renew, () => control.abort());
  return {
    message:
      newer === undefined ? message : { ...message, flags: [...message.flags, "stale" as const] },
    context: {
      claim: order === undefined ? { key, token, ttlMs } : { key, token, ttlMs, order },
      // Few handlers look at it, and in Node 20 it takes as long to make as all the rest of a claim.
      get signal() {
        return control.signal;
      },
    },
    complete,
    release,
  };
}

const settle = async (): Promise<void> => undefined;

/** The grant of a message that nobody else is asked about. */
export function unclaimed<Events>(message: MessageOf<Events>): Grant<Events> {
  const control = new AbortController();
  return {
    message,
    context: {
      get signal() {
        return control.signal;
      },
    },
    complete: settle,
    release: settle,
  };
}
