import { verifiedDelivery } from "../delivery.js";
import { bodyBytes } from "../internal/body.js";
import { invalidOption } from "../internal/options.js";
import type { Scheme } from "../scheme.js";

/**
 * Makes the scheme that proves nothing, for senders that sign nothing. Anyone who finds the URL can forge events.
 *
 * Exported from `countersign/schemes/unsigned`.
 *
 * @param acceptance The words `i-accept-forged-events`, so that nobody gets here by leaving something out.
 * @throws {WebhookError} `option_invalid`
 */
export function unsigned(acceptance: "i-accept-forged-events"): Scheme {
  if (acceptance !== "i-accept-forged-events") {
    invalidOption("unsigned", "the words i-accept-forged-events");
  }
  return {
    name: "unsigned",
    bindsBody: false,
    bindsTime: false,
    verify: (delivery) =>
      verifiedDelivery({
        scheme: "unsigned",
        secret: { index: 0 },
        bindsBody: false,
        body: bodyBytes(delivery),
      }),
    sign: () => [],
  };
}
