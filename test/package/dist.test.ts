import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

type Exports = Readonly<Record<string, unknown>>;
type Call = (...given: readonly unknown[]) => unknown;
type ErrorClass = new (...given: readonly never[]) => Error;

const root = fileURLToPath(new URL("../..", import.meta.url));
const native = createRequire(import.meta.url)("./native.cjs") as {
  readonly load: (specifier: string) => Promise<Exports>;
  readonly require: NodeJS.Require;
};

const formats = [
  ["import", (specifier: string) => native.load(specifier)],
  ["require", async (specifier: string) => native.require(specifier) as Exports],
] as const;

const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  readonly version: string;
  readonly main: string;
  readonly module: string;
  readonly types: string;
  readonly sideEffects: unknown;
  readonly engines: unknown;
  readonly files: unknown;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly bundleDependencies?: unknown;
  readonly bundledDependencies?: unknown;
  readonly peerDependencies: unknown;
  readonly peerDependenciesMeta: unknown;
  readonly imports: Readonly<Record<string, Readonly<Record<string, Record<string, string>>>>>;
  readonly exports: Readonly<
    Record<string, string | Readonly<Record<string, Readonly<Record<string, string>>>>>
  >;
};

function filesBelow(folder: string): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(root, `${entry.parentPath}/${entry.name}`.replaceAll("\\", "/")))
    .sort();
}

const extensions = [".js", ".cjs", ".d.ts", ".d.cts"] as const;

interface Entry {
  /** As in the exports map: `./providers/vove`. */
  readonly subpath: string;
  /** As a user writes it: `countersign/providers/vove`. */
  readonly specifier: string;
  /** Its place in src and dist, without extension. */
  readonly module: string;
}

/** Every subpath; a wildcard stands for every source file in its folder. */
const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([key, target]) => {
  if (typeof target === "string") return [];
  const built = /^\.\/dist\/(.+)\.js$/.exec(target.import?.default ?? "")?.[1] ?? "";
  const names = key.includes("*")
    ? filesBelow(`src/${posix.dirname(built)}`).map((path) => posix.basename(path, ".ts"))
    : [""];
  return names.map((name) => {
    const subpath = key.replace("*", name);
    return {
      subpath,
      specifier: posix.join("countersign", subpath),
      module: built.replace("*", name),
    };
  });
});

const clientIds = filesBelow("src/clients").map((path) => posix.basename(path, ".ts"));
const providerIds = filesBelow("src/providers").map((path) => posix.basename(path, ".ts"));

/** What each subpath exports. Adding a name is a promise; taking one away breaks somebody. */
const exportedNames: Readonly<Record<string, readonly string[]>> = {
  ".": [
    "WebhookError",
    "allOf",
    "anyOf",
    "createReceiver",
    "defineProvider",
    "headerSecret",
    "hmac",
    "isWebhookError",
    "memoryStore",
    "safeVerifyHeaderSecret",
    "safeVerifyHmac",
    "safeVerifyStampedHmac",
    "safeVerifySvix",
    "stampedHmac",
    "svix",
    "verifyHeaderSecret",
    "verifyHmac",
    "verifyStampedHmac",
    "verifySvix",
  ],
  // As providers do.
  ...Object.fromEntries(
    clientIds.map((id) => [`./clients/${id}`, ["ClientError", `${id}Client`, "isClientError"]]),
  ),
  "./catch-up": [
    "ClientError",
    "catchUp",
    "confirmWithHistory",
    "dataspikeHistory",
    "isClientError",
    "storeCursor",
  ],
  "./diagnose": ["diagnose", "explainFailures"],
  "./express": ["toExpressHandler"],
  "./fastify": ["toFastifyPlugin"],
  "./fetch": ["toFetchHandler"],
  // A provider exports by its name, so that a new one needs no line here.
  ...Object.fromEntries(
    providerIds.map((id) => [`./providers/${id}`, [id, `${id}Event`, `${id}Samples`]]),
  ),
  "./schemes/all-of": ["allOf"],
  "./schemes/any-of": ["anyOf"],
  "./schemes/bearer-introspection": ["bearerIntrospection"],
  "./schemes/bearer-jwt": ["bearerJwt"],
  "./schemes/bearer-token": ["bearerToken"],
  "./schemes/header-secret": ["headerSecret", "safeVerifyHeaderSecret", "verifyHeaderSecret"],
  "./schemes/hmac": ["hmac", "safeVerifyHmac", "verifyHmac"],
  "./schemes/stamped-hmac": ["safeVerifyStampedHmac", "stampedHmac", "verifyStampedHmac"],
  "./schemes/svix": ["safeVerifySvix", "svix", "verifySvix"],
  "./schemes/svix-asymmetric": [
    "safeVerifySvixAsymmetric",
    "svixAsymmetric",
    "verifySvixAsymmetric",
  ],
  "./schemes/unsigned": ["unsigned"],
  "./stores/memory": ["memoryStore"],
  "./stores/postgres": ["postgresStore", "postgresStoreDdl"],
  "./stores/redis": ["redisStore"],
  "./stores/sqlite": ["sqliteStore"],
  "./testing": ["signDelivery", "storeConformance", "tamper", "toRequest"],
};

