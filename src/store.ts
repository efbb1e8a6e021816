/** Where a message stands among the others about its subject. */
export interface ClaimOrder {
  /** What the message is about; bounded and printable like a key. */
  readonly subject: string;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

/** What became of an attempt to claim a message. */
export type Claim =
  /** The message is the caller's to handle, until the lease ends. */
  | {
      readonly state: "claimed";
      /** Names this claim, and no other that ever was. */
      readonly token: string;
      /**
       * Only with an order: a message of the same subject that happened later is being handled, or has been. `done`
       * where there are both.
       */
      readonly newer?: "busy" | "done" | undefined;
    }
  /** Somebody else is handling it. */
  | { readonly state: "busy" }
  /** It has been handled. */
  | { readonly state: "done" };

/** Options of {@link Store.claim}. */
export interface ClaimOptions {
  /** For how long the claim holds, in milliseconds, unless it is renewed, completed or released before. */
  readonly leaseMs: number;
  /** Given where the order of messages counts. The same is then given with each call for this claim. */
  readonly order?: ClaimOrder | undefined;
}

/**
 * Where claims live, so that a message is handled once, however many processes receive it.
 *
 * `claim` is atomic: of any number of callers at once, one gets `claimed`. A claim whose lease has ended can be claimed
 * again; its late holder can then neither renew, complete nor release it.
 *
 * Each method may throw. When `claim` does, the sender is asked to retry with `store_unavailable` and the message is not
 * handled. When `complete` or `release` does, the handler's outcome stands, and the claim ends with its lease.
 *
 * A store may keep cursors too: both methods of {@link CursorStore}, or neither. Receivers do without.
 *
 * `storeConformance` of `countersign/testing` checks an implementation.
 */
export interface Store extends Partial<CursorStore> {
  /** That it heeds `order`. A receiver with an order refuses a store that does not say so. */
  readonly ordered?: boolean;
  /** Claims a message, and says whether a newer one about its subject has been claimed or completed. */
  claim(key: string, options: ClaimOptions): Promise<Claim>;
  /**
   * Has the lease begin anew, and says whether the claim was still held. With a store that cannot, leases have to be
   * long, and a message whose process died waits that long.
   */
  renew?(key: string, token: string, options: ClaimOptions): Promise<boolean>;
  /** Marks a message as handled and remembers that for `ttlMs` milliseconds. Without effect for a token that no longer holds the claim. */
  complete(
    key: string,
    token: string,
    options: { readonly ttlMs: number; readonly order?: ClaimOrder | undefined },
  ): Promise<void>;
  /** Gives a claim back, so that a retry is handled. Without effect for a token that no longer holds the claim. */
  release(
    key: string,
    token: string,
    options?: { readonly order?: ClaimOrder | undefined },
  ): Promise<void>;
}

/**
 * Where short texts are kept under a name, for as long as the store lasts: how far a catch-up has come.
 *
 * A name is any text. Names are apart from each other, and from the keys and subjects of claims. Each method may throw;
 * what could not be read is not `undefined`, for a catch-up would begin again.
 */
export interface CursorStore {
  /** Reads what was written last under this name, through whichever store on the same data; `undefined` where nothing was. */
  readCursor(name: string): Promise<string | undefined>;
  /**
   * Keeps a text under a name: any of up to 64 KiB (65,536 bytes) of UTF-8 without NUL, such as JSON. It takes the place of
   * the one before at once; of several writers the last wins. No `ttlMs` ends it, and no number of messages displaces it.
   */
  writeCursor(name: string, value: string): Promise<void>;
}

/** A claim that a handler holds; a store may let the handler's own writes and its completion be one transaction. */
export interface HeldClaim {
  readonly key: string;
  readonly token: string;
  /** How long the message will be remembered once it is completed, in milliseconds. */
  readonly ttlMs: number;
  readonly order?: ClaimOrder | undefined;
}
