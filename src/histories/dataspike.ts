/**
 * Dataspike's webhook history, as a history to catch up from.
 *
 * Source: github.com/dataspike-io/docs-public, source/includes/_webhooks.md, “Webhook History”; read 2026-11-20. In which
 * order events come is not written there: `after` is “the last webhook event ID”, which makes it oldest first.
 */
import {
  checkHistory,
  type HistoryClient,
  type HistoryScope,
  isInScope,
} from "../client/history-item.js";
import type { HistoryEvent, HistorySource } from "../history.js";

function timeOf(timestamp: unknown): Date | undefined {
  const date = new Date(typeof timestamp === "string" ? timestamp : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * Reads Dataspike's webhook history. Each event is handed on as it came, with the fields that only the history has:
 * `is_sandbox`, `attempts`, `response_code`, `last_attempt_at`.
 *
 * Give `webhook`, the id of the webhook that the receiver is for. Without it, an organisation with two webhooks has two
 * invocations, with two ids, of each event, and both are handled; and what comes from the sandbox is left out, so that it
 * approves nobody in production, unless `sandbox` is `true`, and then only that is handled.
 *
 * Exported from `countersign/catch-up`.
 *
 * @param client What `countersign/clients/dataspike` makes.
 * @throws {WebhookError} `option_invalid`
 */
export function dataspikeHistory(client: HistoryClient, options: HistoryScope = {}): HistorySource {
  checkHistory(client, options);
  const { webhook, sandbox } = options;
  return {
    provider: "dataspike",
    page: async ({ after, signal }) => {
      const { data, has_next } = await client.history.page({ after, webhook, signal });
      const events = data.map((item): HistoryEvent => {
        const leaveOut = !isInScope(item, { webhook, sandbox });
        return { id: item.id, event: item, occurredAt: timeOf(item.timestamp), leaveOut };
      });
      return { events, hasNext: has_next ?? false };
    },
  };
}
