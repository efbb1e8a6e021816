import { readWebBody } from "./read-web-body.js";

const mostBytes = 1_048_576;

/**
 * Fetches a JSON document. Throws what is no error of ours on every answer but a 200 with JSON of at most 1 MiB. A
 * redirect is such an answer: it would let whoever answers choose where the document comes from.
 */
export async function fetchJson(
  url: URL,
  fetcher: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetcher(url.href, {
    signal,
    redirect: "manual",
    headers: { accept: "application/json" },
  });
  if (response.status !== 200) throw new Error("The answer is not 200.");
  return JSON.parse(new TextDecoder().decode(await readWebBody(response, mostBytes)));
}
