export type { HandlerContext } from "./claims.js";
export type { Delivery, HeadersInput, MatchedSecret, VerifiedDelivery } from "./delivery.js";
export type { Drift, JsonType } from "./drift/drift.js";
export {
  isWebhookError,
  WebhookError,
  type WebhookErrorCode,
  type WebhookErrorDetails,
  type WebhookErrorStage,
} from "./errors.js";
export type { PayloadIssue } from "./internal/issues.js";
export type { SafeResult } from "./internal/safely.js";
export type { Secret, SecretEncoding, Secrets } from "./internal/secrets.js";
export type { StandardSchema } from "./internal/standard-schema.js";
export type {
  Decision,
  KnownMessage,
  Message,
  MessageFlag,
  MessageOf,
  UnknownMessage,
} from "./message.js";
export type {
  DuplicateOutcome,
  HandledOutcome,
  IgnoredOutcome,
  InProgressOutcome,
  Outcome,
  RejectedOutcome,
  StaleOutcome,
} from "./outcome.js";
export {
  defineProvider,
  type EventsOf,
  type Provider,
  type ProviderDefinition,
  type ReadContext,
  type RetrySchedule,
  type SchemaInput,
  type TypeReading,
} from "./provider.js";
export {
  createReceiver,
  type IncomingDelivery,
  type Receiver,
  type RecoveredEvent,
} from "./receiver.js";
export type {
  ConfirmContext,
  Handlers,
  InvalidDelivery,
  OrderOptions,
  OutcomeContext,
  ReceiverOptions,
} from "./receiver-options.js";
export type {
  AsyncScheme,
  ProofHeader,
  ProofRole,
  Scheme,
  SignContext,
  VerifyOptions,
} from "./scheme.js";
export { allOf } from "./schemes/all-of.js";
export { anyOf } from "./schemes/any-of.js";
export {
  type HeaderSecretOptions,
  headerSecret,
  safeVerifyHeaderSecret,
  verifyHeaderSecret,
} from "./schemes/header-secret.js";
export { type HmacOptions, hmac, safeVerifyHmac, verifyHmac } from "./schemes/hmac.js";
export {
  type StampedHmacOptions,
  safeVerifyStampedHmac,
  stampedHmac,
  verifyStampedHmac,
} from "./schemes/stamped-hmac.js";
export { type SvixOptions, safeVerifySvix, svix, verifySvix } from "./schemes/svix.js";
export type {
  Claim,
  ClaimOptions,
  ClaimOrder,
  CursorStore,
  HeldClaim,
  Store,
} from "./store.js";
export { type MemoryStoreOptions, memoryStore } from "./stores/memory.js";
