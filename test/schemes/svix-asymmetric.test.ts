import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

import { Point } from "@noble/ed25519";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { Delivery } from "../../src/delivery.js";
import { isWebhookError } from "../../src/errors.js";
import { defineProvider } from "../../src/provider.js";
import { anyOf } from "../../src/schemes/any-of.js";
import { svix } from "../../src/schemes/svix.js";
import {
  safeVerifySvixAsymmetric,
  svixAsymmetric,
  verifySvixAsymmetric,
} from "../../src/schemes/svix-asymmetric.js";
import { signDelivery, tamper } from "../../src/testing.js";
import { codeOf } from "../helpers/code-of.js";
import { svixHeaders } from "../helpers/sign.js";

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
  readonly raw: Buffer;
}

function rawOf(key: KeyObject): Buffer {
  return Buffer.from((key.export({ format: "jwk" }) as { x: string }).x, "base64url");
}

function whpk(raw: Uint8Array): string {
  return `whpk_${Buffer.from(raw).toString("base64")}`;
}

function newKeys(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = rawOf(publicKey);
  return { privateKey, publicKey: whpk(raw), raw };
}

/** A key pair from its seed, as RFC 8410 wraps it. */
function keyOf(seed: string): KeyObject {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex");
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

const time = 1_700_000_000;
const now = () => time * 1000;
const body = Buffer.from('{"status":"successful","refId":"Žofie 🌍"}');
const keys = newKeys();
const { publicKey } = keys;

function signed(text: Uint8Array, { privateKey } = keys, id = "msg_1", timestamp = time): Buffer {
  return sign(null, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), text]), privateKey);
}

function entry(signature: Uint8Array): string {
  return `v1a,${Buffer.from(signature).toString("base64")}`;
}

function headersWith(signatures: string, names = "webhook"): Record<string, string> {
  return {
    [`${names}-id`]: "msg_1",
    [`${names}-timestamp`]: String(time),
    [`${names}-signature`]: signatures,
  };
}

const headers = headersWith(entry(signed(body)));
const genuine: Delivery = { headers, body };

function codeWith(signatures: string, key: string | readonly string[] = publicKey) {
  return codeOf(() =>
    verifySvixAsymmetric({ headers: headersWith(signatures), body }, { publicKey: key, now }),
  );
}

describe("a genuine delivery", () => {
  it("is handed out with what it proves", () => {
    const verified = verifySvixAsymmetric(genuine, { publicKey, now });
    expect(verified).toMatchObject({
      scheme: "svixAsymmetric",
      id: "msg_1",
      timestamp: new Date(time * 1000),
      secret: { index: 0 },
      bindsBody: true,
    });
    expect(verified.json()).toEqual({ status: "successful", refId: "Žofie 🌍" });
  });

  it.each([
    ["svix-* headers", { headers: headersWith(entry(signed(body)), "svix"), body }],
    ["a Headers object", { headers: new Headers(headers), body }],
    ["bytes", { headers, body: new Uint8Array(body) }],
    ["text", { headers, body: body.toString() }],
    ["an ArrayBuffer", { headers, body: new Uint8Array(body).buffer }],
  ])("is proven from %s", (_form, delivery) => {
    expect(verifySvixAsymmetric(delivery, { publicKey, now }).id).toBe("msg_1");
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0, 0x7b])],
    ["200 kB", Buffer.alloc(200_000, "x")],
  ])("is proven over %s", (_what, bytes) => {
    const delivery = { headers: headersWith(entry(signed(bytes))), body: bytes };
    expect(verifySvixAsymmetric(delivery, { publicKey, now }).body.length).toBe(bytes.length);
  });

  it.each([
    ["bytes", keys.raw],
    ["text without padding", publicKey.replace("=", "")],
    ["a labelled key", { value: publicKey, label: "spring" }],
  ])("is proven with the public key as %s", (_form, given) => {
    expect(verifySvixAsymmetric(genuine, { publicKey: given, now }).id).toBe("msg_1");
  });

  it("names the key that fitted", () => {
    const given = [newKeys().publicKey, { value: publicKey, label: "spring" }];
    expect(verifySvixAsymmetric(genuine, { publicKey: given, now }).secret).toEqual({
      index: 1,
      label: "spring",
    });
  });

  it("may carry signatures of other keys and versions", async () => {
    const other = entry(signed(body, newKeys()));
    expect(await codeWith(`${other} v1,${"A".repeat(43)}= v2,x ${entry(signed(body))}`)).toBe(
      "none",
    );
  });

  it("gives the safe twin's value; a refusal gives its error", () => {
    const proven = safeVerifySvixAsymmetric(genuine, { publicKey, now });
    expect(proven.ok && proven.value.id).toBe("msg_1");
    const refused = safeVerifySvixAsymmetric({ headers: {}, body }, { publicKey, now });
    expect(!refused.ok && refused.error.code).toBe("signature_missing");
  });

  it("agrees with the vector of Svix's own server", () => {
    // github.com/svix/svix-webhooks, server/svix-server/src/worker.rs, test_asymmetric_key_signing.
    const delivery = {
      headers: {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature":
          "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
      },
      body: '{"test": 2432232314}',
    };
    const options = {
      publicKey: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
      now: () => 1_614_265_330_000,
    };
    expect(verifySvixAsymmetric(delivery, options).json()).toEqual({ test: 2432232314 });
  });
});

