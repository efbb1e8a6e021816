import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/testing.ts",
    "src/{providers,schemes,stores,adapters}/*.ts",
    "src/internal/hmac.{node,default}.ts",
  ],
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
  clean: true,
  // For CommonJS too: one copy of the error class, whichever subpath it comes through.
  splitting: true,
  removeNodeProtocol: false,
  external: [/^#/, /^node:/, "jose", /^zod/],
  // Bundled because it is ESM only: left external, the CommonJS fallback would need require(esm).
  noExternal: [/^@noble\/hashes/],
});
