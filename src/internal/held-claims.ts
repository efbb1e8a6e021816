import type { HeldClaim } from "../store.js";
import { invalidOption } from "./options.js";

/** Tokens of claims that were completed in a transaction, until the receiver completes them too. */
export interface SettledClaims {
  add(token: string): void;
  has(token: string): boolean;
  /** Says whether it was there. */
  delete(token: string): boolean;
}

/** Beyond it the oldest is forgotten: then the database is asked about it, and only a renewal would notice. */
const mostSettled = 10_000;
const settledOf = new WeakMap<object, SettledClaims>();

/** What was settled through one pool or database, whichever store was made of it. */
export function settledClaims(database: object): SettledClaims {
  const known = settledOf.get(database);
  if (known !== undefined) return known;
  const tokens = new Set<string>();
  const settled: SettledClaims = {
    add: (token) => {
      for (const oldest of tokens) {
        if (tokens.size < mostSettled) break;
        tokens.delete(oldest);
      }
      tokens.add(token);
    },
    has: (token) => tokens.has(token),
    delete: (token) => tokens.delete(token),
  };
  settledOf.set(database, settled);
  return settled;
}

/**
 * Reads a claim that a handler hands over.
 *
 * @throws {WebhookError} `option_invalid`: the receiver has another store, or none.
 */
export function requireClaim(claim: HeldClaim | undefined): HeldClaim {
  const fits =
    typeof claim?.key === "string" &&
    typeof claim.token === "string" &&
    typeof claim.ttlMs === "number";
  return fits ? claim : invalidOption("claim", "the claim in a handler's context");
}

/** For a plain `catch`, since it is no delivery's fault. */
export function claimLost(): Error {
  const error = new Error("The claim is no longer held.");
  error.name = "ClaimLostError";
  return error;
}
