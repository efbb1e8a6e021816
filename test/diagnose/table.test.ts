import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/diagnose.js";
import { table } from "./table.js";

describe("a broken delivery", () => {
  it("is told its cause first", { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    let all = 0;
    for (const { title, delivery, provider, options, expected } of table) {
      const { verdict, findings, error } = await diagnose(delivery, provider, options);
      const codes = findings.map(({ code }) => code);
      if (verdict !== "explained" || codes[0] !== expected[0]) {
        wrong.push(
          `${title}: ${codes.join(" ") || verdict} instead of ${expected.join(" ")} ${error?.code}`,
        );
      } else if (codes.join() === expected.join()) all += 1;
    }
    const right = table.length - wrong.length;
    const score = (100 * right) / table.length;
    process.stdout.write(
      `diagnose: ${right} of ${table.length} causes first (${score.toFixed(1)} %), ${all} of them with nothing beside them\n${wrong.map((one) => `  ${one}\n`).join("")}`,
    );
    expect(table.length).toBeGreaterThanOrEqual(120);
    expect(score).toBeGreaterThanOrEqual(95);
  });
});
