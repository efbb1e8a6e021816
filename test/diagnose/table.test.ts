import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/diagnose.js";
import { table } from "./table.js";

describe("a broken delivery", () => {
  it("is told its causes, the first one first", { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    let firsts = 0;
    for (const { title, delivery, provider, options, expected } of table) {
      const { verdict, findings, error } = await diagnose(delivery, provider, options);
      const codes = findings.map(({ code }) => code);
      if (codes[0] === expected[0]) firsts += 1;
      if (codes.join() === expected.join() && verdict === "explained") continue;
      const said = codes.join(" ") || verdict;
      wrong.push(`${title}: ${said} instead of ${expected.join(" ")} (${error?.code})`);
    }
    const score = ((100 * firsts) / table.length).toFixed(1);
    const exact = table.length - wrong.length;
    process.stdout.write(
      `diagnose: ${firsts} of ${table.length} causes first (${score} %), ${exact} of them exactly\n`,
    );
    expect(table.length).toBeGreaterThanOrEqual(120);
    expect(Number(score)).toBeGreaterThanOrEqual(95);
    expect(wrong).toEqual([]);
  });
});
