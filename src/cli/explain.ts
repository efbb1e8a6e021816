import {
  type Delivery,
  isWebhookError,
  type Provider,
  type Secrets,
  type WebhookError,
} from "../index.js";
import type { Diagnosis } from "./captures.js";

/** What {@link explain} may be told. */
export interface ExplainOptions {
  readonly now?: (() => number) | undefined;
  readonly secrets?: Secrets | undefined;
}

/** Says why a delivery is refused. */
export async function explain(
  delivery: Delivery,
  provider: Pick<Provider, "name" | "scheme">,
  { now }: ExplainOptions = {},
): Promise<Diagnosis & { readonly error?: WebhookError }> {
  try {
    await provider.scheme.verify(delivery, { now });
    return { verdict: "authentic", findings: [] };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    return { verdict: "unexplained", findings: [], error };
  }
}
