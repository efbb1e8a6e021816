import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vectors = fileURLToPath(new URL("../../../shared/vectors", import.meta.url));

// The collection is not part of the repository; what has been published stands in fixtures/vectors as well.
it.runIf(existsSync(`${vectors}/run.mjs`))(
  "agrees with the verification cases gathered from the field",
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [`${vectors}/run.mjs`, root, vectors, "--show", "10000"],
      { maxBuffer: 64 << 20 },
    ).catch((failure: { stdout: string }) => failure);
    // Ends with the counts; before them, a line for each case that was judged otherwise.
    const summary = stdout.trim().split("\n").pop() ?? "";
    const unlike = stdout.split("\n").filter((line) => /^(?:must|should) [^\d]/.test(line));
    expect(unlike).toEqual([]);
    expect(summary).toMatch(/^must (\d+)\/\1 · should (\d+)\/\2 .*raw throws 0 /);
    expect(Number(/\d+/.exec(summary))).toBeGreaterThan(1390);
  },
);
