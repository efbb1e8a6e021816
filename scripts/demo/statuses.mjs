// The HTTP status of every verdict that the demonstration expects. Written down from the documentation and not taken from
// the package, which is what it is held against.

const statuses = {
  handled: 200,
  duplicate: 200,
  ignored: 200,
  in_progress: 409,
  method_not_allowed: 405,
  body_unreadable: 400,
  body_already_parsed: 500,
  body_too_large: 413,
  encoding_unsupported: 415,
  signature_missing: 401,
  signature_malformed: 401,
  signature_mismatch: 401,
  timestamp_too_old: 401,
  timestamp_too_new: 401,
  secret_header_missing: 401,
  secret_header_mismatch: 401,
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  payload_not_utf8: 400,
  payload_not_json: 400,
  payload_invalid: 422,
  handler_failed: 500,
};

/** What a delivery with this verdict has to bring about: status, verdict and whether the handler was called. */
export function expectation(verdict) {
  const status = statuses[verdict];
  if (status === undefined) throw new Error(`no status is written down for ${verdict}`);
  const handlerCalls = verdict === "handled" || verdict === "handler_failed" ? 1 : 0;
  return { status, verdict, handlerCalls };
}
