/**
 * Screver: surveys.
 *
 * Source: github.com/CoRMapp/screver-api-docs, `webhooks.md` (2019-10-09, current in 2026), read 2026-11-20. Real
 * bodies, retries and the form of `timestamp` are not published.
 */
import * as z from "zod/mini";
import { compiled } from "#compiled";
import { notEmpty } from "../internal/not-empty.js";
import { open } from "../internal/open.js";
import { checkOptions, invalidOption, oneOf } from "../internal/options.js";
import type { Secret, Secrets } from "../internal/secrets.js";
import { defineProvider, type EventsOf, type Provider, type TypeReading } from "../provider.js";
import { hmac } from "../schemes/hmac.js";

const text = z.string();
const anything = z.optional(z.unknown());

/** As the page on survey items lists them. */
const questionType = open(z.string(), [
  ...(["countryList", "text", "multipleChoice", "checkboxes", "dropdown", "linearScale"] as const),
  ...(["thumbs", "netPromoterScore", "slider", "multipleChoiceMatrix", "checkboxMatrix"] as const),
  ...(["imageChoice", "multipleScale", "order", "ces", "csat"] as const),
]);

const fields = {
  /** When the event fired; its form is not documented. */
  timestamp: z.union([text, z.number()]),
  /** The result's meta data from the invitation. */
  meta: z.nullish(z.looseObject({})),
};

const events = {
  optionSelected: z.looseObject({
    ...fields,
    surveyItemId: text.check(notEmpty),
    question: z.nullish(
      z.looseObject({
        _id: z.nullish(text),
        type: z.nullish(questionType),
        name: z.nullish(z.looseObject({})),
        // From here on: as the page on survey items shows a question; none is read.
        translation: anything,
        linearScale: anything,
        createdBy: anything,
        updatedBy: anything,
      }),
    ),
    /** An id, a number, or an object; the documentation says all three. */
    answer: anything,
  }),
  surveyCompleted: z.looseObject({
    ...fields,
    // “All data”, says the page on the integration: those that a widget's callback has, where they come.
    completed: anything,
    statusBarData: anything,
    survey: anything,
    answer: anything,
    height: anything,
  }),
};

const validators = /* @__PURE__ */ compiled(events);

/** Any event of Screver. The body does not name its type: `surveyItemId` tells them apart. */
export const screverEvent = /* @__PURE__ */ (() =>
  z.union([events.optionSelected, events.surveyCompleted]))();

/** Any event of Screver. */
export type ScreverEvent = z.infer<typeof screverEvent>;

/** Screver's events by message type. */
export interface ScreverEvents extends EventsOf<typeof events> {}

/** One webhook registration. */
export interface ScreverEndpoint {
  /** The registration's secret. */
  readonly secret: Secrets;
  /** The registration's type. */
  readonly type: keyof ScreverEvents | "*";
}

/** The registrations that share this URL; each has a secret of its own. */
export type ScreverOptions =
  | {
      /** The secret of a registration for `*`, or of one whose type is not worth telling. */
      readonly secret: Secrets;
      /** The shortest secret that is accepted, in bytes. @default 16 */
      readonly minSecretBytes?: number | undefined;
    }
  | {
      /** All registrations. The secret that fits names the type. */
      readonly endpoints: readonly ScreverEndpoint[];
      readonly minSecretBytes?: number | undefined;
    };

interface Registration {
  readonly secret: Secret;
  readonly type: ScreverEndpoint["type"];
}

function listOf(secrets: Secrets): readonly Secret[] {
  return Array.isArray(secrets) ? secrets : [secrets as Secret];
}

function registrationsOf(options: ScreverOptions): readonly Registration[] {
  checkOptions(options, ["secret", "endpoints", "minSecretBytes"]);
  if ("secret" in options === "endpoints" in options) {
    invalidOption("secret", "either secret or endpoints");
  }
  if ("secret" in options) {
    return listOf(options.secret).map((secret) => ({ secret, type: "*" }));
  }
  const { endpoints } = options;
  if (!Array.isArray(endpoints) || endpoints.length === 0) {
    invalidOption("endpoints", "at least one { secret, type }");
  }
  const registrations = (endpoints as readonly ScreverEndpoint[]).flatMap(
    (endpoint): Registration[] => {
      checkOptions(endpoint, ["secret", "type"]);
      const type = oneOf("type", endpoint.type, ["*", "optionSelected", "surveyCompleted"]);
      return listOf(endpoint.secret).map((secret) => ({ secret, type }));
    },
  );
  const types = new Map<unknown, string>();
  for (const { secret, type } of registrations) {
    const text = typeof secret === "object" && "value" in secret ? secret.value : secret;
    if (types.has(text) && types.get(text) !== type) {
      invalidOption("endpoints", "a secret of its own for each type");
    }
    types.set(text, type);
  }
  return registrations;
}

/** `answer` names nothing: a completed survey may carry all answers. */
function infer(body: unknown): TypeReading | undefined {
  const { surveyItemId, timestamp, meta } = (body ?? {}) as Record<string, unknown>;
  if (surveyItemId !== undefined) return { type: "optionSelected", flags: ["type_inferred"] };
  return timestamp !== undefined && meta !== undefined
    ? { type: "surveyCompleted", flags: ["type_inferred"] }
    : undefined;
}

/**
 * Screver, configured. `X-API-SIGNATURE`: hex HMAC-SHA256 over the body with the registration's secret as text.
 *
 * The registration whose secret fits names the type. For `*` it is read off the body and flagged `type_inferred`. The
 * time is not bound: a captured delivery stays valid. Exported from `countersign/providers/screver`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `secret_too_short`, `option_invalid`
 */
export function screver(options: ScreverOptions): Provider<ScreverEvents> {
  const registrations = registrationsOf(options);
  return defineProvider({
    name: "screver",
    scheme: hmac({
      secret: registrations.map(({ secret }) => secret),
      header: "x-api-signature",
      minSecretBytes: options.minSecretBytes,
    }),
    schema: validators,
    type: (body, { delivery }) => {
      const type = registrations[delivery.secret.index]?.type ?? "*";
      return type === "*" ? infer(body) : type;
    },
    occurredAt: "timestamp",
    docs: "https://github.com/CoRMapp/screver-api-docs",
  });
}

/** One event of each type; the people are invented. */
export const screverSamples: { readonly [Type in keyof ScreverEvents]: ScreverEvents[Type] } =
  /* @__PURE__ */ (() => ({
    optionSelected: {
      timestamp: "2026-03-02T11:19:58.204Z",
      surveyItemId: "5d9b4b4ede62163caf637e02",
      meta: { userId: "user1" },
      question: {
        _id: "5d9b4816de62163caf637e01",
        type: "netPromoterScore",
        name: { en: "How likely are you to recommend us?" },
      },
      answer: 9,
    },
    surveyCompleted: { timestamp: "2026-03-02T11:25:00.731Z", meta: { userId: "user1" } },
  }))();
