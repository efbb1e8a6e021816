import type { Delivery, VerifiedDelivery } from "../delivery.js";
import { isWebhookError, type WebhookError } from "../errors.js";
import { checkProof, checkSchemes, settled } from "../internal/combine.js";
import type { AsyncScheme, Scheme, VerifyOptions } from "../scheme.js";

/** How much a refusal says about the delivery: a header that is not there says that another scheme was meant. */
function weight({ code, stage }: WebhookError): number {
  if (stage !== "verify") return 5;
  if (code === "key_unavailable") return 4;
  if (/_(?:old|new|expired)$/.test(code)) return 3;
  if (/_(?:mismatch|invalid)$/.test(code)) return 2;
  return code.endsWith("_malformed") ? 1 : 0;
}

/** Keeps the refusal that says most, the earlier one when both say as much; anything else that was thrown goes on. */
function keepTelling(kept: WebhookError | undefined, error: unknown): WebhookError {
  if (!isWebhookError(error)) throw error;
  return kept === undefined || weight(error) > weight(kept) ? error : kept;
}

/**
 * Makes a scheme that holds when one of the given ones does; they are tried in order. When none holds, the refusal
 * that says most about the delivery is thrown.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `option_invalid` without schemes.
 */
export function anyOf(...schemes: readonly [Scheme, ...Scheme[]]): Scheme;
export function anyOf(
  ...schemes: readonly [Scheme | AsyncScheme, ...(Scheme | AsyncScheme)[]]
): AsyncScheme;
export function anyOf(...schemes: readonly (Scheme | AsyncScheme)[]): Scheme | AsyncScheme {
  checkSchemes(schemes);
  const facts = {
    name: "anyOf",
    any: schemes,
    bindsBody: schemes.every(({ bindsBody }) => bindsBody),
    bindsTime: schemes.every(({ bindsTime }) => bindsTime),
    sign: (...[body, context]: Parameters<NonNullable<Scheme["sign"]>>) =>
      schemes.find((scheme) => scheme.sign !== undefined)?.sign?.(body, context) ?? [],
  };
  if (!schemes.some((scheme) => scheme.async)) {
    return {
      ...facts,
      verify: (delivery, options) => {
        const shared = settled(delivery);
        let refusal: WebhookError | undefined;
        for (const scheme of schemes as readonly Scheme[]) {
          try {
            return checkProof(scheme.verify(shared, options));
          } catch (error) {
            refusal = keepTelling(refusal, error);
          }
        }
        throw refusal;
      },
    };
  }
  return {
    ...facts,
    async: true,
    verify: async (delivery: Delivery, options?: VerifyOptions): Promise<VerifiedDelivery> => {
      const shared = settled(delivery);
      let refusal: WebhookError | undefined;
      for (const scheme of schemes) {
        try {
          return checkProof(await scheme.verify(shared, options));
        } catch (error) {
          refusal = keepTelling(refusal, error);
        }
      }
      throw refusal;
    },
  };
}
