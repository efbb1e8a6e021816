import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { usageFailure } from "./failure.js";
import { reasonOf } from "./files.js";
import { printable } from "./printable.js";

/** A file that waits for a secret. */
export interface SecretFile {
  /** Writes it, once. Says whether that went well; there is no file otherwise. */
  fill(secret: string): boolean;
  /** Removes the file, where nothing has come. */
  release(): void;
}

/**
 * Makes a new file that nobody else can read. Before a secret is asked for: it may be had only once. Never one that is
 * there, nor through a symbolic link.
 */
export function reserveSecretFile(path: string): SecretFile {
  const open = (): number => {
    try {
      return openSync(path, "wx", 0o600);
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
      throw usageFailure(
        isThere
          ? `${printable(path)} is there already, and is not written over.`
          : `${printable(path)} cannot be written: ${reasonOf(error)}.`,
        "Nothing was changed at the vendor. Name another file with --secret-file.",
      );
    }
  };
  const file = open();
  const release = (): void => {
    try {
      closeSync(file);
      rmSync(path, { force: true });
    } catch {
      // What is left of it is empty, or the beginning of a secret that nobody else can read.
    }
  };
  return {
    fill: (secret) => {
      const bytes = Buffer.from(`${secret}\n`);
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
        fsyncSync(file);
        closeSync(file);
        return true;
      } catch {
        release();
        return false;
      }
    },
    release,
  };
}
