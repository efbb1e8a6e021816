import type { Outcome, Receiver } from "../index.js";
import { isAccepted } from "./answers.js";
import { exitCodes } from "./exit-codes.js";
import { isFailure } from "./failure.js";
import { requestOf } from "./outgoing.js";
import { postExactly } from "./post-exactly.js";
import type { Sender } from "./sender.js";
import { signAs } from "./signing.js";

/** What became of an event that was handed on last. */
export interface Handed {
  readonly isAccepted: boolean;
  /** Absent where there was no answer; then `reason` says why. */
  readonly status?: number;
  readonly reason?: string;
}

/** A receiver elsewhere, as a catch-up needs one. */
export interface Forwarding {
  readonly receiver: Pick<Receiver, "provider" | "recover">;
  last(): Handed | undefined;
}

/**
 * Somebody is at work on it, or nobody can be: the same event may fare better in a moment. Beside the receiver's own 409
 * and 503 what is answered in front of it while it starts.
 */
const passing: readonly number[] = [409, 429, 502, 503, 504];

/** What it was, as far as a catch-up looks at it: there is no message here, and no error that this process has met. */
function outcome(kind: "handled" | "in_progress" | "rejected", status: number): Outcome {
  const error =
    kind === "rejected" ? { code: "handler_failed", stage: "handler", status: 500 } : undefined;
  return { kind, status, ...(error && { error }) } as unknown as Outcome;
}

/** Signs each event as its sender would, now, and posts it. The receiver there verifies it as any delivery. */
export function forwarding(
  sender: Sender,
  url: URL,
  { onWait }: { readonly onWait: (what: Handed) => void },
): Forwarding {
  let last: Handed | undefined;
  const post = async (event: unknown, id: string | undefined): Promise<Handed> => {
    const delivery = await signAs(sender, event, { id });
    try {
      const answer = await postExactly(url, requestOf(delivery, url));
      return { isAccepted: isAccepted(answer), status: answer.status };
    } catch (error) {
      if (!isFailure(error) || error.exitCode !== exitCodes.unreachable) throw error;
      return { isAccepted: false, reason: error.message };
    }
  };
  return {
    last: () => last,
    receiver: {
      provider: sender.provider.name,
      recover: async ({ event, messageId }) => {
        const handed = await post(event, messageId);
        last = handed;
        const { status = 503 } = handed;
        if (handed.isAccepted) return outcome("handled", status);
        if (!passing.includes(status)) return outcome("rejected", status);
        onWait(handed);
        return outcome("in_progress", status);
      },
    },
  };
}
