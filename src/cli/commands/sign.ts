import type { Command } from "commander";
import { exampleProvider } from "../catalogue.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { usageFailure } from "../failure.js";
import { readInput, reasonOf } from "../files.js";
import { formatHttpFile } from "../http-file.js";
import { parseMoment } from "../moment.js";
import { requestOf } from "../outgoing.js";
import { parseTarget } from "../post-exactly.js";
import { printable } from "../printable.js";
import { writePrivate } from "../private-file.js";
import { addSenderOptions, resolveSender, type SenderFlags } from "../sender.js";
import { showsSecret, signAs } from "../signing.js";
import { print, printJson, remark } from "../terminal.js";

interface Flags extends SenderFlags {
  readonly http?: boolean;
  readonly out?: string;
  readonly url: string;
  readonly id?: string;
  readonly at?: string;
  readonly json?: boolean;
}

async function sign(file: string, flags: Flags): Promise<ExitCode> {
  const body = await readInput(file);
  const time = flags.at === undefined ? undefined : parseMoment(flags.at);
  const sender = await resolveSender(flags, { mayPrompt: file !== "-" });
  if (showsSecret(sender) && flags.out === undefined) {
    throw usageFailure(
      "This sender proves itself with the secret as it is: signing would print it.",
      "With --out FILE it goes into a .http file; “send” sends it.",
    );
  }
  const delivery = await signAs(sender, body, {
    id: flags.id,
    ...(time === undefined ? {} : { now: () => time }),
  });
  const source = formatHttpFile(requestOf(delivery, parseTarget(flags.url)));
  if (flags.out !== undefined) {
    try {
      writePrivate(flags.out, source);
    } catch (error) {
      throw usageFailure(`${printable(flags.out)} cannot be written: ${reasonOf(error)}.`);
    }
    if (flags.json) printJson({ file: flags.out });
    else remark(`Written to ${printable(flags.out)}.`);
  } else if (flags.json) {
    printJson({ headers: delivery.headers });
  } else if (flags.http) {
    process.stdout.write(source);
  } else {
    print(...Object.entries(delivery.headers).map(([name, value]) => `${name}: ${value}`));
  }
  return exitCodes.fine;
}

/** Adds `sign`. */
export function addSign(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  const command = program
    .command("sign")
    .summary("sign a body as the sender would")
    .description("Signs a body as the sender would, and prints the headers, or the whole delivery.")
    .argument("<body>", "a file that is signed byte for byte, or - for the standard input");
  command
    .option("--http", "print a .http file: headers and body")
    .option("--out <file>", "write the .http file instead")
    .option("--url <url>", "the address in the .http file", "http://127.0.0.1:3000/")
    .option("--id <id>", "the message id, where the scheme has one")
    .option("--at <time>", "sign as of then: a date, or Unix seconds")
    .option("--json", "print JSON");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign sign event.json --provider ${exampleProvider()}
  npx countersign sign event.json -p ${exampleProvider()} --out delivery.http
  printf '{"type":"ping"}' | npx countersign sign - --scheme hmac --header x-signature --http

Exit code 0: signed. 2: something is missing or wrong.`,
    )
    .action((file: string, flags: Flags) => run(sign(file, flags)));
}
