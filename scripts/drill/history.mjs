import { catchUp, dataspikeHistory } from "countersign/catch-up";
import { dataspikeClient } from "countersign/clients/dataspike";
import { apiKey } from "./provider.mjs";

/**
 * Catches up from the vendor's API.
 *
 * With `wrong: "cursor"` as many a cron job does it: what has been fetched is noted before it is handled.
 */
export function catchUpFrom(apiUrl, receiver, { cursor, wrong, ...options }) {
  const client = dataspikeClient({
    apiKey,
    baseUrl: apiUrl,
    // One call of four goes wrong, and none of them may end a drill.
    retries: 12,
    retryDelayMs: 20,
    timeoutMs: 5000,
  });
  const history = dataspikeHistory(client);
  if (wrong !== "cursor") return catchUp(receiver, history, { ...options, cursor });
  const hasty = {
    provider: history.provider,
    page: async (asked) => {
      const page = await history.page(asked);
      const last = page.events.at(-1);
      if (last !== undefined) await cursor.write(last.id);
      return page;
    },
  };
  return Promise.resolve(cursor.read()).then((after) =>
    catchUp(receiver, hasty, { ...options, ...(after === undefined ? {} : { after }) }),
  );
}
