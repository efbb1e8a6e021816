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

const parts = [
  ["signature", signatureMissing],
  ["id", idMissing],
  ["timestamp", timestampMissing],
] as const;
const names = /* @__PURE__ */ ["svix-", "webhook-"].flatMap((prefix) =>
  parts.map(([part]) => prefix + part),
);
const readValues = /* @__PURE__ */ headerReader(names);

/** Takes one set of headers, the fuller one; mixing two would join what was never signed together. */
function readProof(
  headers: HeadersInput,
): readonly [signature: string, id: string, timestamp: string] {
  const values = readValues(headers);
  let surplus = 0;
  for (let place = 0; place < values.length; place += 1) {
    if (values[place] !== undefined) surplus += place < parts.length ? 1 : -1;
  }
  const first = surplus < 0 ? parts.length : 0;
  const [signature, id, timestamp] = [values[first], values[first + 1], values[first + 2]];
  if (signature !== undefined && id !== undefined && timestamp !== undefined) {
    return [signature, id, timestamp];
  }
  const absent = parts.findIndex((_part, index) => values[first + index] === undefined);
  const [, missing] = parts[absent] as (typeof parts)[number];
  throw new WebhookError(missing, { header: names[first + absent] });
}

/** The entries of a signature header. Those of other versions are among them, which fit no key. */
function entriesOf(header: string): readonly string[] {
  // Nearly always it is one.
  if (!header.includes(" ")) return [header];
  const entries = header.split(" ", mostEntries + 1);
  // “, ” is where a proxy has joined two headers into one.
  if (entries.length > mostEntries || header.includes(", ")) {
    throw new WebhookError(signatureMalformed);
  }
  return entries;
}

/** Printable ASCII. With a dot, one signature would fit two readings of “id.time.body”; a comma joins two headers. */
const idPattern = /^[!-+\-/-~]{1,256}$/;

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
  remake: NonNullable<Scheme["remake"]>,
): Scheme {
  const toleranceSeconds = readTolerance(options.toleranceSeconds);
  const clock = readNow(options.now);
  return {
    name,
    remake,
    bindsBody: true,
    bindsTime: toleranceSeconds !== false,
    verify: (delivery, { now = clock } = {}) => {
      const body = bodyBytes(delivery);
      const [signatureText, id, timestampText] = readProof(settledHeaders(delivery.headers));
      if (!idPattern.test(id)) throw new WebhookError(idMalformed);
      const timestamp = parseTimestamp(timestampText);
      const entries = entriesOf(signatureText);
      const secret = keys.match(entries, [id, timestampText], body);
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
          value: keys.sign(context, [id, String(timestamp)], body),
          role: "signature",
        },
      ];
    },
  };
}
