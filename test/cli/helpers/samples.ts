import { createHmac } from "node:crypto";

/** Secrets of no one. */
export const secrets = {
  vove: "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==",
  dataspike: "whsec_dd65942005589174bfb2f198a4e3e3adea6bfac18e6fd459f0b2ed498ed9dd9d",
  plain: "an-invented-secret-for-tests",
} as const;

const key = Buffer.from(secrets.vove.replace("whsec_", ""), "base64");

/** The Svix headers of a body, computed here and not by what is tested. */
export function svixHeaders(
  body: string | Uint8Array,
  { id = "msg_1", seconds = Math.floor(Date.now() / 1000) } = {},
): Record<"svix-id" | "svix-timestamp" | "svix-signature", string> {
  const mac = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64");
  return { "svix-id": id, "svix-timestamp": String(seconds), "svix-signature": `v1,${mac}` };
}

/** A `.http` file, by hand. */
export function httpFile(
  headers: Readonly<Record<string, string>>,
  body: string,
  path = "/webhooks/vove",
): string {
  const lines = Object.entries({ ...headers, "Content-Length": String(Buffer.byteLength(body)) });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}
