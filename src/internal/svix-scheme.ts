import { type HeadersInput, verifiedDelivery } from "../delivery.js";
import {
  idMalformed,
  idMissing,
  signatureMalformed,
  signatureMismatch,
  signatureMissing,
  timestampMissing,
} from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import type { Scheme } from "../scheme.js";
import { bodyBytes } from "./body.js";
import {
  checkFreshness,
  type FreshnessOptions,
  parseTimestamp,
  readNow,
  readTolerance,
} from "./clock.js";
import { headerReader, settledHeaders } from "./headers.js";
import type { Keyring } from "./keyring.js";

const mostEntries = 64;
const longestId = 256;
const [space, comma, dot, rubout] = [0x20, 0x2c, 0x2e, 0x7f];

const parts = [
  ["signature", signatureMissing],
  ["id", idMissing],
  ["timestamp", timestampMissing],
] as const;
const names = ["svix-", "webhook-"].flatMap((prefix) => parts.map(([part]) => prefix + part));
const readValues = headerReader(names);

/** Takes one set of headers, the fuller one; mixing two would join what was never signed together. */
function readProof(
  headers: HeadersInput,
): readonly [signature: string, id: string, timestamp: string] {
  const values = readValues(headers);
  const own = values.slice(0, parts.length);
  const standard = values.slice(parts.length);
  const isStandard = standard.filter(Boolean).length > own.filter(Boolean).length;
  const proof = isStandard ? standard : own;
  parts.forEach(([part, missing], index) => {
    if (proof[index] !== undefined) return;
    throw new WebhookError(missing, { header: `${isStandard ? "webhook" : "svix"}-${part}` });
  });
  return proof as readonly string[] as readonly [string, string, string];
}

/** The entries of a signature header. Those of other versions are among them, which fit no key. */
function entriesOf(header: string): readonly string[] {
  const entries = header.split(" ", mostEntries + 1);
  // “, ” is where a proxy has joined two headers into one.
  if (entries.length > mostEntries || header.includes(", ")) {
    throw new WebhookError(signatureMalformed);
  }
  return entries;
}

/** Printable ASCII. With a dot, one signature would fit two readings of “id.time.body”; a comma joins two headers. */
function checkId(id: string): void {
  let isFine = id.length <= longestId;
  for (let index = 0; isFine && index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    isFine = code > space && code < rubout && code !== dot && code !== comma;
  }
  if (!isFine) throw new WebhookError(idMalformed);
}

/**
 * Makes a scheme of Svix and Standard Webhooks: one text of id, time and body, signed in one version or another.
 *
 * @param pattern A signature of this version, `v1,…`, in its only spelling.
 */
export function svixScheme(
  name: string,
  pattern: RegExp,
  keys: Keyring,
  options: FreshnessOptions,
): Scheme {
  const toleranceSeconds = readTolerance(options.toleranceSeconds);
  const clock = readNow(options.now);
  return {
    name,
    bindsBody: true,
    bindsTime: toleranceSeconds !== false,
    verify: (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      const [signatureText, id, timestampText] = readProof(settledHeaders(delivery.headers));
      checkId(id);
      const timestamp = parseTimestamp(timestampText);
      const entries = entriesOf(signatureText);
      const secret = keys.match(entries, `${id}.${timestampText}.`, body);
      if (secret === undefined) {
        // Only now, since what fits is in the one spelling that counts.
        const isSignature = (entry: string) => pattern.test(entry);
        throw new WebhookError(entries.some(isSignature) ? signatureMismatch : signatureMalformed);
      }
      checkFreshness(timestamp, toleranceSeconds, now);
      return verifiedDelivery({
        scheme: name,
        id,
        timestamp: new Date(timestamp * 1000),
        secret,
        bindsBody: true,
        body,
      });
    },
    sign: (body, context) => {
      const { id, timestamp } = context;
      return [
        { name: "svix-id", value: id, role: "id" },
        { name: "svix-timestamp", value: String(timestamp), role: "timestamp" },
        {
          name: "svix-signature",
          value: keys.sign(context, `${id}.${timestamp}.`, body),
          role: "signature",
        },
      ];
    },
  };
}