describe("the exports map", () => {
  it("points each subpath at one module, in both formats, with types for each", () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (subpath === "./package.json") {
        expect(target).toBe("./package.json");
        continue;
      }
      const built = (target as { import: { default: string } }).import.default.slice(0, -3);
      // `types` first: TypeScript takes the first condition that it knows.
      expect(JSON.stringify(target), subpath).toBe(
        JSON.stringify({
          import: { types: `${built}.d.ts`, default: `${built}.js` },
          require: { types: `${built}.d.cts`, default: `${built}.cjs` },
        }),
      );
    }
    const { main, module, types } = manifest;
    expect({ main, module, types }).toEqual({
      main: "./dist/index.cjs",
      module: "./dist/index.js",
      types: "./dist/index.d.cts",
    });
  });

  it("declares nothing that is not built", () => {
    const declared = entries.flatMap(({ module }) =>
      extensions.map((end) => `dist/${module}${end}`),
    );
    expect(declared.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  });

  it("leaves nothing out that is built, but for shared chunks and what differs between runtimes", () => {
    const modules = [...entries.map(({ module }) => module)];
    modules.push("internal/hmac.node", "internal/hmac.default");
    modules.push("internal/compiled.node", "internal/compiled.default");
    const expected = new Set(
      modules.flatMap((module) => extensions.map((end) => `dist/${module}${end}`)),
    );
    // What the bundler split off lies in dist itself, with a hash in its name.
    const chunk = /^dist\/[a-z-]+-[\w-]{8}\.(?:c?js|d\.c?ts)$/;
    const rest = filesBelow("dist").filter((path) => !expected.has(path) && !chunk.test(path));
    // The command line has a folder of its own, and no subpath.
    expect(rest.filter((path) => !path.startsWith("dist/cli/"))).toEqual([]);
    expect(entries.filter(({ module }) => module.startsWith("cli/"))).toEqual([]);
  });

  it("has a subpath for every provider, scheme, store, adapter and client in src", () => {
    const modules = entries.map(({ module }) => module);
    const plural = ["providers", "schemes", "stores", "adapters", "clients"];
    const sources = plural
      .flatMap((folder) => filesBelow(`src/${folder}`))
      .map((path) => path.replace(/^src\/(.*)\.ts$/, "$1"));
    expect(sources.filter((module) => !modules.includes(module))).toEqual([]);
  });

  it.each([
    "countersign/receiver",
    "countersign/errors",
    "countersign/internal/hmac.node",
    "countersign/adapters/express",
    "countersign/dist/index.js",
    "countersign/providers/nobody",
    "countersign/providers/vove.js",
    "countersign/providers",
    "countersign/src/index.ts",
  ])("does not let %s through", async (specifier) => {
    for (const [, load] of formats) {
      await expect(load(specifier)).rejects.toMatchObject({
        code: expect.stringMatching(
          /^(?:ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/,
        ),
      });
    }
  });
});

