import { randomUUID } from "node:crypto";
import type { Setup } from "../setup.js";

export const setup: Setup = {
  title: "Dataspike",
  secret:
    "Dataspike returns it once, as hmac_signing_secret, when the webhook is created, and again when the secret is rotated.",
  source: "docs.dataspike.io/api-reference/webhooks, read 2026-11-20",
  forms: [
    "--header NAME checks a header secret instead, for a proxy or a webhook that adds one.",
    "--set unsigned=i-accept-forged-events is for webhooks made before Dataspike signed them: anybody can forge those.",
  ],
  options: async ({ secrets, header, set }) => {
    if ("unsigned" in set) return {};
    return header === undefined
      ? { secret: await secrets() }
      : { header: { name: header, value: await secrets() } };
  },
  fresh: (event) => ({ ...event, id: randomUUID() }),
};
