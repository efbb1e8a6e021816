#!/usr/bin/env node
import { CommanderError } from "commander";
import { isWebhookError } from "../index.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { type Failure, isFailure, usageFailure } from "./failure.js";
import { printable } from "./printable.js";
import { createProgram } from "./program.js";
import { errorLine } from "./report.js";
import { endWithReader, paintRemark, printJson, progress, remark } from "./terminal.js";

const wantsJson = process.argv.includes("--json");

/** What went wrong, in the form of our own failures; `undefined` for what did not go wrong. */
function failureOf(error: unknown): Failure | undefined {
  if (isFailure(error)) return error;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return undefined;
    // Its first line; a suggestion may follow.
    const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
    const what = error.code === "commander.help" ? "which command?" : first.replace(/\.$/, "");
    const next = `${rest.join(" ")} “npx countersign --help” lists commands, and “npx countersign COMMAND --help” options.`;
    return usageFailure(
      `${what.charAt(0).toUpperCase()}${what.slice(1)}${/[.?]$/.test(what) ? "" : "."}`,
      next.trim(),
    );
  }
  if (isWebhookError(error)) return usageFailure(errorLine(error));
  return undefined;
}

function report(error: unknown): ExitCode {
  progress(undefined);
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.fine;
  const { exitCode, message, next } = failureOf(error) ?? {
    exitCode: exitCodes.bug,
    // No stack: it says nothing to a user. No message of somebody else's beyond a line: it may quote a body.
    message: `Something went wrong that should not have: ${printable(String((error as Error)?.name ?? "unknown"), 40)}.`,
    next: "Please report it, with the command and without any secret.",
  };
  if (wantsJson) {
    const names = {
      1: "refused",
      2: "usage",
      3: "unreachable",
      4: "bug",
      130: "interrupted",
    } as const;
    printJson({ error: { code: names[exitCode as keyof typeof names], message, next } });
  } else {
    remark(
      `${paintRemark("red", "error:")} ${message}`,
      ...(next === undefined ? [] : [`  ${next}`]),
    );
  }
  return exitCode;
}

endWithReader();
// Whatever escapes a command, also later than it began: words and no stack.
process.on("uncaughtException", (error) => process.exit(report(error)));
const program = createProgram(async (work) => {
  process.exitCode = await work;
});
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
