import type { Setup } from "../setup.js";

export const setup: Setup = {
  title: "Screver",
  secret:
    "Screver generates one for each webhook, and returns it when the webhook is created by the API.",
  source: "github.com/CoRMapp/screver-api-docs, webhooks.md, read 2026-11-20",
  forms: [
    "Several webhooks on one URL: name all their secrets, with --secret-env or --secret-file for each.",
  ],
  fresh: (event) => ({ ...event, timestamp: new Date().toISOString() }),
};
