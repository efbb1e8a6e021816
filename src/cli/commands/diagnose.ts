import type { Command } from "commander";
import { exampleProvider } from "../catalogue.js";
import { type DeliveryFlags, readDelivery } from "../delivery-input.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { explain } from "../explain.js";
import { parseMoment } from "../moment.js";
import { errorLine, findingLines } from "../report.js";
import { readPlaces } from "../secrets.js";
import { addSenderOptions, collect, resolveSender, type SenderFlags } from "../sender.js";
import { paint, print, printJson, remark } from "../terminal.js";

interface Flags extends SenderFlags, DeliveryFlags {
  readonly at?: string;
  readonly otherSecretEnv?: readonly string[];
  readonly otherSecretFile?: readonly string[];
  readonly json?: boolean;
}

const styles = { authentic: "green", explained: "yellow", unexplained: "red" } as const;

async function diagnose(file: string | undefined, flags: Flags): Promise<ExitCode> {
  const delivery = await readDelivery(file, flags);
  const time = flags.at === undefined ? undefined : parseMoment(flags.at, file);
  const { provider, refused = [] } = await resolveSender(flags, {
    mayPrompt: process.stdin.isTTY,
    keepRefused: true,
  });
  const named = readPlaces({ env: flags.otherSecretEnv, file: flags.otherSecretFile });
  const others = [...refused, ...named];
  const { verdict, error, ...diagnosis } = await explain(delivery, provider, {
    ...(time === undefined ? {} : { now: () => time }),
    ...(others.length === 0 ? {} : { secrets: others }),
  });
  // Of a refused secret, that it is another than the provider has goes without saying: the provider has none.
  const findings = diagnosis.findings.filter(
    ({ code }) => refused.length === 0 || code !== "secret_other",
  );
  const code = verdict === "authentic" ? exitCodes.fine : exitCodes.refused;
  if (flags.json) {
    printJson({ verdict, provider: provider.name, findings, error: error?.toJSON() });
    return code;
  }
  print(
    `${paint(styles[verdict], verdict)}  ${provider.name}${error ? `  ${errorLine(error)}` : ""}`,
  );
  print(...findingLines({ findings }));
  if (verdict === "unexplained") {
    remark(
      "No usual mistake explains it: the body or the secret is another. Other secrets that it might be can be tried with",
      "--other-secret-env NAME and --other-secret-file FILE.",
    );
  }
  return code;
}

/** Adds `diagnose`. */
export function addDiagnose(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const command = program
    .command("diagnose")
    .summary("say why a delivery is refused")
    .description(
      "Undoes the usual mistakes one at a time and checks again, and so says why a delivery is refused and what to change. Everything happens on this machine.",
    )
    .argument("[file]", "a .http file, or - for the standard input");
  command
    .option("--headers <file>", "headers on their own: lines, or JSON")
    .option("--body <file>", "the body on its own, byte for byte; - for the standard input")
    .option(
      "--other-secret-env <name>",
      "a secret that it might be, of another environment say",
      collect,
    )
    .option("--other-secret-file <file>", "the same, from a file", collect)
    .option("--at <time>", "check as of then: a date, Unix seconds, or “received”")
    .option("--json", "print JSON");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign diagnose delivery.http --provider ${exampleProvider()}
  npx countersign diagnose delivery.http -p ${exampleProvider()} --other-secret-env STAGING_SECRET
  npx countersign diagnose --headers headers.json --body body.json --scheme stampedHmac --header x-signature

Exit code 0: authentic. 1: refused, explained or not. 2: something is missing or wrong.`,
    )
    .action((file: string | undefined, flags: Flags) => run(diagnose(file, flags)));
}
