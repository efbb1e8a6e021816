// Type-checked as a user's file, once per module format and resolution. Each `@ts-expect-error` is a promise: without an
// error below it, the check fails.

import { generateKeyPairSync } from "node:crypto";
import {
  type CursorStore,
  createReceiver,
  type Delivery,
  defineProvider,
  hmac,
  isWebhookError,
  type Message,
  type Outcome,
  type Provider,
  type Secrets,
  type Store,
  safeVerifyHmac,
  safeVerifySvix,
  svix,
  type VerifiedDelivery,
  verifyHeaderSecret,
  verifySvix,
  type WebhookErrorCode,
} from "countersign";
import {
  type CatchUpResult,
  catchUp,
  confirmWithHistory,
  dataspikeHistory,
  type HistorySource,
  storeCursor,
} from "countersign/catch-up";
import { dataspikeClient, isClientError } from "countersign/clients/dataspike";
import { type ScreverWebhook, screverClient } from "countersign/clients/screver";
import { validasClient } from "countersign/clients/validas";
import { type Diagnosis, diagnose, explainFailures, type FindingCode } from "countersign/diagnose";
import { toExpressHandler } from "countersign/express";
import { toFastifyPlugin } from "countersign/fastify";
import { toFetchHandler } from "countersign/fetch";
import { type Cr3dentialsEvent, cr3dentials } from "countersign/providers/cr3dentials";
import { type DataspikeEvent, dataspike } from "countersign/providers/dataspike";
import { type ScreverEvent, screver, screverEvent } from "countersign/providers/screver";
import { type ValidasEvent, validas } from "countersign/providers/validas";
import { type VoveEvent, vove } from "countersign/providers/vove";
import { bearerJwt } from "countersign/schemes/bearer-jwt";
import { memoryStore } from "countersign/stores/memory";
import { signDelivery, storeConformance, tamper } from "countersign/testing";
import express from "express";
import fastify from "fastify";
import * as z from "zod";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Takes what is exactly of the type given; `any` is of no type but itself. */
function exactly<Expected>() {
  function check<Value>(
    _value: Value,
    ..._proof: Same<Value, Expected> extends true ? [] : [never]
  ) {}
  return check;
}

/** Takes anything that is not `any`. */
function typed<Value>(_value: Value, ..._proof: 0 extends 1 & Value ? [never] : []) {}

const untyped = JSON.parse("{}");
// @ts-expect-error: `any` is what the next lines are about.
typed(untyped);
// @ts-expect-error
exactly<string>()(untyped);

// jose is an ES module, which a CommonJS file of older resolutions may only name so.
type KeySet = import("jose", { with: { "resolution-mode": "import" }}).JSONWebKeySet;
declare const keySet: KeySet;
const delivery: Delivery = { headers: new Headers(), body: new Uint8Array() };

// Secrets: text, bytes, labelled, and lists of these.
const secrets: Secrets[] = [
  "whsec_text",
  new Uint8Array(32),
  Buffer.alloc(32),
  { value: "whsec_text", label: "2026-11" },
  { value: new Uint8Array(32) },
  ["whsec_old", new Uint8Array(32), { value: "whsec_new", label: "new" }],
  ["whsec_old", "whsec_new"] as const,
];
for (const secret of secrets) {
  svix({ secret });
  dataspike({ secret });
  vove({ secret });
  screver({ secret });
  screver({ endpoints: [{ secret, type: "surveyCompleted" }] });
  cr3dentials({ signingSecret: secret, header: { name: "x-secret", value: secret } });
  validas({ bearer: { token: secret } });
  verifyHeaderSecret(delivery, { secret, header: "x-secret" });
}
// @ts-expect-error: a number is no secret.
svix({ secret: 42 });
// @ts-expect-error: what an unset variable gives has to be dealt with first.
vove({ secret: process.env.VOVE_SECRET });
// @ts-expect-error: without a secret nothing is proven.
svix({});
// @ts-expect-error: a typo would switch the check off.
svix({ secret: "whsec_text", toleranceSecond: 10 });
// @ts-expect-error: accepting forgeries takes these very words.
dataspike({ unsigned: true });
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const issued = { issuer: "https://login.example", audience: "webhooks" };
bearerJwt({ ...issued, jwks: { keys: [publicKey.export({ format: "jwk" })] } });
bearerJwt({ ...issued, jwks: keySet });
validas({ bearer: { ...issued, jwks: keySet, algorithms: ["ES256"] } });
// @ts-expect-error: a token without an audience fits every endpoint of its issuer.
bearerJwt({ issuer: "https://login.example", jwksUrl: "https://login.example/keys" });

