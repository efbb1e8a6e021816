import { describe, expect, test } from "vitest";
import { drill } from "../helpers/drill.js";

describe("an outage, and a catch-up that is killed, with claims in PostgreSQL", () => {
  test("brings back what was lost beside live traffic, each event once", async () => {
    const seen = await drill("outage");
    expect(seen).toMatchObject({
      ...{ exitCode: 0, events: 240, kills: 1, "handled once": 240 },
      ...{ "handled again": 0, missed: 0, failed: 0 },
    });
    // A tenth of the lost third may have been sent again.
    expect(seen.recovered).toBeGreaterThan(40);
    expect(seen.duplicates).toBeGreaterThan(0);
    expect(seen["API faults"]).toBeGreaterThan(0);
  }, 120_000);

  test("goes on after each kill, and each event is handled once", async () => {
    expect(await drill("kill, PostgreSQL")).toMatchObject({
      ...{ exitCode: 0, events: 240, kills: 3, "handled once": 240, recovered: 240 },
      ...{ "handled again": 0, missed: 0, failed: 0 },
    });
  }, 120_000);

  test("is seen to handle events again, where the receiver has no store", async () => {
    const seen = await drill("outage", "--wrong", "store");
    expect(seen).toMatchObject({ exitCode: 1, missed: 0 });
    expect(seen["handled again"]).toBeGreaterThan(0);
  }, 120_000);

  test("is seen to miss events, where the cursor is written before they are handled", async () => {
    const seen = await drill("kill, PostgreSQL", "--wrong", "cursor");
    expect(seen).toMatchObject({ exitCode: 1, "handled again": 0 });
    expect(seen.missed).toBeGreaterThan(0);
  }, 120_000);
});
