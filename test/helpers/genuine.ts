import type { Delivery } from "../../src/delivery.js";
import type { Provider } from "../../src/provider.js";
import { signDelivery } from "../../src/testing.js";
import { fixtureCases, providerModules, recorded } from "./fixtures.js";

/** A configured provider, and a sender that holds its secret. */
export interface Genuine {
  readonly title: string;
  readonly provider: Provider;
  /** An event that the vendor could have sent, as it was written. */
  readonly text: string;
  readonly now: () => number;
  /** Any body with a genuine proof. */
  readonly send: (body: string | Uint8Array) => Delivery;
}

/** Every provider in every form that its fixtures know, with one event of each type. */
export const genuine: readonly Genuine[] = providerModules.flatMap(({ id, factory }) => {
  const seen = new Set<unknown>();
  return fixtureCases(id).flatMap((one): Genuine[] => {
    const { known, type = "", verify } = one.expect;
    const provider = known === true && verify === "ok" ? factory(one.options) : undefined;
    const title = `${id}, ${provider?.scheme.name}, ${type}`;
    if (provider === undefined || seen.has(title)) return [];
    seen.add(title);
    const { headers, body } = recorded(id, one);
    const now = () => one.now * 1000;
    const send = (sent: string | Uint8Array): Delivery => {
      const bytes = Buffer.from(sent as Uint8Array);
      // A token that an authorization server issued says nothing of the body.
      if (provider.scheme.async && !provider.scheme.bindsBody) return { headers, body: bytes };
      return signDelivery(provider, new Uint8Array(bytes), { now });
    };
    return [{ title, provider, text: body.toString(), now, send }];
  });
});
