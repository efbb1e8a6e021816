import type { WriteStream } from "node:tty";
import { exitCodes } from "./exit-codes.js";

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** A way to set text off, where there is somebody to see it. */
export type Style = keyof typeof styles;

type Stream = NodeJS.WriteStream | WriteStream;

function hasColours(stream: Stream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && !NO_COLOR && TERM !== "dumb";
}

function painter(stream: Stream): (style: Style, text: string) => string {
  return (style, text) => (hasColours(stream) ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
}

/** Results, to the standard output. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** A result for a program: one JSON object on a line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Remarks, which are no results, to the standard error output. */
export function remark(...lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}

/** Sets off text that goes to {@link print}. */
export const paint = painter(process.stdout);

/** Sets off text that goes to {@link remark}. */
export const paintRemark = painter(process.stderr);

/** How wide lines are; into a pipe they are as long as they come, unless `COLUMNS` says otherwise. */
export function lineWidth(): number {
  return process.stdout.columns || Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY;
}

/** Breaks a text into lines that begin with an indent, and the first with one of its own. */
export function wrap(text: string, first: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > lineWidth()) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one, index) => (index === 0 ? first : indent) + one);
}

/** A line that is written over by the next one; nothing where nobody watches. `undefined` clears it. */
export function progress(text: string | undefined): void {
  const { isTTY, columns } = process.stderr;
  // What goes on in a second line would not be written over.
  const shown = (text ?? "").slice(0, (columns || Number.POSITIVE_INFINITY) - 1);
  if (isTTY) process.stderr.write(`\r\u001b[2K${shown}`);
}

/**
 * Ends quietly when nobody reads any more, as with `| head`. With the code that was set, or else as if refused: what was
 * not found out is not fine.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(process.exitCode ?? exitCodes.refused);
    });
  }
}