describe("a forged delivery", () => {
  const changes: readonly (readonly [string, Delivery, string])[] = [
    ["another body", { headers, body: Buffer.from("{}") }, "signature_mismatch"],
    ["another id", { headers: { ...headers, "webhook-id": "msg_2" }, body }, "signature_mismatch"],
    [
      "another time",
      { headers: { ...headers, "webhook-timestamp": String(time + 1) }, body },
      "signature_mismatch",
    ],
    ["no id", { headers: { ...headers, "webhook-id": "" }, body }, "id_missing"],
    ["a dot in its id", { headers: { ...headers, "webhook-id": "m.1" }, body }, "id_malformed"],
    ["no time", { headers: { ...headers, "webhook-timestamp": "" }, body }, "timestamp_missing"],
    [
      "a time that is no number",
      { headers: { ...headers, "webhook-timestamp": `${time}x` }, body },
      "timestamp_malformed",
    ],
    ["no signature", { headers: {}, body }, "signature_missing"],
    [
      "only a symmetric signature, made with the public key",
      { headers: svixHeaders(keys.raw, { body }), body },
      "signature_malformed",
    ],
  ];
  it.each(changes)("with %s is refused", async (_what, delivery, code) => {
    expect(await codeOf(() => verifySvixAsymmetric(delivery, { publicKey, now }))).toBe(code);
  });

  it("signed with another key is refused", async () => {
    expect(await codeWith(entry(signed(body, newKeys())))).toBe("signature_mismatch");
  });

  it.each([
    ["its last byte", 63],
    ["its first byte", 0],
    ["the middle", 32],
  ])("with a signature changed in %s is refused", async (_where, index) => {
    const signature = signed(body);
    signature[index] = (signature[index] ?? 0) ^ 1;
    expect(await codeWith(entry(signature))).toBe("signature_mismatch");
  });

  it("too old or from the future is refused, and only after its signature was right", async () => {
    const at = (seconds: number) => ({ publicKey, now: () => (time + seconds) * 1000 });
    const code = (seconds: number, delivery = genuine) =>
      codeOf(() => verifySvixAsymmetric(delivery, at(seconds)));
    expect(await code(300)).toBe("none");
    expect(await code(301)).toBe("timestamp_too_old");
    expect(await code(-300)).toBe("none");
    expect(await code(-301)).toBe("timestamp_too_new");
    expect(await code(301, { headers, body: "{}" })).toBe("signature_mismatch");
  });
});

describe("a signature's spelling", () => {
  const right = entry(signed(body));

  it.each([
    ["cut short", right.slice(0, -4)],
    ["without padding", right.replace(/=+$/, "")],
    ["with something after it", `${right}A`],
    ["with something before it", `A${right}`],
    ["in base64url", `${right.slice(0, 20)}-_${right.slice(22)}`],
    ["of version v1", right.replace("v1a", "v1")],
    ["of version V1A", right.replace("v1a", "V1A")],
    ["with bits in the padding", right.replace(/[AQgw]==$/, "B==")],
    ["joined by a proxy", `${right}, ${right}`],
    ["in hex", `v1a,${signed(body).toString("hex")}`],
    ["longer than 64 bytes", entry(Buffer.concat([signed(body), Buffer.from([0])]))],
  ])("%s is malformed", async (_how, signatures) => {
    expect(await codeWith(signatures)).toBe("signature_malformed");
  });

  it("may occur four times, since each costs time", async () => {
    const wrong = entry(signed(body, newKeys()));
    expect(await codeWith(`${`${wrong} `.repeat(3)}${right}`)).toBe("none");
    expect(await codeWith(`${`${wrong} `.repeat(4)}${right}`)).toBe("signature_malformed");
  });
});

