import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inventedSecret } from "./catalogue.js";
import { usageFailure } from "./failure.js";
import { reasonOf } from "./files.js";
import { formatHttpFile, type HttpRequest } from "./http-file.js";
import { stampOf } from "./moment.js";
import { printable } from "./printable.js";
import { fillPrivate } from "./private-file.js";

/** Where `listen` keeps deliveries. They may hold secrets and personal data: nobody else may read them, nor Git. */
export interface CaptureFolder {
  /** Writes a delivery, and returns the path of its file; `undefined` for one that is beyond the bounds, and not kept. */
  store(request: HttpRequest, received: Date): string | undefined;
  /** Path of the file with a secret that was invented for trials; the same one each time. */
  trialSecret(): string;
}

/** Bounds of a {@link CaptureFolder}, for one run. */
export interface CaptureFolderOptions {
  /** @default 10_000 */
  readonly maxFiles?: number;
  /** Of all files together. @default 1_073_741_824 (1 GiB) */
  readonly maxBytes?: number;
  /** Told once, of the first delivery that is not kept. */
  readonly onFull?: () => void;
}

/** Makes the folder where it is missing. */
export function captureFolder(
  path: string,
  {
    maxFiles = 10_000,
    maxBytes = 1024 * 1024 * 1024,
    onFull = () => undefined,
  }: CaptureFolderOptions = {},
): CaptureFolder {
  const inFolder = <Value>(work: () => Value): Value => {
    try {
      return work();
    } catch (error) {
      throw usageFailure(
        `The folder ${printable(path)} cannot be written to: ${reasonOf(error)}.`,
        "Name another with --folder.",
      );
    }
  };
  inFolder(() => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const ignore = join(path, ".gitignore");
    if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  });
  let [count, bytes, isFull] = [0, 0, false];
  return {
    store: (request, received) =>
      inFolder(() => {
        if (isFull) return undefined;
        const source = formatHttpFile(request);
        // Behind a tunnel, whoever finds the address could fill the disk.
        if (count >= maxFiles || bytes + source.length > maxBytes) {
          isFull = true;
          onFull();
          return undefined;
        }
        count += 1;
        bytes += source.length;
        const file = join(path, `${stampOf(received)}-${String(count).padStart(4, "0")}.http`);
        writeFileSync(file, source, { flag: "wx", mode: 0o600 });
        return file;
      }),
    trialSecret: () => {
      const file = join(path, "trial.secret");
      try {
        fillPrivate(file, () => `${inventedSecret(randomBytes(24))}\n`);
      } catch (error) {
        throw usageFailure(
          `${printable(file)} cannot hold a secret: ${reasonOf(error)}.`,
          "Remove it, or name another folder with --folder.",
        );
      }
      return file;
    },
  };
}
