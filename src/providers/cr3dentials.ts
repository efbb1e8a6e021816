/**
 * cr3dentials: income and account verification.
 *
 * Sources: docs.cr3dentials.xyz/api-integration/webhooks (the first generation: an envelope) and
 * docs.cr3dentials.xyz/essentials/webhooks (the second: flat, header secret only); read 2026-11-20.
 */
import * as z from "zod/mini";
import { compiled } from "#compiled";
import { isWebhookError } from "../errors.js";
import { notEmpty } from "../internal/not-empty.js";
import { open } from "../internal/open.js";
import { checkOptions, invalidOption, oneOf } from "../internal/options.js";
import type { Secrets } from "../internal/secrets.js";
import type { Decision } from "../message.js";
import { defineProvider, type EventsOf, type Provider } from "../provider.js";
import type { Scheme } from "../scheme.js";
import { allOf } from "../schemes/all-of.js";
import { anyOf } from "../schemes/any-of.js";
import { headerSecret } from "../schemes/header-secret.js";
import { hmac } from "../schemes/hmac.js";

const text = z.string();
const filled = text.check(notEmpty);
const maybeObject = z.nullish(z.looseObject({}));
const textOrNumber = z.union([text, z.number()]);

const verificationCompleted = z.looseObject({
  type: z.literal("verification.completed"),
  status: z.optional(open(z.string(), ["success", "failed"])),
  data: z.looseObject({
    verificationId: filled,
    sessionId: z.nullish(textOrNumber),
    stepId: z.nullish(textOrNumber),
    status: z.optional(open(z.string(), ["VERIFIED"])),
    proofData: maybeObject,
    formattedData: maybeObject,
    metadata: z.nullish(
      z.looseObject({
        dataSource: z.nullish(text),
        processingTimeMs: z.nullish(z.number()),
        verifiedAt: z.nullish(text),
      }),
    ),
  }),
});

function session<const Status extends string>(status: Status) {
  return z.looseObject({
    status: z.literal(status),
    sessionId: filled,
    platformId: z.nullish(z.number()),
    externalReferenceId: z.nullish(text),
    extractedData: maybeObject,
    proofHash: z.nullish(text),
    completedAt: z.nullish(text),
    metadata: maybeObject,
  });
}

const events = {
  "verification.completed": verificationCompleted,
  "session.completed": session("COMPLETED"),
  "session.partial_complete": session("PARTIAL_COMPLETE"),
  "session.error": session("ERROR"),
  "session.cancelled": session("CANCELLED"),
  "session.terminated": session("TERMINATED"),
};

const validators = /* @__PURE__ */ compiled(events);

/** Any event of cr3dentials: the envelope of the first generation has `type`, the flat body of the second has not. */
export const cr3dentialsEvent = /* @__PURE__ */ (() =>
  z.union([
    verificationCompleted,
    z.discriminatedUnion("status", [
      events["session.completed"],
      events["session.partial_complete"],
      events["session.error"],
      events["session.cancelled"],
      events["session.terminated"],
    ]),
  ]))();

/** Any event of cr3dentials. */
export type Cr3dentialsEvent = z.infer<typeof cr3dentialsEvent>;

/** cr3dentials' events by message type. */
export interface Cr3dentialsEvents extends EventsOf<typeof events> {}

/** Options of {@link cr3dentials}: at least one of `signingSecret` and `header`. */
export interface Cr3dentialsOptions {
  /** The secret of `x-webhook-signature`, hex HMAC-SHA256 over the body. Sent by the first generation only. */
  readonly signingSecret?: Secrets | undefined;
  /** The authentication header set in the Partner Portal. Does not bind the body. */
  readonly header?: { readonly name: string; readonly value: Secrets } | undefined;
  /** Whether both have to hold where both are given, or one is enough. @default "all" */
  readonly mode?: "all" | "any" | undefined;
  /**
   * Also accepts a signature over `JSON.stringify(JSON.parse(body))`, which is what the vendor's sample code checks.
   * The re-serialised text is then the body: many bodies share it, so the one that was sent is not proven. Parses before
   * it has proven anything. Only for a sender that is seen to sign so. @default not accepted
   */
  readonly reserialize?: "json-stringify" | undefined;
  /** The shortest secret that is accepted, in bytes. @default 16 */
  readonly minSecretBytes?: number | undefined;
}

/** Tries the body as sent, then as the vendor's sample code would have written it. */
function orReserialized(scheme: Scheme): Scheme {
  return {
    ...scheme,
    verify: (delivery, options) => {
      try {
        return scheme.verify(delivery, options);
      } catch (error) {
        if (!isWebhookError(error, "signature_mismatch")) throw error;
        let body: string;
        try {
          const { body: source } = delivery;
          const sent =
            typeof source === "string"
              ? source
              : new TextDecoder("utf-8", { fatal: true }).decode(source);
          body = JSON.stringify(JSON.parse(sent));
        } catch {
          throw error;
        }
        return scheme.verify({ headers: delivery.headers, body }, options);
      }
    },
  };
}

