import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One way in which a source file asks for another module. */
interface Import {
  /** The importing module, from src and without its extension: `schemes/svix`. */
  readonly from: string;
  readonly specifier: string;
  /** The imported module in the same form, or the specifier itself where it is not relative. */
  readonly to: string;
  readonly relative: boolean;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** `import()` or `require()`. */
  readonly late: boolean;
}

/** Where a module's file is: `src/schemes/svix.ts`. */
const pathOf = (module: string): string =>
  existsSync(`${root}/src/${module}.tsx`) ? `src/${module}.tsx` : `src/${module}.ts`;

function sourceOf(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}

// Below src and without their extension, as the rules name them.
const modules = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => path.replace(/\.tsx?$/, ""))
  .sort();

const sources = new Map(
  modules.map((module) => [
    module,
    sourceOf(pathOf(module), readFileSync(`${root}/${pathOf(module)}`, "utf8")),
  ]),
);

/** Visits every node; comments are not nodes here. */
function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function importsOf(from: string, source: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (given: ts.Node | undefined, typeOnly: boolean, late = false): void => {
    // One that is put together at run time matches no rule, and so is refused.
    const specifier =
      given === undefined ? "" : ts.isStringLiteralLike(given) ? given.text : given.getText(source);
    const relative = specifier.startsWith(".");
    const to = relative
      ? posix.join(posix.dirname(from), specifier).replace(/\.js$/, "")
      : specifier;
    found.push({ from, specifier, to, relative, typeOnly, late });
  };
  visit(source, (node) => {
    if (ts.isImportDeclaration(node)) {
      // `import { type A }` leaves an import behind, as verbatimModuleSyntax asks: only `import type` leaves none.
      add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, true);
    } else if (ts.isExternalModuleReference(node)) {
      add(node.expression, false, true);
    } else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRequire = ts.isIdentifier(expression) && expression.text === "require";
      if (isRequire || expression.kind === ts.SyntaxKind.ImportKeyword) {
        add(node.arguments[0], false, true);
      }
    }
  });
  return found;
}

const imports = [...sources].flatMap(([module, source]) => importsOf(module, source));

/** `folder/*` stands for every module in it. */
function isOneOf(module: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("/*") ? posix.dirname(module) === pattern.slice(0, -2) : module === pattern,
  );
}

function say({ from, specifier, typeOnly, late }: Import): string {
  const how = late ? "loads" : typeOnly ? "imports the types of" : "imports";
  return `src/${from}.ts ${how} "${specifier}"`;
}

/** A message for each node that a rule objects to. */
function objections(object: (node: ts.Node, module: string) => string | undefined): string[] {
  return [...sources].flatMap(([module, source]) => {
    const found: string[] = [];
    visit(source, (node) => {
      const what = object(node, module);
      if (what === undefined) return;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push(`src/${module}.ts:${line + 1} ${what}`);
    });
    return found;
  });
}

const foundation = ["errors", "error-kinds", "delivery", "internal/*"];
const page = ["cli/ui/*", "cli/ui/text/*"];
const debuggerPage = ["cli/ui/debugger/*"];
const commands = ["cli/*", "cli/commands/*", "cli/inspector/*", "cli/providers/*"];
const commandLine = [...commands, ...page, ...debuggerPage];

