// What the documents say is what the built package does: their snippets compile and run, their links lead somewhere,
// and the defaults and error codes they name are the real ones.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createReceiver,
  isWebhookError,
  type Store,
  safeVerifyHmac,
  safeVerifySvix,
} from "countersign";
import { vove } from "countersign/providers/vove";
import { signDelivery } from "countersign/testing";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import * as kinds from "../../src/error-kinds.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
const texts = new Map(documents.map((name) => [name, readFileSync(join(root, name), "utf8")]));
const readme = texts.get("README.md") as string;

// Inside the repository, so that `countersign` is the package itself.
mkdirSync(join(root, ".tmp"), { recursive: true });
const folder = mkdtempSync(join(root, ".tmp/readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Snippet {
  /** Such as `README.md:12`. */
  readonly where: string;
  readonly file: string;
  /** Declarations that the snippet leaves out. */
  readonly preamble: string;
  readonly text: string;
}

function snippetsOf(name: string, text: string): readonly Snippet[] {
  const pattern =
    /(?:^<!-- snippet( file)?: (.*) -->\n)?^```(ts|js)\n([\s\S]*?)^```$|^<!-- snippet.*$/gm;
  return [...text.matchAll(pattern)].map((match, index) => {
    const [whole, isFile, note = "", language, code] = match;
    const line = text.slice(0, match.index + whole.indexOf("```")).split("\n").length;
    if (code === undefined) throw new Error(`${name}:${line}: a note without a snippet`);
    return {
      where: `${name}:${line}`,
      file: isFile ? note : `${name.toLowerCase().replace(".md", "")}-${index}.${language}`,
      preamble: isFile ? "" : note,
      text: code,
    };
  });
}

const snippets = documents.flatMap((name) => snippetsOf(name, texts.get(name) as string));
for (const { file, preamble, text } of snippets) {
  // The preamble and the export keep the line numbers, and make every snippet a module.
  writeFileSync(join(folder, file), `${preamble}export {};\n${text}`);
}

// @types/node is that of the lowest Node that is supported, which has no SQLite.
const sqlite = join(folder, "node-sqlite.d.ts");
writeFileSync(
  sqlite,
  `declare module "node:sqlite" {
    export class DatabaseSync {
      constructor(path: string, options?: { timeout?: number });
      exec(sql: string): void;
      prepare(sql: string): { all(...parameters: (string | number | null)[]): unknown[] };
    }
  }`,
);

function compile(options: ts.CompilerOptions): readonly string[] {
  const program = ts.createProgram({
    rootNames: [sqlite, ...snippets.map(({ file }) => join(folder, file))],
    options: {
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      allowJs: true,
      checkJs: true,
      noEmit: true,
      ...options,
    },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const snippet = snippets.find((one) => file?.fileName.endsWith(`/${one.file}`));
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const [document, opening] = snippet?.where.split(":") ?? [file?.fileName, 0];
    return `${document}:${Number(opening) + line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** Runs a snippet, with more code after it, in a process of its own. */
function run(
  file: string,
  options: {
    readonly change?: readonly [string, string];
    readonly more?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): { status: number | null; stdout: string; stderr: string } {
  const snippet = snippets.find((one) => one.file === file);
  if (snippet === undefined) throw new Error(`no snippet is called ${file}`);
  const { change = ["", ""], more = "", env = {} } = options;
  if (!snippet.text.includes(change[0])) throw new Error(`${file} has no ${change[0]}`);
  const source = `${snippet.text.replace(...change)}\n${more}`;
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const script = join(folder, `${file}.mjs`);
  writeFileSync(script, outputText);
  return spawnSync(process.execPath, [script], {
    encoding: "utf8",
    timeout: 60_000,
    env: { PATH: process.env.PATH, ...env },
  });
}

const secret = "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==";

describe("snippets", () => {
  it("are all written as ts or js", () => {
    const languages = [...texts.values()].flatMap((text) =>
      [...text.matchAll(/^ *```(\w+)$/gm)].map(([, language]) => language),
    );
    expect(languages.filter((language) => !/^(?:ts|js|sh|json)$/.test(language ?? ""))).toEqual([]);
    expect(snippets.length).toBeGreaterThan(15);
  });

  it.each([
    ["nodenext", { module: ts.ModuleKind.NodeNext }],
    ["node16", { module: ts.ModuleKind.Node16 }],
    [
      "bundler",
      { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    ],
  ])("compile with moduleResolution %s", (_name, options) => {
    expect(compile(options)).toEqual([]);
  });

  it("have a first example of at most twenty lines that receives, recognises and refuses", () => {
    expect(snippets[0]?.file).toBe("server.ts");
    expect(snippets[0]?.text.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
    const { status, stdout, stderr } = run("server.ts", {
      env: { VOVE_SECRET: secret },
      change: ["app.listen(3000);", "const server = app.listen(0);"],
      more: `
        import { once } from "node:events";
        import { signDelivery, tamper } from "countersign/testing";
        await once(server, "listening");
        const address = server.address();
        const url = \`http://localhost:\${typeof address === "object" && address?.port}/webhooks/vove\`;
        const post = async ({ headers, body }) =>
          (await fetch(url, { method: "POST", headers, body })).status;
        const provider = vove({ secret: process.env.VOVE_SECRET ?? "" });
        const delivery = signDelivery(provider, { status: "successful", refId: "user-1" });
        console.log(await post(delivery), await post(delivery), await post(tamper(delivery, "body")));
        process.exit();
      `,
    });
    expect({ status, stdout: stdout.trim().split("\n") }).toEqual({
      status: 0,
      stdout: ["passed: user-1", "200 200 401"],
    });
    expect(stderr).toContain("signature_mismatch");
  });

  it("have a first example that does not start without its secret", () => {
    const { status, stderr } = run("server.ts");
    expect(status).not.toBe(0);
    expect(stderr).toContain("secret_missing");
  });

  it("have a receiver that explains its failures, though not in production", () => {
    const options = {
      more: `
        import { signDelivery } from "countersign/testing";
        const delivery = signDelivery(vove({ secret: process.env.VOVE_SECRET ?? "" }), '{ "status": "successful", "refId": "user-1" }');
        const parsed = JSON.stringify(JSON.parse(new TextDecoder().decode(delivery.body)));
        console.log((await receiver.receive({ ...delivery, body: parsed })).status);
        console.log((await receiver.receive(delivery)).status);
      `,
    };
    const explained = run("explained.ts", { ...options, env: { VOVE_SECRET: secret } });
    expect(explained.stdout.trim().split("\n")).toEqual(["401", "passed: user-1", "200"]);
    expect(explained.stderr).toMatch(
      /^countersign: vove: signature_mismatch: body_reserialized: .*\n$/,
    );
    const env = { VOVE_SECRET: secret, NODE_ENV: "production" };
    expect(run("explained.ts", { ...options, env }).stderr).toBe("");
  });

  it("have a test of a handler that passes", () => {
    const { status, stdout } = run("handler.test.ts");
    expect(stdout).toMatch(/^# pass 1$|pass 1$/m);
    expect(status).toBe(0);
  });

  it("have a provider for GitHub that accepts what GitHub signs", () => {
    // GitHub's published example: docs.github.com/webhooks, “Validating webhook deliveries”.
    const { status, stdout } = run("github.ts", {
      env: { GITHUB_WEBHOOK_SECRET: "It's a Secret to Everybody" },
      more: `
        import { createHmac } from "node:crypto";
        const sign = (body) => "sha256=" + createHmac("sha256", "It's a Secret to Everybody").update(body).digest("hex");
        console.log(sign("Hello, World!"));
        const body = JSON.stringify({ ref: "refs/heads/main", after: "6113728f27ae82c7b1a177c8d03f9e96e0adf246" });
        const headers = { "X-GitHub-Event": "push", "X-Hub-Signature-256": sign(body) };
        const kinds = [];
        for (const delivery of [
          { headers, body },
          { headers: { ...headers, "X-GitHub-Delivery": "another" }, body },
          { headers: { ...headers, "X-GitHub-Event": "star" }, body },
          { headers, body: body.replace("main", "evil") },
          { headers: { ...headers, "X-Hub-Signature-256": sign("{}") }, body: "{}" },
        ]) {
          const outcome = await receiver.receive(delivery);
          kinds.push(outcome.error?.code ?? outcome.kind);
        }
        console.log(kinds.join(" "));
      `,
    });
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      "pushed: refs/heads/main 6113728f27ae82c7b1a177c8d03f9e96e0adf246",
      "handled duplicate ignored signature_mismatch payload_invalid",
    ]);
  });
});

