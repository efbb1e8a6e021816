import { describe, expect, it } from "vitest";
import { claimLost, requireClaim, settledClaims } from "../../src/internal/held-claims.js";
import { codeOf } from "../helpers/code-of.js";

describe("settled claims", () => {
  it("are known to all stores of one database, until they are asked for", () => {
    const database = {};
    settledClaims(database).add("token");
    const settled = settledClaims(database);
    expect(settled.has("token")).toBe(true);
    expect(settledClaims({}).has("token")).toBe(false);
    expect([settled.delete("token"), settled.delete("token")]).toEqual([true, false]);
  });

  it("are ten thousand at most; the oldest is forgotten", () => {
    const settled = settledClaims({});
    for (let index = 0; index <= 10_000; index += 1) settled.add(String(index));
    expect([settled.has("0"), settled.has("1"), settled.has("10000")]).toEqual([false, true, true]);
  });
});

describe("a claim that is handed over", () => {
  const claim = { key: "k", token: "t", ttlMs: 1000 };

  it("is taken as it is", () => {
    expect(requireClaim(claim)).toBe(claim);
  });

  it.each<unknown>([
    undefined,
    null,
    {},
    "t",
    { ...claim, key: 1 },
    { ...claim, token: undefined },
    { ...claim, ttlMs: "1000" },
  ])("is refused as %o", async (wrong) => {
    expect(await codeOf(() => requireClaim(wrong as never))).toBe("option_invalid");
  });

  it("may be lost", () => {
    expect(claimLost()).toMatchObject({ name: "ClaimLostError" });
  });
});
