import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Drift, isWebhookError, type Provider } from "../../index.js";
import { exampleProvider, inventedSecret, loadProvider, providerNames } from "../catalogue.js";
import { readHttpFile } from "../delivery-input.js";
import { differencesOf, type Misfit } from "../drifts.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { isFailure, usageFailure } from "../failure.js";
import type { HttpRequest } from "../http-file.js";
import { printable } from "../printable.js";
import { configAdvice } from "../report.js";
import { collect } from "../sender.js";
import { providerOptions } from "../sender-options.js";
import { paint, print, printJson } from "../terminal.js";

interface Flags {
  readonly provider?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** The provider in its usual form, with a secret that nobody has: nothing is verified with it. */
async function readerOf(flags: Flags): Promise<Provider> {
  const { provider: name } = flags;
  if (name === undefined) {
    throw usageFailure(
      "Who sent them?",
      `Name one of ${providerNames().join(", ")} with --provider.`,
    );
  }
  const known = await loadProvider(name);
  const nobodys = [{ value: inventedSecret(randomBytes(24)), label: "none" }];
  try {
    return known.factory(await providerOptions(known, flags, async () => nobodys));
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    throw configAdvice(error, { secrets: nobodys, whereSecret: "" });
  }
}

/** The files that are meant: a folder stands for the `.http` files in it. */
function filesIn(place: string): readonly string[] {
  if (place === "-" || !statSync(place, { throwIfNoEntry: false })?.isDirectory()) return [place];
  const files = readdirSync(place).filter((name) => name.endsWith(".http"));
  if (files.length === 0) throw usageFailure(`${printable(place)} has no .http file in it.`);
  return files.sort().map((name) => join(place, name));
}

async function read(file: string): Promise<HttpRequest> {
  try {
    return await readHttpFile(file);
  } catch (error) {
    // Of many files, which one.
    if (!isFailure(error) || error.message.includes(printable(file))) throw error;
    throw usageFailure(`${printable(file)}: ${error.message}`, error.next);
  }
}

type Counted<Thing> = Thing & { readonly files: number };

/** Counts in how many files each thing is. */
function count<Thing extends object>(
  things: Map<string, Counted<Thing>>,
  found: readonly Thing[],
): void {
  const keys = new Map(found.map((thing) => [JSON.stringify(thing), thing]));
  for (const [key, thing] of keys) {
    things.set(key, { ...thing, files: (things.get(key)?.files ?? 0) + 1 });
  }
}

function misfitText({ code, type, path, expected }: Misfit): readonly string[] {
  if (path === undefined) return [type ?? "", code, ""];
  return [type ?? "", path || "the event", `is not ${expected ?? "what is expected"}`];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell, 80)));
  const widths = (cells[0] ?? []).map((_cell, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

async function drift(places: readonly string[], flags: Flags): Promise<ExitCode> {
  const provider = await readerOf(flags);
  const files = places.flatMap(filesIn);
  const drifts = new Map<string, Counted<Drift>>();
  const misfits = new Map<string, Counted<Misfit>>();
  for (const file of files) {
    const differences = await differencesOf(provider, await read(file));
    count(drifts, differences.drifts);
    count(misfits, differences.misfits);
  }
  const [known, unfit] = [[...drifts.values()], [...misfits.values()]];
  const code = known.length + unfit.length === 0 ? exitCodes.fine : exitCodes.refused;
  if (flags.json) {
    const facts = known.map(({ provider: _provider, ...one }) => one);
    printJson({ provider: provider.name, files: files.length, drifts: facts, misfits: unfit });
    return code;
  }
  const inFiles = (many: number): string => `in ${many} ${many === 1 ? "file" : "files"}`;
  if (code === exitCodes.fine) {
    print(`${paint("green", "nothing new")}  ${provider.name}  ${inFiles(files.length)}`);
    return code;
  }
  print(
    `${paint("yellow", "not as the schemas have it")}  ${provider.name}  ${inFiles(files.length)}`,
    ...table([
      ...known.map((one) => [
        ...[
          `  new ${one.kind}`,
          one.messageType,
          ...(one.kind === "type" ? ["", ""] : [one.path, one.type]),
        ],
        inFiles(one.files),
      ]),
      ...unfit.map((one) => ["  misfit", ...misfitText(one), inFiles(one.files)]),
    ]),
  );
  return code;
}

/** Adds `drift`. */
export function addDrift(program: Command, run: (work: Promise<ExitCode>) => Promise<void>): void {
  program
    .command("drift")
    .summary("say what captured deliveries have that the schemas do not know")
    .description(
      "Holds captured deliveries against a provider's schemas, and lists the keys, values and message types that they do not know, and events that do not fit: where, and never what stands there. It takes no secret, and verifies nothing: the list is only as trustworthy as the files.",
    )
    .argument("<files...>", ".http files, as “listen” stores them, or folders of them")
    .option("-p, --provider <name>", `who sent them: one of ${providerNames().join(", ")}`)
    .option("--set <option=value>", "an option of the provider", collect)
    .option("--json", "print JSON")
    // Refused in the words of the other commands, and not repeated as an unknown option would be.
    .addOption(new Option("--secret <value>").hideHelp())
    .addHelpText(
      "after",
      `
Examples:
  npx countersign drift .countersign --provider ${exampleProvider()}
  npx countersign drift monday.http tuesday.http -p ${exampleProvider()} --json

Exit code 0: nothing new. 1: something is new, or does not fit. 2: something is missing or wrong.`,
    )
    .action((files: readonly string[], flags: Flags) => run(drift(files, flags)));
}
