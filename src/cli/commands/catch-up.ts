import type { Command } from "commander";
import { addAccessOptions, resolveAccess } from "../api-access.js";
import { apiProviders, loadProvider, providersWith } from "../catalogue.js";
import { type CursorFile, cursorFile } from "../cursor-file.js";
import type { ExitCode } from "../exit-codes.js";
import { usageFailure } from "../failure.js";
import { checkConfidential, parseTarget } from "../post-exactly.js";
import { type RecoveryFlags, recoverAll } from "../recovery.js";
import { addProofOptions } from "../sender.js";
import { momentOf } from "../ui/text/moment.js";

/** Not required by commander, which would name it before an option that is misspelt: --foward. */
interface Flags extends Omit<RecoveryFlags, "forward"> {
  readonly forward?: string;
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

async function catchUpFrom(name: string, flags: Flags): Promise<ExitCode> {
  const known = await loadProvider(name);
  const { api, title } = known.setup;
  if (api?.history === undefined) {
    throw usageFailure(
      `${title} documents no history of what it has sent: there is nothing to catch up from.`,
      `There is one for ${(await providersWith("history")).join(", ")}.`,
    );
  }
  const { forward } = flags;
  if (forward === undefined) {
    throw usageFailure("Where to?", "Give the receiver's address with --forward.");
  }
  const url = checkConfidential(parseTarget(forward), "The address of --forward");
  const until = parseUntil(flags.until);
  const patienceMs = parsePatience(flags.patience);
  const scope = { provider: name, webhook: flags.webhook, sandbox: flags.sandbox };
  const cursor = flags.cursor === undefined ? undefined : cursorFile(flags.cursor, scope);
  requireStart(flags, cursor);
  const access = await resolveAccess(known, api, flags);
  return recoverAll(name, { ...flags, forward }, { url, until, patienceMs, cursor, access });
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
    .option("--forward <url>", "the receiver: https, or on this machine; required")
    .option("--after <id>", "begin after this event: the last one that was handled")
    .option("--from-start", "begin with the oldest that the vendor has")
    .option("--until <id|time>", "end with this event, or leave what happened later")
    .option("--cursor <file>", "keep progress there; a later run goes on from it")
    .option("--webhook <id>", "only events of this webhook; needed where there are several")
    .option(
      "--sandbox",
      "only events of the sandbox; without this and --webhook, they are left out",
    )
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
