import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vectors = fileURLToPath(new URL("../../../shared/vectors", import.meta.url));

// The collection is not part of the repository; what has been published stands in fixtures/vectors as well.
it.runIf(existsSync(`${vectors}/run.mjs`))(
  "agrees with the verification cases gathered from the field, asymmetric keys aside",
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [`${vectors}/run.mjs`, root, vectors, "--show", "10000"],
      { maxBuffer: 64 << 20 },
    ).catch((failure: { stdout: string }) => failure);
    const lines = stdout.trim().split("\n");
    const summary = lines.pop() ?? "";
    const unlike = lines.filter(
      (line) => /^(?:must|should) /.test(line) && !/schemes\/svix-asymmetric/.test(line),
    );
    expect(unlike).toEqual([]);
    expect(summary).toMatch(/^must \d+\/\d+ · should (\d+)\/\1 /);
    const [agreed = 0] = /\d+/.exec(summary)?.map(Number) ?? [];
    expect(agreed).toBeGreaterThan(1300);
  },
);
