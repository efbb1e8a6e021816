import { readFileSync } from "node:fs";
import { usageFailure } from "./failure.js";
import { printable } from "./printable.js";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
  ELOOP: "it is a symbolic link, and is not followed",
  EPERM: "it is not yours to change",
};

/** Why the system refused something with a file, in words. */
export function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? (code || message);
}

/** Reads a file that the user named. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usageFailure(`${printable(path)} cannot be read: ${reasonOf(error)}.`);
  }
}

/** As {@link readBytes}, as text. */
export function readText(path: string): string {
  return Buffer.from(readBytes(path)).toString("utf8");
}

/** Reads the standard input to its end. */
export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Reads a file, or the standard input for `-`. */
export async function readInput(path: string): Promise<Uint8Array> {
  if (path !== "-") return readBytes(path);
  if (process.stdin.isTTY) {
    throw usageFailure(
      "Nothing comes in at the standard input.",
      "Pipe something in, or name a file.",
    );
  }
  return readStandardInput();
}
