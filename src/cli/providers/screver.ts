import type { ScreverWebhook } from "../../clients/screver.js";
import type { ApiAccess, Setup, WantedWebhook, WebhookCalls } from "../setup.js";

async function connect({ credential, baseUrl }: ApiAccess): Promise<WebhookCalls> {
  // Loaded when it is asked for: most commands need no client.
  const { screverClient } = await import("../../clients/screver.js");
  const { webhooks } = screverClient({
    token: credential,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
  const all = async (): Promise<readonly ScreverWebhook[]> => {
    const found: ScreverWebhook[] = [];
    for await (const one of webhooks.all()) found.push(one);
    return found;
  };
  return {
    list: async () =>
      // Each holds its secret, which is left here.
      (await all()).map(({ _id, type, url, createdAt }) => ({
        id: _id,
        types: type == null ? [] : [type],
        url: url ?? undefined,
        created: createdAt ?? undefined,
      })),
    create: async ({ url, types: [type = ""], new: isNew }: WantedWebhook) => {
      if (isNew) {
        const { _id, secret } = await webhooks.create({ type, url });
        return { id: _id, secret, reused: false };
      }
      // Whether it is new is not told by the call itself.
      const before = new Set((await all()).map(({ _id }) => _id));
      const { _id, secret } = await webhooks.ensure({ type, url });
      return { id: _id, secret, reused: before.has(_id) };
    },
    delete: (id) => webhooks.delete(id),
  };
}

export const setup: Setup = {
  title: "Screver",
  secret:
    "Screver generates one for each webhook, and returns it when the webhook is created by the API.",
  source: "github.com/CoRMapp/screver-api-docs, webhooks.md, read 2026-11-20",
  forms: [
    "Several webhooks on one URL: name all their secrets, with --secret-env or --secret-file for each.",
  ],
  api: {
    variable: "SCREVER_TOKEN",
    credential: "token",
    webhooks: {
      secretVariable: "SCREVER_SECRET",
      types: ["optionSelected", "surveyCompleted", "*"],
      takes: ["new"],
      rotates: false,
      connect,
    },
  },
  fresh: (event) => ({ ...event, timestamp: new Date().toISOString() }),
};
