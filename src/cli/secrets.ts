import { usageFailure } from "./failure.js";
import { readText } from "./files.js";
import { canPrompt, promptHidden } from "./prompt.js";

/** A secret and where it came from. */
export interface NamedSecret {
  readonly value: string;
  readonly label: string;
}

/** Where secrets are: names of environment variables, and files. */
export interface SecretPlaces {
  readonly env?: readonly string[] | undefined;
  readonly file?: readonly string[] | undefined;
}

/** The variable that is looked at where no other is named. */
export const usualVariable = "COUNTERSIGN_SECRET";

/** Reads the secrets that are named, and only those. */
export function readPlaces({ env = [], file = [] }: SecretPlaces): readonly NamedSecret[] {
  const variables = env.map((label): NamedSecret => {
    const value = process.env[label];
    if (value === undefined) throw usageFailure(`The environment has no variable ${label}.`);
    return { value, label };
  });
  // A text file ends with a line break, which is no part of the secret. Other white space is kept: it may be the mistake.
  const files = file.map(
    (label): NamedSecret => ({ value: readText(label).replace(/\r?\n$/, ""), label }),
  );
  return [...variables, ...files];
}

/**
 * Reads the sender's secrets: those that are named, else `COUNTERSIGN_SECRET`, else whoever sits at the terminal is
 * asked.
 *
 * @param where Where the vendor shows the secret.
 */
export async function readSecrets(
  places: SecretPlaces,
  { where, mayPrompt }: { readonly where: string; readonly mayPrompt: boolean },
): Promise<readonly NamedSecret[]> {
  const named = readPlaces(places);
  if (named.length > 0) return named;
  const usual = process.env[usualVariable];
  if (usual !== undefined) return [{ value: usual, label: usualVariable }];
  if (mayPrompt && canPrompt()) {
    return [{ value: await promptHidden("Secret (not shown): "), label: "the prompt" }];
  }
  throw usageFailure(
    `There is no secret: ${usualVariable} is not set.`,
    `Set ${usualVariable}, or name another variable with --secret-env, or a file with --secret-file. ${where}`,
  );
}
