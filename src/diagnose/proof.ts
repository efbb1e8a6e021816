import type { MacEncoding } from "../internal/hmac.js";
import type { AsyncScheme, ProofHeader, ProofRole, Scheme, SignContext } from "../scheme.js";
import { macsIn, marker, markerBytes } from "./macs.js";
import { type Pairs, valuesOf } from "./pairs.js";
import { refusalOf } from "./refusal.js";

/** A header with which deliveries of a scheme prove their sender, and how it is written. */
export interface ProofPart {
  readonly name: string;
  readonly role: ProofRole;
  /** What stands before the signature, secret or token. */
  readonly before: string;
  /** The MAC in it, if there is one. */
  readonly mac?: { readonly encoding: MacEncoding; readonly bytes: number };
  /** Writes a stamp. */
  readonly write?: (time: string, mac: string) => string;
  /** What stands before the time in a stamp. */
  readonly lead?: string;
}

const sampleTime = 1234567890;

/** What is signed for a look at the headers. */
export const sampleContext: SignContext = {
  timestamp: sampleTime,
  id: "msg_diagnose",
  secretIndex: 0,
  token: marker,
};

export function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function partOf({ name, value, role }: ProofHeader): ProofPart {
  const lower = name.toLowerCase();
  if (role === "secret" || role === "token") {
    const start = value.indexOf(marker);
    return { name: lower, role, before: start < 0 ? "" : value.slice(0, start) };
  }
  const [found] = macsIn(value).slice(-1);
  const [reading] = found?.readings ?? [];
  if (found === undefined || reading === undefined) return { name: lower, role, before: "" };
  const mac = {
    encoding: reading.spelling.startsWith("hex") ? "hex" : "base64",
    bytes: reading.bytes.length,
  } as const;
  if (role !== "stamp") return { name: lower, role, before: found.before, mac };
  const [lead = "", between = ""] = found.before.split(String(sampleTime));
  const write = (time: string, text: string) => lead + time + between + text;
  return { name: lower, role, before: found.before, mac, lead, write };
}

const rolesOfCodes: Readonly<Record<string, ProofRole>> = {
  signature_missing: "signature",
  id_missing: "id",
  timestamp_missing: "timestamp",
  secret_header_missing: "secret",
  token_missing: "token",
};

/** The headers that a scheme misses one after the other. For those that cannot sign, such as with a public key. */
async function missedParts(scheme: Scheme | AsyncScheme): Promise<readonly ProofPart[]> {
  if (scheme.async) return [];
  const parts: ProofPart[] = [];
  for (let count = 0; count < 8; count += 1) {
    const headers: Pairs = parts.map(({ name }) => [name, "1"] as const);
    const refusal = await refusalOf(scheme, { pairs: headers, body: new Uint8Array() });
    const role = rolesOfCodes[refusal?.code ?? ""];
    const name = refusal?.details.header;
    if (role === undefined || typeof name !== "string") break;
    if (parts.some((part) => part.name === name)) break;
    parts.push({ name, role, before: "" });
  }
  return parts;
}

const families = ["svix", "webhook"] as const;

/** Two names for one thing (Standard Webhooks): those of which more are there. */
function inFamily(parts: readonly ProofPart[], pairs: Pairs): readonly ProofPart[] {
  const names = (family: string) =>
    parts.map((part) => ({
      ...part,
      name: part.name.replace(/^(?:svix|webhook)(?=-(?:id|timestamp|signature)$)/, family),
    }));
  const [own, standard] = families.map((family) => names(family)) as [ProofPart[], ProofPart[]];
  const present = (list: readonly ProofPart[]) =>
    list.filter(({ name }) => valuesOf(pairs, name).length > 0).length;
  return present(standard) > present(own) ? standard : own;
}

/** Learns from a scheme itself which headers its deliveries have, and how these are written. */
export async function proofOf(
  scheme: Scheme | AsyncScheme,
  pairs: Pairs,
): Promise<readonly ProofPart[]> {
  const remade = attempt(() => scheme.remake?.(() => markerBytes));
  const headers = attempt(() => (remade ?? scheme).sign?.(new Uint8Array(), sampleContext));
  const parts = headers === undefined ? await missedParts(scheme) : headers.map(partOf);
  return inFamily(parts, pairs);
}

/** The signed time of a delivery, as it is written. */
export function timeIn(parts: readonly ProofPart[], pairs: Pairs): string | undefined {
  for (const { name, role, lead } of parts) {
    const [value = ""] = valuesOf(pairs, name);
    if (role === "timestamp" && /^\d{9,13}$/.test(value)) return value;
    if (role !== "stamp") continue;
    const start = lead === undefined || lead === "" ? -1 : value.indexOf(lead);
    const from = start < 0 ? value : value.slice(start + (lead as string).length);
    const time = /(?:^|\D)(\d{9,13})(?!\w)/.exec(from)?.[1];
    if (time !== undefined) return time;
  }
  return undefined;
}

/** The time in seconds of digits that may count milliseconds. */
export function secondsIn(time: string): number {
  return time.length > 11 ? Math.floor(Number(time) / 1000) : Number(time);
}

/** What a scheme would have written into its signature headers, under each of its secrets. */
export function signaturesOf(
  scheme: Scheme | AsyncScheme,
  body: Uint8Array,
  context: { readonly timestamp: number; readonly id: string },
): readonly string[] {
  const values: string[] = [];
  for (let secretIndex = 0; secretIndex < 16; secretIndex += 1) {
    const headers = attempt(() => scheme.sign?.(body, { ...context, secretIndex, token: marker }));
    const signature = headers?.find(({ role }) => role === "signature" || role === "stamp");
    if (signature === undefined) break;
    values.push(signature.value);
  }
  return values;
}
