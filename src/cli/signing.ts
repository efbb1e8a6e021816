import { isWebhookError } from "../index.js";
import { type SignedDelivery, type SignOptions, signDelivery } from "../testing.js";
import type { Sender } from "./sender.js";

/** Signs as the sender would. Where tokens are issued elsewhere, the secret is the token. */
export async function signAs(
  { provider, secrets }: Pick<Sender, "provider" | "secrets">,
  body: unknown,
  options: SignOptions,
): Promise<SignedDelivery> {
  try {
    return signDelivery(provider, body, options);
  } catch (error) {
    if (!isWebhookError(error, "option_invalid") || error.details.option !== "token") throw error;
    const [token] = await secrets();
    return signDelivery(provider, body, { ...options, token: token?.value });
  }
}

/** Whether the proof holds the secret itself, so that whoever reads a delivery has it. */
export function showsSecret({ provider }: Pick<Sender, "provider">): boolean {
  const context = { timestamp: 0, id: "id", secretIndex: 0, token: "token" };
  const proof = provider.scheme.sign?.(new Uint8Array(), context) ?? [];
  return proof.some(({ role }) => role === "secret" || role === "token");
}
