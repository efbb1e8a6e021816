import { type ExitCode, exitCodes } from "./exit-codes.js";
import { onInterrupt } from "./interrupts.js";
import { printable } from "./printable.js";
import { reserveSecretFile } from "./secret-file.js";
import { print, printJson, remark } from "./terminal.js";

/** Something of which the secret is handed over, in the one moment in which it can be had. */
export interface Handover {
  readonly id: string;
  readonly secret: string;
  readonly reused: boolean;
}

/** Where a secret is to go. */
export interface HandoverTo {
  /** Whose it is. */
  readonly title: string;
  /** The variable in which the README's examples have it. */
  readonly secretVariable: string;
  readonly secretFile: string | undefined;
  readonly json: boolean | undefined;
}

/** Does what gives a secret, and hands that over: into the file where one is named, else to whoever reads the output. */
export async function handOver(
  { title, secretVariable, secretFile, json }: HandoverTo,
  ready: (given: Handover) => readonly string[],
  work: () => Promise<Handover>,
): Promise<ExitCode> {
  const file = secretFile === undefined ? undefined : reserveSecretFile(secretFile);
  const release = onInterrupt(
    () => undefined,
    json ? undefined : "The answer may hold a secret: it is waited for. Ctrl-C once more ends it.",
  );
  let given: Handover;
  try {
    given = await work();
  } catch (error) {
    file?.release();
    throw error;
  } finally {
    release();
  }
  const { id, secret, reused } = given;
  const isKept = file?.fill(secret) === true;
  // One that was there before can be written to a file at any time, and so need not be shown.
  const isShown = !isKept && (file !== undefined || !reused);
  const code = file !== undefined && !isKept ? exitCodes.refused : exitCodes.fine;
  if (json) {
    printJson({ id, reused, ...(isShown ? { secret } : {}), ...(isKept ? { secretFile } : {}) });
    if (code !== exitCodes.fine) remark("The secret could not be written to the file.");
    return code;
  }
  print(...ready(given));
  if (isKept) {
    print(`  secret  in ${printable(secretFile ?? "")}, for you alone`);
  } else if (isShown) {
    if (file !== undefined) {
      remark(
        `${printable(secretFile ?? "")} could not be written to the end: keep the secret from here.`,
      );
    }
    print(`  secret  ${printable(secret, 500)}`);
    remark(
      `It is shown this once. It belongs into ${secretVariable} of your application; here, into COUNTERSIGN_SECRET.`,
    );
  } else {
    remark(
      `Its secret is not shown again: --secret-file FILE has it written, as ${title} still gives it.`,
    );
  }
  return code;
}
