import { invalidOption } from "../internal/options.js";

/**
 * An id as one part of a path.
 *
 * @throws {WebhookError} `option_invalid` for one that is blank, or would lead to another place
 */
export function idInPath(id: unknown): string {
  const usable = typeof id === "string" && id.trim() !== "" && id !== "." && id !== "..";
  try {
    if (usable) return encodeURIComponent(id);
  } catch {
    // Half of a surrogate pair.
  }
  return invalidOption("id", "text that is not blank");
}

/** The address of a call: the base's own path stays before it. */
export function addressOf(
  base: URL,
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
