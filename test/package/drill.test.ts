import { describe, expect, test } from "vitest";
import { drill } from "../helpers/drill.js";

describe("a catch-up that is ended in the middle, with claims in memory", () => {
  test.concurrent.each(["kill, memory", "abort, memory"])(
    "goes on, and each event is handled once (%s)",
    async (mode) => {
      const seen = await drill(mode);
      expect(seen).toMatchObject({
        ...{ exitCode: 0, events: 240, kills: 3, "handled once": 240, recovered: 240 },
        ...{ "handled again": 0, missed: 0, failed: 0 },
      });
      expect(seen["API faults"]).toBeGreaterThan(0);
    },
  );

  test.concurrent("is seen to handle events again, where the receiver has no store", async () => {
    const seen = await drill("kill, memory", "--wrong", "store");
    expect(seen).toMatchObject({ exitCode: 1, missed: 0 });
    expect(seen["handled again"]).toBeGreaterThan(0);
  });

  test.concurrent.each(["kill, memory", "abort, memory"])(
    "is seen to miss events, where the cursor is written before they are handled (%s)",
    async (mode) => {
      const seen = await drill(mode, "--wrong", "cursor");
      expect(seen).toMatchObject({ exitCode: 1, "handled again": 0 });
      expect(seen.missed).toBeGreaterThan(0);
    },
  );
});
