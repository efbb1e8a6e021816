import * as z from "zod/mini";
import { defineProvider } from "../../src/provider.js";
import { hmac } from "../../src/schemes/hmac.js";
import { mac } from "./sign.js";

export const specSecret = "a-secret-for-the-tests";

/** A provider of the tests' own, as a user would declare one. */
export function specProvider(extra: { timeoutMs?: number } = {}) {
  return defineProvider({
    name: "spec",
    scheme: hmac({ secret: specSecret, header: "x-signature" }),
    schema: {
      created: z.looseObject({ type: z.literal("created"), id: z.string(), name: z.string() }),
      deleted: z.looseObject({ type: z.literal("deleted"), id: z.string() }),
    },
    id: "id",
    ...extra,
  });
}

/** A genuine delivery for {@link specProvider}. */
export function specDelivery(event: unknown) {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  return { headers: { "x-signature": mac(specSecret, "hex", body) }, body };
}