function schemeOf(options: Cr3dentialsOptions): Scheme {
  const { signingSecret, header, minSecretBytes } = options;
  const mode = oneOf("mode", options.mode, ["all", "any"]);
  const reserialize = oneOf("reserialize", options.reserialize, ["no", "json-stringify"]);
  if (reserialize !== "no" && !("signingSecret" in options)) {
    invalidOption("reserialize", "used with signingSecret only");
  }
  const schemes: Scheme[] = [];
  if ("signingSecret" in options) {
    const signed = hmac({
      secret: signingSecret as Secrets,
      header: "x-webhook-signature",
      minSecretBytes,
    });
    schemes.push(reserialize === "json-stringify" ? orReserialized(signed) : signed);
  }
  if (header !== undefined) {
    checkOptions(header, ["name", "value"]);
    schemes.push(headerSecret({ header: header.name, secret: header.value, minSecretBytes }));
  }
  const [first, ...others] = schemes;
  if (first === undefined)
    invalidOption("signingSecret", "at least one of signingSecret and header");
  if (others.length === 0) return first;
  return mode === "all" ? allOf(first, ...others) : anyOf(first, ...others);
}

function typeOf(body: unknown): string | undefined {
  const { type, sessionId, status } = (body ?? {}) as Record<string, unknown>;
  if (typeof type === "string") return type;
  if (sessionId === undefined || typeof status !== "string") return undefined;
  // Case counts: “completed” is not a status of theirs.
  if (status === status.toUpperCase()) return `session.${status.toLowerCase()}`;
  return Object.hasOwn(events, status) ? undefined : status;
}

/**
 * Statuses recur in one verification (completed, then reviewed), so its id alone does not name the message. “success”
 * goes without saying; “failed” beside the same detailed status is another message. What tells two messages of an
 * unknown type apart is not known, so they go by their bodies.
 */
function idOf(body: unknown): string | undefined {
  const { type, data, sessionId, status } = (body ?? {}) as Record<string, unknown>;
  if (!Object.hasOwn(events, typeOf(body) ?? "")) return undefined;
  if (typeof type !== "string") return `${sessionId}:${status}`;
  const { verificationId, status: detail = "" } = (data ?? {}) as Record<string, unknown>;
  const overall = status === undefined || status === "success" ? [] : [status];
  return [type, verificationId, detail, ...overall].join(":");
}

const sessionDecisions: Readonly<Record<string, Decision>> = {
  COMPLETED: "positive",
  PARTIAL_COMPLETE: "pending",
  ERROR: "negative",
  CANCELLED: "negative",
  TERMINATED: "negative",
};

function decide(event: Cr3dentialsEvent): Decision | undefined {
  if (!("data" in event && "type" in event)) return sessionDecisions[event.status as string];
  const { status, data } = event as z.infer<typeof verificationCompleted>;
  if (status === "failed") return "negative";
  return status === "success" && data.status === "VERIFIED" ? "positive" : undefined;
}

/**
 * cr3dentials, configured. A hex HMAC over the body, a header secret, or both; given both, both must hold.
 *
 * Neither binds the time: a captured delivery stays valid. Exported from `countersign/providers/cr3dentials`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function cr3dentials(options: Cr3dentialsOptions): Provider<Cr3dentialsEvents> {
  checkOptions(options, ["signingSecret", "header", "mode", "reserialize", "minSecretBytes"]);
  return defineProvider({
    name: "cr3dentials",
    scheme: schemeOf(options),
    schema: validators,
    type: typeOf,
    id: idOf,
    subject: (event) => {
      const { data, sessionId } = event as {
        data?: { verificationId?: string };
        sessionId?: string;
      };
      return data?.verificationId ?? sessionId;
    },
    occurredAt: (event) => {
      const { data, completedAt } = event as {
        data?: { metadata?: { verifiedAt?: string } };
        completedAt?: string;
      };
      return data?.metadata?.verifiedAt ?? completedAt;
    },
    decision: decide,
    docs: "https://docs.cr3dentials.xyz/essentials/webhooks",
    timeoutMs: 10_000,
    retry: {
      delaysSeconds: [1, 2, 4, 8, 16],
      source:
        "docs.cr3dentials.xyz/api-integration/webhooks, read 2026-11-20; the newer page says three retries, configurable",
    },
  });
}

const sampleSession = {
  sessionId: "2cdf4edf-d9b5-4d7d-8079-fed52f4f83aa",
  platformId: 12,
  externalReferenceId: "customer-1001",
  completedAt: "2026-01-15T15:00:00.000Z",
};

/** One event of each type; the people are invented. */
export const cr3dentialsSamples: {
  readonly [Type in keyof Cr3dentialsEvents]: Cr3dentialsEvents[Type];
} = /* @__PURE__ */ (() => ({
  "verification.completed": {
    type: "verification.completed",
    status: "success",
    data: {
      verificationId: "ver_abc123",
      sessionId: 123,
      stepId: 456,
      status: "VERIFIED",
      formattedData: { incomeVerified: true, verificationScore: 95 },
      metadata: { verifiedAt: "2026-01-15T14:30:00Z" },
    },
  },
  "session.completed": { ...sampleSession, status: "COMPLETED" },
  "session.partial_complete": { ...sampleSession, status: "PARTIAL_COMPLETE" },
  "session.error": { ...sampleSession, status: "ERROR" },
  "session.cancelled": { ...sampleSession, status: "CANCELLED" },
  "session.terminated": { ...sampleSession, status: "TERMINATED" },
}))();
