import { diagnose } from "../../../diagnose.js";
import { isWebhookError } from "../../../errors.js";
import type { Provider } from "../../../provider.js";
import type { DeliveryView, MessageView, OutcomeView } from "../view.js";
import { verdictOf } from "../view.js";

/** A delivery as it was pasted. */
export interface Pasted {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

type Verdict = { readonly outcome: OutcomeView; readonly message?: MessageView };

async function verify(pasted: Pasted, provider: Provider, now: () => number): Promise<Verdict> {
  try {
    const message = await provider.verify(pasted, { now });
    const { id, type, known, subject, decision, occurredAt, event } = message;
    return {
      outcome: { kind: known ? "verified" : "verified, unknown type", status: 200 },
      message: {
        ...{ id, type, event },
        ...(subject === undefined ? {} : { subject }),
        ...(decision === undefined ? {} : { decision }),
        ...(occurredAt === undefined ? {} : { occurredAt: occurredAt.toISOString() }),
      },
    };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    const { status, code, message, hint, details } = error;
    const issues = details.issues as OutcomeView["issues"];
    return {
      outcome: {
        ...{ kind: "rejected", status, code, message, hint },
        ...(issues === undefined ? {} : { issues }),
      },
    };
  }
}

/** Verifies a delivery as a receiver would, and says why if it is refused. Nothing is kept, and nothing is sent. */
export async function judge(
  pasted: Pasted,
  provider: Provider,
  options: {
    readonly nowMs: number;
    readonly secrets: readonly string[];
    /** Other senders whose delivery this might be. */
    readonly others: readonly Provider[];
  },
): Promise<DeliveryView> {
  const now = () => options.nowMs;
  const { outcome, message } = await verify(pasted, provider, now);
  const secrets = options.secrets.length === 0 ? {} : { secrets: options.secrets };
  const { verdict, findings } =
    message === undefined
      ? await diagnose(pasted, provider, { now, providers: options.others, ...secrets })
      : { verdict: "authentic", findings: [] };
  return {
    ...pasted,
    id: "",
    receivedAt: new Date(options.nowMs).toISOString(),
    method: "POST",
    path: "",
    provider: provider.name,
    verdict: verdictOf(outcome, verdict),
    outcome,
    findings,
    ...(message === undefined ? {} : { message }),
  };
}