// Data only through the door.
const verified = verifySvix(delivery, { secret: "whsec_text" });
exactly<VerifiedDelivery>()(verified);
exactly<unknown>()(verified.json());
exactly<string>()(verified.text());
exactly<{ readonly index: number; readonly label?: string }["label"]>()(verified.secret.label);
// @ts-expect-error: verification is no question to be answered with yes or no.
const answer: boolean = verifySvix(delivery, { secret: "whsec_text" });
void answer;
const result = safeVerifySvix(delivery, { secret: "whsec_text" });
// @ts-expect-error: there is no value before `ok` is known.
void result.value;
// @ts-expect-error: nor an error.
void result.error;
if (result.ok) {
  exactly<VerifiedDelivery>()(result.value);
  // @ts-expect-error: a result is one or the other.
  void result.error;
} else {
  exactly<WebhookErrorCode>()(result.error.code);
  // @ts-expect-error
  void result.value;
}
void (async () => {
  // @ts-expect-error: verification is synchronous, so that a forgotten `await` cannot let a forgery pass.
  void safeVerifyHmac(delivery, { secret: "text", header: "x-signature" }).then;
  // @ts-expect-error: a token's issuer has to be asked, so this one is not.
  void bearerJwt({ issuer: "a", audience: "b", jwks: { keys: [] } }).verify(delivery).body;
})();

// Handlers, inferred from the provider.
const receiver = createReceiver(dataspike({ secret: "whsec_text" }), {
  on: {
    DOCVER: async (event, message) => {
      typed(event);
      typed(event.payload);
      exactly<"DOCVER">()(event.event_type);
      exactly<"DOCVER">()(message.type);
      exactly<true>()(message.known);
      exactly<string>()(event.payload.applicant_id);
      exactly<"positive" | "negative" | "pending" | undefined>()(message.decision);
      // @ts-expect-error: a misspelt field is kept like every other, and is not text.
      const field: string = event.payload.applicantId;
      void field;
      // @ts-expect-error: a field of another event.
      const step: string = event.payload.step;
      void step;
    },
    DOCVER_CHECKS: (event) => {
      exactly<string>()(event.payload.step);
    },
  },
  onUnknown: (message) => {
    exactly<false>()(message.known);
    exactly<unknown>()(message.event);
    // @ts-expect-error: nothing is known of it.
    void message.event.id;
  },
  onInvalid: ({ error, delivery }) => {
    exactly<WebhookErrorCode>()(error.code);
    exactly<VerifiedDelivery>()(delivery);
    return "acknowledge";
  },
  onOutcome: (outcome) => {
    if (outcome.kind === "rejected") exactly<WebhookErrorCode>()(outcome.error.code);
    // @ts-expect-error: only a refusal has an error.
    else void outcome.error;
  },
  store: memoryStore(),
});
createReceiver(vove({ secret: "whsec_text" }), {
  on: {
    // @ts-expect-error: VOVE ID has no such type.
    "idv.succesful": () => undefined,
  },
});
createReceiver(vove({ secret: "whsec_text" }), {
  on: {
    "idv.successful": (event) => {
      typed(event);
      exactly<"successful">()(event.status);
      exactly<string>()(event.refId);
    },
    "kyb.case.rejected": (event) => exactly<"REJECTED">()(event.status),
  },
});
createReceiver(validas({ bearer: { token: "a fixed token" } }), {
  on: {
    cancelled: (event) => {
      typed(event);
      exactly<"cancelled">()(event.status);
      exactly<string | undefined>()(event.validationId);
    },
  },
});
createReceiver(cr3dentials({ signingSecret: "text" }), {
  on: {
    "verification.completed": (event) => {
      typed(event);
      exactly<string>()(event.data.verificationId);
    },
    "session.error": (event) => exactly<"ERROR">()(event.status),
  },
});
createReceiver(screver({ secret: "text" }), {
  on: {
    optionSelected: (event) => {
      typed(event);
      exactly<string>()(event.surveyItemId);
      exactly<unknown>()(event.answer);
    },
  },
});
// @ts-expect-error: `onUnknow` would never be called.
createReceiver(vove({ secret: "whsec_text" }), { onUnknow: () => undefined });

