import { type Command, Option } from "commander";
import { exampleProvider } from "../catalogue.js";
import { chooseEvent, type EventChoice } from "../event.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { interruption, isFailure, usageFailure } from "../failure.js";
import { parseTarget } from "../post-exactly.js";
import { printable } from "../printable.js";
import { parseSpeed, retryDelays } from "../schedule.js";
import { addSenderOptions, resolveSender, type SenderFlags } from "../sender.js";
import { createSending, type Sending } from "../sending.js";
import { print, progress, remark } from "../terminal.js";
import { waitWithProgress } from "../wait.js";

interface Flags extends SenderFlags, EventChoice {
  readonly tamper?: string | true;
  readonly stale?: string | true;
  readonly duplicate?: string;
  readonly retry?: boolean;
  readonly schedule?: string;
  readonly speed: string;
  readonly id?: string;
  readonly json?: boolean;
}

const ways = ["body", "empty", "signature", "timestamp", "id", "unsigned"] as const;

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw usageFailure(`${flag} takes a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** Sends once, genuine or spoilt, and says whether the answer is what a sound receiver gives. */
async function sendOnce(sending: Sending, flags: Flags): Promise<ExitCode> {
  const { scheme, name } = sending.sender.provider;
  if (flags.stale !== undefined) {
    if (!scheme.bindsTime) {
      throw usageFailure(
        `${name} signs no time, or none is checked: an old delivery is as good as a new one there.`,
        "What keeps it from being handled twice is the store: try --duplicate 2.",
      );
    }
    const age = flags.stale === true ? 3600 : wholeNumber("--stale", flags.stale, 1, 31_536_000);
    return sending.expectRefusal(await sending.attempt({ ageSeconds: age }), "a stale");
  }
  const given = flags.tamper === true ? (scheme.bindsBody ? "body" : "signature") : flags.tamper;
  const how = ways.find((way) => way === given);
  if (how === undefined) return sending.expectSuccess(await sending.attempt({}));
  if ((how === "body" || how === "empty") && !scheme.bindsBody) {
    throw usageFailure(
      `The proof of ${name} does not cover the body: another body is as good there.`,
      "Try --tamper signature, or --tamper unsigned.",
    );
  }
  return sending.expectRefusal(await sending.attempt({ tampering: how }), "a forged");
}

/** Tries again as the sender would, until it is accepted or the sender would give up. */
async function sendWithRetries(sending: Sending, flags: Flags): Promise<ExitCode> {
  const delays = retryDelays(sending.sender.provider, flags.schedule);
  const speed = parseSpeed(flags.speed);
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once("SIGINT", stop);
  try {
    let reached = false;
    for (const [index, delay] of [0, ...delays].entries()) {
      const label = `attempt ${index + 1} of ${delays.length + 1}`;
      await waitWithProgress(delay / speed, label, interrupted.signal);
      const { signal } = interrupted;
      try {
        const answer = await sending.attempt({ label, waitedSeconds: delay, signal });
        reached = true;
        if (sending.isSuccess(answer)) return exitCodes.fine;
      } catch (error) {
        if (!isFailure(error) || signal.aborted) throw error;
        sending.reportFailure(error, label);
      }
    }
    remark(`Not accepted: here ${sending.sender.title} gives up.`);
    return reached ? exitCodes.refused : exitCodes.unreachable;
  } catch (error) {
    progress(undefined);
    throw interrupted.signal.aborted ? interruption() : error;
  } finally {
    process.off("SIGINT", stop);
  }
}

async function send(target: string, flags: Flags): Promise<ExitCode> {
  const url = parseTarget(target);
  if (flags.retry !== true && (flags.schedule !== undefined || flags.speed !== "1")) {
    throw usageFailure("--schedule and --speed go with --retry.");
  }
  const sender = await resolveSender(flags, { mayPrompt: flags.body !== "-" });
  const event = await chooseEvent(sender, flags);
  const sending = createSending({ sender, url, event, id: flags.id, json: flags.json === true });
  if (!flags.json) print(`${printable(event.name)} to ${url.href}`);
  if (flags.retry) return sendWithRetries(sending, flags);
  if (flags.duplicate === undefined) return sendOnce(sending, flags);
  const count = wholeNumber("--duplicate", flags.duplicate, 2, 1000);
  let code: ExitCode = exitCodes.fine;
  for (let number = 1; number <= count; number += 1) {
    const answer = await sending.attempt({ label: `${number} of ${count}`, same: true });
    if (!sending.isSuccess(answer)) code = exitCodes.refused;
  }
  if (!flags.json && code === exitCodes.fine) {
    remark("All accepted. That it was handled once is for your application to show.");
  }
  return code;
}

/** Adds `send`. */
export function addSend(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  const command = program
    .command("send")
    .summary("send a delivery to a receiver")
    .description(
      "Signs a sample, or an event of your own, sends it as the sender would, and reports each answer.",
    )
    .argument("<url>", "where to, such as http://127.0.0.1:3000/webhooks");
  command
    .option("--type <type>", "which sample; “providers NAME” lists them")
    .option("--body <file>", "an event of your own, byte for byte; - for the standard input")
    .option("--id <id>", "the message id, where the scheme has one")
    .addOption(
      new Option("--tamper [how]", "forge it: is it refused?")
        .choices(ways)
        .conflicts(["stale", "duplicate", "retry"]),
    )
    .addOption(
      new Option("--stale [seconds]", "sign it so long ago (3600): is it refused?").conflicts([
        ...["duplicate", "retry"],
      ]),
    )
    .addOption(new Option("--duplicate <n>", "send the same delivery n times").conflicts("retry"))
    .option("--retry", "try again as the sender would, until it is accepted")
    .option("--schedule <seconds>", "with --retry: waits between, such as 5,300,1800")
    .option("--speed <factor>", "with --retry: so many times as fast", "1")
    .option("--json", "print JSON, a line for each answer");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign send http://127.0.0.1:3000/webhooks/${exampleProvider()} --provider ${exampleProvider()}
  npx countersign send http://127.0.0.1:3000/hooks -p ${exampleProvider()} --tamper signature
  npx countersign send http://127.0.0.1:3000/hooks -p ${exampleProvider()} --retry --speed 10
  npx countersign send http://127.0.0.1:3000/hooks --scheme hmac --header x-signature --body event.json

Exit code 0: the answer is what it should be (accepted; with --tamper and --stale, refused). 1: it is not. 2: something
is missing or wrong. 3: the server cannot be reached.`,
    )
    .action((url: string, flags: Flags) => run(send(url, flags)));
}
