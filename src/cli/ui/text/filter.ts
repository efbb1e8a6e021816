import type { DeliverySummary } from "../view.js";

/** What is looked for in the list; an empty field lets everything through. */
export interface Filter {
  readonly text: string;
  readonly verdict: string;
  readonly provider: string;
}

/** A filter that lets everything through. */
export const noFilter: Filter = { text: "", verdict: "", provider: "" };

/** Whether a delivery passes: every word of the text has to be in it, in any case and order. */
export function passes(delivery: DeliverySummary, { text, verdict, provider }: Filter): boolean {
  if (verdict !== "" && delivery.verdict !== verdict) return false;
  if (provider !== "" && delivery.provider !== provider) return false;
  const { type = "", code = "", path, method, status, id, search } = delivery;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const all = [type, code, path, method, status, id, delivery.provider, delivery.verdict, search]
    .join("\n")
    .toLowerCase();
  return words.every((word) => all.includes(word));
}
