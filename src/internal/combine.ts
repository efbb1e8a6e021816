import type { AsyncScheme, Scheme } from "../scheme.js";
import { invalidOption } from "./options.js";

/** Refuses a list of schemes that is empty or holds something else. */
export function checkSchemes(schemes: readonly (Scheme | AsyncScheme)[]): void {
  if (schemes.length === 0 || schemes.some((scheme) => typeof scheme?.verify !== "function")) {
    invalidOption("schemes", "at least one scheme");
  }
}
