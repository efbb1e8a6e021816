import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { exportJWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/delivery.js";
import { type DiagnoseOptions, diagnose } from "../../src/diagnose.js";
import {
  signatureMismatch,
  signatureMissing,
  timestampMissing,
  timestampTooOld,
} from "../../src/error-kinds.js";
import { isWebhookError, WebhookError } from "../../src/errors.js";
import { cr3dentials } from "../../src/providers/cr3dentials.js";
import { validas } from "../../src/providers/validas.js";
import type { Scheme } from "../../src/scheme.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { hmac } from "../../src/schemes/hmac.js";
import { unsigned } from "../../src/schemes/unsigned.js";
import { anyBody, anyHeaders, anyValue, made } from "../helpers/arbitrary.js";
import { codeOf } from "../helpers/code-of.js";
import { mac } from "../helpers/sign.js";
import { specDelivery, specProvider, specSecret } from "../helpers/spec-provider.js";
import { all, clock, type Named, now, senders } from "./senders.js";
import { compact } from "./writers.js";

/** The codes of what is found, or the verdict where there is nothing. */
async function found(
  delivery: Delivery,
  provider: Named,
  options: DiagnoseOptions = { now: clock },
): Promise<string> {
  const { verdict, findings } = await diagnose(delivery, provider, options);
  return findings.map(({ code }) => code).join(" ") || verdict;
}

describe("a genuine delivery", () => {
  it.each(all.map((sender) => [sender.name, sender] as const))(
    "has nothing wrong with it: %s",
    async (_name, sender) => {
      const delivery = { headers: sender.headers(compact), body: compact };
      const options = { now: clock, providers: all.map((one) => one.provider()) };
      expect(await diagnose(delivery, sender.provider(), options)).toEqual({
        verdict: "authentic",
        findings: [],
      });
    },
  );

  it("may be of a scheme that takes everything", async () => {
    const provider = { name: "open", scheme: unsigned("i-accept-forged-events") };
    expect(await found({ headers: {}, body: "x" }, provider)).toBe("authentic");
  });
});

describe("an error", () => {
  it("is what verifying says", async () => {
    const { error } = await diagnose({ headers: {}, body: "" }, specProvider());
    expect(isWebhookError(error, "signature_missing")).toBe(true);
  });

  it("of a scheme of one's own goes through", async () => {
    const verify = () => {
      throw new TypeError("a fault");
    };
    const scheme: Scheme = { name: "own", bindsBody: true, bindsTime: false, verify };
    const call = () => diagnose({ headers: {}, body: "" }, { name: "own", scheme });
    await expect(call()).rejects.toThrow(new TypeError("a fault"));
  });

  it.each<[string, () => unknown]>([
    ["no provider", () => diagnose(specDelivery("{}"), undefined as never)],
    ["no scheme", () => diagnose(specDelivery("{}"), {} as never)],
    ["an unknown option", () => diagnose(specDelivery("{}"), specProvider(), { odd: 1 } as never)],
    [
      "a clock that is none",
      () => diagnose(specDelivery("{}"), specProvider(), { now: 5 as never }),
    ],
    [
      "providers that are none",
      () => diagnose(specDelivery("{}"), specProvider(), { providers: [{}] as never }),
    ],
  ])("tells of %s", async (_name, call) => {
    expect(await codeOf(call)).toBe("option_invalid");
  });
});

describe("a body that is none", () => {
  it.each([undefined, null])("is empty: %s", async (body) => {
    expect(await found({ headers: {}, body: body as never }, specProvider())).toBe("body_empty");
  });

  it.each([5, true, () => 1])("is nothing that can be explained: %s", async (body) => {
    expect(await found({ headers: {}, body: body as never }, specProvider())).toBe("unexplained");
  });

  it("is not missed where the sender sent none", async () => {
    const headers = { "x-signature": mac("another-secret", "hex", ""), "content-length": "0" };
    expect(await found({ headers, body: "" }, specProvider())).toBe("unexplained");
    expect(
      await found({ headers: { ...headers, "content-length": "9" }, body: "" }, specProvider()),
    ).toBe("body_empty");
  });

  it("is looked into when a parser has made it an object, for what else is wrong", async () => {
    const headers = senders.vove.headers(compact, { time: now - 10_000 });
    const body = JSON.parse(compact) as never;
    expect(await found({ headers, body }, senders.vove.provider())).toBe(
      "body_reserialized delivery_stale",
    );
  });
});

describe("a scheme of several", () => {
  const header = { name: "x-api-key", value: "portal-header-0123456789" };
  const provider = cr3dentials({ signingSecret: specSecret, header });
  const pretty = JSON.stringify({ a: 1 }, undefined, 2);
  const signed = { "x-webhook-signature": mac(specSecret, "hex", pretty) };

  it("is told what is wrong with each part", async () => {
    const renamed = { ...signed, "x-forwarded-x-api-key": header.value };
    expect(await found({ headers: renamed, body: '{"a":1}' }, provider)).toBe(
      "header_renamed body_reserialized",
    );
    expect(await found({ headers: signed, body: '{"a":1}' }, provider)).toBe(
      "header_missing body_reserialized",
    );
  });

  it("is not explained by one part when another is forged", async () => {
    const forged = { "x-webhook-signature": mac("another-secret", "hex", pretty) };
    const headers = { ...forged, "x-forwarded-x-api-key": header.value };
    expect(await found({ headers, body: pretty }, provider)).toBe("unexplained");
  });

  it("of which one has to hold is told of the one that was meant", async () => {
    const scheme = anyOf(
      headerSecret({ secret: header.value, header: header.name }),
      hmac({ secret: specSecret, header: "x-webhook-signature" }),
    );
    const either = { name: "either", scheme };
    expect(await found({ headers: signed, body: '{"a":1}' }, either)).toBe("body_reserialized");
    expect(await found({ headers: signed, body: '{"a":2}' }, either)).toBe("unexplained");
    expect(await found({ headers: {}, body: pretty }, either)).toBe("header_missing");
  });
});

describe("a scheme of one's own", () => {
  /** Slack's, by hand: no `sign`, and nothing that is there for a diagnosis. */
  const verify: Scheme["verify"] = ({ headers, body }, { now: time = Date.now } = {}) => {
    const all = new Headers(headers as HeadersInit);
    const signature = all.get("x-own-signature");
    const timestamp = all.get("x-own-timestamp");
    if (!signature) throw new WebhookError(signatureMissing, { header: "x-own-signature" });
    if (!timestamp) throw new WebhookError(timestampMissing, { header: "x-own-timestamp" });
    const expected = `v0=${mac(specSecret, "hex", `v0:${timestamp}:`, body as Uint8Array)}`;
    if (signature !== expected) throw new WebhookError(signatureMismatch);
    if (Math.abs(time() / 1000 - Number(timestamp)) > 300) throw new WebhookError(timestampTooOld);
    const bytes = body as Uint8Array;
    const text = () => new TextDecoder().decode(bytes);
    const json = () => JSON.parse(text()) as unknown;
    return { scheme: "own", secret: { index: 0 }, bindsBody: true, body: bytes, text, json };
  };
  const own: Named = {
    name: "own",
    scheme: { name: "own", bindsBody: true, bindsTime: true, verify },
  };
  const sent = (body: string, time = now) => ({
    "x-own-timestamp": String(time),
    "x-own-signature": `v0=${mac(specSecret, "hex", `v0:${time}:`, body)}`,
  });

  it("is looked into as any other", async () => {
    const pretty = JSON.stringify(JSON.parse(compact), undefined, 4);
    expect(await found({ headers: sent(compact), body: compact }, own)).toBe("authentic");
    expect(await found({ headers: sent(pretty), body: compact }, own)).toBe("body_reserialized");
    expect(await found({ headers: sent(compact, now - 999), body: compact }, own)).toBe(
      "delivery_stale",
    );
    const both = { headers: sent(`${compact}\n`, now - 999), body: compact };
    expect(await found(both, own)).toBe("body_newline_changed delivery_stale");
    const { "x-own-signature": signature, ...rest } = sent(compact);
    expect(await found({ headers: rest, body: compact }, own)).toBe("header_missing");
    expect(
      await found({ headers: { ...rest, x_own_signature: signature }, body: compact }, own),
    ).toBe("header_renamed");
    expect(await found({ headers: sent(compact), body: "{}" }, own)).toBe("unexplained");
  });
});

describe("a token", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const [issuer, audience] = ["https://auth.example.test/", "https://example.test/hook"];
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "EdDSA", kid: "k" }] };
  const provider = validas({ bearer: { issuer, audience, jwks } });
  const bearing = async (claims: object, key = privateKey) => {
    const token = await new SignJWT({ iss: issuer, aud: audience, exp: now + 60, ...claims })
      .setProtectedHeader({ alg: "EdDSA", kid: "k" })
      .sign(key);
    return { headers: { authorization: `Bearer ${token}` }, body: compact };
  };

  it("that has expired is old, and one that is not valid yet is early", async () => {
    expect(await found(await bearing({}), provider)).toBe("authentic");
    expect(await found(await bearing({ exp: now - 500 }), provider)).toBe("delivery_stale");
    expect(await found(await bearing({ nbf: now + 500, exp: now + 900 }), provider)).toBe(
      "clock_skew",
    );
    expect(await found(await bearing({ iat: now + 500, exp: now + 900 }), provider)).toBe(
      "clock_skew",
    );
  });

  it("that is another's is not explained, expired or not", async () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    expect(await found(await bearing({}, other), provider)).toBe("unexplained");
    expect(await found(await bearing({ exp: now - 500 }, other), provider)).toBe("unexplained");
    expect(await found(await bearing({ aud: "https://other.test/" }), provider)).toBe(
      "unexplained",
    );
  });

  it("under another header or without Bearer is found", async () => {
    const { headers, body } = await bearing({});
    const value = headers.authorization;
    expect(await found({ headers: { "x-forwarded-authorization": value }, body }, provider)).toBe(
      "header_renamed",
    );
    expect(await found({ headers: { authorization: value.slice(7) }, body }, provider)).toBe(
      "signature_prefix",
    );
  });
});

