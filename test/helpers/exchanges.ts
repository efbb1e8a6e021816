import { readFileSync } from "node:fs";

export type Vendor = "dataspike" | "screver" | "validas";

/** A request or an answer, as the vendor's document prints it. */
export interface Printed {
  /** The first line. */
  readonly start: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** One call that a vendor documents; see fixtures/clients/README.md. */
export interface Exchange {
  readonly name: string;
  readonly source: { readonly kind: string; readonly url: string; readonly read: string };
  /** What a server starts with, so that its answer can be the documented one. */
  readonly given: object;
  /** Keys whose value the server makes. */
  readonly generated: readonly string[];
  readonly request: Printed;
  readonly answer: Printed;
}

const root = new URL("../../fixtures/clients/", import.meta.url);

function printed(text: string): Printed {
  const end = text.indexOf("\n\n");
  const [start = "", ...lines] = text.slice(0, end).split("\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { start, headers, body: text.slice(end + 2).trimEnd() };
}

/** Every documented call of a vendor. */
export function exchangesOf(vendor: Vendor): readonly Exchange[] {
  const folder = new URL(`${vendor}/`, root);
  const { exchanges } = JSON.parse(readFileSync(new URL("exchanges.json", folder), "utf8")) as {
    exchanges: (Omit<Exchange, "request" | "answer" | "generated"> & {
      file: string;
      replace?: Record<string, string>;
      generated?: string[];
    })[];
  };
  return exchanges.map(({ file, replace = {}, generated = [], ...rest }) => {
    let text = readFileSync(new URL(file, folder), "utf8");
    for (const [from, to] of Object.entries(replace)) text = text.replaceAll(from, to);
    const [request = "", answer = ""] = text.split("=== answer\n");
    return { ...rest, generated, request: printed(request), answer: printed(answer) };
  });
}
