import { randomUUID } from "node:crypto";
import type { Setup } from "../setup.js";

export const setup: Setup = {
  title: "cr3dentials",
  secret:
    "It is set in the Partner Portal, under Webhooks. The documentation does not say where the secret of the signature is shown.",
  source: "docs.cr3dentials.xyz/api-integration/webhooks, read 2026-11-20",
  webhooksAt:
    "They are set up in the Partner Portal, under Webhooks; no call for it is documented.",
  forms: [
    "--header NAME checks the authentication header that is set there (key and value), which does not protect the body.",
    "--header NAME with COUNTERSIGN_HEADER_SECRET set checks both: that value in the header, and the signature.",
  ],
  options: async ({ secrets, headerSecret, header }) => {
    if (header === undefined) return { signingSecret: await secrets() };
    return headerSecret === undefined
      ? { header: { name: header, value: await secrets() } }
      : { signingSecret: await secrets(), header: { name: header, value: headerSecret } };
  },
  fresh: (event) => {
    const { data } = event as { readonly data?: object };
    return data === undefined
      ? { ...event, sessionId: randomUUID() }
      : { ...event, data: { ...data, verificationId: `ver_${randomUUID()}` } };
  },
};
