/**
 * Dataspike: identity verification, AML screening and transaction monitoring.
 *
 * Sources: docs.dataspike.io/webhooks and its API reference, the public SDK's example payloads
 * (github.com/dataspike-io/docver-sdk-python, 2023-07) and the 2022 documentation
 * (github.com/dataspike-io/docs-public); read 2026-11-20. They contradict each other; where they do, both are accepted.
 */
import * as z from "zod/mini";
import { compiled } from "#compiled";
import type { FreshnessOptions } from "../internal/clock.js";
import { notEmpty } from "../internal/not-empty.js";
import { open } from "../internal/open.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import type { Secrets } from "../internal/secrets.js";
import type { Decision } from "../message.js";
import { defineProvider, type EventsOf, type Provider } from "../provider.js";
import type { Scheme } from "../scheme.js";
import { headerSecret } from "../schemes/header-secret.js";
import { stampedHmac } from "../schemes/stamped-hmac.js";
import { unsigned } from "../schemes/unsigned.js";

const text = z.string();
const anything = z.optional(z.unknown());
const maybeText = z.nullish(text);
const maybeTexts = z.nullish(z.array(text));
const maybeList = z.nullish(z.array(z.unknown()));
const maybeNumber = z.nullish(z.number());
// Zod's boolean would be here for these alone, and take 80 bytes of a bundle.
const boolean = z.literal([true, false]);
const maybeBoolean = z.nullish(boolean);
const filled = z.string().check(notEmpty);

const decisions = {
  verified: "positive",
  failed: "negative",
  canceled: "negative",
  expired: "negative",
  initial: "pending",
  pending: "pending",
  in_progress: "pending",
} as const satisfies Readonly<Record<string, Decision>>;
type Status = keyof typeof decisions;

const verificationStatus = open(z.string(), Object.keys(decisions) as Status[]);
const checkStatus = open(z.string(), ["verified", "failed", "in_progress", "pending"]);
const riskType = open(z.string(), ["Low", "Medium", "High", "UnknownScore", "noMatches"]);

/**
 * One check of a verification. The 2022 field table spells `errors` as `erros`; either is read, `errors` is filled.
 * Entries are `{ code, message }` or text; `data` is an object, `[]` or `null`, all three documented.
 */
const check = z
  .looseObject({
    status: checkStatus,
    errors: maybeList,
    erros: maybeList,
    warnings: maybeList,
    pending_documents: maybeTexts,
    data: anything,
  })
  // A check may change what it checks. Zod's overwrite is one that does nothing else, and takes more of a bundle.
  .check((read) => {
    const { errors, erros } = read.value;
    if (erros) read.value = { ...read.value, errors: errors ?? erros };
  });

/** `checks` may contradict `status`, as in the vendor's own sample; `status` decides. */
const verification = z.looseObject({
  id: filled,
  applicant_id: filled,
  status: verificationStatus,
  document_type: maybeText,
  document_ids: maybeTexts,
  documents: z.nullish(
    z.array(z.looseObject({ document_id: text, document_type: text, content_type: maybeText })),
  ),
  // An object whose other keys are all checks: a record, without the code of one.
  checks: z.nullish(z.catchall(z.object({}), check)),
  organization_id: maybeText,
  account_id: maybeText,
  account_email: maybeText,
  external_id: maybeText,
  aml_search_id: maybeText,
  profile_id: maybeText,
  country_code: maybeText,
  verification_url: maybeText,
  verification_url_id: maybeText,
  duplicated_applicant_ids: maybeTexts,
  is_sandbox: maybeBoolean,
  created_at: maybeText,
  // “Not optional” in the 2022 documentation, absent from both examples of 2023.
  updated_at: maybeText,
  completed_at: maybeText,
  expires_at: maybeText,
});

const searchResults = z.looseObject({
  requested_name: maybeText,
  search_uuid: maybeText,
  max_risk_score: maybeText,
  data: maybeList,
});

