import { type HeadersInput, verifiedDelivery } from "../delivery.js";
import {
  idMalformed,
  idMissing,
  signatureMalformed,
  signatureMismatch,
  signatureMissing,
  timestampMissing,
} from "../error-kinds.js";
import { type ErrorKind, WebhookError } from "../errors.js";
import type { Scheme } from "../scheme.js";
import { bodyBytes } from "./body.js";
import {
  checkFreshness,
  type FreshnessOptions,
  parseTimestamp,
  readNow,
  readTolerance,
} from "./clock.js";
import { readHeader, settledHeaders } from "./headers.js";
import type { Keyring } from "./keyring.js";

const mostEntries = 64;

type HeaderSet = readonly {
  readonly header: string;
  readonly missing: ErrorKind;
  readonly value: string | undefined;
}[];

function countOf(set: HeaderSet): number {
  return set.filter(({ value }) => value).length;
}

const parts = [
  ["signature", signatureMissing],
  ["id", idMissing],
  ["timestamp", timestampMissing],
] as const;

/** Takes one set of headers, the fuller one; mixing two would join what was never signed together. */
function readHeaders(
  headers: HeadersInput,
): readonly [signature: string, id: string, timestamp: string] {
  const [own, standard] = ["svix-", "webhook-"].map((prefix) =>
    parts.map(([part, missing]) => {
      const header = prefix + part;
      return { header, missing, value: readHeader(headers, header) };
    }),
  ) as readonly HeaderSet[] as readonly [HeaderSet, HeaderSet];
  const fuller = countOf(standard) > countOf(own) ? standard : own;
  return fuller.map(({ header, missing, value }) => {
    if (value === undefined) throw new WebhookError(missing, { header });
    return value;
  }) as readonly string[] as readonly [string, string, string];
}

/** The well-formed signatures of one version; others are skipped, as the specification asks. */
function parseSignatures(header: string, pattern: RegExp): readonly string[] {
  const entries = header.split(" ", mostEntries + 1);
  const found = entries.filter((entry) => pattern.test(entry));
  // “, ” is where a proxy has joined two headers into one.
  if (found.length === 0 || entries.length > mostEntries || header.includes(", ")) {
    throw new WebhookError(signatureMalformed);
  }
  return found;
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
      const [signatureText, id, timestampText] = readHeaders(settledHeaders(delivery.headers));
      // With a dot in the id, one signature would fit two readings of “id.time.body”.
      if (!/^[!-+\x2d/-~]{1,256}$/.test(id)) throw new WebhookError(idMalformed);
      const timestamp = parseTimestamp(timestampText);
      const signatures = parseSignatures(signatureText, pattern);
      const secret = keys.match(signatures, `${id}.${timestampText}.`, body);
      if (secret === undefined) throw new WebhookError(signatureMismatch);
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
