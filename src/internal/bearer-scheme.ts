import { verifiedDelivery } from "../delivery.js";
import type { AsyncScheme } from "../scheme.js";
import { bearerHeader, readBearerToken } from "./bearer.js";
import { bodyBytes } from "./body.js";
import type { Now } from "./clock.js";
import { invalidOption } from "./options.js";

/** The scheme of a token of an authorization server, which `check` refuses by throwing. */
export function bearerScheme(
  name: string,
  clock: Now,
  check: (token: string, now: Now) => Promise<void>,
): AsyncScheme {
  return {
    name,
    bindsBody: false,
    bindsTime: false,
    async: true,
    verify: async (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      await check(readBearerToken(delivery.headers), now);
      return verifiedDelivery({ scheme: name, secret: { index: 0 }, bindsBody: false, body });
    },
    sign: (_body, { token }) => [
      bearerHeader(token ?? invalidOption("token", "a token of your authorization server")),
    ],
  };
}