const screening = {
  applicant_id: maybeText,
  external_id: maybeText,
  risk_score: z.nullish(z.looseObject({ type: riskType })),
  search_request: z.nullish(z.looseObject({})),
  search_response: z.nullish(searchResults),
  /** The name of `search_response` until 2023. */
  search_result: z.nullish(searchResults),
  completed_at: maybeText,
};

/** Fills `search_response` from its older name. */
function renameResults<Results>(read: {
  value: { search_response?: Results; search_result?: Results };
}): void {
  const { search_response, search_result } = read.value;
  if (search_result) {
    read.value = { ...read.value, search_response: search_response ?? search_result };
  }
}

/** No payload of three types is published: any key may be one of theirs. */
const unpublished = z.catchall(z.object({ applicant_id: maybeText }), anything);

const payloads = {
  DOCVER: verification,
  AML_SCREENING: z.looseObject({ ...screening, screening_id: filled }).check(renameResults),
  /** What `AML_SCREENING` was called in 2022; its payload was never published. */
  AML: z.looseObject({ ...screening, screening_id: maybeText }).check(renameResults),
  DOCVER_CHECKS: z.looseObject({
    verification_id: filled,
    applicant_id: filled,
    step: text,
    external_id: maybeText,
    result: z.looseObject({
      status: checkStatus,
      errors: maybeList,
      data: anything,
    }),
  }),
  APPLICANT: unpublished,
  TRANSACTION_MONITORING: unpublished,
  KYT_WALLET_CHECK: unpublished,
};

type Payloads = typeof payloads;

function envelope<Type extends keyof Payloads>(type: Type) {
  return z.looseObject({
    id: filled,
    webhook_id: text,
    event_type: z.literal(type),
    payload: payloads[type] as Payloads[Type],
    /** RFC 3339 with up to nine fractional digits. */
    timestamp: text,
    // From here on: only in the webhook history.
    is_sandbox: z.optional(boolean),
    attempts: maybeNumber,
    response_code: maybeNumber,
    last_attempt_at: maybeText,
  });
}

const events = Object.fromEntries(
  (Object.keys(payloads) as (keyof Payloads)[]).map((type) => [type, envelope(type)]),
) as { readonly [Type in keyof Payloads]: ReturnType<typeof envelope<Type>> };

const validators = /* @__PURE__ */ compiled(events);

/** Any event of Dataspike; `event_type` tells them apart. */
export const dataspikeEvent = /* @__PURE__ */ (() =>
  z.discriminatedUnion("event_type", [
    events.DOCVER,
    events.APPLICANT,
    events.AML,
    events.AML_SCREENING,
    events.DOCVER_CHECKS,
    events.TRANSACTION_MONITORING,
    events.KYT_WALLET_CHECK,
  ]))();

/** Any event of Dataspike. */
export type DataspikeEvent = z.infer<typeof dataspikeEvent>;

/** Dataspike's events by message type. */
export interface DataspikeEvents extends EventsOf<typeof events> {}

/** Where Dataspike's secret is and how it is used; exactly one of the three. */
export type DataspikeOptions =
  | (FreshnessOptions & {
      /** The webhook's `hmac_signing_secret`, `whsec_` and hex. A rotation replaces it at once: give old and new. */
      readonly secret: Secrets;
      /** The shortest decoded key that is accepted, in bytes. @default 16 */
      readonly minSecretBytes?: number | undefined;
    })
  | {
      /** A header that a proxy or the webhook's configuration adds to every delivery. Does not bind the body. */
      readonly header: { readonly name: string; readonly value: Secrets };
      readonly minSecretBytes?: number | undefined;
    }
  | {
      /** For webhooks made before Dataspike signed them: accepts whatever anybody posts. */
      readonly unsigned: "i-accept-forged-events";
    };

