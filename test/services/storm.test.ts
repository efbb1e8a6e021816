import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../scripts/storm.mjs", import.meta.url));

/** A small one, and what it prints of it. */
async function storm(mode: string): Promise<Readonly<Record<string, number>>> {
  const sizes = ["--deliveries", "400", "--messages", "100", "--kills", "3", "--restarts", "1"];
  const { stdout } = await run(
    process.execPath,
    [script, ...sizes, "--seed", "5", "--mode", mode],
    {
      timeout: 120_000,
    },
  ).catch((failed: { stdout: string }) => failed);
  const [, head = "", figures = "", verdict = ""] = stdout.trim().split("\n");
  const names = head.trim().split(/ {2,}/);
  const values = figures.slice(20).trim().split(/ +/).map(Number);
  return Object.fromEntries([
    ...names.map((name, index) => [name, values[index]]),
    ["passed", Number(verdict === "passed")],
  ]);
}

describe("a storm of duplicates, retries and reordered deliveries, under which workers and engines are killed", () => {
  test.each(["redis", "postgres", "transaction", "redis, in order", "postgres, in order"])(
    "loses nothing, and does nothing twice (%s)",
    async (mode) => {
      const seen = await storm(mode);
      expect(seen).toMatchObject({
        ...{ passed: 1, kills: 3, restarts: 1, 200: 400, lost: 0 },
        ...{ "at once": 0, "after completion": 0, overtaken: 0 },
      });
      if (!mode.includes("order")) expect(seen.effects).toBe(100);
    },
    120_000,
  );

  test("is noticed by workers that share no store", async () => {
    const seen = await storm("memory");
    expect(seen.passed).toBe(0);
    expect(seen["after completion"]).toBeGreaterThan(0);
  });
});