/** Lowest first. A folder that does not list itself holds siblings that never import one another. */
const layers: readonly {
  readonly title: string;
  readonly modules: readonly string[];
  readonly may: readonly string[];
  /** What only types may be taken from, module by module. */
  readonly mayName?: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    title: "errors, deliveries and internals know nothing above them",
    modules: foundation,
    may: foundation,
    mayName: {
      "internal/bearer-scheme": ["scheme"],
      "internal/combine": ["scheme"],
      "internal/held-claims": ["store"],
      "internal/keyring": ["scheme"],
      "internal/svix-scheme": ["scheme"],
    },
  },
  {
    title: "the contract of schemes knows deliveries and nothing else",
    modules: ["scheme"],
    may: ["delivery"],
    mayName: { scheme: ["internal/secrets"] },
  },
  {
    title: "a scheme knows the contract and the foundation, and never another scheme",
    modules: ["schemes/*"],
    may: ["scheme", ...foundation],
  },
  {
    title: "a message knows deliveries and nothing else",
    modules: ["message"],
    may: ["delivery"],
  },
  {
    title: "the contract of providers knows schemes by their contract only",
    modules: ["provider"],
    may: ["message", "scheme", ...foundation],
  },
  {
    title: "a provider knows the contract and the schemes, and never another provider",
    modules: ["providers/*"],
    may: ["provider", "message", "scheme", "schemes/*", ...foundation],
  },
  {
    title: "an outcome knows errors and messages",
    modules: ["outcome"],
    may: ["errors", "message"],
  },
  {
    title: "the contract of stores knows nothing",
    modules: ["store"],
    may: [],
  },
  {
    title: "a store knows the contract and internals, and never another store",
    modules: ["stores/*"],
    may: ["store", "internal/*"],
  },
  {
    title: "claims know messages, and stores by their contract",
    modules: ["claims"],
    may: ["message", "store", ...foundation],
  },
  {
    title: "drift knows messages, and providers by their contract",
    modules: ["drift/*"],
    may: ["drift/*", "message", "provider", ...foundation],
  },
  {
    title:
      "a receiver's options know claims, outcomes, and providers and stores by their contracts",
    modules: ["receiver-options"],
    may: ["claims", "drift/*", "provider", "message", "outcome", "store", ...foundation],
  },
  {
    title: "the receiver knows providers by their contract, and the one store that is its default",
    modules: ["receiver"],
    may: [
      ...["receiver-options", "claims", "drift/*", "provider", "message", "outcome", "store"],
      ...["stores/memory", ...foundation],
    ],
  },
  {
    title: "an adapter knows the receiver, its outcomes and internals, and never another adapter",
    modules: ["adapters/*"],
    may: ["receiver", "outcome", "internal/*"],
  },
  {
    title:
      "the checks of stores know stores by their contract, and a receiver with a provider of their own",
    modules: ["testing/*"],
    may: [
      ...["testing/*", "store", "receiver", "receiver-options", "provider", "schemes/unsigned"],
      ...foundation,
    ],
  },
  {
    title: "the testing helpers know providers by their contract, and hand on the checks of stores",
    modules: ["testing"],
    may: ["provider", "scheme", "testing/*", ...foundation],
  },
  {
    title:
      "a diagnosis knows schemes and providers by their contracts, and of the receiver its types",
    modules: ["diagnose/*"],
    may: ["diagnose/*", "provider", "scheme", ...foundation],
    mayName: { "diagnose/explain-failures": ["receiver-options"] },
  },
  {
    title: "the diagnosis' entry only hands on",
    modules: ["diagnose"],
    may: ["diagnose/*"],
  },
  {
    title: "what clients share knows the foundation",
    modules: ["client/*"],
    may: ["client/*", ...foundation],
  },
  {
    title: "a client knows what clients share, and never another client",
    modules: ["clients/*"],
    may: ["client/*", ...foundation],
  },
  {
    title: "the contract of histories knows deliveries and nothing else",
    modules: ["history"],
    may: ["delivery"],
  },
  {
    title: "a history knows the contract, and what clients share",
    modules: ["histories/*"],
    may: ["history", "client/*", ...foundation],
  },
  {
    title: "a catch-up knows histories, and of the receiver and of stores the types",
    modules: ["catch-up/*"],
    may: ["catch-up/*", "client/*", "history", "message", "outcome", "store", ...foundation],
    mayName: { "catch-up/catch-up": ["receiver"], "catch-up/settle": ["receiver"] },
  },
  {
    title: "the catch-up's entry only hands on",
    modules: ["catch-up"],
    may: ["catch-up/*", "histories/*", "history", "client/*"],
  },
  {
    title: "the root knows no provider, no adapter, no client and no testing helper",
    modules: ["index"],
    may: [
      ...["scheme", "schemes/*", "message", "provider", "outcome", "store", "stores/*", "receiver"],
      ...["receiver-options", "claims", "drift/*"],
      ...foundation,
    ],
  },
  {
    title: "the command line may know anything, and nothing knows the command line",
    modules: commands,
    may: modules.map((module) => (module.includes("/") ? `${posix.dirname(module)}/*` : module)),
  },
  {
    title: "the inspector page knows itself, and in what ways diagnose writes a body",
    modules: page,
    may: [...page, "diagnose/bodies"],
  },
  {
    title: "the debugger page knows the inspector's parts, the schemes and diagnose",
    modules: debuggerPage,
    may: [
      ...[...debuggerPage, ...page, "diagnose", "provider", "scheme", "schemes/*"],
      ...foundation,
    ],
  },
];

