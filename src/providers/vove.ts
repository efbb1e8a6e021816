/**
 * VOVE ID: identity verification, AML cases and company checks, delivered by Svix.
 *
 * Sources: docs.voveid.com/docs/api/webhooks, docs.voveid.com/docs/api/aml-screening,
 * docs.voveid.com/docs/kyb-know-your-business/kyb-webhooks and docs.svix.com/retries; read 2026-11-20.
 */
import * as z from "zod/mini";
import { compiled } from "#compiled";
import type { FreshnessOptions } from "../internal/clock.js";
import { notEmpty } from "../internal/not-empty.js";
import { open } from "../internal/open.js";
import { checkOptions, oneOf } from "../internal/options.js";
import { prepared } from "../internal/prepared.js";
import type { Secrets } from "../internal/secrets.js";
import type { Decision } from "../message.js";
import { defineProvider, type EventsOf, type Provider, type TypeReading } from "../provider.js";
import { svix } from "../schemes/svix.js";

const anything = z.optional(z.unknown());

const fields = {
  // No page says that a body names its type; where one does, it is believed.
  type: anything,
  eventType: anything,
  /** Your own id of the person or company. Older bodies have `userId` alone; it is filled from there. */
  refId: z.string().check(notEmpty),
  /** @deprecated VOVE is removing it in favour of `refId`. */
  userId: z.nullish(z.string()),
  /** Why, where VOVE says so in text. */
  reason: z.nullish(
    open(z.string(), ["DOCUMENT_INFO_MISMATCHED", "AML_CHECK", "DOCUMENT_MISMATCH"]),
  ),
};

const companyFields = {
  ...fields,
  previousStatus: z.nullish(
    open(z.string(), ["NOT_STARTED", "IN_PROGRESS", "IN_REVIEW", "COMPLETED", "REJECTED"]),
  ),
};

/**
 * Fills `refId` from its deprecated name. No page shows the form of `reason` for identity checks, so one that is no text
 * is left out instead of refusing the event.
 */
function fill(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const { refId, userId, reason } = body as Record<string, unknown>;
  return {
    ...body,
    ...(refId === undefined || refId === null ? { refId: userId } : {}),
    ...(typeof reason === "object" || typeof reason === "number" ? { reason: undefined } : {}),
  };
}

function person<const Status extends string>(status: Status) {
  return z.looseObject({ status: z.literal(status), ...fields });
}

function company<const Status extends string>(status: Status) {
  return z.looseObject({ status: z.literal(status), ...companyFields });
}

const events = {
  "idv.in_progress": person("in_progress"),
  "idv.pending": person("pending"),
  "idv.successful": person("successful"),
  "idv.suspected": person("suspected"),
  "user.aml.no_match": person("NO_MATCH"),
  "user.aml.in_review": person("IN_REVIEW"),
  "user.aml.cleared": person("CLEARED"),
  "user.aml.rejected": person("REJECTED"),
  "kyb.case.in_progress": company("IN_PROGRESS"),
  "kyb.case.in_review": company("IN_REVIEW"),
  "kyb.case.completed": company("COMPLETED"),
  "kyb.case.rejected": company("REJECTED"),
};

const validators = /* @__PURE__ */ (() => prepared(fill, compiled(events), events))();

/** Any event of VOVE ID; `status`, whose case counts, tells them apart as far as VOVE does. */
export const voveEvent = /* @__PURE__ */ (() =>
  z.pipe(
    z.transform(fill),
    z.discriminatedUnion("status", [
      z.looseObject({
        status: z.enum(["in_progress", "pending", "successful", "suspected"]),
        ...fields,
      }),
      z.looseObject({ status: z.enum(["NO_MATCH", "CLEARED"]), ...fields }),
      z.looseObject({ status: z.enum(["IN_PROGRESS", "COMPLETED"]), ...companyFields }),
      // AML cases and company checks share these two.
      z.looseObject({ status: z.enum(["IN_REVIEW", "REJECTED"]), ...companyFields }),
    ]),
  ))();

/** Any event of VOVE ID. */
export type VoveEvent = z.infer<typeof voveEvent>;

/** VOVE ID's events by message type. */
export interface VoveEvents extends EventsOf<typeof events> {}

