import { createInterface } from "node:readline";
import { interruption } from "./failure.js";

const [endOfInput, interrupt, backspace, rubout, escapeKey] = [
  "\u0004",
  "\u0003",
  "\b",
  "\u007f",
  "\u001b",
];

/** Whether somebody is there to be asked. */
export function canPrompt(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks for a secret at the terminal, without showing it. Rejects on Ctrl-C. */
export function promptHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = (settle: () => void): void => {
      stdin.off("data", onData).setRawMode(false).pause();
      stderr.write("\n");
      settle();
    };
    const onData = (chunk: string): void => {
      // A terminal marks what is pasted.
      const keys = chunk.replaceAll(`${escapeKey}[200~`, "").replaceAll(`${escapeKey}[201~`, "");
      for (const key of keys) {
        if (key === interrupt) {
          finish(() => reject(interruption()));
          return;
        }
        if (key === "\r" || key === "\n" || key === endOfInput) {
          finish(() => resolve(typed));
          return;
        }
        if (key === backspace || key === rubout) typed = typed.slice(0, -1);
        else typed += key;
      }
    };
    // Not asked before the terminal has stopped showing what is typed: a quick paste would be seen.
    stdin.setEncoding("utf8").setRawMode(true).on("data", onData).resume();
    stderr.write(question);
  });
}

/** Asks for a line at the terminal, which shows what is typed. Rejects on Ctrl-C. */
export function promptLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve, reject) => {
    lines.on("SIGINT", () => lines.close());
    // Also at the end of the input, which is no answer.
    lines.on("close", () => reject(interruption()));
    lines.question(question, (line) => {
      resolve(line);
      lines.close();
    });
  });
}