describe("the exported names", () => {
  it("are written down here for every subpath", () => {
    expect(entries.map(({ subpath }) => subpath).sort()).toEqual(Object.keys(exportedNames).sort());
  });

  for (const { subpath, specifier } of entries) {
    it(`of ${specifier} are these, by import and by require`, async () => {
      for (const [format, load] of formats) {
        const names = Object.keys(await load(specifier)).sort();
        expect(names, format).toEqual([...(exportedNames[subpath] ?? [])].sort());
      }
    });
  }
});

/** A receiver that reads the body, as the real one does, and hands back what that throws. */
function bodyFailure(connect: (receiver: unknown) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const receive = async ({ body }: { body: (limit: number) => Promise<unknown> }) => {
      await body(1).then(() => reject(new Error("the body was read")), resolve);
      return { status: 500 };
    };
    Promise.resolve(connect({ receive })).catch(reject);
  });
}

const nothing = { headers: {}, body: "" };
const response = { headersSent: true };
const jsonRequest = { method: "POST", headers: {}, body: { parsed: true } };

/** A call of each subpath that fails with our error. */
const mistakes: Readonly<Record<string, (the: (name: string) => Call) => unknown>> = {
  ".": (the) => the("verifySvix")(nothing, { secret: "" }),
  ...Object.fromEntries(
    clientIds.map((id) => [
      `./clients/${id}`,
      (the: (name: string) => Call) => the(`${id}Client`)({}),
    ]),
  ),
  "./catch-up": (the) => the("storeCursor")({}, "history"),
  "./diagnose": (the) => the("diagnose")(nothing, {}),
  "./express": (the) =>
    bodyFailure((receiver) => (the("toExpressHandler")(receiver) as Call)(jsonRequest, response)),
  "./fastify": (the) => the("toFastifyPlugin")({}, { path: "no slash" }),
  "./fetch": (the) =>
    bodyFailure((receiver) =>
      (the("toFetchHandler")(receiver) as Call)(
        new Request("http://localhost", { method: "POST", body: "more than one byte" }),
      ),
    ),
  ...Object.fromEntries(
    providerIds.map((id) => [`./providers/${id}`, (the: (name: string) => Call) => the(id)({})]),
  ),
  "./schemes/all-of": (the) => the("allOf")(),
  "./schemes/any-of": (the) => the("anyOf")(),
  "./schemes/bearer-introspection": (the) => the("bearerIntrospection")({}),
  "./schemes/bearer-jwt": (the) => the("bearerJwt")({}),
  "./schemes/bearer-token": (the) => the("bearerToken")({}),
  "./schemes/header-secret": (the) => the("headerSecret")({}),
  "./schemes/hmac": (the) => the("hmac")({}),
  "./schemes/stamped-hmac": (the) => the("stampedHmac")({}),
  "./schemes/svix": (the) => the("svix")({}),
  "./schemes/svix-asymmetric": (the) => the("svixAsymmetric")({}),
  "./schemes/unsigned": (the) => the("unsigned")("i did not read this"),
  "./stores/memory": (the) => the("memoryStore")({ maxEntries: 0 }),
  "./stores/postgres": (the) => the("postgresStore")({}),
  "./stores/redis": (the) => the("redisStore")({}),
  "./stores/sqlite": (the) => the("sqliteStore")("claims.db"),
  "./testing": (the) => the("tamper")(nothing, "gently"),
};

async function failureOf(
  subpath: string,
  load: (specifier: string) => Promise<Exports>,
): Promise<unknown> {
  const exports = await load(posix.join("countersign", subpath));
  try {
    return await mistakes[subpath]?.((name) => exports[name] as Call);
  } catch (error) {
    return error;
  }
}