describe("whatever comes", () => {
  it("is diagnosed and changed by nothing, or refused as an option is", async () => {
    const names = ["x-signature", "content-length", "svix-id", "svix-timestamp", "svix-signature"];
    const values = fc.oneof(
      anyValue,
      fc.constantFrom(`sha256=${"0".repeat(64)}`, "t=1,v1=2", `${now}`),
    );
    const delivery = fc.oneof(
      fc.record({ headers: anyHeaders(names, values), body: anyBody }),
      anyValue,
    );
    const providers = [specProvider(), senders.vove.provider(), senders.either.provider()];
    await fc.assert(
      fc.asyncProperty(
        delivery,
        fc.constantFrom(...providers),
        anyValue,
        async (given, provider, secrets) => {
          const whole = made(given) as { headers?: unknown; body?: unknown };
          const own = Object(given) as { headers?: unknown; body?: unknown };
          const sent =
            "headers" in own ? { headers: made(own.headers), body: made(own.body) } : whole;
          const options = { now: clock, secrets: made(secrets) as never };
          const diagnosis = await diagnose(sent as Delivery, provider, options).catch(
            (error: unknown) => {
              // What a developer hands over may be refused; what came may not.
              if (!isWebhookError(error, "option_invalid")) throw error;
              return diagnose(sent as Delivery, provider, { now: clock });
            },
          );
          const { verdict, findings } = diagnosis;
          expect(verdict === "explained").toBe(findings.length > 0);
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);
});