function schemeOf(options: DataspikeOptions): Scheme {
  const given = Object(options) as DataspikeOptions;
  if ("unsigned" in given) {
    checkOptions(options, ["unsigned"]);
    return unsigned(given.unsigned);
  }
  if ("header" in given) {
    checkOptions(options, ["header", "minSecretBytes"]);
    const { header, minSecretBytes } = given;
    checkOptions(header, ["name", "value"]);
    return headerSecret({ header: header.name, secret: header.value, minSecretBytes });
  }
  checkOptions(options, ["secret", "toleranceSeconds", "now", "minSecretBytes"]);
  if (!("secret" in given)) invalidOption("secret", "exactly one of secret, header and unsigned");
  return stampedHmac({ ...given, header: "x-webhook-signature", secretEncoding: "hex" });
}

/**
 * Dataspike, configured. `X-Webhook-Signature: t=…,v1=…`, HMAC-SHA256 over `<t>.<body>` with the hex-decoded secret.
 *
 * The tolerance, the retry schedule and the time-out are not documented. Exported from
 * `countersign/providers/dataspike`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function dataspike(options: DataspikeOptions): Provider<DataspikeEvents> {
  return defineProvider({
    name: "dataspike",
    scheme: schemeOf(options),
    schema: validators,
    type: "event_type",
    id: "id",
    subject: (event) => (event as DataspikeEvent).payload.applicant_id ?? undefined,
    occurredAt: "timestamp",
    decision: (event) =>
      event.event_type === "DOCVER" && Object.hasOwn(decisions, event.payload.status)
        ? decisions[event.payload.status as Status]
        : undefined,
    docs: "https://docs.dataspike.io/webhooks",
  });
}

const sampleEnvelope = {
  webhook_id: "1ed2f903-2d75-6b19-b6a5-29535bc3340e",
  timestamp: "2026-03-01T09:00:00.250000Z",
};
const sampleApplicant = "4da42a83-14db-4f19-9820-19cc10ad21cf";

/** One event of each type; the people are invented. */
export const dataspikeSamples: { readonly [Type in keyof DataspikeEvents]: DataspikeEvents[Type] } =
  /* @__PURE__ */ (() => ({
    DOCVER: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af46",
      event_type: "DOCVER",
      payload: {
        id: "b86a3cbe-7880-4759-a4f3-9bcabac3cf3c",
        applicant_id: sampleApplicant,
        status: "verified",
        document_type: "passport",
        checks: {
          document_mrz: { status: "verified", errors: [], pending_documents: [], data: null },
        },
        created_at: "2026-03-01T08:58:00.000000Z",
        completed_at: "2026-03-01T08:59:59.000000Z",
      },
    },
    APPLICANT: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af47",
      event_type: "APPLICANT",
      payload: { applicant_id: sampleApplicant, verification_status: "passed" },
    },
    AML: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af48",
      event_type: "AML",
      payload: {
        screening_id: "802b4d26-ad74-4220-b9c6-513c710bf0d4",
        applicant_id: sampleApplicant,
      },
    },
    AML_SCREENING: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af49",
      event_type: "AML_SCREENING",
      payload: {
        screening_id: "802b4d26-ad74-4220-b9c6-513c710bf0d4",
        applicant_id: sampleApplicant,
        risk_score: { type: "Low" },
        search_response: { requested_name: "Mirela Dravetz", data: [] },
        completed_at: "2026-03-01T08:59:59.380971021Z",
      },
    },
    DOCVER_CHECKS: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af4a",
      event_type: "DOCVER_CHECKS",
      payload: {
        verification_id: "b86a3cbe-7880-4759-a4f3-9bcabac3cf3c",
        applicant_id: sampleApplicant,
        step: "face_comparison",
        result: { status: "verified", errors: [] },
      },
    },
    TRANSACTION_MONITORING: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af4b",
      event_type: "TRANSACTION_MONITORING",
      payload: { applicant_id: sampleApplicant },
    },
    KYT_WALLET_CHECK: {
      ...sampleEnvelope,
      id: "1ed2fb46-8271-6a33-a9ef-7553f473af4c",
      event_type: "KYT_WALLET_CHECK",
      payload: { applicant_id: sampleApplicant },
    },
  }))();
