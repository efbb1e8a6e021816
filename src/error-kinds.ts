/**
 * Every reason for which countersign refuses something: code, stage, HTTP status and message. One constant each, so that
 * a bundle carries only those it can throw. A message is a fixed sentence and takes no input: it cannot hold a secret or
 * personal data.
 */
export const secretMissing = [
  "secret_missing",
  "config",
  500,
  "A secret is missing or blank.",
] as const;
export const secretMalformed = [
  "secret_malformed",
  "config",
  500,
  "A secret is malformed for its scheme.",
] as const;
export const secretTooShort = [
  "secret_too_short",
  "config",
  500,
  "A secret is too short to be safe.",
] as const;
export const optionInvalid = [
  "option_invalid",
  "config",
  500,
  "An option is unknown or out of range.",
] as const;

export const headerDuplicated = [
  "header_duplicated",
  "request",
  400,
  "A header that may occur once occurs twice.",
] as const;
export const bodyTooLarge = [
  "body_too_large",
  "request",
  413,
  "The body is larger than the limit.",
] as const;
export const bodyUnreadable = [
  "body_unreadable",
  "request",
  400,
  "The body could not be read.",
] as const;
export const encodingUnsupported = [
  "encoding_unsupported",
  "request",
  415,
  "The body is compressed: it has to arrive as it was signed.",
] as const;
export const methodNotAllowed = [
  "method_not_allowed",
  "request",
  405,
  "Webhooks arrive by POST.",
] as const;
export const bodyAlreadyParsed = [
  "body_already_parsed",
  "request",
  500,
  "The body was parsed too early: move the webhook route above app.use(express.json()), or pass the raw bytes.",
] as const;

export const signatureMissing = [
  "signature_missing",
  "verify",
  401,
  "The signature is missing.",
] as const;
export const signatureMalformed = [
  "signature_malformed",
  "verify",
  401,
  "The signature is malformed.",
] as const;
export const signatureMismatch = [
  "signature_mismatch",
  "verify",
  401,
  "The signature fits none of the secrets.",
] as const;
export const timestampMissing = [
  "timestamp_missing",
  "verify",
  401,
  "The timestamp is missing.",
] as const;
export const timestampMalformed = [
  "timestamp_malformed",
  "verify",
  401,
  "The timestamp is malformed.",
] as const;
export const timestampTooOld = [
  "timestamp_too_old",
  "verify",
  401,
  "The signature is too old.",
] as const;
export const timestampTooNew = [
  "timestamp_too_new",
  "verify",
  401,
  "The signature is from the future.",
] as const;
export const idMissing = ["id_missing", "verify", 401, "The message id is missing."] as const;
export const idMalformed = ["id_malformed", "verify", 401, "The message id is malformed."] as const;
export const secretHeaderMissing = [
  "secret_header_missing",
  "verify",
  401,
  "The header with the shared secret is missing.",
] as const;
export const secretHeaderMismatch = [
  "secret_header_mismatch",
  "verify",
  401,
  "The header does not hold one of the secrets.",
] as const;
export const tokenMissing = [
  "token_missing",
  "verify",
  401,
  "The bearer token is missing.",
] as const;
export const tokenMalformed = [
  "token_malformed",
  "verify",
  401,
  "The bearer token is malformed.",
] as const;
export const tokenInvalid = [
  "token_invalid",
  "verify",
  401,
  "The bearer token was not issued for this endpoint.",
] as const;
export const tokenExpired = [
  "token_expired",
  "verify",
  401,
  "The bearer token has expired.",
] as const;
export const keyUnavailable = [
  "key_unavailable",
  "verify",
  503,
  "The keys that check the token are out of reach.",
] as const;
export const eventUnconfirmed = [
  "event_unconfirmed",
  "verify",
  401,
  "The provider does not confirm the event.",
] as const;
export const confirmationUnavailable = [
  "confirmation_unavailable",
  "verify",
  503,
  "The provider could not be asked to confirm the event.",
] as const;

export const payloadNotUtf8 = [
  "payload_not_utf8",
  "payload",
  400,
  "The body is not UTF-8.",
] as const;
export const payloadNotJson = [
  "payload_not_json",
  "payload",
  400,
  "The body is not JSON.",
] as const;
export const payloadInvalid = [
  "payload_invalid",
  "payload",
  422,
  "The event does not fit its schema.",
] as const;

export const storeUnavailable = [
  "store_unavailable",
  "store",
  503,
  "The store is out of reach.",
] as const;

export const handlerFailed = ["handler_failed", "handler", 500, "The handler failed."] as const;
export const handlerTimeout = [
  "handler_timeout",
  "handler",
  503,
  "The handler outlived its deadline.",
] as const;
