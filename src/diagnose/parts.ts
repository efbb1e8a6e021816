import type { AsyncScheme, Scheme } from "../scheme.js";
import { type Result, type Search, searchOne } from "./search.js";

const uniqueOf = <One extends { readonly code: string }>(list: readonly One[]): readonly One[] =>
  list.filter(({ code }, index) => list.findIndex((one) => one.code === code) === index);

/** Looks at each part of a scheme for itself: every one has its own headers and secrets. */
export async function searchParts(scheme: Scheme | AsyncScheme, search: Search): Promise<Result> {
  const { all, any } = scheme;
  const schemes = all ?? any;
  if (schemes === undefined) return searchOne(scheme, search);
  const results: Result[] = [];
  for (const part of schemes) {
    const result = await searchParts(part, search);
    // One is enough.
    if (any !== undefined && (result.authentic || result.clues.length > 0)) return result;
    results.push(result);
  }
  const parts = results.flatMap((result) => result.parts);
  const seen = uniqueOf(results.flatMap((result) => result.seen));
  if (any !== undefined) {
    // Where one part's headers are there, that part was meant, and the others' are no fault.
    const lacks = ({ seen: clues }: Result) => clues.some(({ code }) => code === "header_missing");
    const meant = results.filter((result) => !lacks(result));
    const told = meant.length === 0 ? seen : uniqueOf(meant.flatMap((result) => result.seen));
    return { authentic: false, clues: [], seen: told, parts };
  }
  // What is plain to see of one part explains it as well, and then what was found of the others is worth saying.
  const causes = results.map((one) => (one.clues.length > 0 ? one.clues : one.seen));
  const isExplained = results.every((one, index) => one.authentic || causes[index]?.length !== 0);
  return {
    authentic: results.every((one) => one.authentic),
    clues: isExplained && results.some((one) => one.clues.length > 0) ? causes.flat() : [],
    seen,
    parts,
  };
}