/** Options of {@link vove}. */
export interface VoveOptions extends FreshnessOptions {
  /** The endpoint's secret from the dashboard, `whsec_` and base64. */
  readonly secret: Secrets;
  /** The one kind of event this endpoint is subscribed to; settles statuses that two kinds share. */
  readonly expect?: "idv" | "aml" | "kyb" | undefined;
  /** The shortest decoded key that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

const prefixes = { idv: "idv.", aml: "user.aml.", kyb: "kyb.case." } as const;
type Family = keyof typeof prefixes;

const statuses: Readonly<Record<Family, readonly string[]>> = {
  idv: ["in_progress", "pending", "successful", "suspected"],
  aml: ["NO_MATCH", "IN_REVIEW", "CLEARED", "REJECTED"],
  kyb: ["IN_PROGRESS", "IN_REVIEW", "COMPLETED", "REJECTED"],
};

/** Names the type of a body by its status, exactly as it is written: `in_progress` and `IN_PROGRESS` differ in kind. */
function typeOf(body: unknown, expect: Family | "any"): string | TypeReading | undefined {
  const { type, eventType, status, previousStatus } = (body ?? {}) as Record<string, unknown>;
  const named = [type, eventType].find(
    (name) => typeof name === "string" && /^(?:idv|user\.aml|kyb)\./.test(name),
  );
  if (named !== undefined) return named as string;
  if (typeof status !== "string") return undefined;
  const families = (["idv", "aml", "kyb"] as const).filter(
    (family) => (expect === "any" || expect === family) && statuses[family].includes(status),
  );
  // Company checks name the status before; AML cases do not.
  const isCompany = families.includes("kyb") && typeof previousStatus === "string";
  const family = isCompany ? "kyb" : families[0];
  // A status that reads like one of the types is not that type.
  if (family === undefined) return Object.hasOwn(events, status) ? undefined : status;
  const name = prefixes[family] + status.toLowerCase();
  return families.length > 1 && !isCompany ? { type: name, flags: ["type_ambiguous"] } : name;
}

const decisions: Readonly<Record<VoveEvent["status"], Decision>> = {
  successful: "positive",
  NO_MATCH: "positive",
  CLEARED: "positive",
  COMPLETED: "positive",
  suspected: "negative",
  REJECTED: "negative",
  in_progress: "pending",
  pending: "pending",
  IN_PROGRESS: "pending",
  IN_REVIEW: "pending",
};

/**
 * VOVE ID, configured. Svix signatures; the secret is `whsec_<base64>`.
 *
 * The bodies do not name their type: it follows from `status`. Where AML cases and company checks share a status and
 * nothing tells them apart, the message is read as an AML case, which is what the documentation shows without
 * `previousStatus`, and flagged `type_ambiguous`. Exported from `countersign/providers/vove`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function vove(options: VoveOptions): Provider<VoveEvents> {
  checkOptions(options, ["secret", "expect", "toleranceSeconds", "now", "minSecretBytes"]);
  const { expect, ...schemeOptions } = options;
  const family = oneOf("expect", expect, ["any", "idv", "aml", "kyb"]);
  return defineProvider({
    name: "vove",
    scheme: svix(schemeOptions),
    schema: validators,
    type: (body) => typeOf(body, family),
    subject: "refId",
    decision: (event) => decisions[event.status],
    flags: ({ refId, userId }) =>
      userId !== undefined && userId !== null && userId !== refId ? ["subject_conflict"] : [],
    docs: "https://docs.voveid.com/docs/api/webhooks",
    timeoutMs: 15_000,
    retry: {
      delaysSeconds: [5, 300, 1800, 7200, 18_000, 36_000, 36_000],
      source: "docs.svix.com/retries, read 2026-11-20: VOVE ID delivers through Svix",
    },
  });
}

const refId = "2e96ebd0-c1b8-11ee-b56a-a345411e245d";

/** One event of each type. */
export const voveSamples: { readonly [Type in keyof VoveEvents]: VoveEvents[Type] } =
  /* @__PURE__ */ (() => ({
    "idv.in_progress": { status: "in_progress", refId },
    "idv.pending": { status: "pending", refId },
    "idv.successful": { status: "successful", refId },
    "idv.suspected": { status: "suspected", refId, reason: "DOCUMENT_INFO_MISMATCHED" },
    "user.aml.no_match": { status: "NO_MATCH", refId },
    "user.aml.in_review": { status: "IN_REVIEW", refId, type: "user.aml.in_review" },
    "user.aml.cleared": { status: "CLEARED", refId },
    "user.aml.rejected": { status: "REJECTED", refId, type: "user.aml.rejected" },
    "kyb.case.in_progress": { status: "IN_PROGRESS", refId, previousStatus: "NOT_STARTED" },
    "kyb.case.in_review": { status: "IN_REVIEW", refId, previousStatus: "IN_PROGRESS" },
    "kyb.case.completed": { status: "COMPLETED", refId, previousStatus: "IN_REVIEW" },
    "kyb.case.rejected": {
      status: "REJECTED",
      refId,
      previousStatus: "IN_REVIEW",
      reason: "DOCUMENT_MISMATCH",
    },
  }))();
