import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { binary } from "./cli.js";

/** A terminal, as `script` makes one: the colours and the prompt that a person sees. */
export const hasTerminal = process.platform === "linux" && existsSync("/usr/bin/script");

/** Runs a command at a terminal, and types when it asks. */
export async function atTerminal(
  args: readonly string[],
  {
    keys = "",
    asks = /not shown\): $/,
    env = {},
  }: { keys?: string; asks?: RegExp; env?: Record<string, string> } = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const command = [process.execPath, binary, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("/usr/bin/script", ["-qefc", command, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm", ...env },
  });
  let output = "";
  let hasTyped = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (keys === "" || hasTyped || !asks.test(output)) return;
    hasTyped = true;
    child.stdin.write(keys);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
