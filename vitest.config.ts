import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/runtimes/find-chromium.mjs";

const backend = (name: "node" | "default") =>
  Object.fromEntries(
    ["hmac", "compiled"].map((part) => [
      `#${part}`,
      fileURLToPath(new URL(`./src/internal/${part}.${name}.ts`, import.meta.url)),
    ]),
  );

// Set by scripts/services.mjs, for the command that it runs.
const services = process.env.COUNTERSIGN_REDIS_URL && process.env.COUNTERSIGN_POSTGRES_URL;

const chromium = findChromium();

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Left alone, it leaves a core free; most suites wait for other processes as long as they compute.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // Tested in processes of its own.
      exclude: ["src/cli/**"],
      reporter: ["text", "json-summary"],
      thresholds: {
        "src/schemes/**": { branches: 100 },
        "src/internal/**": { branches: 100 },
        "src/receiver.ts": { branches: 100 },
        "src/receiver-options.ts": { branches: 100 },
        "src/claims.ts": { branches: 100 },
        "src/drift/**": { branches: 100 },
      },
    },
    projects: [
      {
        extends: true,
        resolve: { alias: backend("node") },
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/package/**", "test/cli/**", "test/browser/**", "test/services/**"],
          // Say at the end which suites the lack of services, or of a browser, has left out.
          globalSetup: [
            ...(services ? [] : ["test/services/helpers/left-out.ts"]),
            ...(chromium ? [] : ["test/browser/helpers/left-out.ts"]),
          ],
        },
      },
      {
        // The same verdicts without node:crypto.
        extends: true,
        resolve: { alias: backend("default") },
        test: {
          name: "default",
          include: ["test/{schemes,internal,vectors}/**/*.test.ts"],
          setupFiles: ["test/helpers/without-node-crypto.ts"],
        },
      },
      {
        // Against the built package, as a user has it.
        extends: true,
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts", "test/cli/**/*.test.ts"],
          testTimeout: 180_000,
        },
      },
      ...(chromium
        ? [
            {
              // The pages, as built, in a headless Chromium.
              extends: true as const,
              test: {
                name: "browser",
                include: ["test/browser/**/*.test.ts"],
                testTimeout: 60_000,
              },
            },
          ]
        : []),
      ...(services
        ? [
            {
              // Beside a real Redis and a real PostgreSQL.
              extends: true as const,
              resolve: { alias: backend("node") },
              test: {
                name: "services",
                include: ["test/services/**/*.test.ts"],
                testTimeout: 60_000,
                hookTimeout: 120_000,
              },
            },
          ]
        : []),
    ],
  },
});
