import { optionInvalid } from "../error-kinds.js";
import { WebhookError } from "../errors.js";

/** Throws `option_invalid`, naming the option and what it takes. */
export function invalidOption(option: string, expected: string | readonly string[]): never {
  throw new WebhookError(optionInvalid, { option, expected });
}

/** Refuses options that are not an object or have a key that means nothing: a typo would otherwise switch a check off. */
export function checkOptions(options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) invalidOption("options", "an object");
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) invalidOption(key, known);
  }
}

/** Reads a whole number option. */
export function wholeNumber(
  option: string,
  value: unknown,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    invalidOption(option, `a whole number from ${least} to ${most}`);
  }
  return value as number;
}

/** Reads a header name option; header names are matched in lower case. */
export function headerName(option: string, value: unknown): string {
  if (typeof value !== "string" || !/^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/.test(value)) {
    invalidOption(option, "a header name");
  }
  return value.toLowerCase();
}

/** Reads a text option. */
export function textOption(option: string, value: unknown, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value !== "string") invalidOption(option, "a string");
  return value;
}

/** Refuses text options that are given and blank. */
export function checkTexts(options: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(options)) {
    if (value !== undefined && (typeof value !== "string" || value.trim() === "")) {
      invalidOption(option, "text that is not blank");
    }
  }
}

/** Reads an option that is one of a few words. */
export function oneOf<const Word extends string>(
  option: string,
  value: unknown,
  words: readonly [Word, ...Word[]],
): Word {
  if (value === undefined) return words[0];
  if (!words.includes(value as Word)) invalidOption(option, words);
  return value as Word;
}
