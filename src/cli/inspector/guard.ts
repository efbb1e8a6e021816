import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may talk to the inspector. */
export interface Guard {
  /**
   * Whether a request was addressed to this machine by name. A page of another site can have its own name resolve to
   * 127.0.0.1 (DNS rebinding), and would then be of the same origin; the name still stands in `Host`.
   */
  isForUs(request: IncomingMessage): boolean;
  /** Whether a request comes from the page itself, or from no page at all. */
  isFromPage(request: IncomingMessage): boolean;
  /** Whether a request may change something: from the page, by its origin, and with the token that only it was given. */
  mayChange(request: IncomingMessage): boolean;
}

function isSame(given: unknown, token: string): boolean {
  if (typeof given !== "string") return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Makes the guard of a server at this port. */
export function guard(port: number, token: string): Guard {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  // A browser leaves out the port that goes without saying.
  const hosts = names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]);
  const isFromPage = ({ headers }: IncomingMessage): boolean =>
    (headers.origin === undefined || headers.origin === `http://${headers.host}`) &&
    [undefined, "same-origin", "none"].includes(headers["sec-fetch-site"] as string | undefined);
  return {
    isForUs: ({ headers }) => hosts.includes((headers.host ?? "").toLowerCase()),
    isFromPage,
    mayChange: (request) =>
      request.headers.origin !== undefined &&
      isFromPage(request) &&
      isSame(request.headers["x-countersign-token"], token),
  };
}
