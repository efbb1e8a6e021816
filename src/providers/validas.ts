/**
 * vali-Das (Veridas): document and face verification.
 *
 * Sources: docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/ and v2.32; read 2026-11-20. They name the statuses
 * and ask for OAuth, and publish neither the body nor the token's form: both are read by configuration here.
 */
import * as z from "zod/mini";
import { compiled } from "#compiled";
import { checkOptions, invalidOption } from "../internal/options.js";
import { prepared } from "../internal/prepared.js";
import type { Decision } from "../message.js";
import { defineProvider, type EventsOf, type Provider } from "../provider.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import {
  type BearerIntrospectionOptions,
  bearerIntrospection,
} from "../schemes/bearer-introspection.js";
import { type BearerJwtOptions, bearerJwt } from "../schemes/bearer-jwt.js";
import { type BearerTokenOptions, bearerToken } from "../schemes/bearer-token.js";

/** Reads one fact from a body. */
export type ValidasField = (body: Readonly<Record<string, unknown>>) => string | undefined;

/** Where vali-Das puts what; replaces the guesses. */
export interface ValidasFields {
  /** The validation's id. @default validation_id, validationId, id, data.validation_id, data.id */
  readonly validationId?: ValidasField | undefined;
  /** The status. @default status, validation_status, data.status */
  readonly status?: ValidasField | undefined;
  /** What makes two deliveries the same message. @default the body: a status that recurs in the same words is one message */
  readonly id?: ValidasField | undefined;
  /** When the status changed, RFC 3339. @default not read */
  readonly occurredAt?: ValidasField | undefined;
}

type Body = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first text among fields of a body, then of its `data`. */
function firstText(
  body: Body,
  names: readonly string[],
  nested: readonly string[],
): string | undefined {
  const data = isObject(body.data) ? body.data : {};
  return [...names.map((name) => body[name]), ...nested.map((name) => data[name])].find(
    (value): value is string => typeof value === "string" && value !== "",
  );
}

const guesses = {
  validationId: (body: Body) =>
    firstText(body, ["validation_id", "validationId", "id"], ["validation_id", "id"]),
  status: (body: Body) => firstText(body, ["status", "validation_status"], ["status"]),
};

// Version 2.32 of the page spells it so; which spelling is sent is not known. The only one that is put right.
const misspelt = "documen2-uploaded";

function statusOf(body: unknown, fields: ValidasFields): string | undefined {
  const status = isObject(body) ? (fields.status ?? guesses.status)(body) : undefined;
  return status === misspelt ? "document2-uploaded" : status;
}

/** Adds what was read to a body: `status`, the status as sent, and the validation's id. */
function normalise(fields: ValidasFields) {
  return (body: unknown) =>
    isObject(body)
      ? {
          ...body,
          status: statusOf(body, fields),
          rawStatus: (fields.status ?? guesses.status)(body),
          validationId: (fields.validationId ?? guesses.validationId)(body),
        }
      : body;
}

function change<const Status extends string>(status: Status) {
  return z.looseObject({
    /** The status, in its right spelling. */
    status: z.literal(status),
    /** The status as sent. */
    rawStatus: z.string(),
    /** The validation, where the body names it. */
    validationId: z.optional(z.string()),
  });
}

const statuses = [
  ...(["on-course", "document-uploaded", "document2-uploaded", "document3-uploaded"] as const),
  ...(["selfie-uploaded", "video-uploaded", "cancelled", "confirmed", "deleted"] as const),
] as const;

const changes = /* @__PURE__ */ (() =>
  Object.fromEntries(statuses.map((status) => [status, change(status)])) as {
    readonly [Status in (typeof statuses)[number]]: ReturnType<typeof change<Status>>;
  })();

const validators = /* @__PURE__ */ compiled(changes);

/** Any event of vali-Das, with the default places of its fields; `status` tells them apart. */
export const validasEvent = /* @__PURE__ */ (() =>
  z.pipe(
    z.transform(normalise({})),
    z.discriminatedUnion("status", [
      changes["on-course"],
      changes["document-uploaded"],
      changes["document2-uploaded"],
      changes["document3-uploaded"],
      changes["selfie-uploaded"],
      changes["video-uploaded"],
      changes.cancelled,
      changes.confirmed,
      changes.deleted,
    ]),
  ))();

/** Any event of vali-Das. */
export type ValidasEvent = z.infer<typeof validasEvent>;

/** vali-Das' events by message type. */
export interface ValidasEvents extends EventsOf<typeof changes> {}

/** How the endpoint is protected: a signed token, a token to ask about, or one fixed token. */
export type ValidasBearer =
  | BearerJwtOptions
  | BearerIntrospectionOptions
  | (BearerTokenOptions & {
      /** Not used with a fixed token, which names no issuer. */
      readonly issuer?: string | undefined;
      /** Not used with a fixed token, which names no audience. */
      readonly audience?: string | undefined;
    });

/** Options of {@link validas}. */
export interface ValidasOptions {
  /** The OAuth protection of your endpoint, by your own authorization server. The form with `jwks` or `jwksUrl` needs the package `jose`. */
  readonly bearer: ValidasBearer;
  /** Where the body holds what; take it from a delivery that `POST /validas/v1/webhook/test` makes. */
  readonly fields?: ValidasFields | undefined;
}

function schemeOf(bearer: ValidasBearer): Scheme | AsyncScheme {
  if (typeof bearer !== "object" || bearer === null) {
    invalidOption("bearer", "an object with jwks, jwksUrl, introspect or token");
  }
  if ("token" in bearer) {
    const { issuer: _issuer, audience: _audience, ...options } = bearer;
    return bearerToken(options);
  }
  return "introspect" in bearer ? bearerIntrospection(bearer) : bearerJwt(bearer);
}

/** “confirmed” says that your own code called the confirmation endpoint, not that any score was good. */
function decide({ status }: { readonly status: string }): Decision | undefined {
  if (status === "cancelled") return "negative";
  return /^on-course$|-uploaded$/.test(status) ? "pending" : undefined;
}

/**
 * vali-Das, configured. A bearer token in `Authorization`, which does not bind the body: read a validation through the
 * API before acting on it.
 *
 * A body whose status is not found is a message that is not known, not an error. Exported from
 * `countersign/providers/validas`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function validas(options: ValidasOptions): Provider<ValidasEvents> {
  checkOptions(options, ["bearer", "fields"]);
  const { bearer, fields = {} } = options;
  checkOptions(fields, ["validationId", "status", "id", "occurredAt"]);
  for (const [name, read] of Object.entries(fields)) {
    if (read !== undefined && typeof read !== "function") {
      invalidOption(`fields.${name}`, "a function");
    }
  }
  return defineProvider({
    name: "validas",
    scheme: schemeOf(bearer),
    // Bodies are not published, so none are given of what is sent.
    schema: prepared(normalise(fields), validators),
    type: (body) => statusOf(body, fields),
    subject: (event) =>
      isObject(event) ? (fields.validationId ?? guesses.validationId)(event) : undefined,
    id: (event) => (isObject(event) ? fields.id?.(event) : undefined),
    occurredAt: (event) => (isObject(event) ? fields.occurredAt?.(event) : undefined),
    decision: decide,
    docs: "https://docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/",
  });
}

const validation_id = "210d3befa76d42d1998751e762c401a6";

/** One body of each type, in the form that the defaults read. */
export const validasSamples = /* @__PURE__ */ (() =>
  Object.fromEntries(
    Object.keys(changes).map((status) => [status, { validation_id, status }]),
  ) as Readonly<Record<keyof ValidasEvents, { validation_id: string; status: string }>>)();
