import { createHmac } from "node:crypto";

type Key = string | Uint8Array;
type Part = string | Uint8Array;

/** A MAC made by node:crypto, so that no expected value comes from the code under test. */
export function mac(key: Key, encoding: "hex" | "base64", ...parts: readonly Part[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

/** The headers of a Svix delivery. */
export function svixHeaders(
  key: Key,
  { id = "msg_1", timestamp = 1_700_000_000, body = "" as Part, names = "svix" },
): Record<string, string> {
  return {
    [`${names}-id`]: id,
    [`${names}-timestamp`]: String(timestamp),
    [`${names}-signature`]: `v1,${mac(key, "base64", `${id}.${timestamp}.`, body)}`,
  };
}

/** A `t=…,v1=…` header value. */
export function stamp(key: Key, body: Part, timestamp = 1_700_000_000): string {
  return `t=${timestamp},v1=${mac(key, "hex", `${timestamp}.`, body)}`;
}