// Events, told apart by the vendor's own field.
export function describeDataspike(event: DataspikeEvent): string {
  typed(event);
  switch (event.event_type) {
    case "DOCVER":
      return event.payload.status;
    case "DOCVER_CHECKS":
      return event.payload.verification_id;
    case "AML_SCREENING":
      return event.payload.screening_id;
    case "AML":
    case "APPLICANT":
    case "TRANSACTION_MONITORING":
    case "KYT_WALLET_CHECK":
      return event.payload.applicant_id ?? "";
    default:
      // All of them are named above.
      return event satisfies never;
  }
}
export function describeVove(event: VoveEvent): string {
  typed(event);
  // @ts-expect-error: a status in the wrong case is none.
  if (event.status === "SUCCESSFUL") return "";
  switch (event.status) {
    case "IN_REVIEW":
    case "REJECTED":
    case "IN_PROGRESS":
    case "COMPLETED":
      return event.previousStatus ?? "";
    case "in_progress":
    case "pending":
    case "successful":
    case "suspected":
      exactly<"in_progress" | "pending" | "successful" | "suspected">()(event.status);
      return event.refId;
    case "NO_MATCH":
    case "CLEARED":
      return event.refId;
    default:
      return event satisfies never;
  }
}
export function describeValidas(event: ValidasEvent): string {
  typed(event);
  if (event.status === "confirmed") exactly<"confirmed">()(event.status);
  // @ts-expect-error: the American spelling is not sent.
  if (event.status === "canceled") return "";
  return event.rawStatus;
}
export function describeCr3dentials(event: Cr3dentialsEvent): string {
  typed(event);
  switch (event.status) {
    case "COMPLETED":
      return String(event.sessionId);
    default:
      return "";
  }
}
export function describeScrever(event: ScreverEvent): string | number {
  typed(event);
  typed(screverEvent.parse(event));
  return event.timestamp;
}

// Messages, without a receiver.
export async function readMessage(provider: ReturnType<typeof vove>): Promise<string> {
  const message = await provider.verify(delivery, { now: Date.now });
  typed(message);
  typed(message.event);
  // @ts-expect-error: an event of a type that is not known could be anything.
  void message.event.refId;
  if (!message.known) {
    exactly<unknown>()(message.event);
    exactly<undefined>()(message.decision);
    return message.type;
  }
  exactly<string>()(message.event.refId);
  if (message.type === "idv.successful") exactly<"successful">()(message.event.status);
  return message.event.refId;
}
export function readOutcome(outcome: Outcome): number {
  exactly<number>()(outcome.status);
  // @ts-expect-error: a refused delivery may have no message.
  void outcome.message.id;
  return outcome.kind === "handled" ? outcome.message.id.length : outcome.status;
}
export function generic(message: Message<{ a: number }>): number {
  return message.known ? message.event.a : 0;
}

// A provider of the user's own, with the whole of zod.
const own = defineProvider({
  name: "own",
  scheme: hmac({ secret: "text", header: "x-signature" }),
  schema: { push: z.looseObject({ ref: z.string() }), ping: z.looseObject({ zen: z.number() }) },
  decision: (event) => ("ref" in event ? "positive" : undefined),
});
createReceiver(own, {
  on: {
    push: (event) => exactly<string>()(event.ref),
    ping: (event) => exactly<number>()(event.zen),
  },
});
createReceiver(own, {
  on: {
    // @ts-expect-error: not among its schemas.
    pull: () => undefined,
  },
});
export const anyProvider: Provider<{ a: 1 }>["name"] = own.name;

// Frameworks.
const app = express();
app.post("/webhooks", toExpressHandler(receiver));
app.post("/webhooks", express.raw({ type: () => true }), toExpressHandler(receiver));
app.use(toExpressHandler(receiver));
const server = fastify();
void server.register(toFastifyPlugin(receiver, { path: "/webhooks" }));
void server.register(toFastifyPlugin(receiver, { path: "/webhooks" }), { prefix: "/v1" });
// @ts-expect-error: the route needs a path.
toFastifyPlugin(receiver, {});
export const POST: (request: Request) => Promise<Response> = toFetchHandler(receiver);
// @ts-expect-error: a provider is not yet a receiver.
toExpressHandler(own);

