import { isWebhookError, type WebhookError } from "../errors.js";
import type { Now } from "../internal/clock.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import type { Pairs } from "./pairs.js";

/** What is verified in one try. */
export interface Try {
  readonly pairs: Pairs;
  readonly body: Uint8Array;
}

/** Why a scheme refuses a delivery; `undefined` when it does not. What is no error of ours goes on. */
export async function refusalOf(
  scheme: Scheme | AsyncScheme,
  { pairs, body }: Try,
  now?: Now,
): Promise<WebhookError | undefined> {
  try {
    await scheme.verify({ headers: pairs, body }, now === undefined ? {} : { now });
    return undefined;
  } catch (error) {
    if (isWebhookError(error)) return error;
    throw error;
  }
}

/** Whether a scheme takes a delivery. One that trips over it does not. */
export async function holds(scheme: Scheme | AsyncScheme, one: Try, now?: Now): Promise<boolean> {
  try {
    return (await refusalOf(scheme, one, now)) === undefined;
  } catch {
    return false;
  }
}
