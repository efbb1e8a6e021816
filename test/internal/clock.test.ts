import { describe, expect, it } from "vitest";
import { parseTimestamp } from "../../src/internal/clock.js";
import { codeOf } from "../helpers/code-of.js";

describe("parseTimestamp", () => {
  it.each([0, 1, 9, 10, 1_700_000_000, 999_999_999_999])("reads %d", (time) => {
    expect(parseTimestamp(String(time))).toBe(time);
  });

  it.each([
    ...[
      "",
      "00",
      "01",
      "+1",
      "-1",
      "1.0",
      "1e3",
      " 1",
      "1 ",
      "1\n",
      "0x1",
      "1_000",
      "１",
      "1a",
      "a1",
    ],
    ...["/", ":", "1/", "1:", "NaN", "1000000000000", "9".repeat(400)],
  ])("refuses %j", async (text) => {
    expect(await codeOf(() => parseTimestamp(text))).toBe("timestamp_malformed");
  });
});
