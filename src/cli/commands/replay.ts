import type { Command } from "commander";
import { answerLine, isAccepted } from "../answers.js";
import { exampleProvider } from "../catalogue.js";
import { readHttpFile } from "../delivery-input.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import type { HttpRequest } from "../http-file.js";
import { parseTarget, postExactly } from "../post-exactly.js";
import { printable } from "../printable.js";
import { addSenderOptions, resolveSender, type Sender, type SenderFlags } from "../sender.js";
import { signAs } from "../signing.js";
import { print, printJson, remark } from "../terminal.js";

interface Flags extends SenderFlags {
  readonly to: string;
  readonly signAgain?: boolean;
  readonly json?: boolean;
}

const olderThanUsual = 300;

/** The same delivery with a proof of now, its headers in their old places. */
async function signedAgain(request: HttpRequest, sender: Sender): Promise<HttpRequest> {
  const value = (pattern: RegExp): string | undefined =>
    request.headers.find(([name]) => pattern.test(name))?.[1];
  const { headers } = await signAs(sender, request.body, { id: value(/^(?:svix|webhook)-id$/i) });
  const standard = value(/^webhook-signature$/i) !== undefined;
  const proof = new Map(
    Object.entries(headers)
      .filter(([name]) => name !== "content-type")
      .map(([name, proven]) => [standard ? name.replace(/^svix-/, "webhook-") : name, proven]),
  );
  const kept = request.headers.map(([name, old]): readonly [string, string] => {
    const renewed = proof.get(name.toLowerCase());
    proof.delete(name.toLowerCase());
    return [name, renewed ?? old];
  });
  return { ...request, headers: [...kept, ...proof] };
}

/** When it was signed, as far as the headers of the usual schemes say; only for a hint. */
function signedSeconds({ headers }: HttpRequest): number {
  const stamps = headers.flatMap(([name, value]) =>
    /timestamp$/i.test(name) ? [value] : [...value.matchAll(/\bt=(\d+)/g)].map(([, time]) => time),
  );
  return Number(stamps[0] ?? Number.NaN);
}

async function replay(files: readonly string[], flags: Flags): Promise<ExitCode> {
  const url = parseTarget(flags.to);
  // Once: a secret that is asked for is asked for once.
  const sender = flags.signAgain ? await resolveSender(flags) : undefined;
  let code: ExitCode = exitCodes.fine;
  for (const file of files) {
    const recorded = await readHttpFile(file);
    const request = sender ? await signedAgain(recorded, sender) : recorded;
    const answer = await postExactly(url, request);
    if (!isAccepted(answer)) code = exitCodes.refused;
    if (flags.json) {
      printJson({ file, status: answer.status, ms: answer.ms });
      continue;
    }
    print(`${printable(file)}  ${answerLine(answer)}`);
    const age = Date.now() / 1000 - signedSeconds(request);
    if (answer.status === 401 && age > olderThanUsual) {
      remark(
        "It was signed more than five minutes ago, so it is refused as stale. --sign-again with --provider signs it anew.",
      );
    }
  }
  return code;
}

/** Adds `replay`. */
export function addReplay(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  const command = program
    .command("replay")
    .summary("send a stored delivery again, byte for byte")
    .description(
      "Sends a stored delivery again: its headers in their order and case, and its body byte for byte. Only the request line and Host are those of the target.",
    )
    .argument("<files...>", ".http files, as “listen” stores them")
    .requiredOption("--to <url>", "where to, such as http://127.0.0.1:3000/webhooks");
  command
    .option(
      "--sign-again",
      "with a proof of now instead of the recorded one; takes --provider or --scheme",
    )
    .option("--json", "print JSON, a line for each file");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign replay .countersign/20261121T144142.123Z-0001.http --to http://127.0.0.1:3000/webhooks
  npx countersign replay delivery.http --to http://127.0.0.1:3000/webhooks --sign-again --provider ${exampleProvider()}

Exit code 0: all accepted. 1: not all. 2: something is missing or wrong. 3: the server cannot be reached.`,
    )
    .action((files: readonly string[], flags: Flags) => run(replay(files, flags)));
}
