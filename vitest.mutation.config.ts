import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type Reporter, type TestSpecification } from "vitest/node";

const backend = (name: "node" | "default") =>
  Object.fromEntries(
    ["hmac", "compiled"].map((part) => [
      `#${part}`,
      fileURLToPath(new URL(`./src/internal/${part}.${name}.ts`, import.meta.url)),
    ]),
  );

/** Those that start servers are for what only they reach: a mutant that nothing notices would wait for all of them. */
const withServers = process.env.MUTATION_SERVERS === "1";

/** A mutant is done with at its first failure, so the tests of its own file come first. */
class LikeliestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Stryker asks for tests by their names, in one expression, which V8 refuses when half of all tests are in it.
    for (const { config } of this.ctx.projects) {
      if ((config.testNamePattern?.source.length ?? 0) > 20_000) delete config.testNamePattern;
    }
    const mutated = this.ctx.config.related?.join() ?? "";
    const isOther = ({ moduleId }: TestSpecification) =>
      mutated.includes(`/${basename(moduleId, ".test.ts")}.`) ? 0 : 1;
    return [...files].sort((a, b) => isOther(a) - isOther(b));
  }
}

/** What Vitest holds of a test file. */
interface LoadedFile {
  readonly task: { readonly tasks: object[]; readonly result?: { readonly state: string } };
}

/** Stryker looks at tests alone: a file that no longer loads, having none, would pass for one without a failure. */
const loadFailures: Reporter = {
  onTestRunEnd: (modules) => {
    for (const { task: file } of modules as unknown as readonly LoadedFile[]) {
      if (file.result?.state !== "fail" || file.tasks.length > 0) continue;
      const test = { type: "test", name: "loads", mode: "run", file, result: file.result };
      file.tasks.push(test);
    }
  },
};

/** The tests that a mutant of `src` has to survive: `npm run mutation`. */
export default defineConfig({
  test: {
    testTimeout: 10_000,
    hookTimeout: 20_000,
    // As quick again, and the verdicts are the same.
    isolate: false,
    setupFiles: ["test/helpers/stop-at-failure.ts"],
    reporters: [loadFailures],
    sequence: { sequencer: LikeliestFirst },
    projects: [
      {
        extends: true,
        resolve: { alias: backend("node") },
        test: {
          name: "node",
          // Those of one subject each. Random inputs and clocks find one thing in one run and another in the next, and
          // what is said of sources and of the built package does not change with a mutant.
          include: [
            "test/{internal,providers,schemes,stores,vectors}/**/*.test.ts",
            "test/{declared,details,edges,errors,order,provider,receiver,renewal,testing}.test.ts",
            ...(withServers ? ["test/{adapters,integration}/**/*.test.ts"] : []),
          ],
          // One replaces a module that others share here, where nothing is isolated.
          exclude: ["**/properties.test.ts", "test/providers/compiled.test.ts"],
        },
      },
      {
        // Enough to kill a mutant of the backend without node:crypto; the rest would run everything twice.
        extends: true,
        resolve: { alias: backend("default") },
        test: {
          name: "default",
          include: ["test/schemes/hmac.test.ts", "test/vectors/**/*.test.ts"],
        },
      },
    ],
  },
});
