/** What became of an attempt to claim a message. */
export type Claim =
  /** The message is the caller's to handle, until the lease ends. */
  | { readonly state: "claimed"; readonly token: string }
  /** Somebody else is handling it. */
  | { readonly state: "busy" }
  /** It has been handled. */
  | { readonly state: "done" };

/**
 * Where claims live, so that a message is handled once, however many processes receive it.
 *
 * `claim` is atomic: of any number of callers at once, one gets `claimed`. A claim whose lease has ended can be claimed
 * again; its late holder can then neither complete nor release it.
 *
 * Each method may throw. When `claim` does, the sender is asked to retry with `store_unavailable` and the message is not
 * handled. When `complete` or `release` does, the handler's outcome stands, and the claim ends with its lease.
 */
export interface Store {
  /** Claims a message. `leaseMs`: for how long, in milliseconds, unless completed or released before. */
  claim(key: string, options: { readonly leaseMs: number }): Promise<Claim>;
  /** Marks a message as handled and remembers that for `ttlMs` milliseconds. Without effect for a token that no longer holds the claim. */
  complete(key: string, token: string, options: { readonly ttlMs: number }): Promise<void>;
  /** Gives a claim back, so that a retry is handled. Without effect for a token that no longer holds the claim. */
  release(key: string, token: string): Promise<void>;
}
