import { randomUUID } from "node:crypto";
import type { DataspikeClient } from "../../clients/dataspike.js";
import type { ApiAccess, Setup } from "../setup.js";

// Loaded when they are asked for: most commands need no client.
async function connect({ credential, baseUrl }: ApiAccess): Promise<DataspikeClient> {
  const { dataspikeClient } = await import("../../clients/dataspike.js");
  return dataspikeClient({ apiKey: credential, ...(baseUrl === undefined ? {} : { baseUrl }) });
}

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
  api: {
    variable: "DATASPIKE_API_KEY",
    credential: "API key",
    history: async (access, scope) => {
      const { dataspikeHistory } = await import("../../catch-up.js");
      return dataspikeHistory(await connect(access), scope);
    },
    webhooks: {
      secretVariable: "DATASPIKE_SECRET",
      types: ["AML_SCREENING", "DOCVER", "TRANSACTION_MONITORING", "KYT_WALLET_CHECK"],
      takes: ["types", "sandbox", "disabled"],
      rotates: true,
      connect: async (access) => {
        const { webhooks } = await connect(access);
        return {
          list: async () =>
            (await webhooks.list()).map((one) => ({
              id: one.webhook_id,
              types: one.event_types ?? [],
              url: one.webhook_url ?? undefined,
              enabled: one.enabled ?? undefined,
              sandbox: one.is_sandbox ?? undefined,
            })),
          create: async ({ url, types, sandbox, disabled }) => {
            const { id, hmac_signing_secret: secret } = await webhooks.create({
              webhook_url: url,
              event_types: types,
              is_sandbox: sandbox === true,
              enabled: disabled !== true,
            });
            return { id, secret, reused: false };
          },
          delete: (id) => webhooks.delete(id),
          rotate: async (id) => (await webhooks.rotateSecret(id)).hmac_signing_secret,
        };
      },
    },
  },
  fresh: (event) => ({ ...event, id: randomUUID() }),
};
