import { defineProvider, svix } from "countersign";

/** Svix's own schedule: docs.svix.com/retries, read 2026-11-20. */
const delaysSeconds = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];

/** A sender that retries as Svix does, and whose events name a subject and a time. */
export const provider = defineProvider({
  name: "storm",
  scheme: svix({ secret: "whsec_dGhlIHN0b3JtJ3Mgb3duIHNlY3JldA==" }),
  // Whatever the signature proves is taken: the storm is about what happens after.
  schema: { "~standard": { version: 1, vendor: "storm", validate: (value) => ({ value }) } },
  subject: "subject",
  occurredAt: "at",
  timeoutMs: 15_000,
  retry: { delaysSeconds, source: "docs.svix.com/retries, read 2026-11-20" },
});