describe("the layers", () => {
  it("are read from every form of import", () => {
    const source = sourceOf(
      "sample.ts",
      `import { a } from "./a.js";
       import { type B } from "./b.js";
       import type { C } from "../c.js";
       import "d";
       export { e } from "e";
       export type { F } from "f";
       type G = typeof import("g");
       const h = await import("h");
       const i = require("i");
       import j = require("j");
       const k = await import(name);`,
    );
    expect(
      importsOf("folder/sample", source).map(
        ({ to, typeOnly, late }) => `${to}${typeOnly ? " type" : ""}${late ? " late" : ""}`,
      ),
    ).toEqual([
      ...["folder/a", "folder/b", "c type", "d", "e", "f type", "g type", "h late", "i late"],
      ...["j late", "name late"],
    ]);
  });

  it("hold every source file exactly once", () => {
    const misplaced = modules
      .map((module) => [module, layers.filter((layer) => isOneOf(module, layer.modules)).length])
      .filter(([, count]) => count !== 1)
      .map(([module, count]) => `src/${module}.ts is in ${count} layers`);
    expect(misplaced).toEqual([]);
  });

  for (const { title, modules: members, may, mayName = {} } of layers) {
    it(title, () => {
      const beyond = imports.filter(
        ({ from, to, relative, typeOnly }) =>
          relative &&
          isOneOf(from, members) &&
          !isOneOf(to, may) &&
          !(typeOnly && isOneOf(to, mayName[from] ?? [])),
      );
      expect(beyond.map(say)).toEqual([]);
    });
  }

  it("need no exception that is not used", () => {
    const unused = layers
      .flatMap(({ mayName = {} }) => Object.entries(mayName))
      .flatMap(([from, named]) => named.map((to) => ({ from, to })))
      .filter(({ from, to }) => !imports.some((one) => one.from === from && one.to === to))
      .map(({ from, to }) => `src/${from}.ts no longer names ${to}`);
    expect(unused).toEqual([]);
  });

  it("are left by no relative import, which names a source file with the extension it will have", () => {
    const astray = imports.filter(
      ({ specifier, to, relative }) => relative && !(specifier.endsWith(".js") && sources.has(to)),
    );
    expect(astray.map(say)).toEqual([]);
  });

  it("have no cycle at run time", () => {
    const next = new Map(
      modules.map((module) => [
        module,
        imports.filter(({ from, typeOnly }) => from === module && !typeOnly).map(({ to }) => to),
      ]),
    );
    const cycles: string[] = [];
    const finished = new Set<string>();
    const follow = (module: string, path: readonly string[]): void => {
      if (path.includes(module)) {
        cycles.push([...path.slice(path.indexOf(module)), module].join(" → "));
      } else if (!finished.has(module)) {
        for (const to of next.get(module) ?? []) follow(to, [...path, module]);
        finished.add(module);
      }
    };
    for (const module of modules) follow(module, []);
    expect(cycles).toEqual([]);
  });
});

describe("what everybody loads", () => {
  it("reaches no client, no history and no catch-up at run time", () => {
    const everybody = ["index", "providers/*", "schemes/*", "stores/*", "adapters/*"];
    const theirs = ["client/*", "clients/*", "catch-up", "catch-up/*", "history", "histories/*"];
    const ways = modules
      .filter((module) => isOneOf(module, everybody))
      .flatMap((start) => {
        const from = new Map<string, string>([[start, start]]);
        for (const [module, way] of from) {
          for (const one of imports) {
            const isNext = one.from === module && one.relative && !one.typeOnly;
            if (isNext && !from.has(one.to)) from.set(one.to, `${way} → ${one.to}`);
          }
        }
        return [...from].filter(([module]) => isOneOf(module, theirs)).map(([, way]) => way);
      });
    expect(ways).toEqual([]);
  });
});

