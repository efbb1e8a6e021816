import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const demo = new URL("../../scripts/demo/", import.meta.url);

interface Ended {
  readonly code: number;
  readonly output: string;
}

function node(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    // No environment: the demonstration takes nothing from there. A hang is ended, and is then not exit 0.
    const options = { cwd: root, env: { PATH: process.env.PATH }, timeout: 30_000 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

/** Runs the demonstration over deliveries that a script picks from `all`. */
function demonstrate(pick: string): Promise<Ended> {
  return node(
    "--input-type=module",
    "--eval",
    `import { allDeliveries } from ${JSON.stringify(new URL("deliveries.mjs", demo).href)};
import { runDemo } from ${JSON.stringify(new URL("run.mjs", demo).href)};
const all = allDeliveries();
const deliveries = ${pick};
process.exitCode = await runDemo({ print: console.log, paint: (_style, text) => text, deliveries });`,
  );
}

/** Every secret and token that the recorded deliveries hold. */
function recordedSecrets(): string[] {
  const fixtures = new URL("../../fixtures/", import.meta.url);
  return readdirSync(fixtures, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:http|json)$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(new URL(path, fixtures), "utf8");
      return [
        ...text.matchAll(/"(?:secret|signingSecret|value|token|d|x)": ?"([^"]+)"/g),
        ...text.matchAll(/^(?:authorization: bearer|x-[\w-]+:|svix-signature:) ?(\S+)\r$/gim),
      ].flatMap(([, secret]) => secret ?? []);
    });
}

test("the demonstration ends as documented, at every server and for every provider", async () => {
  const { code, output } = await node("scripts/demo.mjs");

  expect(output).toMatch(/\n(\d+) deliveries, \1 as expected, 0 surprises\n$/);
  expect(code).toBe(0);
  const rows = output.split("\n");
  for (const provider of ["dataspike", "vove", "validas", "cr3dentials", "screver"]) {
    const its = rows.filter((row) => row.startsWith(provider));
    for (const server of ["express", "fastify", "fetch"]) {
      expect(its.some((row) => row.includes(` ${server} `))).toBe(true);
    }
    for (const status of [200, 400, 401, 405, 409, 413, 415, 500]) {
      expect(its.some((row) => row.includes(` ${status}       ${status} `))).toBe(true);
    }
  }
  for (const honest of ["(body not bound)", "(time not bound)", "(token still valid)"]) {
    expect(output).toContain(honest);
  }
});

test("the demonstration prints no secret, and no colours where nobody sees them", async () => {
  const { output } = await node("scripts/demo.mjs");

  const secrets = recordedSecrets();
  expect(secrets.length).toBeGreaterThan(50);
  expect(secrets.filter((secret) => output.includes(secret))).toEqual([]);
  expect(output).not.toContain("\u001b");
});

test("an unexpected end is shown and makes the exit code 1", async () => {
  const { code, output } = await demonstrate(
    `[all[0], { ...all[1], expected: { ...all[1].expected, status: 418 } }]`,
  );

  expect(code).toBe(1);
  expect(output).toContain("status should be 418, is 200");
  expect(output).toMatch(/\n6 deliveries, 3 as expected, 3 surprises\n$/);
});

test("a delivery that nobody receives is a surprise", async () => {
  const { code, output } = await demonstrate(`[{ ...all[0], path: "/elsewhere" }]`);

  expect(code).toBe(1);
  expect(output).toContain("verdict should be handled, is undefined");
});

test("every difference from what is expected is a surprise", async () => {
  // Imported by address, since the scripts have no declarations.
  const { surprisesIn } = (await import(new URL("judge.mjs", demo).href)) as {
    surprisesIn(expected: object, actual: object): string[];
  };
  const expected = { status: 200, verdict: "handled", handlerCalls: 1 };
  const actual = { ...expected, bodyBytes: 0, headers: {} };

  expect(surprisesIn(expected, actual)).toEqual([]);
  expect(surprisesIn(expected, { ...actual, status: 401 })).toHaveLength(1);
  expect(surprisesIn(expected, { ...actual, verdict: "duplicate" })).toHaveLength(1);
  expect(surprisesIn(expected, { ...actual, handlerCalls: 2 })).toHaveLength(1);
  expect(surprisesIn(expected, { ...actual, bodyBytes: 7 })).toHaveLength(1);
  expect(surprisesIn(expected, { failure: "ECONNRESET" })).not.toHaveLength(0);
});
