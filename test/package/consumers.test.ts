import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The package as `npm publish` would send it, installed in folders of its own and used from outside.

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const consumers = join(root, "test/consumers");
const place = realpathSync(mkdtempSync(join(tmpdir(), "countersign-")));
const packages = { withJose: join(place, "with-jose"), withoutJose: join(place, "without-jose") };

const { devDependencies: versions } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as { devDependencies: Record<string, string> };

async function pack(): Promise<string> {
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", place],
    { cwd: root },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(place, filename);
}

async function install(folder: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true }));
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
  await run("npm", ["install", "--prefix", folder, "--prefer-offline", ...quiet, ...names], {
    cwd: folder,
  });
  for (const name of readdirSync(consumers))
    copyFileSync(join(consumers, name), join(folder, name));
}

function installed(folder: string): readonly string[] {
  return readdirSync(join(folder, "node_modules"))
    .filter((name) => !name.startsWith("."))
    .sort();
}

/** Lends a package of this repository, for its types. */
function lend(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(realpathSync(join(root, "node_modules", name)), target, "junction");
}

async function report(folder: string, file: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  return JSON.parse(stdout);
}

/** What the compiler says of a file under each of these extensions; nothing, if all is well. */
async function complaints(
  folder: string,
  name: string,
  extensions: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const files = extensions.map((extension) => `${name}.${extension}`);
  for (const file of files) copyFileSync(join(consumers, `${name}.ts`), join(folder, file));
  const config = join(folder, `tsconfig.${name}.${options.module}.json`);
  const compilerOptions = {
    target: "ES2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // The declarations are what is on trial.
    skipLibCheck: false,
    noEmit: true,
    ...options,
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  try {
    const { stdout } = await run(process.execPath, [compiler, "-p", config], { cwd: folder });
    return stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout || String(error);
  }
}

beforeAll(async () => {
  const tarball = await pack();
  await install(packages.withoutJose, [tarball, `zod@${versions.zod}`]);
  await install(packages.withJose, [tarball, `zod@${versions.zod}`, `jose@${versions.jose}`]);
}, 180_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("an application with jose", () => {
  it.each(["app.mjs", "app.cjs"])("verifies, receives and answers in %s", async (file) => {
    expect(await report(packages.withJose, file)).toEqual({
      verified: ["msg_1", { index: 1, label: "new" }, { status: "successful", refId: "user-1" }],
      refused: "signature_mismatch",
      outcomes: ["handled", "duplicate"],
      caughtUp: { recovered: 1, duplicates: 1, ignored: 0, failed: 0, lastId: "msg_2b" },
      answers: [200, 200, 401, 401, 405],
      seen: [
        ["user-1", "positive"],
        ["user-1", "positive"],
        ["user-1", "positive"],
      ],
      token: ["bearerJwt", true, "token_invalid"],
    });
  });
});

describe("an application without jose", () => {
  it("has installed nothing that it did not ask for", () => {
    expect(installed(packages.withoutJose)).toEqual(["countersign", "zod"]);
  });

  it.each(["no-jose.mjs", "no-jose.cjs"])(
    "works with a fixed token, and is told what is missing for a signed one, in %s",
    async (file) => {
      expect(await report(packages.withoutJose, file)).toEqual({
        message: ["cancelled", "v-1", "negative"],
        refusals: [{ missing: "the package jose" }, { missing: "the package jose" }],
      });
    },
  );

  it.each([
    { extensions: ["mts", "cts"], module: "nodenext" },
    { extensions: ["ts"], module: "preserve", moduleResolution: "bundler" },
  ])("finds its types, without Node's too, with module $module", async ({ extensions, ...how }) => {
    const options = { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [], ...how };
    expect(await complaints(packages.withoutJose, "no-jose", extensions, options)).toBe("");
  });
});

describe("the command line of the package", () => {
  // As npx finds it; nothing but countersign and zod is there.
  const env = {
    PATH: process.env.PATH,
    COUNTERSIGN_SECRET: `whsec_${"0123456789abcdef".repeat(3)}`,
  };
  const countersign = (...args: string[]) =>
    run(join(packages.withoutJose, "node_modules/.bin/countersign"), args, {
      cwd: packages.withoutJose,
      env,
    });

  it("runs without anything else installed: signs, verifies and explains for every provider", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect((await countersign("--version")).stdout).toBe(`${version}\n`);
    const listed = (await countersign("providers", "--json")).stdout.trimEnd().split("\n");
    expect(listed.length).toBeGreaterThanOrEqual(5);
    const event = join(packages.withoutJose, "event.json");
    writeFileSync(event, "{}");
    for (const { name } of listed.map((line) => JSON.parse(line))) {
      const file = join(packages.withoutJose, `${name}.http`);
      await countersign("sign", event, "--provider", name, "--out", file);
      const diagnosed = await countersign("diagnose", file, "--provider", name, "--json");
      expect(JSON.parse(diagnosed.stdout)).toMatchObject({ verdict: "authentic", provider: name });
    }
  });

  it("is found by npx", async () => {
    const { stdout } = await run("npx", ["--no-install", "countersign", "--help"], {
      cwd: packages.withoutJose,
      env,
    });
    expect(stdout).toContain("Usage: countersign");
  });

  it("serves its page", async () => {
    const child = spawn(
      join(packages.withoutJose, "node_modules/.bin/countersign"),
      ["listen", "--ui", "--port", "0", "--ui-port", "0", "--json"],
      { cwd: packages.withoutJose, env, stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const page = await fetch(JSON.parse(String(line)).ui);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<script")]);
    } finally {
      child.kill("SIGINT");
      await once(child, "close");
    }
    expect(child.exitCode).toBe(0);
  });
});

describe("an application with a store of its own", () => {
  it("has it checked by the test runner of its choice, and the names say what is wrong", async () => {
    // Vitest's own settings are none of the application's.
    const env = { PATH: process.env.PATH };
    const test = (args: readonly string[]) =>
      run(process.execPath, ["--test", "--test-reporter=tap", ...args], {
        cwd: packages.withJose,
        env,
      });
    const { stdout } = await test(["store.test.mjs"]);
    const count = (name: string, report: string) =>
      Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(report)?.[1]);
    expect(count("pass", stdout)).toBeGreaterThan(80);
    expect(count("fail", stdout)).toBe(0);

    const failure = (await test(["forgetful-store.test.mjs"]).catch((error) => error)) as {
      readonly code: number;
      readonly stdout: string;
    };
    expect(failure.code).toBe(1);
    expect(failure.stdout).toMatch(/^not ok \d+ - a message is done once it is completed$/m);
    expect(failure.stdout).toContain("A message that was completed: expected done, got claimed.");
    expect(failure.stdout).toMatch(/^ok \d+ - one of 200 claims at once wins$/m);
  });
});

describe("a TypeScript application", () => {
  beforeAll(() => {
    for (const name of ["@types/express", "@types/node", "express", "fastify"]) {
      lend(packages.withJose, name);
    }
  });

  it.each([
    { extensions: ["mts", "cts"], module: "node16" },
    { extensions: ["mts", "cts"], module: "nodenext" },
    { extensions: ["ts"], module: "preserve", moduleResolution: "bundler" },
  ])("has its handlers typed and its mistakes refused with module $module", async (given) => {
    const { extensions, ...how } = given;
    // Without the DOM: everything named in the declarations is found in Node's types too.
    const options = { lib: ["ES2022"], types: ["node"], ...how };
    expect(await complaints(packages.withJose, "types", extensions, options)).toBe("");
  });
});
