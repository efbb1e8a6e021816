import { Command } from "commander";
import { addCatchUp } from "./commands/catch-up.js";
import { addDiagnose } from "./commands/diagnose.js";
import { addDrift } from "./commands/drift.js";
import { addListen } from "./commands/listen.js";
import { addProviders } from "./commands/providers.js";
import { addReplay } from "./commands/replay.js";
import { addSend } from "./commands/send.js";
import { addSign } from "./commands/sign.js";
import { addVerify } from "./commands/verify.js";
import { addWebhooks } from "./commands/webhooks.js";
import type { ExitCode } from "./exit-codes.js";
import { checkSecretIsNoArgument } from "./sender.js";
import { version } from "./version.js";

/** Puts the commands together. `run` takes what each of them does. */
export function createProgram(run: (work: Promise<ExitCode>) => Promise<void>): Command {
  const program = new Command("countersign")
    .description(
      "Sends, captures, checks, explains and replays webhook deliveries, on this machine.",
    )
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "say how it is used")
    .helpCommand("help [command]", "say how a command is used")
    .exitOverride()
    .hook("preAction", (_program, command) => checkSecretIsNoArgument(command.opts()))
    // Said by whoever catches what is thrown.
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      "after",
      `
Begin with “npx countersign listen”: it says what to do next.

Secrets come from the environment (COUNTERSIGN_SECRET, or --secret-env NAME), from a file (--secret-file FILE), or are
asked for. Never from an argument. So do API keys, each from the variable of its vendor.

Exit codes: 0 fine · 1 refused, or not as it should be · 2 something is missing or wrong · 3 cannot be reached ·
4 a fault of countersign · 130 interrupted`,
    );
  for (const add of [
    addListen,
    addSend,
    addReplay,
    addVerify,
    addDiagnose,
    addDrift,
    addSign,
    addCatchUp,
    addWebhooks,
    addProviders,
  ]) {
    add(program, run);
  }
  // They are given what the program has when they are made; these two are set after that.
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
    command.helpOption("-h, --help", "say how it is used");
  }
  return program;
}
