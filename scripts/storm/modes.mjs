/**
 * What is put to the test. `exactly`: the effect and the claim's completion are one transaction, so each effect is had
 * once; otherwise once or more, and never again once the store knows. `order`: older messages are skipped.
 */
export const modes = {
  redis: { engine: "redis" },
  postgres: { engine: "postgres" },
  transaction: { engine: "postgres", exactly: true },
  "redis, in order": { engine: "redis", order: true },
  "postgres, in order": { engine: "postgres", order: true },
  // A memory each, which cannot do: that the storm notices. Left out unless asked for.
  memory: { engine: "none" },
};