describe("the error", () => {
  it("is provoked through every subpath", () => {
    expect(Object.keys(mistakes).sort()).toEqual(entries.map(({ subpath }) => subpath).sort());
  });

  for (const [format, load] of formats) {
    it.each(Object.keys(mistakes))(
      `is of one class by ${format}, also through %s`,
      async (subpath) => {
        const { WebhookError } = await load("countersign");
        expect(await failureOf(subpath, load)).toBeInstanceOf(WebhookError);
      },
    );
  }

  it("is recognised by either copy of the package, though each has its own class", async () => {
    const [esm, cjs] = [await native.load("countersign"), native.require("countersign") as Exports];
    expect(esm.WebhookError).not.toBe(cjs.WebhookError);
    for (const [, load] of formats) {
      const error = await failureOf("./providers/vove", load);
      for (const { isWebhookError } of [esm, cjs] as Record<string, Call>[]) {
        expect(isWebhookError?.(error)).toBe(true);
        expect(isWebhookError?.(error, "secret_missing")).toBe(true);
        expect(isWebhookError?.(error, "secret_malformed")).toBe(false);
      }
    }
  });

  it("is not taken for one that only looks like it", async () => {
    for (const [, load] of formats) {
      const { isWebhookError, WebhookError } = (await load("countersign")) as {
        isWebhookError: Call;
        WebhookError: ErrorClass;
      };
      const error = (await failureOf("./providers/vove", load)) as Error & Record<string, unknown>;
      const { code, stage, status, details, hint } = error;
      const fields = {
        name: error.name,
        message: error.message,
        code,
        stage,
        status,
        details,
        hint,
      };
      const alike: readonly unknown[] = [
        fields,
        { ...error },
        Object.assign(new Error(error.message), fields),
        JSON.parse(JSON.stringify(error)),
        structuredClone(error),
        WebhookError,
        "secret_missing",
        undefined,
        null,
      ];
      for (const value of alike) {
        expect(isWebhookError(value)).toBe(false);
        expect(isWebhookError(value, "secret_missing")).toBe(false);
      }
    }
  });
});

/** The specifiers of a built file, of every kind. */
function specifiersOf(path: string): readonly string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(`${root}/${path}`, "utf8"),
    ts.ScriptTarget.Latest,
    false,
    ts.ScriptKind.JS,
  );
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    let given: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      given = node.moduleSpecifier;
    } else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRequire = ts.isIdentifier(expression) && expression.text === "require";
      if (isRequire || expression.kind === ts.SyntaxKind.ImportKeyword) given = node.arguments[0];
    }
    if (given !== undefined) {
      found.push(ts.isStringLiteralLike(given) ? given.text : "(put together at run time)");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

interface Reach {
  /** Everything outside the package, and the built files that ask for it. */
  readonly outside: ReadonlyMap<string, readonly string[]>;
  /** The built files, the first included. */
  readonly files: readonly string[];
}

/** What a built file reaches, in the runtimes of these conditions. */
function reachOf(start: string, conditions: readonly string[]): Reach {
  const outside = new Map<string, string[]>();
  const seen = new Set<string>();
  const pending = [start];
  for (const path of pending) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const specifier of specifiersOf(path)) {
      const own = manifest.imports[specifier];
      if (specifier.startsWith(".")) {
        pending.push(posix.join(posix.dirname(path), specifier));
      } else if (own !== undefined) {
        const format = path.endsWith(".cjs") ? "require" : "import";
        pending.push(...conditions.map((name) => posix.normalize(own[name]?.[format] ?? "")));
      } else {
        outside.set(specifier, [...(outside.get(specifier) ?? []), path]);
      }
    }
  }
  return { outside, files: [...seen] };
}

const reachedFrom = (start: string) => reachOf(start, ["node", "default"]).outside;

