import type { Command } from "commander";
import { isWebhookError } from "../../index.js";
import { exampleProvider } from "../catalogue.js";
import { type DeliveryFlags, readDelivery } from "../delivery-input.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { parseMoment } from "../moment.js";
import { printable, shellWord } from "../printable.js";
import { errorLine, messageFacts, messageLine } from "../report.js";
import { addSenderOptions, resolveSender, type SenderFlags } from "../sender.js";
import { paint, print, printJson, remark } from "../terminal.js";

interface Flags extends SenderFlags, DeliveryFlags {
  readonly at?: string;
  readonly event?: boolean;
  readonly json?: boolean;
}

async function verify(file: string | undefined, flags: Flags): Promise<ExitCode> {
  const delivery = await readDelivery(file, flags);
  const time = flags.at === undefined ? undefined : parseMoment(flags.at, file);
  const { provider, words } = await resolveSender(flags, { mayPrompt: process.stdin.isTTY });
  try {
    const now = time === undefined ? undefined : () => time;
    const message = await provider.verify(delivery, { now });
    if (flags.json) {
      const event = flags.event ? { event: message.event } : {};
      printJson({ verdict: "authentic", message: { ...messageFacts(message), ...event } });
      return exitCodes.fine;
    }
    const { scheme, timestamp, secret, bindsBody } = message.delivery;
    print(`${paint("green", "authentic")}  ${provider.name}  ${messageLine(message)}`);
    const facts = {
      id: message.id,
      scheme,
      secret: secret.label,
      signed: timestamp?.toISOString(),
      happened: message.occurredAt?.toISOString(),
      doubts: message.flags.join(", ") || undefined,
    };
    for (const [name, value] of Object.entries(facts)) {
      if (value !== undefined) print(`  ${name.padEnd(9)}${printable(value, 300)}`);
    }
    if (!bindsBody)
      remark("The proof does not cover the body: whoever knows the secret can write any.");
    if (flags.event) print(JSON.stringify(message.event, undefined, 2));
    return exitCodes.fine;
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    if (flags.json) {
      printJson({ verdict: "refused", error: error.toJSON() });
      return exitCodes.refused;
    }
    const isAuthentic = error.stage === "payload";
    const verdict = isAuthentic
      ? paint("yellow", "authentic, but unusable")
      : paint("red", "refused");
    print(`${verdict}  ${provider.name}  ${errorLine(error)}`);
    const source = file === undefined ? "FILE" : shellWord(file);
    if (/^timestamp_too/.test(error.code)) {
      remark("A recorded delivery is checked as of when it came with --at TIME, or --at received.");
    } else if (!isAuthentic) {
      remark(`Why: npx countersign diagnose ${source} ${words}`);
    }
    return exitCodes.refused;
  }
}

/** Adds `verify`. */
export function addVerify(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  const command = program
    .command("verify")
    .summary("check a recorded delivery")
    .description("Checks a recorded delivery, and says what it is or which check it fails.")
    .argument("[file]", "a .http file, or - for the standard input");
  command
    .option("--headers <file>", "headers on their own: lines, or JSON")
    .option("--body <file>", "the body on its own, byte for byte; - for the standard input")
    .option("--at <time>", "check as of then: a date, Unix seconds, or “received”")
    .option("--event", "print the event too")
    .option("--json", "print JSON");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign verify delivery.http --provider ${exampleProvider()}
  npx countersign verify .countersign/20261121T144142.123Z-0001.http -p ${exampleProvider()} --at received
  npx countersign verify --headers headers.txt --body body.json --scheme hmac --header x-signature
  curl -s https://example.test/delivery.http | npx countersign verify - -p ${exampleProvider()} --json

Exit code 0: authentic. 1: refused. 2: something is missing or wrong.`,
    )
    .action((file: string | undefined, flags: Flags) => run(verify(file, flags)));
}
