import type { Delivery, VerifiedDelivery } from "../delivery.js";
import { checkProof, checkSchemes, settled } from "../internal/combine.js";
import type { AsyncScheme, Scheme, VerifyOptions } from "../scheme.js";

/** Joins what several schemes proved of one delivery; the body comes from one that binds it. */
function join(proofs: readonly VerifiedDelivery[]): VerifiedDelivery {
  const base = proofs.find(({ bindsBody }) => bindsBody) ?? (proofs[0] as VerifiedDelivery);
  const id = proofs.find((proof) => proof.id !== undefined)?.id;
  const timestamp = proofs.find((proof) => proof.timestamp !== undefined)?.timestamp;
  return {
    ...base,
    scheme: "allOf",
    ...(id === undefined ? {} : { id }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/**
 * Makes a scheme that holds only when every given one does. The first that fails says why.
 *
 * Exported from `countersign`.
 *
 * @throws {WebhookError} `option_invalid` without schemes.
 */
export function allOf(...schemes: readonly [Scheme, ...Scheme[]]): Scheme;
export function allOf(
  ...schemes: readonly [Scheme | AsyncScheme, ...(Scheme | AsyncScheme)[]]
): AsyncScheme;
export function allOf(...schemes: readonly (Scheme | AsyncScheme)[]): Scheme | AsyncScheme {
  checkSchemes(schemes);
  const facts = {
    name: "allOf",
    all: schemes,
    bindsBody: schemes.some(({ bindsBody }) => bindsBody),
    bindsTime: schemes.some(({ bindsTime }) => bindsTime),
    sign: (...[body, context]: Parameters<NonNullable<Scheme["sign"]>>) =>
      schemes.flatMap((scheme) => scheme.sign?.(body, context) ?? []),
  };
  if (!schemes.some((scheme) => scheme.async)) {
    return {
      ...facts,
      verify: (delivery, options) => {
        const shared = settled(delivery);
        return join(
          (schemes as readonly Scheme[]).map((scheme) =>
            checkProof(scheme.verify(shared, options)),
          ),
        );
      },
    };
  }
  return {
    ...facts,
    async: true,
    verify: async (delivery: Delivery, options?: VerifyOptions) => {
      const shared = settled(delivery);
      const proofs: VerifiedDelivery[] = [];
      for (const scheme of schemes) proofs.push(checkProof(await scheme.verify(shared, options)));
      return join(proofs);
    },
  };
}
