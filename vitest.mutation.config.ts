import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const backend = (name: "node" | "default") => ({
  "#hmac": fileURLToPath(new URL(`./src/internal/hmac.${name}.ts`, import.meta.url)),
});

/** These start servers or try thousands of inputs. */
const slow = /\/(adapters|schemes\/properties)/;

/**
 * A mutant is done with at its first failure, so the tests of its own file come first and the slow ones last. A mutant
 * that has nothing to do with servers is spared those: one that is alive at module level would run them all.
 */
class LikeliestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const mutated = this.ctx.config.related ?? [];
    const rank = ({ moduleId }: TestSpecification) => {
      const name = basename(moduleId, ".test.ts");
      return mutated.some((file) => file.includes(`/${name}`)) ? 0 : slow.test(moduleId) ? 2 : 1;
    };
    const served =
      mutated.length !== 1 || mutated.some((file) => /adapters|read-|receiver/.test(file));
    return files
      .filter((file) => served || !slow.test(file.moduleId))
      .sort((a, b) => rank(a) - rank(b));
  }
}

/** The tests that a mutant of `src` has to survive: `npm run mutation`. */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // As quick again, and the verdicts are the same.
    isolate: false,
    sequence: { sequencer: LikeliestFirst },
    projects: [
      {
        extends: true,
        resolve: { alias: backend("node") },
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          // The built package does not change with a mutant. The architecture tests read sources, which are
          // instrumented here.
          exclude: ["test/package/**", "test/architecture.test.ts"],
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