describe("RFC 8032", () => {
  // Section 7.1, tests 1 to 3 and SHA(abc).
  it.each([
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ],
    [
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ],
  ])("the key pair %s is one, for signing in tests and for verifying", async (seed, raw) => {
    const provider = defineProvider({
      name: "asymmetric",
      scheme: svixAsymmetric({ publicKey: whpk(Buffer.from(raw, "hex")), now }),
      schema: { x: z.looseObject({ type: z.literal("x") }) },
    });
    const privateKey = `whsk_${Buffer.from(seed + raw, "hex").toString("base64")}`;
    const delivery = signDelivery(provider, { type: "x" }, { now, id: "msg_1", privateKey });
    const expected = signed(Buffer.from('{"type":"x"}'), {
      ...keys,
      privateKey: keyOf(seed),
    });
    expect(delivery.headers["svix-signature"]).toBe(entry(expected));
    expect((await provider.verify(delivery)).delivery.scheme).toBe("svixAsymmetric");
    for (const how of ["body", "signature", "timestamp", "id"] as const) {
      expect(await codeOf(() => provider.verify(tamper(delivery, how)))).toBe("signature_mismatch");
    }
  });

  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const field = 2n ** 255n - 19n;

  function littleEndian(value: bigint): Buffer {
    return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
  }

  it("refuses a second form of a signature, its scalar not reduced", async () => {
    const signature = signed(body);
    const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
    const other = Buffer.concat([signature.subarray(0, 32), littleEndian(scalar + order)]);
    expect(await codeWith(entry(signature))).toBe("none");
    expect(await codeWith(entry(other))).toBe("signature_mismatch");
  });

  // The eight points of small order and their other spellings; y is 0, ±1 or one of the two of order eight.
  const eighth = Buffer.from(
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "hex",
  );
  const otherEighth = Buffer.from(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "hex",
  );
  const small = [
    littleEndian(1n),
    littleEndian(field - 1n),
    littleEndian(field),
    littleEndian(field + 1n),
    eighth,
    otherEighth,
  ];
  const withSign = (raw: Buffer) => {
    const copy = Buffer.from(raw);
    copy[31] = (copy[31] ?? 0) | 0x80;
    return copy;
  };

  it.each([...small, ...small.map(withSign), withSign(littleEndian(0n))])(
    "refuses the public key %#, which fits signatures of nobody",
    async (raw) => {
      expect(await codeOf(() => svixAsymmetric({ publicKey: whpk(raw) }))).toBe("secret_malformed");
      expect(await codeOf(() => svixAsymmetric({ publicKey: raw }))).toBe("secret_malformed");
    },
  );

  it("refuses a signature whose first half is a point of small order, in any spelling", async () => {
    // With R = 0 and S = k·s, which the key's owner alone can make, the equation holds.
    const hash = (...parts: readonly Uint8Array[]) =>
      BigInt(
        `0x${createHash("sha512").update(Buffer.concat(parts)).digest().reverse().toString("hex")}`,
      );
    const seed = Buffer.alloc(32, 7);
    const expanded = createHash("sha512").update(seed).digest().subarray(0, 32);
    expanded[0] = (expanded[0] ?? 0) & 248;
    expanded[31] = ((expanded[31] ?? 0) & 127) | 64;
    const scalar = BigInt(`0x${Buffer.from(expanded).reverse().toString("hex")}`);
    const own = rawOf(createPublicKey(keyOf(seed.toString("hex"))));
    const text = Buffer.concat([Buffer.from(`msg_1.${time}.`), body]);
    for (const first of [littleEndian(1n), littleEndian(field + 1n)]) {
      const last = littleEndian((hash(first, own, text) * scalar) % order);
      const signature = Buffer.concat([first, last]);
      expect(await codeWith(entry(signature), whpk(own))).toBe("signature_mismatch");
    }
    expect(await codeWith(entry(sign(null, text, keyOf(seed.toString("hex")))), whpk(own))).toBe(
      "none",
    );
  });

  it("refuses a key in another spelling, off the curve, or of mixed order", async () => {
    const onCurve = Point.fromBytes(keys.raw);
    const mixed = onCurve.add(Point.fromBytes(eighth)).toBytes();
    // Some y below 19 + 2^255 is a point's, so that only its spelling is wrong.
    const spelled = littleEndian(field + 3n);
    const offCurve = littleEndian(2n);
    for (const raw of [mixed, spelled, offCurve]) {
      expect(await codeOf(() => svixAsymmetric({ publicKey: whpk(raw) }))).toBe("secret_malformed");
    }
    expect(Point.fromBytes(littleEndian(3n)).toBytes()).toEqual(new Uint8Array(littleEndian(3n)));
  });

  it("agrees with node:crypto on who signed", () => {
    const text = Buffer.concat([Buffer.from(`msg_1.${time}.`), body]);
    const wrapped = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), keys.raw]);
    expect(verify(null, text, { key: wrapped, format: "der", type: "spki" }, signed(body))).toBe(
      true,
    );
  });
});

