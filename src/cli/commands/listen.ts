import type { Command } from "commander";
import { captureFolder } from "../capture-folder.js";
import { type Capture, captureLog } from "../captures.js";
import { exampleProvider } from "../catalogue.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { usageFailure } from "../failure.js";
import { createIntake } from "../intake.js";
import { startListener } from "../listener.js";
import { narration } from "../narration.js";
import { openInspector } from "../open-inspector.js";
import { parseTarget } from "../post-exactly.js";
import { printable } from "../printable.js";
import { addSenderOptions, namesSender, resolveSender, type SenderFlags } from "../sender.js";
import { print, printJson, remark } from "../terminal.js";

interface Flags extends SenderFlags {
  readonly host: string;
  readonly port: string;
  readonly folder: string;
  readonly forward?: string;
  readonly trial?: boolean;
  readonly ui?: boolean;
  readonly uiPort: string;
  readonly json?: boolean;
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw usageFailure(`${flag} takes a number from 0 to 65535; 0 is any that is free.`);
  }
  return port;
}

/** What is told of a capture to a program: no header, no body, no event. */
function factsOf(capture: Capture): Readonly<Record<string, unknown>> {
  const { headers: _headers, body: _body, message, ...facts } = capture;
  const { event: _event, ...summary } = message ?? {};
  return { kind: "delivery", ...facts, ...(message === undefined ? {} : { message: summary }) };
}

/** Resolves with the first Ctrl-C. A second one ends the process, whatever it waits for. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve();
      process.once("SIGINT", () => process.exit(exitCodes.interrupted));
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
  });
}

async function listen(flags: Flags): Promise<ExitCode> {
  const port = parsePort("--port", flags.port);
  const uiPort = parsePort("--ui-port", flags.uiPort);
  const forward = flags.forward === undefined ? undefined : parseTarget(flags.forward);
  if (flags.trial && !namesSender(flags)) {
    throw usageFailure("--trial goes with --provider or --scheme.");
  }
  const folder = captureFolder(flags.folder, {
    onFull: () =>
      remark("The folder has got as much as one run may keep: from here on, nothing is kept."),
  });
  const trialSecret = flags.trial ? folder.trialSecret() : undefined;
  const settings = trialSecret === undefined ? flags : { ...flags, secretFile: [trialSecret] };
  const sender = namesSender(flags) ? await resolveSender(settings) : undefined;
  const log = captureLog();
  const intake = createIntake({ provider: sender?.provider, folder, log, forward });

  // From here on, it is ended by whoever started it, be it by reading no further.
  process.exitCode = exitCodes.fine;
  const ended = interrupted();
  const listener = await startListener({
    host: flags.host,
    port,
    take: async (request) => (await intake.take(request)).reply,
    remark: (text) => remark(printable(text, 200)),
  });
  const { url, host } = listener;
  const inspector = flags.ui
    ? await openInspector({
        ...{ log, replay: intake.replay, host: "127.0.0.1", port: uiPort },
        receives: {
          url: `${url}/`,
          ...(sender && { command: `npx countersign send ${url}/ ${sender.words}`.trim() }),
        },
      }).catch(async (error: unknown) => {
        // Or the process would go on, with an endpoint that nobody knows of.
        await listener.close();
        throw error;
      })
    : undefined;
  const story = narration({
    ...{ url, sender, forward, folder: flags.folder, inspector: inspector?.url, trialSecret },
    isPublic: !/^(?:127\.|::1$|localhost$)/.test(host),
  });
  if (flags.json) printJson({ kind: "listening", url, ui: inspector?.url });
  else print(...story.opening());

  let told = Promise.resolve();
  log.subscribe((capture) => {
    // One after the other, however long each takes to tell.
    told = told.then(async () => {
      if (flags.json) printJson(factsOf(capture));
      else print(...(await story.of(capture)));
    });
  });

  await ended;
  await Promise.all([listener.close(), inspector?.close()]);
  await intake.close();
  await told;
  if (!flags.json) print("", ...story.closing());
  return exitCodes.fine;
}

/** Adds `listen`. */
export function addListen(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  const command = program
    .command("listen")
    .summary("receive deliveries here, and see what becomes of them")
    .description(
      "Takes deliveries at an address of this machine: verifies each, says why when one is refused, keeps it as a .http file, and hands it on to your application with --forward.",
    );
  command
    .option("--forward <url>", "hand each delivery on, byte for byte, and its answer back")
    .option("--trial", "invent a secret and keep it in the folder, to try things without a vendor")
    .option("--folder <path>", "where deliveries are kept", ".countersign")
    .option("--port <number>", "0 for any that is free", "4400")
    .option("--host <address>", "another than loopback lets other machines in", "127.0.0.1")
    .option("--ui", "serve a page that shows deliveries as they come, on loopback only")
    .option("--ui-port <number>", "of that page; 0 for any that is free", "4401")
    .option("--json", "print JSON, a line for each delivery, without bodies");
  addSenderOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  npx countersign listen
  npx countersign listen --provider ${exampleProvider()} --trial
  npx countersign listen --provider ${exampleProvider()} --forward http://127.0.0.1:3000/webhooks/${exampleProvider()}
  npx countersign listen --scheme hmac --header x-signature --secret-file secret.txt --ui

Exit code 0: ended by Ctrl-C. 2: something is missing or wrong. 3: the port cannot be had.`,
    )
    .action((flags: Flags) => run(listen(flags)));
}
