import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as kinds from "../src/error-kinds.js";
import { isWebhookError, WebhookError } from "../src/errors.js";

const list = Object.values(kinds);

// Written out once more, by hand: what a sender gets is a promise.
const statuses: Readonly<Record<string, readonly [stage: string, status: number]>> = {
  secret_missing: ["config", 500],
  secret_malformed: ["config", 500],
  secret_too_short: ["config", 500],
  option_invalid: ["config", 500],
  header_duplicated: ["request", 400],
  body_too_large: ["request", 413],
  body_unreadable: ["request", 400],
  encoding_unsupported: ["request", 415],
  method_not_allowed: ["request", 405],
  body_already_parsed: ["request", 500],
  signature_missing: ["verify", 401],
  signature_malformed: ["verify", 401],
  signature_mismatch: ["verify", 401],
  timestamp_missing: ["verify", 401],
  timestamp_malformed: ["verify", 401],
  timestamp_too_old: ["verify", 401],
  timestamp_too_new: ["verify", 401],
  id_missing: ["verify", 401],
  id_malformed: ["verify", 401],
  secret_header_missing: ["verify", 401],
  secret_header_mismatch: ["verify", 401],
  token_missing: ["verify", 401],
  token_malformed: ["verify", 401],
  token_invalid: ["verify", 401],
  token_expired: ["verify", 401],
  key_unavailable: ["verify", 503],
  event_unconfirmed: ["verify", 401],
  confirmation_unavailable: ["verify", 503],
  payload_not_utf8: ["payload", 400],
  payload_not_json: ["payload", 400],
  payload_invalid: ["payload", 422],
  store_unavailable: ["store", 503],
  handler_failed: ["handler", 500],
  handler_timeout: ["handler", 503],
};

it("knows exactly the codes of the table, with their stages and statuses", () => {
  const found = list.map(([code, stage, status]) => [code, [stage, status]]);
  expect(Object.fromEntries(found)).toEqual(statuses);
});

describe.each(list)("%s", (...kind) => {
  const [code, stage, status, message] = kind;
  const error = new WebhookError(kind, { header: "x-signature" });

  it("is an error with all that a log needs", () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "WebhookError", code, stage, status, message });
    expect(error.hint).toBe(`countersign README.md#${code}`);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "WebhookError",
      code,
      stage,
      status,
      message,
      details: { header: "x-signature" },
      hint: error.hint,
    });
    expect(inspect(error)).toContain(message);
    expect(error.stack).toContain("WebhookError");
  });

  it("says its reason in one sentence", () => {
    expect(message).toMatch(/^[A-Z][^“”"]+\.$/);
  });
});

describe("isWebhookError", () => {
  const error = new WebhookError(kinds.signatureMismatch);

  it("recognises an error, and its code", () => {
    expect(isWebhookError(error)).toBe(true);
    expect(isWebhookError(error, "signature_mismatch")).toBe(true);
    expect(isWebhookError(error, "signature_missing")).toBe(false);
  });

  it.each([
    undefined,
    null,
    "signature_mismatch",
    new Error("signature_mismatch"),
    { ...error },
    JSON.parse(JSON.stringify(error)),
  ])("does not recognise %s", (other) => {
    expect(isWebhookError(other)).toBe(false);
  });
});