describe("the command line", () => {
  const files = filesBelow("dist/cli").filter((path) => path.endsWith(".js"));

  it("is what `bin` names, and can be run", () => {
    const { bin } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
    expect(bin).toEqual({ countersign: "dist/cli/main.js" });
    expect(readFileSync(`${root}/dist/cli/main.js`, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(`${root}/dist/cli/main.js`).mode & 0o111).toBe(0o111);
  });

  it("takes from the library what the package exports, and holds no copy of it", () => {
    const exported = new Set(entries.map(({ module }) => `dist/${module}.js`));
    const used = files.flatMap((path) =>
      specifiersOf(path)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => posix.join(posix.dirname(path), specifier)),
    );
    const library = used.filter((path) => !path.startsWith("dist/cli/"));
    expect(library).toContain("dist/index.js");
    expect(library.filter((path) => !exported.has(path))).toEqual([]);
    const copies = files.filter((path) =>
      readFileSync(`${root}/${path}`, "utf8").includes("countersign.WebhookError"),
    );
    expect(copies).toEqual([]);
  });

  it("needs nothing that is not installed with the package, beside Node's own", () => {
    const bare = files
      .flatMap(specifiersOf)
      .filter((specifier) => !/^(?:\.|node:|\(put together)/.test(specifier));
    expect(bare).toEqual([]);
  });

  it("is not asked for by any file of the library", () => {
    const library = filesBelow("dist").filter(
      (path) => /\.c?js$/.test(path) && !path.startsWith("dist/cli/"),
    );
    const askers = library.filter((path) =>
      specifiersOf(path).some((one) => /^\.{1,2}\/(?:.*\/)?cli\//.test(one)),
    );
    expect(askers).toEqual([]);
  });
});

describe("the root", () => {
  it.each([".js", ".cjs"])("reaches nothing outside the package (%s)", (end) => {
    expect([...reachedFrom(`dist/index${end}`)]).toEqual([]);
  });

  it.each([".js", ".cjs"])(
    "is not alone in that: only providers and clients reach zod, only bearer-jwt jose (%s)",
    (end) => {
      const reached = entries.flatMap(({ subpath, module }) =>
        [...reachedFrom(`dist/${module}${end}`).keys()].map(
          (specifier) => `${subpath} ${specifier}`,
        ),
      );
      // Besides the schemas of any provider, whichever there are.
      const schemas = [
        ...providerIds.map((id) => `./providers/${id} zod/mini`),
        ...clientIds.map((id) => `./clients/${id} zod/mini`),
      ];
      expect(reached.filter((one) => !schemas.includes(one)).sort()).toEqual([
        "./providers/validas jose",
        "./schemes/bearer-jwt jose",
      ]);
    },
  );
});

describe("start-up", () => {
  it.each(["import", "require"])(
    "loads node:crypto when there is a key, and no earlier, by %s",
    (how) => {
      const program = `${root}/test/package/helpers/loads-crypto.cjs`;
      const output = execFileSync(process.execPath, [program, how], { encoding: "utf8" });
      expect(JSON.parse(output)).toEqual([false, false, true]);
    },
  );

  // Reading a file costs Node more than all that is in it: what a server waits for is how many there are.
  it.each([".js", ".cjs"])("of the root reads four files on Node (%s)", (end) => {
    const { files } = reachOf(`dist/index${end}`, ["node"]);
    expect(files).toContain(`dist/internal/hmac.node${end}`);
    expect(files.length).toBeLessThanOrEqual(4);
  });

  it.each([".js", ".cjs"])("of every other module adds a few to them (%s)", (end) => {
    const root = new Set(reachOf(`dist/index${end}`, ["node"]).files);
    const many = entries
      .map(({ subpath, module }) => {
        const { files } = reachOf(`dist/${module}${end}`, ["node"]);
        return [subpath, files.filter((path) => !root.has(path)).length] as const;
      })
      .filter(([, count]) => count > 8);
    expect(many).toEqual([]);
  });
});

interface Hmac {
  readonly macKey: (key: Uint8Array) => {
    readonly sign: (parts: readonly string[], body: Uint8Array, encoding: "hex") => string;
  };
}

describe("the hash functions", () => {
  const built = (name: string) => `${root}/dist/internal/hmac.${name}`;

  it("are node:crypto's in Node, by import and by require", async () => {
    const esm = (await native.load("#hmac")) as unknown as Hmac;
    expect(esm.macKey).toBe((await native.load(built("node.js"))).macKey);
    const cjs = native.require("#hmac") as Hmac;
    expect(cjs).toBe(native.require(built("node.cjs")));
  });

  it("are the portable ones for every other runtime", () => {
    expect(manifest.imports).toEqual({
      "#hmac": {
        node: {
          import: "./dist/internal/hmac.node.js",
          require: "./dist/internal/hmac.node.cjs",
        },
        default: {
          import: "./dist/internal/hmac.default.js",
          require: "./dist/internal/hmac.default.cjs",
        },
      },
      "#compiled": {
        node: {
          import: "./dist/internal/compiled.node.js",
          require: "./dist/internal/compiled.node.cjs",
        },
        default: {
          import: "./dist/internal/compiled.default.js",
          require: "./dist/internal/compiled.default.cjs",
        },
      },
    });
    // `default` last: whatever stands behind it is never reached.
    for (const conditions of Object.values(manifest.imports)) {
      expect(Object.keys(conditions)).toEqual(["node", "default"]);
    }
  });

  it("give the same MAC without node:crypto, by import and by require", async () => {
    const portable = [
      await native.load(built("default.js")),
      native.require(built("default.cjs")) as Exports,
    ] as unknown as Hmac[];
    const body = new Uint8Array([0, 255, 10, 13, 128]);
    for (const { macKey } of portable) {
      for (const length of [16, 63, 64, 65, 200]) {
        const key = new Uint8Array(length).fill(length);
        const expected = createHmac("sha256", key).update("msg_1.1700000000.").update(body);
        expect(macKey(key).sign(["msg_1", "1700000000"], body, "hex")).toBe(expected.digest("hex"));
      }
    }
  });

  it.each(["default.js", "default.cjs"])("have nothing left to import in %s", (name) => {
    expect([...reachedFrom(`dist/internal/hmac.${name}`).keys()]).toEqual([]);
  });
});

describe("the schemas of providers", () => {
  const forbids = "--disallow-code-generation-from-strings";

  it.each([[], [forbids]])("read the two thousandth event as the first, with %j", (...flags) => {
    const script = `
      import { dataspike, dataspikeSamples } from "countersign/providers/dataspike";
      import { signDelivery } from "countersign/testing";
      const provider = dataspike({ secret: "whsec_" + "0a".repeat(32) });
      const delivery = signDelivery(provider, dataspikeSamples.DOCVER);
      const events = new Set();
      for (let index = 0; index < 2000; index += 1) {
        events.add(JSON.stringify((await provider.verify(delivery)).event));
      }
      console.log(...events);
    `;
    const args = [...flags, "--input-type=module", "--eval", script];
    const events = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    const { DOCVER } = JSON.parse(`{"DOCVER":${events}}`) as { DOCVER: { event_type: string } };
    expect(DOCVER.event_type).toBe("DOCVER");
  });

  it.each(["js", "cjs"])("need no compiler where code from text is forbidden (%s)", (end) => {
    expect([...reachedFrom(`dist/internal/compiled.default.${end}`).keys()]).toEqual([]);
  });
});

describe("package.json", () => {
  it("is version 0.1.0, free of side effects, for Node 20.19 and later", () => {
    const { version, sideEffects, engines } = manifest;
    expect({ version, sideEffects, engines }).toEqual({
      version: "0.1.0",
      sideEffects: false,
      engines: { node: ">=20.19" },
    });
  });

  it("brings no dependency of any kind, and asks for zod, and for jose where it is used", () => {
    const { dependencies, optionalDependencies, bundleDependencies, bundledDependencies } =
      manifest;
    expect([dependencies, optionalDependencies, bundleDependencies, bundledDependencies]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(manifest.peerDependencies).toEqual({ jose: "^6", zod: "^4.0.16" });
    expect(manifest.peerDependenciesMeta).toEqual({ jose: { optional: true } });
  });

  it("publishes the build and the documents, and nothing else", () => {
    expect(manifest.files).toEqual([
      "dist",
      "CHANGELOG.md",
      "SECURITY.md",
      "THIRD-PARTY-NOTICES.md",
    ]);
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    ) as [{ readonly files: readonly { readonly path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => !path.startsWith("dist/")).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "THIRD-PARTY-NOTICES.md",
      "package.json",
    ]);
    expect(paths.filter((path) => path.startsWith("dist/")).sort()).toEqual(filesBelow("dist"));
  });
});

describe("package-lock.json", () => {
  it("names no registry, so that it installs from whichever one is set up", () => {
    const text = readFileSync(`${root}/package-lock.json`, "utf8");
    const { packages } = JSON.parse(text) as {
      packages: Record<string, { resolved?: string; link?: boolean }>;
    };
    expect(Object.keys(packages).length).toBeGreaterThan(1);
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual(
      [],
    );
    expect(text).not.toMatch(/"resolved"|\.tgz\b|\bregistry\b/);
  });
});
