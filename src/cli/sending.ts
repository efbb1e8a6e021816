import { isWebhookError } from "../index.js";
import { type SignedDelivery, type Tampering, tamper } from "../testing.js";
import { answerLine, isAccepted } from "./answers.js";
import type { ChosenEvent } from "./event.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { type Failure, usageFailure } from "./failure.js";
import { requestOf } from "./outgoing.js";
import { type Answer, postExactly } from "./post-exactly.js";
import type { Sender } from "./sender.js";
import { signAs } from "./signing.js";
import { paint, print, printJson, remark } from "./terminal.js";

/** How one attempt differs from a plain one. */
export interface Attempt {
  readonly tampering?: Tampering;
  readonly ageSeconds?: number;
  /** The delivery that was sent before, to the byte. */
  readonly same?: boolean;
  readonly label?: string;
  /** The wait before it, as the sender's schedule has it. */
  readonly waitedSeconds?: number;
  readonly signal?: AbortSignal;
}

/** One event on its way to one receiver. */
export interface Sending {
  readonly sender: Sender;
  /** Sends, and reports the answer. Rejects with a failure when there is none. */
  attempt(attempt: Attempt): Promise<Answer>;
  isSuccess(answer: Answer): boolean;
  expectSuccess(answer: Answer): ExitCode;
  /** @param what `a forged` or `a stale` delivery. */
  expectRefusal(answer: Answer, what: string): ExitCode;
  reportFailure(failure: Failure, label: string): void;
}

/** Makes the sending of one event: its id is the same in every attempt, its time and signature are not. */
export function createSending({
  sender,
  url,
  event,
  id = `msg_cli_${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`,
  json,
}: {
  readonly sender: Sender;
  readonly url: URL;
  readonly event: ChosenEvent;
  readonly id: string | undefined;
  readonly json: boolean;
}): Sending {
  let before: SignedDelivery | undefined;
  const say = (line: string, label: string | undefined): void =>
    print(label === undefined ? `  ${line}` : `  ${label}: ${line}`);

  const deliveryFor = async (attempt: Attempt): Promise<SignedDelivery> => {
    if (attempt.same && before !== undefined) return before;
    const time = Date.now() - (attempt.ageSeconds ?? 0) * 1000;
    before = await signAs(sender, event.body, { id, now: () => time });
    if (attempt.tampering === undefined) return before;
    try {
      return tamper(before, attempt.tampering);
    } catch (error) {
      if (!isWebhookError(error, "option_invalid")) throw error;
      throw usageFailure(
        `A delivery of ${sender.provider.name} has no ${attempt.tampering} to forge.`,
        "Try --tamper signature.",
      );
    }
  };

  return {
    sender,
    attempt: async (attempt) => {
      const delivery = await deliveryFor(attempt);
      const { signal, label, waitedSeconds } = attempt;
      const answer = await postExactly(
        url,
        requestOf(delivery, url),
        signal === undefined ? {} : { signal },
      );
      if (json) {
        const { status, ms } = answer;
        const forged =
          attempt.tampering ?? (attempt.ageSeconds === undefined ? undefined : "stale");
        printJson({ attempt: label, type: event.name, forged, waitedSeconds, status, ms });
      } else {
        say(answerLine(answer), label);
      }
      return answer;
    },
    isSuccess: isAccepted,
    expectSuccess: (answer) => {
      if (isAccepted(answer)) return exitCodes.fine;
      if (!json && answer.status === 401) {
        remark(
          "The secret here and the receiver's differ, or something changes the body on its way: “npx countersign listen” at",
          "that address would say which.",
        );
      }
      return exitCodes.refused;
    },
    expectRefusal: (answer, what) => {
      const isRefused = answer.status >= 400 && answer.status < 500;
      if (!json) {
        const verdict = isRefused
          ? paint("green", `Refused, as ${what} delivery should be.`)
          : answer.status >= 500
            ? paint("yellow", `It failed, which does not say that ${what} delivery is refused.`)
            : paint("red", `Accepted ${what} delivery: the receiver does not verify.`);
        print(`  ${verdict}`);
      }
      return isRefused ? exitCodes.fine : exitCodes.refused;
    },
    reportFailure: ({ message }, label) => {
      if (json) printJson({ attempt: label, type: event.name, error: message });
      else say(paint("red", message), label);
    },
  };
}
