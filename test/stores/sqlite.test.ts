import { describe, expect, it } from "vitest";
import { sqliteStore } from "../../src/stores/sqlite.js";
import { codeOf } from "../helpers/code-of.js";

/** Stands for a database where none is reached; what the store does with a real one is told in test/sqlite. */
const database = { exec: () => undefined, prepare: () => ({ all: () => [] }) };

describe("sqliteStore", () => {
  it.each<unknown>([undefined, null, "claims.db", {}, { exec: () => 1 }, { prepare: () => 1 }])(
    "refuses %o as a database",
    async (wrong) => {
      expect(await codeOf(() => sqliteStore(wrong as never))).toBe("option_invalid");
    },
  );

  it.each<unknown>([
    { table: "" },
    { table: "a\u0000b" },
    { table: "a".repeat(64) },
    { table: 5 },
    { now: 5 },
    { tabel: "claims" },
    null,
  ])("refuses the options %o", async (options) => {
    expect(await codeOf(() => sqliteStore(database, options as never))).toBe("option_invalid");
  });

  it("takes a row without a text for no cursor, and not for none", async () => {
    for (const value of [null, 5, "json:private"]) {
      const all = () => [{ value }];
      const store = sqliteStore({ ...database, prepare: () => ({ all }) });
      await expect(store.readCursor("c")).rejects.toThrow(/^What the store has is no cursor\.$/);
    }
  });

  it("refuses a transaction without a claim, before it begins", async () => {
    const store = sqliteStore(database);
    const work = () => expect.unreachable();
    expect(await codeOf(() => store.transaction(undefined, work))).toBe("option_invalid");
  });
});