// Errors.
export function explain(error: unknown): string {
  if (isWebhookError(error, "signature_mismatch")) return error.hint;
  // @ts-expect-error: no such code.
  if (isWebhookError(error, "signature_wrong")) return "";
  // @ts-expect-error: it may be anything.
  return error.code;
}

// Helpers for the user's tests.
const forged = tamper(signDelivery(own, { type: "push", ref: "main" }), "signature");
exactly<Uint8Array>()(forged.body);
// @ts-expect-error: no such forgery.
tamper(forged, "everything");
for (const check of storeConformance(async () => memoryStore(), { timeScale: 2 })) {
  exactly<string>()(check.name);
  exactly<() => Promise<void>>()(check.run);
}
// @ts-expect-error: a store, not what makes one.
storeConformance(memoryStore());

// Cursors: every store of ours keeps them, a user's own may.
const cursors: CursorStore = memoryStore();
exactly<Promise<string | undefined>>()(cursors.readCursor("name"));
exactly<Promise<void>>()(cursors.writeCursor("name", "text"));
const { claim, complete, release } = memoryStore();
const plain: Store = { claim, complete, release };
// @ts-expect-error: it may keep none.
plain.readCursor("name");

// Lost events: from the vendor's history, and from a record of one's own.
const history = dataspikeClient({ apiKey: "key" });
const catching = createReceiver(dataspike({ secret: "whsec_00" }), {
  on: { DOCVER: (event) => exactly<string>()(event.payload.applicant_id) },
  confirm: confirmWithHistory(history),
  onDrift: ({ kind, messageType }) => {
    exactly<"key" | "value" | "type">()(kind);
    exactly<string>()(messageType);
  },
});
exactly<Promise<CatchUpResult>>()(
  catchUp(catching, dataspikeHistory(history, { webhook: "id" }), {
    cursor: storeCursor(memoryStore(), "name"),
    onProgress: ({ recovered, lastId }) => {
      exactly<number>()(recovered);
      exactly<string | undefined>()(lastId);
    },
  }),
);
const record: HistorySource = {
  provider: "vove",
  page: async ({ after }) => ({ events: [{ id: `${after}1`, event: {} }], hasNext: false }),
};
catchUp(receiver, record, { until: new Date() }).catch((error) => {
  if (isClientError(error, "aborted")) exactly<"aborted">()(error.code);
});
// @ts-expect-error: a client is not yet a history.
catchUp(catching, history);
createReceiver(own, {
  confirm: async (message, { signal }) => {
    exactly<AbortSignal>()(signal);
    return message.known && message.type === "push";
  },
});
createReceiver(own, {
  // @ts-expect-error: an answer is true or false.
  confirm: () => "yes",
});
exactly<Promise<ScreverWebhook>>()(
  screverClient({ token: async () => "token" }).webhooks.ensure({
    type: "*",
    url: "https://a.test",
  }),
);
// @ts-expect-error: no other limit is documented.
screverClient({ token: "token" }).webhooks.list({ limit: 7 });
// @ts-expect-error: no host is documented.
validasClient({ apiKey: "key" });

// A diagnosis: of any provider, in a receiver in one line that leaves the types of the handlers alone.
createReceiver(vove({ secret: "whsec_text" }), {
  on: { "idv.successful": (event) => exactly<string>()(event.refId) },
  onOutcome: explainFailures(console.warn),
});
createReceiver(vove({ secret: "whsec_text" }), {
  onOutcome: (outcome, { provider, delivery: received, now }) => {
    exactly<Delivery | undefined>()(received);
    exactly<() => number>()(now);
    if (received !== undefined) diagnose(received, provider, { now, secrets: secrets[0] });
    typed(outcome.kind);
  },
});
exactly<Promise<Diagnosis>>()(
  diagnose(delivery, screver({ secret: "text" }), { providers: [vove({ secret: "whsec_text" })] }),
);
diagnose(delivery, { name: "mine", scheme: svix({ secret: "whsec_text" }) }).then(
  ({ verdict, findings, error }) => {
    exactly<"authentic" | "explained" | "unexplained">()(verdict);
    for (const { code, summary, fix } of findings) {
      exactly<FindingCode>()(code);
      exactly<string>()(summary);
      exactly<string>()(fix);
    }
    exactly<WebhookErrorCode | undefined>()(error?.code);
  },
);
