import type { Setup } from "../setup.js";

export const setup: Setup = {
  title: "VOVE ID",
  secret:
    "VOVE ID shows it in the Webhooks section of the dashboard, once the webhook's URL is set.",
  source: "docs.voveid.com/docs/api/webhooks, read 2026-11-20",
  webhooksAt:
    "They are set up in the Webhooks section of its dashboard; no call for it is documented.",
  forms: [
    "--set expect=idv (or aml, kyb) settles statuses that two kinds of event share, for an endpoint that gets one kind.",
  ],
};
