import type { Command } from "commander";
import type { CatchUpResult } from "../../catch-up.js";
import { isWebhookError } from "../../index.js";
import { type Access, type AccessFlags, addAccessOptions, resolveAccess } from "../api-access.js";
import { apiProviders, loadProvider, providersWith } from "../catalogue.js";
import { type CursorFile, cursorFile, wrongCursor } from "../cursor-file.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { type Failure, interruption, networkFailure, refusal, usageFailure } from "../failure.js";
import { forwarding, type Handed } from "../forwarding.js";
import { checkConfidential, parseTarget } from "../post-exactly.js";
import { shellWord } from "../printable.js";
import { recoveryReport } from "../recovery-report.js";
import { addProofOptions, resolveSender, type SenderFlags, wordsOf } from "../sender.js";
import { progress, remark } from "../terminal.js";
import { momentOf } from "../ui/text/moment.js";

interface Flags extends SenderFlags, AccessFlags {
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

function parseUntil(text: string | undefined): string | Date | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\d(?:$|T)/.test(text)) return text;
  const time = momentOf(text);
  if (Number.isNaN(time) || !/^.{10}$|(?:Z|[+-]\d\d:?\d\d)$/.test(text)) {
    throw usageFailure("--until takes an event's id, or a time such as 2026-03-01T09:00:00Z.");
  }
  return new Date(time);
}

function parsePatience(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 3600) {
    throw usageFailure("--patience takes whole seconds, up to 3600.");
  }
  return Number(text) * 1000;
}

function requireStart(flags: Flags, cursor: CursorFile | undefined): void {
  if (flags.after !== undefined && flags.fromStart) {
    throw usageFailure("Give --after or --from-start, not both.");
  }
  for (const name of ["after", "until", "webhook"] as const) {
    if (flags[name]?.trim() === "") throw usageFailure(`--${name} is blank.`);
  }
  if (flags.after !== undefined || flags.fromStart || cursor?.read() !== undefined) return;
  throw usageFailure(
    "After which event?",
    "Give the id of the last one that was handled with --after. --from-start takes all that the vendor still has.",
  );
}

/** The command that goes on from here. */
function continued(
  name: string,
  flags: Flags,
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

/** Aborts with the first Ctrl-C, so that the event under way is seen through. The second one ends the process. */
function untilInterrupted(quiet: boolean): {
  readonly controller: AbortController;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const leave = (): void => process.exit(exitCodes.interrupted);
  const stop = (): void => {
    progress(undefined);
    if (!quiet) remark("The event under way is seen through. Ctrl-C once more ends it at once.");
    controller.abort();
    process.once("SIGINT", leave);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const release = (): void => {
    process.off("SIGINT", stop).off("SIGTERM", stop).off("SIGINT", leave);
  };
  return { controller, release };
}

async function recoverAll(
  name: string,
  flags: Flags,
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
  const { catchUp } = await import("../../catch-up.js");
  const report = recoveryReport(flags.json === true);
  const { receiver, last } = forwarding(sender, url, { onWait: report.wait });
  const { controller, release } = untilInterrupted(flags.json === true);
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
  const failure = stopped ?? cursor?.failure();
  if (failure !== undefined) throw failure;
  if (ended !== undefined) throw controller.signal.aborted ? interruption() : ended.error;
  return result?.failed === 0 ? exitCodes.fine : exitCodes.refused;
}

async function catchUpFrom(name: string, flags: Flags): Promise<ExitCode> {
  const known = await loadProvider(name);
  const { api, title } = known.setup;
  if (api?.history === undefined) {
    throw usageFailure(
      `${title} documents no history of what it has sent: there is nothing to catch up from.`,
      `There is one for ${(await providersWith("history")).join(", ")}.`,
    );
  }
  const url = checkConfidential(parseTarget(flags.forward), "The address of --forward");
  const until = parseUntil(flags.until);
  const patienceMs = parsePatience(flags.patience);
  const scope = { provider: name, webhook: flags.webhook, sandbox: flags.sandbox };
  const cursor = flags.cursor === undefined ? undefined : cursorFile(flags.cursor, scope);
  requireStart(flags, cursor);
  const access = await resolveAccess(known, api, flags);
  return recoverAll(name, flags, { url, until, patienceMs, cursor, access });
}

/** Adds `catch-up`. */
export function addCatchUp(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const [example = "PROVIDER"] = apiProviders();
  const command = program
    .command("catch-up")
    .summary("after an outage: have a receiver handle what it has missed")
    .description(
      "Reads the events that the vendor has sent, or tried to, signs each as the vendor would, and posts it to a receiver, oldest first. What the receiver has handled before, it answers as a duplicate.",
    )
    .argument("<provider>", "whose history it is")
    .requiredOption("--forward <url>", "the receiver: https, or on this machine");
  command
    .option("--after <id>", "begin after this event: the last one that was handled")
    .option("--from-start", "begin with the oldest that the vendor has")
    .option("--until <id|time>", "end with this event, or leave what happened later")
    .option("--cursor <file>", "keep progress there; a later run goes on from it")
    .option("--webhook <id>", "only events of this webhook; needed where there are several")
    .option("--sandbox", "only events of the sandbox, which are left out otherwise")
    .option(
      "--patience <seconds>",
      "how long one event is tried that the receiver cannot take now",
      "60",
    )
    .option("--json", "print JSON, a line for each event");
  addAccessOptions(command).optionsGroup("How deliveries are signed, as for “send”:");
  addProofOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign catch-up ${example} --after 1ed2fb46-8271-6a33-a9ef-7553f473af46 --forward http://127.0.0.1:3000/webhooks
  npx countersign catch-up ${example} --from-start --cursor progress.json --forward http://127.0.0.1:3000/webhooks
  npx countersign catch-up ${example} --cursor progress.json --forward http://127.0.0.1:3000/webhooks --json

The API key is in a variable of the environment: “npx countersign providers ${example}” names it.

Exit code 0: all accepted. 1: not all, or the vendor refuses. 2: something is missing or wrong. 3: the receiver or the
vendor cannot be reached. 130: interrupted, with the progress kept.`,
    )
    .action((name: string, flags: Flags) => run(catchUpFrom(name, flags)));
}
