import { ClientError } from "./client-error.js";

/** One page of a list that is read in parts. */
export interface FetchedPage<Item> {
  readonly items: readonly Item[];
  /** What the next page comes after; `undefined` where the page is empty. */
  readonly last: string | undefined;
  /** Whether there is more. */
  readonly hasNext: boolean;
}

/** Where a list is read from, and how far. */
export interface PagesOptions {
  /** Begin after this one; at the beginning without. */
  readonly after?: string | undefined;
  /** The most pages. @default 100_000 */
  readonly maxPages?: number | undefined;
  /** Whose list it is, for errors. */
  readonly provider: string;
  readonly operation: string;
}

/**
 * Reads a list page by page. Whatever the other side answers, it ends: each page has to bring a position that was not
 * there before.
 *
 * @throws {ClientError} `cursor_stuck` for a page that says that there is more and brings nothing, or ends where it began;
 * `page_repeated` for one that ends where an earlier one did; `page_limit` beyond `maxPages`; and whatever `fetchPage`
 * throws
 */
export async function* pages<Page extends FetchedPage<unknown>>(
  fetchPage: (after: string | undefined) => Promise<Page>,
  { after, maxPages = 100_000, ...call }: PagesOptions,
): AsyncGenerator<Page, void, undefined> {
  let position = after;
  const before = new Set<string | undefined>([after]);
  for (let count = 0; count < maxPages; count += 1) {
    const page = await fetchPage(position);
    const { last, hasNext } = page;
    // Found out before anybody sees the page: what is in it has been seen.
    if (hasNext && (last === undefined || last === position)) {
      throw new ClientError("cursor_stuck", call);
    }
    if (hasNext && before.has(last)) throw new ClientError("page_repeated", call);
    yield page;
    if (!hasNext) return;
    before.add(last);
    position = last;
  }
  throw new ClientError("page_limit", call);
}
