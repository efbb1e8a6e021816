import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inventedSecret } from "./catalogue.js";
import { usageFailure } from "./failure.js";
import { reasonOf } from "./files.js";
import { formatHttpFile, type HttpRequest } from "./http-file.js";
import { stampOf } from "./moment.js";
import { printable } from "./printable.js";

/** Where `listen` keeps deliveries. They may hold secrets and personal data: nobody else may read them, nor Git. */
export interface CaptureFolder {
  /** Writes a delivery, and returns the path of its file. */
  store(request: HttpRequest, received: Date): string;
  /** Path of the file with a secret that was invented for trials; the same one each time. */
  trialSecret(): string;
}

/** Makes the folder where it is missing. */
export function captureFolder(path: string): CaptureFolder {
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
  let count = 0;
  return {
    store: (request, received) =>
      inFolder(() => {
        count += 1;
        const file = join(path, `${stampOf(received)}-${String(count).padStart(4, "0")}.http`);
        writeFileSync(file, formatHttpFile(request), { flag: "wx", mode: 0o600 });
        return file;
      }),
    trialSecret: () =>
      inFolder(() => {
        const file = join(path, "trial.secret");
        if (!existsSync(file) || readFileSync(file, "utf8").trim() === "") {
          writeFileSync(file, `${inventedSecret(randomBytes(24))}\n`, { mode: 0o600 });
        }
        return file;
      }),
  };
}
