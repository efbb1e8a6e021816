import { type ClientError, isClientError } from "../../../src/client/client-error.js";

/** What a call rejects with, which must be an error of clients. */
export async function failureOf(call: Promise<unknown>): Promise<ClientError> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (isClientError(error)) return error;
    throw error;
  }
  throw new Error(`The call did not fail: ${JSON.stringify(value)}`);
}