describe("links", () => {
  /** A heading's anchor, as GitHub makes it. */
  const slugOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-");

  const anchorsOf = (text: string): ReadonlySet<string> => {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
    return new Set([
      ...[...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slugOf(heading)),
      ...[...prose.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = ""]) => id),
    ]);
  };

  it.each(documents)("of %s lead to files and anchors that exist", (name) => {
    const text = texts.get(name) as string;
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const dead = targets.filter((target) => {
      if (/^https:\/\//.test(target)) return false;
      const [file = "", anchor] = target.split("#");
      const path = join(root, file === "" ? name : file);
      if (!existsSync(path)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(path, "utf8")).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  // A claim about security is worth what its test is.
  it("of SECURITY.md name a test by its title", () => {
    const text = texts.get("SECURITY.md") as string;
    const claims = [...text.matchAll(/\[“([^”]+)”\]\((test\/[^)]+)\)/g)];
    const missing = claims.filter(([, title = "", path = ""]) => {
      const source = readFileSync(join(root, path), "utf8").replaceAll('\\"', '"');
      return ![`"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
    });
    expect(claims.length).toBeGreaterThan(20);
    expect(missing.map(([claim]) => claim)).toEqual([]);
  });

  it("of errors lead to an anchor each, and no anchor is left over", () => {
    const codes = Object.values(kinds).map(([code]) => code);
    const anchors = [...readme.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id);
    expect(anchors.sort()).toEqual(codes.sort());
  });

  it("name only subpaths that the package exports", () => {
    const { resolve } = createRequire(join(root, "package.json"));
    const names = [...texts.values()].flatMap((text) =>
      [...text.matchAll(/(?<!\.)\bcountersign(?:\/[a-z0-9-]+)+(?![a-z0-9/-])/g)].map(
        ([name]) => name,
      ),
    );
    const missing = [...new Set(names)].filter((name) => {
      try {
        return !existsSync(resolve(name));
      } catch {
        return true;
      }
    });
    expect(names.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});

describe("generated parts", () => {
  const generate = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, "scripts/gen-readme.mjs"), ...args], {
      encoding: "utf8",
    });

  it("are current", () => {
    const { status, stderr } = generate("--check");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each([
    ["providers", ["`vove({ secret })`", "`vove({ key })`"]],
    ["errors", ["| verify | 503 |", "| verify | 401 |"]],
    ["errors", [/^.*<a id="id_missing">.*\n/m, ""]],
    ["errors", [/(?<=<a id="id_missing">.*\| 401 \|)[^|]*/, " "]],
    ["sizes", [/\| HMAC verifier \| [\d.]+ kB/, "| HMAC verifier | 1.0 kB"]],
  ] as const)("are found out when %s are changed by hand: %#", (part, [from, to]) => {
    const changed = join(folder, "README.md");
    const text = readme.replace(from, to);
    expect(text).not.toBe(readme);
    writeFileSync(changed, text);
    const { status, stderr } = generate("--check", changed);
    expect(status).toBe(1);
    expect(stderr).toContain(`README.md: ${part}: `);
    expect(readFileSync(changed, "utf8")).toBe(text);
  });
});

describe("defaults", () => {
  const provider = vove({ secret });
  const delivery = signDelivery(provider, { status: "successful", refId: "user-1" });

  it("are 300 seconds, 16 bytes and 1 MiB", async () => {
    const late = safeVerifySvix(delivery, { secret, now: () => Date.now() + 400_000 });
    expect(late.ok || late.error.details).toEqual({ toleranceSeconds: 300 });
    const short = safeVerifyHmac(delivery, { secret: "fifteen bytes.", header: "x-signature" });
    expect(short.ok || short.error.details).toMatchObject({ minSecretBytes: 16 });
    const receiver = createReceiver(provider);
    const large = await receiver.receive({ ...delivery, body: new Uint8Array(1_048_577) });
    expect(large.kind === "rejected" && large.error.details).toEqual({ maxBodyBytes: 1_048_576 });
    expect(readme).toContain("1048576 (1 MiB)");
  });

  it("are a lease of 5 minutes and a memory of 48 hours", async () => {
    const seen: unknown[] = [];
    const store: Store = {
      claim: async (_key, options) => {
        seen.push(options);
        return { state: "claimed", token: "1" };
      },
      complete: async (_key, _token, options) => void seen.push(options),
      release: async () => undefined,
    };
    await createReceiver(provider, { store, on: { "idv.successful": () => undefined } }).receive(
      delivery,
    );
    expect(seen).toEqual([{ leaseMs: 5 * 60_000 }, { ttlMs: 48 * 3_600_000 }]);
  });

  it("are a hint at the README's anchor", () => {
    const failed = safeVerifySvix({ headers: {}, body: "" }, { secret });
    expect(failed.ok || failed.error.hint).toBe("countersign README.md#signature_missing");
    expect(!failed.ok && isWebhookError(failed.error, "signature_missing")).toBe(true);
  });
});
