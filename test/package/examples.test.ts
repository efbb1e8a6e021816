import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../helpers/listen.js";
import { readmePath } from "../helpers/readme-path.js";
import { type Running, run } from "../helpers/running.js";
import {
  cr3dentialsSender,
  dataspikeSender,
  type Posted,
  type Sender,
  screverSender,
  validasSender,
  voveSender,
} from "../helpers/senders.js";
import { startWorker } from "./helpers/workerd.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runFile = promisify(execFile);

let folder: string;
beforeAll(async () => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("dist/ is missing: npm run build");
  folder = await realpath(await mkdtemp(join(tmpdir(), "countersign-examples-")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function post(url: string, { headers, body }: Posted): Promise<number> {
  const response = await fetch(url, { method: "POST", headers, body });
  expect(await response.text()).toBe("");
  return response.status;
}

const unsigned: Posted = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "{}",
};

/** Posts what every example has to tell apart, and reads in its output what reached the handler. */
async function checkExample(running: Running, url: string, sender: Sender): Promise<void> {
  expect(await post(url, unsigned), "unsigned").toBe(401);

  const first = sender.genuine("subject-first");
  expect(await post(url, first), "genuine").toBe(200);
  expect(await post(url, first), "duplicate").toBe(200);
  expect(await post(url, sender.forge(sender.genuine("subject-forged"))), "forged").toBe(401);
  expect(await post(url, sender.genuine("subject-last")), "genuine").toBe(200);

  // Output comes in order: with the last line, whatever the duplicate printed would be there too.
  await running.until(/subject-last/);
  const output = running.output();
  expect(output.match(/subject-\w+/g)).toEqual(["subject-first", "subject-last"]);
  expect(output).toMatch(/^(?:signature|token)_missing$/m);
  expect(output).toMatch(/^(?:signature_mismatch|token_invalid)$/m);
}

describe("the examples on Node", () => {
  const examples: readonly (readonly [string, () => Sender | Promise<Sender>])[] = [
    ["express", dataspikeSender],
    ["fastify", cr3dentialsSender],
    ["node-http", screverSender],
    ["hono", validasSender],
  ];

  test.each(examples)(
    "%s handles a genuine webhook once, and nothing forged",
    async (name, make) => {
      const sender = await make();
      onTestFinished(async () => sender.close?.());
      const port = await freePort();
      const running = run(process.execPath, [`examples/${name}/server.mjs`], {
        cwd: root,
        env: { ...sender.env, PORT: String(port) },
      });
      onTestFinished(running.stop);
      await running.until(/listening on port/);
      await checkExample(running, `http://127.0.0.1:${port}${await readmePath(name)}`, sender);
    },
  );

  test.each(examples)("%s does not start without its secret", async (name) => {
    const running = run(process.execPath, [`examples/${name}/server.mjs`], {
      cwd: root,
      env: { PORT: String(await freePort()) },
    });
    onTestFinished(running.stop);
    await running.until(/secret_missing|option_invalid/);
  });
});

describe("the example for Cloudflare Workers", () => {
  const successful = (refId: string) => ({ status: "successful", refId });
  const entry = "examples/cloudflare-workers/src/worker.mjs";

  test("handles a genuine webhook once in workerd, and nothing forged", async () => {
    const sender = voveSender(successful);
    const { running, url } = await startWorker({ root, entry, folder, env: sender.env });
    onTestFinished(running.stop);
    await checkExample(running, `${url}${await readmePath("cloudflare-workers")}`, sender);
    expect((await fetch(`${url}/elsewhere`, { method: "POST" })).status).toBe(404);
  });

  test("does not start without its secret", async () => {
    await expect(startWorker({ root, entry, folder, env: {} })).rejects.toThrow(
      "A secret is missing",
    );
  });

  test("is deployed as it is tested", async () => {
    const config = JSON.parse(
      await readFile(join(root, "examples/cloudflare-workers/wrangler.jsonc"), "utf8"),
    );
    expect(join("examples/cloudflare-workers", config.main)).toBe(entry);
    expect(config.compatibility_date).toBe("2026-07-01");
    expect(config).not.toHaveProperty("compatibility_flags");
  });
});

describe("the example for Next", () => {
  const entry = "examples/next/app/webhooks/vove/route.ts";

  test("handles a genuine webhook once, and nothing forged", async () => {
    const sender = voveSender((refId) => ({
      status: "COMPLETED",
      refId,
      previousStatus: "IN_REVIEW",
    }));
    const outfile = join(folder, "route.mjs");
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      tsconfigRaw: {},
      logLevel: "error",
    });
    for (const [name, value] of Object.entries(sender.env)) vi.stubEnv(name, value);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    });
    const { POST } = (await import(pathToFileURL(outfile).href)) as {
      POST(request: Request): Promise<Response>;
    };
    const url = `http://localhost:3000${await readmePath("next")}`;
    const postHere = async (posted: Posted): Promise<number> =>
      (await POST(new Request(url, { method: "POST", ...posted }))).status;

    expect(new URL(url).pathname).toBe(entry.replace(/^examples\/next\/app|\/route\.ts$/g, ""));
    expect(await postHere(unsigned), "unsigned").toBe(401);
    const first = sender.genuine("subject-first");
    expect(await postHere(first), "genuine").toBe(200);
    expect(await postHere(first), "duplicate").toBe(200);
    expect(await postHere(sender.forge(sender.genuine("subject-forged"))), "forged").toBe(401);
    expect(log.mock.calls).toEqual([["company subject-first is approved"]]);
    expect(warn.mock.calls).toEqual([["signature_missing"], ["signature_mismatch"]]);
  });
});

describe("the examples' types", () => {
  /** Runs the repository's compiler over files in the examples, from a project elsewhere. */
  async function compile(name: string, project: object, files: Record<string, string>) {
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    const path = join(folder, `tsconfig.${name}.json`);
    await writeFile(path, JSON.stringify(project));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const failure = await runFile(process.execPath, [compiler, "-p", path]).then(
      () => "",
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
    expect(failure).toBe("");
  }

  const common = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };

  test("the JavaScript examples pass the check that they ask for", async () => {
    const scripts = (await readdir(join(root, "examples"), { recursive: true }))
      .filter((file) => file.endsWith(".mjs"))
      .map((file) => join(root, "examples", file));
    expect(scripts).toHaveLength(13);
    for (const script of scripts) {
      expect(await readFile(script, "utf8")).toMatch(/^\/\/ @ts-check\n/);
    }
    await compile(
      "scripts",
      {
        compilerOptions: { ...common, module: "NodeNext", allowJs: true },
        files: [...scripts, "workers.d.ts"],
      },
      {
        // Stands in for what `wrangler types` writes.
        "workers.d.ts": `declare module "cloudflare:workers" {
  export const env: { readonly VOVE_SECRET: string };
}
`,
      },
    );
  });

  test("the route is one that Next accepts", async () => {
    await compile(
      "next",
      {
        compilerOptions: { ...common, module: "ESNext", moduleResolution: "bundler" },
        files: ["next-route.ts"],
      },
      {
        // The form in which Next's own generated check states it.
        "next-route.ts": `import * as route from ${JSON.stringify(join(root, "examples/next/app/webhooks/vove/route.js"))};

interface NextRequest extends Request {
  readonly nextUrl: URL;
}
type Answer = Response | void | never;
export const handlers: {
  POST?: (
    request: NextRequest,
    context: { params: Promise<Record<string, never>> },
  ) => Promise<Answer> | Answer;
} = route;
`,
      },
    );
  });
});