describe("what is not ours", () => {
  const bare = imports.filter(({ relative }) => !relative);

  it("is jose in the bearer-jwt scheme only: its types at once, itself no earlier than needed", () => {
    const uses = bare.filter(({ to }) => /^jose(?:\/|$)/.test(to));
    const wrong = uses.filter(
      ({ from, to, typeOnly, late }) =>
        from !== "schemes/bearer-jwt" || to !== "jose" || !(typeOnly || late),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  it("is zod in providers, in what compiles their schemas and in clients only, and there the small one", () => {
    const uses = bare.filter(({ to }) => /^zod(?:\/|$)/.test(to));
    const homes = ["providers/*", "internal/compiled.node", "clients/*", "client/*"];
    const wrong = uses.filter(
      ({ from, to, late }) => !isOneOf(from, homes) || to !== "zod/mini" || late,
    );
    expect(wrong.map(say)).toEqual([]);
    const users = bare.filter(({ to }) => to === "#compiled").map(({ from }) => from);
    expect(users.filter((from) => !isOneOf(from, ["providers/*"]))).toEqual([]);
  });

  it("is Node's own and a parser in the command line, as anywhere in it", () => {
    const known = /^node:|^commander$|^#hmac$/;
    const uses = bare.filter(({ from, to }) => isOneOf(from, commands) && !known.test(to));
    // It looks which providers there are.
    const others = uses.filter(({ from, late }) => !(late && from === "cli/catalogue"));
    expect(others.map(say)).toEqual([]);
  });

  it("is a view library in the pages, and nothing else", () => {
    const uses = bare.filter(({ from }) => isOneOf(from, [...page, ...debuggerPage]));
    expect(uses.filter(({ to }) => !/^preact(?:\/hooks)?$/.test(to)).map(say)).toEqual([]);
  });

  it("is node:crypto in one file only, and otherwise the types of node:http near a request", () => {
    const uses = bare.filter(
      ({ from, to }) => to.startsWith("node:") && !isOneOf(from, commandLine),
    );
    const wrong = uses.filter(({ from, to, typeOnly, late }) =>
      from === "internal/hmac.node"
        ? to !== "node:crypto" || late
        : !(typeOnly && to === "node:http" && isOneOf(from, ["adapters/*", "internal/*"])),
    );
    expect(wrong.map(say)).toEqual([]);
  });

  it("is a @noble library in one file each, and its hashes in both", () => {
    const homes: Readonly<Record<string, RegExp>> = {
      "internal/hmac.default": /^@noble\/hashes\/sha2\.js$/,
      "internal/ed25519": /^@noble\/(?:ed25519$|hashes\/)/,
    };
    const uses = bare.filter(({ to }) => to.startsWith("@noble/"));
    const wrong = uses.filter(({ from, to, late }) => !homes[from]?.test(to) || late);
    expect(wrong.map(say)).toEqual([]);
    const users = imports.filter(({ to }) => to === "internal/ed25519").map(({ from }) => from);
    expect(users).toEqual(["schemes/svix-asymmetric"]);
  });

  it("is a library of retries in what clients share", () => {
    const uses = bare.filter(({ to }) => to === "p-retry");
    const wrong = uses.filter(({ from, late }) => !isOneOf(from, ["client/*"]) || late);
    expect(wrong.map(say)).toEqual([]);
  });

  it("is nothing else: no framework, no database client, nothing loaded at run time", () => {
    const known = /^(?:jose|zod|p-retry)(?:\/|$)|^@noble\/|^node:|^#(?:hmac|compiled)$/;
    const wrong = bare.filter(({ from, to }) => !known.test(to) && !isOneOf(from, commandLine));
    expect(wrong.map(say)).toEqual([]);
  });

  it("reaches what differs between runtimes through # only, which picks the file", () => {
    const direct = imports.filter(({ to }) => /^internal\/\w+\.(?:node|default)$/.test(to));
    const late = bare.filter(({ to, late }) => to.startsWith("#") && late);
    expect([...direct, ...late].map(say)).toEqual([]);
  });
});

describe("the sources", () => {
  it("name a provider in the folders of providers only, comments aside", () => {
    const ids = modules.filter((module) => isOneOf(module, ["providers/*"]));
    const names = new RegExp(ids.map((module) => posix.basename(module)).join("|"), "i");
    const textOf = (node: ts.Node): string | undefined => {
      if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text;
      if (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node)) return node.text;
      return ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
        ? node.text
        : undefined;
    };
    // The entry of catch-ups names what it hands on.
    const their = ["providers/*", "cli/providers/*", "clients/*", "histories/*", "catch-up"];
    const files = modules
      .filter((module) => !isOneOf(module, their) && names.test(module))
      .map((module) => `src/${module}.ts is named after a provider`);
    const found = objections((node, module) => {
      const text = isOneOf(module, their) ? undefined : textOf(node);
      return text !== undefined && names.test(text) ? `names a provider: ${text}` : undefined;
    });
    expect([...files, ...found]).toEqual([]);
  });

  it("export by name only", () => {
    const found = objections((node) => {
      const isDefault =
        ts.isExportAssignment(node) ||
        (ts.isExportSpecifier(node) && node.name.text === "default") ||
        (ts.canHaveModifiers(node) &&
          ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword));
      return isDefault ? "has a default export" : undefined;
    });
    expect(found).toEqual([]);
  });

  it("hold no enum and no namespace", () => {
    const found = objections((node) => {
      if (ts.isEnumDeclaration(node)) return `declares the enum ${node.name.text}`;
      return ts.isModuleDeclaration(node) ? `declares the namespace ${node.name.text}` : undefined;
    });
    expect(found).toEqual([]);
  });

  it("hold no class but the error, and the receiver's own way of passing one on", () => {
    const classes = [...sources].flatMap(([module, source]) => {
      const found: string[] = [];
      visit(source, (node) => {
        if (ts.isClassLike(node)) found.push(`src/${module}.ts ${node.name?.text ?? "(unnamed)"}`);
      });
      return found;
    });
    expect(classes).toEqual([
      "src/client/client-error.ts ClientError",
      "src/errors.ts WebhookError",
      "src/receiver.ts StepFailure",
    ]);
  });

  it("only re-export in the root", () => {
    const index = sources.get("index") as ts.SourceFile;
    const others = index.statements
      .filter((node) => !(ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined))
      .map((node) => `src/index.ts holds: ${node.getText(index).split("\n", 1)[0]}`);
    expect(others).toEqual([]);
  });

  it("say of every provider where its facts are written and when they were read", () => {
    const silent = [...sources]
      .filter(([module]) => isOneOf(module, ["providers/*"]))
      .flatMap(([module, source]) => {
        const comment = /^\/\*\*[\s\S]*?\*\//.exec(source.text)?.[0];
        if (comment === undefined) return [`src/${module}.ts does not open with a comment`];
        const [, told] = /\bSources?:([\s\S]*)/.exec(comment) ?? [];
        const lacks = [
          [/\b[a-z0-9-]+(?:\.[a-z0-9-]+)+\/\S/i, "the address of its documentation"],
          [/\bread \d{4}-\d\d-\d\d\b/, "the day it was read"],
        ].filter(([pattern]) => !(pattern as RegExp).test(told ?? ""));
        return lacks.map(([, what]) => `src/${module}.ts does not open with ${what}`);
      });
    expect(silent).toEqual([]);
  });

  it("document everything that a user can import", () => {
    const { exports } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
      exports: Record<string, string | { import: { default: string } }>;
    };
    // What the exports map points at, as the sources it is built from.
    const entries = Object.values(exports)
      .flatMap((target) => (typeof target === "string" ? [] : [target.import.default]))
      .map((target) => target.replace(/^\.\/dist\/(.*)\.js$/, "$1"));
    const publicModules = modules.filter((module) => isOneOf(module, entries));
    expect(publicModules).toContain("index");
    const config = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile).config as object;
    const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
    const paths = publicModules.map((module) => `${root}/src/${module}.ts`);
    const program = ts.createProgram(paths, options);
    const checker = program.getTypeChecker();
    const silent = publicModules.flatMap((module, index) => {
      const source = program.getSourceFile(paths[index] as string) as ts.SourceFile;
      const symbol = checker.getSymbolAtLocation(source);
      // A file without exports is no module, and has nothing to document.
      const names = symbol === undefined ? [] : checker.getExportsOfModule(symbol);
      return names.flatMap((name) => {
        const target = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
        const declarations = target.declarations ?? [];
        return declarations.some((node) => ts.getJSDocCommentsAndTags(node).length > 0)
          ? []
          : [`src/${module}.ts exports ${name.name} without a comment`];
      });
    });
    expect(silent).toEqual([]);
  });
});
