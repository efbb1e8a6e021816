import { describe, expect, it } from "vitest";
import {
  headerSecret,
  safeVerifyHeaderSecret,
  verifyHeaderSecret,
} from "../../src/schemes/header-secret.js";
import { codeOf } from "../helpers/code-of.js";

const secret = "your-secure-secret-key-here";
const options = { secret, header: "X-API-Key" };
const body = "{}";

it("proves that the sender knows the secret, and says that the body is not bound", () => {
  const delivery = { headers: { "x-api-key": secret }, body };
  expect(verifyHeaderSecret(delivery, options)).toMatchObject({
    scheme: "headerSecret",
    secret: { index: 0 },
    bindsBody: false,
  });
  expect(headerSecret(options)).toMatchObject({ bindsBody: false, bindsTime: false });
  const safe = safeVerifyHeaderSecret(delivery, options);
  expect(safe.ok && safe.value.text()).toBe(body);
  const refused = safeVerifyHeaderSecret({ headers: {}, body }, options);
  expect(!refused.ok && refused.error.code).toBe("secret_header_missing");
});

it.each([
  [undefined, "secret_header_missing"],
  ["", "secret_header_missing"],
  [secret.slice(0, -1), "secret_header_mismatch"],
  [`${secret}x`, "secret_header_mismatch"],
  [`${secret} `, "secret_header_mismatch"],
  [secret.toUpperCase(), "secret_header_mismatch"],
  ["x".repeat(100_000), "secret_header_mismatch"],
  [[secret, secret], "header_duplicated"],
])("refuses %s", async (value, code) => {
  const delivery = { headers: { "x-api-key": value as string }, body };
  expect(await codeOf(() => verifyHeaderSecret(delivery, options))).toBe(code);
});

describe("a prefix", () => {
  const prefixed = { ...options, prefix: "Token " };

  it("is expected before the secret", () => {
    const delivery = { headers: { "x-api-key": `Token ${secret}` }, body };
    expect(verifyHeaderSecret(delivery, prefixed).text()).toBe(body);
  });

  it.each([secret, `token ${secret}`, `Token  ${secret}`])("is not there in %s", async (value) => {
    const delivery = { headers: { "x-api-key": value }, body };
    expect(await codeOf(() => verifyHeaderSecret(delivery, prefixed))).toBe(
      "secret_header_mismatch",
    );
  });
});

it("tells which secret fitted", () => {
  const list = ["another-secret-of-length", { value: secret, label: "portal" }];
  const delivery = { headers: { "x-api-key": secret }, body };
  expect(verifyHeaderSecret(delivery, { ...options, secret: list }).secret).toEqual({
    index: 1,
    label: "portal",
  });
});

it.each([
  ["", "secret_missing"],
  ["short", "secret_too_short"],
  ["with a line\nbreak in it", "secret_malformed"],
  ["mit Umläuten im Text", "secret_malformed"],
  [new Uint8Array(20).fill(7), "secret_malformed"],
  ["Bearer undefined", "secret_malformed"],
  ["undefinedundefined", "secret_malformed"],
  ["[object Promise]", "secret_malformed"],
  ["$" + "{WEBHOOK_SECRET}", "secret_malformed"],
])("refuses the secret %s", async (odd, code) => {
  expect(await codeOf(() => headerSecret({ ...options, secret: odd }))).toBe(code);
});

it("takes a secret with spaces in it, as bytes too", () => {
  const spaced = "a secret  with spaces";
  const delivery = { headers: { "x-api-key": spaced }, body };
  expect(verifyHeaderSecret(delivery, { ...options, secret: Buffer.from(spaced) }).text()).toBe(
    body,
  );
});

it("makes its header", async () => {
  const { sign } = headerSecret({ ...options, prefix: "Token " });
  const context = { id: "", timestamp: 0, secretIndex: 0 };
  expect(sign?.(new Uint8Array(), context)).toEqual([
    { name: "x-api-key", value: `Token ${secret}`, role: "secret" },
  ]);
  expect(await codeOf(() => sign?.(new Uint8Array(), { ...context, secretIndex: 3 }))).toBe(
    "option_invalid",
  );
});

it("refuses an option that it does not know", async () => {
  expect(await codeOf(() => headerSecret({ ...options, value: "x" } as never))).toBe(
    "option_invalid",
  );
});
