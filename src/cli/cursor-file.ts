import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Cursor } from "../catch-up.js";
import { type Failure, usageFailure } from "./failure.js";
import { reasonOf } from "./files.js";
import { printable } from "./printable.js";

/** What a cursor is for: with that of another webhook, events would be missed. */
export interface CursorScope {
  readonly provider: string;
  readonly webhook?: string | undefined;
  readonly sandbox?: boolean | undefined;
}

/** A file in which a catch-up keeps how far it has come. */
export interface CursorFile extends Cursor {
  read(): string | undefined;
  write(value: string): void;
  /** Why it could not be written, in words. */
  failure(): Failure | undefined;
}

function contentOf(path: string): string | undefined {
  try {
    // A device would be replaced, and what a link leads to would not be.
    if (!lstatSync(path).isFile()) throw new Error("it is no regular file");
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw usageFailure(`${printable(path)} cannot be read: ${reasonOf(error)}.`);
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** The refusal of a file with something else in it. */
export function wrongCursor(path: string): Failure {
  return usageFailure(
    `${printable(path)} does not hold the progress of such a catch-up.`,
    "Name another file with --cursor: one for each webhook, and for the sandbox one of its own.",
  );
}

/**
 * Keeps progress in a file that nobody else can read. It is replaced as a whole: a process that is killed leaves the old
 * progress or the new one. Refuses at once where the file could not be written.
 */
export function cursorFile(path: string, scope: CursorScope): CursorFile {
  let failed: Failure | undefined;
  const next = `${path}.${process.pid}.tmp`;
  const place = (content: string | undefined): void => {
    try {
      rmSync(next, { force: true });
      const file = openSync(next, "wx", 0o600);
      try {
        writeFileSync(file, content ?? "");
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      if (content !== undefined) renameSync(next, path);
    } catch (error) {
      failed = usageFailure(
        `${printable(path)} cannot be written: ${reasonOf(error)}.`,
        "Name another file with --cursor.",
      );
      throw failed;
    } finally {
      rmSync(next, { force: true });
    }
  };
  const read = (): string | undefined => {
    const text = contentOf(path);
    if (text === undefined || text.trim() === "") return undefined;
    const { provider, webhook, sandbox, progress } = parse(text);
    const isSame =
      provider === scope.provider &&
      webhook === scope.webhook &&
      (sandbox ?? false) === (scope.sandbox ?? false);
    if (!isSame || typeof progress !== "string") throw wrongCursor(path);
    return progress;
  };
  read();
  place(undefined);
  return {
    read,
    write: (progress) => place(`${JSON.stringify({ ...scope, progress })}\n`),
    failure: () => failed,
  };
}
