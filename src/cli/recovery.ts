import type { CatchUpResult } from "../catch-up.js";
import { isWebhookError } from "../index.js";
import type { Access, AccessFlags } from "./api-access.js";
import { loadProvider } from "./catalogue.js";
import { type CursorFile, wrongCursor } from "./cursor-file.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { type Failure, interruption, networkFailure, refusal } from "./failure.js";
import { forwarding, type Handed } from "./forwarding.js";
import { onInterrupt } from "./interrupts.js";
import { shellWord } from "./printable.js";
import { recoveryReport } from "./recovery-report.js";
import { resolveSender, type SenderFlags, wordsOf } from "./sender.js";
import { remark } from "./terminal.js";

/** What a catch-up is told. */
export interface RecoveryFlags extends SenderFlags, AccessFlags {
  readonly forward: string;
  readonly after?: string;
  readonly fromStart?: boolean;
  readonly until?: string;
  readonly webhook?: string;
  readonly sandbox?: boolean;
  readonly cursor?: string;
  readonly patience: string;
  readonly json?: boolean;
}

/** Answers that say that the receiver is not there, or takes the sender for another. None of them is about the event. */
const aboutAll = (status: number): boolean =>
  (status >= 300 && status < 400) || [401, 403, 404, 405, 410].includes(status);

const mostRefused = 10;
const mostUnanswered = 3;

/** Ends a run in which every event would only fail in its turn. */
function watch(): (handed: Handed | undefined) => Failure | undefined {
  let [refused, unanswered] = [0, 0];
  return (handed) => {
    if (handed === undefined) return undefined;
    const { status, reason } = handed;
    refused = status !== undefined && aboutAll(status) ? refused + 1 : 0;
    unanswered = status === undefined ? unanswered + 1 : 0;
    if (unanswered >= mostUnanswered) {
      return networkFailure(reason ?? "", "Start the receiver, and go on from there.");
    }
    if (refused < mostRefused) return undefined;
    return refusal(
      `${refused} events in a row were answered with HTTP ${status}, which is not about any of them.`,
      status === 401
        ? "The secret here and the receiver's differ: is it the webhook's own?"
        : "Check the address that --forward names.",
    );
  };
}

/** The command that goes on from here. */
function continued(
  name: string,
  flags: RecoveryFlags,
  lastId: string | undefined,
  isWhole: boolean,
): string {
  const { cursor, after, fromStart, until, webhook, sandbox, baseUrl, apiKeyFile } = flags;
  const start = lastId ?? after;
  const values = {
    // Beside a cursor for the case that it was not written.
    after: cursor === undefined || !fromStart ? start : undefined,
    cursor,
    forward: flags.forward,
    until: isWhole ? undefined : until,
    webhook,
    patience: flags.patience === "60" ? undefined : flags.patience,
    "base-url": baseUrl,
    "api-key-file": apiKeyFile,
  };
  const { provider: _provider, ...proof } = flags;
  return [
    `npx countersign catch-up ${name}`,
    ...(fromStart && values.after === undefined ? ["--from-start"] : []),
    ...Object.entries(values).flatMap(([option, value]) =>
      value === undefined ? [] : [`--${option} ${shellWord(value)}`],
    ),
    ...(sandbox ? ["--sandbox"] : []),
    wordsOf(proof),
  ]
    .join(" ")
    .trim();
}

/** Runs a catch-up that has been checked, and tells how it went. */
export async function recoverAll(
  name: string,
  flags: RecoveryFlags,
  given: {
    readonly url: URL;
    readonly until: string | Date | undefined;
    readonly patienceMs: number;
    readonly cursor: CursorFile | undefined;
    readonly access: Access;
  },
): Promise<ExitCode> {
  const { url, until, patienceMs, cursor, access } = given;
  const { setup } = await loadProvider(name);
  const sender = await resolveSender({ ...flags, provider: name });
  const source = await access.reach(async () =>
    setup.api?.history?.(access, { webhook: flags.webhook, sandbox: flags.sandbox }),
  );
  if (source === undefined) throw new Error("no history");
  const { catchUp } = await import("../catch-up.js");
  const report = recoveryReport(flags.json === true);
  const { receiver, last } = forwarding(sender, url, { onWait: report.wait });
  const controller = new AbortController();
  const release = onInterrupt(
    () => controller.abort(),
    flags.json
      ? undefined
      : "The event under way is seen through. Ctrl-C once more ends it at once.",
  );
  const isEnough = watch();
  let stopped: Failure | undefined;
  let ended: { readonly error: unknown } | undefined;
  let result: CatchUpResult | undefined;
  try {
    result = await access.reach(async () => {
      try {
        return await catchUp(receiver, source, {
          ...{ after: flags.after, until, cursor, patienceMs, signal: controller.signal },
          onProgress: (progress) => {
            // Without an outcome, it was not handed on.
            const handed = progress.event.outcome === undefined ? undefined : last();
            report.tell(progress, handed);
            stopped ??= isEnough(handed);
            if (stopped !== undefined) controller.abort();
          },
        });
      } catch (error) {
        const isCursor =
          isWebhookError(error, "option_invalid") && error.details.option === "cursor";
        throw isCursor ? wrongCursor(flags.cursor ?? "") : error;
      }
    });
  } catch (error) {
    ended = { error };
  } finally {
    release();
  }
  const done = result ?? report.sofar();
  if (done !== undefined) {
    report.close(done, continued(name, flags, done.lastId, ended === undefined));
  }
  const nothing =
    result !== undefined && result.lastId === undefined && report.sofar() === undefined;
  if (nothing && flags.webhook !== undefined && !flags.json) {
    // A history answers for a webhook that there is not as for one that has sent nothing.
    remark(
      `Nothing came up for this webhook. Is it one that “npx countersign webhooks ${name} list” shows?`,
    );
  }
  const failure = stopped ?? cursor?.failure();
  if (failure !== undefined) throw failure;
  if (ended !== undefined) throw controller.signal.aborted ? interruption() : ended.error;
  return result?.failed === 0 ? exitCodes.fine : exitCodes.refused;
}