describe("the options", () => {
  const whsk = `whsk_${Buffer.concat([Buffer.alloc(32, 7), keys.raw]).toString("base64")}`;

  it.each([
    ["nothing", undefined, "secret_missing"],
    ["a blank", " ", "secret_missing"],
    ["an empty list", [], "secret_missing"],
    ["zeros", Buffer.alloc(32), "secret_missing"],
    ["the prefix alone", "whpk_", "secret_malformed"],
    ["three bytes", "whpk_AAAA", "secret_malformed"],
    ["33 bytes", whpk(Buffer.alloc(33, 1)), "secret_malformed"],
    ["a private key", whsk, "secret_malformed"],
    ["a symmetric secret", `whsec_${keys.raw.toString("base64")}`, "secret_malformed"],
    ["another prefix of five", publicKey.replace("whpk_", "whpk-"), "secret_malformed"],
    ["base64 without the prefix", keys.raw.toString("base64"), "secret_malformed"],
    ["base64url", `whpk_-_${publicKey.slice(7)}`, "secret_malformed"],
    ["31 bytes", keys.raw.subarray(1), "secret_too_short"],
    ["64 bytes", Buffer.concat([keys.raw, keys.raw]), "secret_malformed"],
    ["a number", 42, "secret_malformed"],
  ])("refuse %s for a public key", async (_what, given, code) => {
    expect(await codeOf(() => svixAsymmetric({ publicKey: given as string }))).toBe(code);
  });

  it("say which key is wrong, and what one looks like", () => {
    try {
      svixAsymmetric({ publicKey: [publicKey, whsk] });
      expect.unreachable();
    } catch (error) {
      if (!isWebhookError(error)) throw error;
      expect(error.details).toEqual({
        index: 1,
        expected: "a public key, whpk_ and the base64 of 32 bytes",
      });
    }
  });

  it("refuse what they do not know, such as a secret", async () => {
    const options = { publicKey, secret: "whsec_x" };
    expect(await codeOf(() => svixAsymmetric(options))).toBe("option_invalid");
    expect(await codeOf(() => svixAsymmetric({ publicKey, toleranceSeconds: -1 }))).toBe(
      "option_invalid",
    );
  });

  it("sign nothing without a private key that is whole", async () => {
    const provider = defineProvider({
      name: "asymmetric",
      scheme: svixAsymmetric({ publicKey }),
      schema: { x: z.looseObject({ type: z.literal("x") }) },
    });
    const { d, x } = keys.privateKey.export({ format: "jwk" }) as Record<"d" | "x", string>;
    const whole = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
    const right = `whsk_${whole.toString("base64")}`;
    expect(signDelivery(provider, {}, { privateKey: right }).headers).toHaveProperty("svix-id");
    const others = [right.replace("whsk_", "whsk-"), right.slice(5)];
    for (const privateKey of [undefined, "", publicKey, "whsk_AAAA", whsk, ...others]) {
      expect(() => signDelivery(provider, {}, { privateKey })).toThrow(
        expect.objectContaining({
          code: "option_invalid",
          details: {
            option: "privateKey",
            expected: "whsk_ and the base64 of 64 bytes, seed and public key",
          },
        }),
      );
    }
  });
});

describe("a rotation from symmetric to asymmetric keys", () => {
  const shared = Buffer.from("0123456789abcdef01234567");
  const secret = `whsec_${shared.toString("base64")}`;
  const scheme = anyOf(svix({ secret, now }), svixAsymmetric({ publicKey, now }));
  const symmetric = svixHeaders(shared, { body, names: "webhook" })["webhook-signature"] ?? "";
  const asymmetric = entry(signed(body));

  it.each([
    ["the old signature", symmetric, "svix"],
    ["the new one", asymmetric, "svixAsymmetric"],
    ["both", `${asymmetric} ${symmetric}`, "svix"],
  ])("accepts %s", (_which, signatures, name) => {
    expect(scheme.verify({ headers: headersWith(signatures), body }).scheme).toBe(name);
  });

  it("accepts neither for another body, and says so", async () => {
    for (const signatures of [symmetric, asymmetric, `${symmetric} ${asymmetric}`]) {
      const forged = { headers: headersWith(signatures), body: "{}" };
      expect(await codeOf(() => scheme.verify(forged))).toBe("signature_mismatch");
    }
  });
});
