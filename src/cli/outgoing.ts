import type { SignedDelivery } from "../testing.js";
import type { HttpRequest } from "./http-file.js";
import { version } from "./version.js";

/** The request that carries a signed delivery. */
export function requestOf({ headers, body }: SignedDelivery, url: URL): HttpRequest {
  return {
    method: "POST",
    path: `${url.pathname}${url.search}`,
    headers: [
      ["Host", url.host],
      ["User-Agent", `countersign/${version()}`],
      ["Content-Length", String(body.length)],
      ...Object.entries(headers),
    ],
    body,
  };
}
