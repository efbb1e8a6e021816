import type { VendorApi } from "../../../scripts/vendor-api/server.mjs";
import { dataspikeClient } from "../../../src/clients/dataspike.js";
import { screverClient } from "../../../src/clients/screver.js";
import { type ClientOptions, validasClient } from "../../../src/clients/validas.js";

/** The three clients, for a server that plays the three vendors, and with hardly a wait before a retry. */
export function clientsOf(api: VendorApi, options: Omit<ClientOptions, "baseUrl"> = {}) {
  const shared = { retryDelayMs: 1, ...options, baseUrl: api.url };
  return {
    dataspike: dataspikeClient({ apiKey: api.dataspike.apiKey, ...shared }),
    screver: screverClient({ token: api.screver.token, ...shared }),
    validas: validasClient({ apiKey: api.validas.apiKey, ...shared }),
  };
}

/** Everything that is iterated. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
