import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isWebhookError, type WebhookErrorCode } from "../../src/errors.js";
import type { Outcome } from "../../src/outcome.js";
import { type ValidasBearer, validas } from "../../src/providers/validas.js";
import { createReceiver } from "../../src/receiver.js";
import {
  type AuthorizationServer,
  audience,
  startAuthorizationServer,
} from "../helpers/authorization-server.js";
import { codeOf } from "../helpers/code-of.js";
import { post } from "../helpers/post.js";
import {
  listening,
  type RunningServer,
  startExpress,
  startFastify,
  startFetch,
} from "../helpers/servers.js";

const opaque = "https://hooks.example.test/opaque";
const body = (n: number) => JSON.stringify({ validation_id: `val-${n}`, status: "confirmed" });
const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterAll(() => server.stop());
afterEach(() => server.answerForKeys());

/** Claims of a token, which the tests may read. */
function claimsOf(token: string): { readonly iat: number; readonly exp: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

const jwt = (more: object = {}): ValidasBearer => ({
  issuer: server.issuer,
  audience,
  jwksUrl: server.jwksUrl,
  ...more,
});

const asking = (more: object = {}): ValidasBearer => ({
  issuer: server.issuer,
  audience: opaque,
  introspect: server.introspect,
  ...more,
});

/** A verifier without a server in front. */
function verifier(bearer: ValidasBearer) {
  const provider = validas({ bearer });
  return (token: string, now?: () => number) =>
    codeOf(() => provider.verify({ headers: bearing(token), body: body(0) }, now && { now }));
}

describe.each([
  ["Express", startExpress],
  ["Fastify", startFastify],
  ["fetch", startFetch],
] as const)("a vali-Das receiver behind %s", (_name, start) => {
  let hook: RunningServer;
  let handled = 0;
  let count = 0;
  let outcomes: Outcome[];
  const started: RunningServer[] = [];

  const open = async (bearer: ValidasBearer) => {
    const receiver = createReceiver(validas({ bearer }), {
      on: {
        confirmed: () => {
          handled += 1;
        },
      },
      onOutcome: (outcome) => outcomes.push(outcome as Outcome),
      store: false,
    });
    hook = await start(receiver as never);
    started.push(hook);
  };
  const send = (headers: Record<string, string | string[]>, text = body(++count)) =>
    post(hook.url, { "content-type": "application/json", ...headers }, text);
  const lastCode = (): WebhookErrorCode | undefined => {
    const last = outcomes.at(-1);
    return last?.kind === "rejected" ? last.error.code : undefined;
  };

  beforeEach(() => {
    handled = 0;
    outcomes = [];
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((running) => running.close()));
  });

  it("accepts the tokens that the server signs, and refuses those for another audience", async () => {
    await open(jwt());
    expect((await send(bearing(await server.token()))).status).toBe(200);
    expect(handled).toBe(1);

    const other = await open(jwt({ audience: "https://hooks.example.test/other" })).then(async () =>
      send(bearing(await server.token())),
    );
    expect(other).toMatchObject({
      status: 401,
      body: "",
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    });
    expect(lastCode()).toBe("token_invalid");
    expect(handled).toBe(1);
  });

  it("accepts opaque tokens that the server calls active, until they are revoked", async () => {
    await open(asking({ cacheSeconds: 0 }));
    const token = await server.token(opaque);
    expect((await send(bearing(token))).status).toBe(200);
    await server.revoke(token);
    const refused = await send(bearing(token));
    expect(refused.status).toBe(401);
    expect(refused.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
    expect(handled).toBe(1);
  });

  it("asks for a token where there is none, and says nothing of errors", async () => {
    await open(jwt());
    const token = await server.token();
    const asked = {
      status: 401,
      body: "",
      headers: { "www-authenticate": 'Bearer realm="webhook"' },
    };
    expect(await send({})).toMatchObject(asked);
    expect(await send({ authorization: "Basic dXNlcjpwYXNz" })).toMatchObject(asked);
    // The two places where RFC 6750 allows a token and this library does not read one.
    const inBody = await send(
      { "content-type": "application/x-www-form-urlencoded" },
      `access_token=${token}`,
    );
    expect(inBody).toMatchObject(asked);
    const inAddress = await post(`${hook.url}?access_token=${token}`, {}, body(1));
    expect(inAddress).toMatchObject(asked);
    expect(handled).toBe(0);
  });

  it("says the same of every token that it refuses", async () => {
    await open(jwt());
    const { iss: _iss, ...claims } = { iss: server.issuer, aud: audience, exp: 4e9 };
    const header = JSON.stringify({ alg: "ES256", kid: server.key().kid });
    const tokens = [
      "no-jwt",
      server.signed(header, JSON.stringify(claims)),
      server.signed(header, JSON.stringify({ iss: server.issuer, aud: audience, exp: 1 })),
    ];
    const answers = await Promise.all(tokens.map((token) => send(bearing(token))));
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 401,
        headers: { "www-authenticate": 'Bearer error="invalid_token"', "content-length": "0" },
      });
    }
    expect(
      outcomes.map((outcome) => outcome.kind === "rejected" && outcome.error.code).sort(),
    ).toEqual(["token_expired", "token_invalid", "token_malformed"]);
  });

  it("refuses two Authorization headers, whichever of them is genuine", async () => {
    await open(jwt());
    const token = await server.token();
    for (const pair of [
      [`Bearer ${token}`, "Bearer forged"],
      ["Bearer forged", `Bearer ${token}`],
    ]) {
      const { status } = await send({ authorization: pair });
      // A Headers object joins them, and what is joined is no token.
      expect([400, 401]).toContain(status);
      expect(lastCode()).toMatch(/^(?:header_duplicated|token_malformed)$/);
    }
    expect(handled).toBe(0);
  });

  it("reads the scheme's name in any case", async () => {
    await open(jwt());
    const token = await server.token();
    for (const word of ["bearer", "BEARER", "bEaReR"]) {
      expect((await send({ authorization: `${word} ${token}` })).status).toBe(200);
    }
  });

  it("has a delivery retried while the server is down, and handles it when it is back", async () => {
    await open(jwt());
    const token = await server.token();
    const text = body(++count);
    await server.stop();
    try {
      const refused = await send(bearing(token), text);
      expect(refused.status).toBe(503);
      expect(refused.headers).not.toHaveProperty("www-authenticate");
      expect(lastCode()).toBe("key_unavailable");
    } finally {
      await server.start();
    }
    expect((await send(bearing(token), text)).status).toBe(200);
    expect(handled).toBe(1);
  });

  it("does the same where the server is asked about the token", async () => {
    await open(asking());
    const token = await server.token(opaque);
    await server.stop();
    try {
      expect((await send(bearing(token))).status).toBe(503);
      expect(lastCode()).toBe("key_unavailable");
    } finally {
      await server.start();
    }
    expect((await send(bearing(token))).status).toBe(200);
  });
});

describe("keys of the server", () => {
  const fetches = () => server.asked.filter((path) => path === "/jwks").length;
  const unknown = (kid: unknown) =>
    server.signed(
      JSON.stringify({ alg: "ES256", kid }),
      JSON.stringify({
        iss: server.issuer,
        aud: audience,
        exp: Math.floor(Date.now() / 1000) + 60,
      }),
      server.strange("strange"),
    );
  /** Keys grow old, tokens do not: jose reads the time from Date. */
  const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    server.asked.length = 0;
  });
  afterEach(() => void vi.useRealTimers());

  it("are fetched once for many deliveries, and are kept while the server is down", async () => {
    const start = Date.now();
    const verify = verifier(jwt({ now: () => start }));
    const token = await server.token();
    expect(await Promise.all([verify(token), verify(token), verify(token)])).toEqual([
      "none",
      "none",
      "none",
    ]);
    await server.stop();
    try {
      expect(await verify(token)).toBe("none");
      later(599);
      expect(await verify(token)).toBe("none");
      // Beyond ten minutes nobody knows whether the key still counts.
      later(1);
      expect(await verify(token)).toBe("key_unavailable");
    } finally {
      await server.start();
    }
    expect(fetches()).toBe(1);
    expect(await verify(token)).toBe("none");
    expect(fetches()).toBe(2);
  });

  it("are fetched again for a token of a new key, and a key that was withdrawn counts no more", async () => {
    const verify = verifier(jwt());
    const old = await server.token();
    expect(await verify(old)).toBe("none");

    await server.rotate();
    const renewed = await server.token();
    later(6);
    expect(await verify(renewed)).toBe("none");
    expect(await verify(old)).toBe("none");
    expect(fetches()).toBe(2);

    await server.rotate({ withdraw: true });
    const last = await server.token();
    later(6);
    expect(await verify(last)).toBe("none");
    later(6);
    expect(await verify(old)).toBe("token_invalid");
  });

  it("that nobody knows are refused for good only after a look that was made for them", async () => {
    const verify = verifier(jwt());
    // The keys are fetched for this very token: there can be no newer ones.
    expect(await verify(unknown("unknown"))).toBe("token_invalid");
    expect(fetches()).toBe(1);
    // Nobody looks, so nothing can be said of this one.
    later(5);
    expect(await verify(unknown("unknown"))).toBe("key_unavailable");
    expect(fetches()).toBe(1);
    later(1);
    expect(await verify(unknown("unknown"))).toBe("token_invalid");
    expect(fetches()).toBe(2);
  });

  it("are not fetched again for what newer keys could not change", async () => {
    const verify = verifier(jwt());
    const token = await server.token();
    expect(await verify(token)).toBe("none");
    later(6);
    const { kid } = server.key();
    const claims = JSON.stringify({ iss: server.issuer, aud: audience, exp: 4e9 });
    const forged = server.signed(
      JSON.stringify({ alg: "ES256", kid }),
      claims,
      server.strange("strange"),
    );
    expect(await verify(forged)).toBe("token_invalid");
    expect(await verify(token, () => 4e12)).toBe("token_expired");
    expect(await verify(token, () => 0)).toBe("token_invalid");
    expect(fetches()).toBe(1);
  });

  it("that a forger makes up do not flood the server, nor have a genuine token refused", async () => {
    const verify = verifier(jwt());
    expect(await verify(await server.token())).toBe("none");
    await server.rotate();
    const genuine = await server.token();
    const codes: string[] = [];
    for (let second = 0; second < 6; second += 1) {
      for (let n = 0; n < 5; n += 1) codes.push(await verify(unknown(`forged-${second}-${n}`)));
      expect(await verify(genuine)).toBe("key_unavailable");
      later(1);
    }
    expect(codes).toEqual(Array(30).fill("key_unavailable"));
    expect(fetches()).toBe(1);

    // The forger's next token brings the genuine sender's key.
    expect(await verify(unknown("forged"))).toBe("token_invalid");
    expect(await verify(genuine)).toBe("none");
    expect(fetches()).toBe(2);
  });

  it.each([
    ["the first ones", false, "kid"],
    ["newer ones", true, "kid"],
    ["newer ones, of a key without a name", true, undefined],
  ])(
    "that were on their way when a token came are not held against it: %s",
    async (_name, warm, named) => {
      let hold = (): Promise<void> => Promise.resolve();
      const verify = verifier(
        jwt({
          fetch: async (...call: Parameters<typeof fetch>) => {
            const response = await fetch(...call);
            await hold();
            return response;
          },
        }),
      );
      if (warm) expect(await verify(await server.token())).toBe("none");
      later(6);
      const before = fetches();

      let release = (): void => undefined;
      const answered = new Promise<void>((resolve) => {
        hold = () =>
          new Promise((go) => {
            release = go;
            resolve();
          });
      });
      const early = verify(unknown("forged"));
      await answered;
      hold = () => Promise.resolve();
      // Too late for the answer that is being held up.
      await server.rotate();
      const genuine = server.signed(
        JSON.stringify({ alg: "ES256", kid: named && server.key().kid }),
        JSON.stringify({ iss: server.issuer, aud: audience, exp: 4e9 }),
      );
      const late = verify(genuine);
      release();
      expect([await early, await late]).toEqual(["token_invalid", "key_unavailable"]);
      expect(fetches()).toBe(before + 1);
      later(6);
      expect(await verify(genuine)).toBe("none");
    },
  );

  it("without names are fetched again too, when a signature fits none of those known", async () => {
    // A server with one key, which it does not name.
    let key = server.strange("unnamed");
    server.answerForKeys((_request, response) => {
      const { kty, crv, x, y } = key;
      response.end(JSON.stringify({ keys: [{ kty, crv, x, y }] }));
    });
    const verify = verifier(jwt());
    const payload = JSON.stringify({ iss: server.issuer, aud: audience, exp: 4e9 });
    const nameless = () => server.signed('{"alg":"ES256"}', payload, key);
    const forged = server.signed('{"alg":"ES256"}', payload, server.strange("strange"));
    expect(await verify(forged)).toBe("token_invalid");
    expect(await verify(nameless())).toBe("none");
    key = server.strange("unnamed");
    expect(await verify(nameless())).toBe("key_unavailable");
    expect(fetches()).toBe(1);
    later(6);
    expect(await verify(nameless())).toBe("none");
    expect(fetches()).toBe(2);
    later(6);
    expect(await verify(forged)).toBe("token_invalid");
    expect(fetches()).toBe(3);
  });

  it.each([
    ["HTML", 200, "text/html", "<!doctype html><title>Sign in</title>"],
    ["an error", 500, "application/json", "{}"],
    ["a limit", 429, "application/json", "{}"],
    ["no content", 204, "application/json", ""],
    ["nothing", 200, "application/json", ""],
    ["null", 200, "application/json", "null"],
    ["text", 200, "application/json", '"keys"'],
    ["another document", 200, "application/json", '{"issuer":"x"}'],
    ["keys that are no list", 200, "application/json", '{"keys":{"0":{}}}'],
    ["keys that are no keys", 200, "application/json", '{"keys":[5]}'],
    ["no keys", 200, "application/json", '{"keys":[]}'],
    ["half a document", 200, "application/json", '{"keys":[{"kty":"EC",'],
    ["keys, one of them null", 200, "application/json", '{"keys":[null]}'],
  ])("that come as %s have the delivery retried", async (_name, status, type, text) => {
    server.answerForKeys((_request, response) => {
      response.writeHead(status, { "content-type": type });
      response.end(status === 204 ? undefined : text);
    });
    const verify = verifier(jwt());
    const token = await server.token();
    expect(await verify(token)).toBe("key_unavailable");
    server.answerForKeys();
    expect(await verify(token)).toBe("none");
  });

  it.each([201, 203, 302, 404, 410, 500])("count under 200 only, not under %i", async (status) => {
    server.answerForKeys((_request, response) => {
      const { kty, crv, x, y, kid } = server.key();
      response.writeHead(status).end(JSON.stringify({ keys: [{ kty, crv, x, y, kid }] }));
    });
    expect(await verifier(jwt())(await server.token())).toBe("key_unavailable");
  });

  it("that have gone bad do not replace the good ones", async () => {
    const verify = verifier(jwt());
    const token = await server.token();
    expect(await verify(token)).toBe("none");
    for (const [status, text] of [
      [500, ""],
      [200, '{"keys":[]}'],
      [200, '{"keys":[5]}'],
    ] as const) {
      later(6);
      server.answerForKeys((_request, response) => response.writeHead(status).end(text));
      expect(await verify(unknown("unknown"))).toBe("key_unavailable");
      expect(await verify(token)).toBe("none");
    }
    expect(fetches()).toBe(4);
  });

  it("are not looked for elsewhere: a redirect is not followed", async () => {
    let visits = 0;
    const elsewhere = await listening(
      createServer((_request, response) => {
        visits += 1;
        const { kty, crv, x, y, kid } = server.key();
        response.end(JSON.stringify({ keys: [{ kty, crv, x, y, kid }] }));
      }),
    );
    try {
      for (const status of [301, 302, 307, 308]) {
        server.answerForKeys((_request, response) =>
          response.writeHead(status, { location: elsewhere.url }).end(),
        );
        expect(await verifier(jwt())(await server.token())).toBe("key_unavailable");
      }
      expect(visits).toBe(0);
    } finally {
      await elsewhere.close();
    }
  });

  it("and answers that never come have the delivery retried in time", async () => {
    const token = await server.token();
    const opaqueToken = await server.token(opaque);
    const silent = await listening(createServer(() => undefined));
    const halting = await listening(
      createServer((_request, response) => void response.writeHead(200).write('{"keys":[')),
    );
    const signals: AbortSignal[] = [];
    const deaf = new Promise<never>(() => undefined);
    try {
      expect(
        await Promise.all([
          verifier(jwt({ jwksUrl: silent.url }))(token),
          verifier(jwt({ jwksUrl: halting.url }))(token),
          verifier(
            jwt({
              fetch: (_url: string, { signal }: { signal: AbortSignal }) => {
                signals.push(signal);
                return deaf;
              },
            }),
          )(token),
          verifier(
            asking({
              introspect: (_token: string, { signal }: { signal: AbortSignal }) => {
                signals.push(signal);
                return deaf;
              },
            }),
          )(opaqueToken),
          verifier(asking({ cacheSeconds: 0, introspect: () => deaf }))(opaqueToken),
        ]),
      ).toEqual(Array(5).fill("key_unavailable"));
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    } finally {
      await Promise.all([silent.close(), halting.close()]);
    }
  });

  it("give a clock five seconds, both ways", async () => {
    const verify = verifier(jwt());
    const token = await server.token();
    const { iat, exp } = claimsOf(token);
    const at = (seconds: number) => verify(token, () => seconds * 1000);
    expect(await at(exp + 4)).toBe("none");
    expect(await at(exp + 5)).toBe("token_expired");
    expect(await at(iat - 5)).toBe("none");
    expect(await at(iat - 6)).toBe("token_invalid");
    const exact = verifier(jwt({ clockToleranceSeconds: 0, now: () => exp * 1000 }));
    expect(await exact(token)).toBe("token_expired");
    expect(await exact(token, () => (exp - 1) * 1000)).toBe("none");
  });
});

describe("the server's word on opaque tokens", () => {
  const questions = () => server.asked.filter((path) => path === "/token/introspection").length;
  beforeEach(() => {
    server.asked.length = 0;
  });

  it("is kept for ten seconds, in which a revoked token still counts", async () => {
    let offset = 0;
    const verify = verifier(asking({ now: () => Date.now() + offset }));
    const token = await server.token(opaque);
    expect(await verify(token)).toBe("none");
    await server.revoke(token);
    expect(await verify(token)).toBe("none");
    expect(questions()).toBe(1);
    offset = 10_000;
    expect(await verify(token)).toBe("token_invalid");
    expect(questions()).toBe(2);
  });

  it("is asked for once by deliveries that come together", async () => {
    const verify = verifier(asking());
    const token = await server.token(opaque);
    const other = await server.token(opaque);
    const codes = await Promise.all([token, token, other, token].map((one) => verify(one)));
    expect(codes).toEqual(Array(4).fill("none"));
    expect(questions()).toBe(2);
  });

  it("is not kept when it is no, and covers the issuer and the audience", async () => {
    const token = await server.token(opaque);
    const elsewhere = verifier(asking({ audience }));
    expect(await elsewhere(token)).toBe("token_invalid");
    expect(await elsewhere(token)).toBe("token_invalid");
    expect(questions()).toBe(2);
    expect(await verifier(asking({ issuer: "https://auth.example.test/" }))(token)).toBe(
      "token_invalid",
    );
    expect(await verifier(asking())("made-up-token")).toBe("token_invalid");
  });

  it("is no word at all when the server does not know who asks", async () => {
    const token = await server.token(opaque);
    const ask = (check: boolean) =>
      verifier(
        asking({
          introspect: async (asked: string) => {
            const response = await fetch(`${server.issuer}/token/introspection`, {
              method: "POST",
              headers: { authorization: `Basic ${btoa("receiver:another-secret")}` },
              body: new URLSearchParams({ token: asked }),
            });
            if (check && !response.ok) throw new Error(`introspection of ${asked}`);
            return response.json();
          },
        }),
      )(token);
    expect(await ask(true)).toBe("key_unavailable");
    expect(await ask(false)).toBe("key_unavailable");
  });
});

/** Tokens that an attacker, or a server that went wrong, could send. */
describe("a hostile token", () => {
  const good = () => ({
    iss: server.issuer,
    aud: audience,
    exp: Math.floor(Date.now() / 1000) + 60,
    iat: Math.floor(Date.now() / 1000),
  });
  const head = (more: object = {}) => ({
    alg: "ES256",
    typ: "at+jwt",
    kid: server.key().kid,
    ...more,
  });
  const json = JSON.stringify;
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  /** Genuine but for these claims. */
  const claiming = (claims: object) => server.signed(json(head()), json({ ...good(), ...claims }));
  /** Genuine but for these header fields. */
  const heading = (header: object) => server.signed(json(head(header)), json(good()));
  const parts = () => claiming({}).split(".") as [string, string, string];
  /** Keys fetched anew for each token: an unknown key shall be refused for good. */
  const verify = (token: string) => verifier(jwt())(token);
  let attacker: RunningServer;
  let visits = 0;
  let pem: string;

  beforeAll(async () => {
    attacker = await listening(
      createServer((_request, response) => {
        visits += 1;
        response.end("{}");
      }),
    );
    const { createPublicKey } = await import("node:crypto");
    pem = createPublicKey({ key: server.key(), format: "jwk" })
      .export({ type: "spki", format: "pem" })
      .toString();
  });
  afterAll(() => attacker.close());

  it("would be accepted without what is wrong with it", async () => {
    expect(await verify(claiming({}))).toBe("none");
    expect(await verify(claiming({ aud: ["https://other.example.test", audience] }))).toBe("none");
    expect(await verify(claiming({ exp: good().exp + 0.5, nbf: good().iat - 0.5 }))).toBe("none");
    expect(await verify(parts().join("."))).toBe("none");
  });

  const symmetric = async (key: string) => {
    const { createHmac } = await import("node:crypto");
    const input = `${encode(json(head({ alg: "HS256" })))}.${encode(json(good()))}`;
    return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
  };
  const publicJwk = () => {
    const { d: _d, ...rest } = server.key();
    return rest;
  };
  const forger = () => server.strange("forged");
  const forged = (header: object) => server.signed(json(head(header)), json(good()), forger());
  const publicForger = (key = forger()) => {
    const { d: _d, ...rest } = key;
    return rest;
  };

  it.each<[string, () => string | Promise<string>, string]>([
    [
      "no algorithm: none",
      () => `${encode('{"alg":"none"}')}.${encode(json(good()))}.`,
      "token_invalid",
    ],
    [
      "no algorithm: None",
      () => `${encode('{"alg":"None"}')}.${encode(json(good()))}.`,
      "token_invalid",
    ],
    [
      "no algorithm: NONE",
      () => `${encode('{"alg":"NONE"}')}.${encode(json(good()))}.`,
      "token_invalid",
    ],
    [
      "no algorithm: nOnE",
      () => `${encode('{"alg":"nOnE"}')}.${encode(json(good()))}.`,
      "token_invalid",
    ],
    ["none, and a signature", () => heading({ alg: "none" }), "token_invalid"],
    ["no alg", () => heading({ alg: undefined }), "token_malformed"],
    ["an empty alg", () => heading({ alg: "" }), "token_malformed"],
    ["an alg that is a list", () => heading({ alg: ["ES256"] }), "token_malformed"],
    ["an alg of the prototype", () => heading({ alg: "constructor" }), "token_invalid"],
    ["an alg in lower case", () => heading({ alg: "es256" }), "token_invalid"],
    ["the alg of another key type", () => heading({ alg: "RS256" }), "token_invalid"],
    ["the alg of another curve", () => heading({ alg: "ES384" }), "token_invalid"],
    ["HS256 with the public key as PEM", () => symmetric(pem), "token_invalid"],
    ["HS256 with the public key as trimmed PEM", () => symmetric(pem.trim()), "token_invalid"],
    ["HS256 with the public key as JWK", () => symmetric(json(publicJwk())), "token_invalid"],
    ["HS256 with nothing", () => symmetric(""), "token_invalid"],
    ["HS256 with the public key's x", () => symmetric(String(server.key().x)), "token_invalid"],

    ["another issuer", () => claiming({ iss: "https://auth.evil.test/" }), "token_invalid"],
    ["an issuer with a slash more", () => claiming({ iss: `${server.issuer}/` }), "token_invalid"],
    ["a list of issuers", () => claiming({ iss: [server.issuer] }), "token_invalid"],
    ["no issuer", () => claiming({ iss: undefined }), "token_invalid"],
    ["another audience", () => claiming({ aud: "https://other.example.test" }), "token_invalid"],
    ["audiences without ours", () => claiming({ aud: ["a", "b"] }), "token_invalid"],
    ["no audiences", () => claiming({ aud: [] }), "token_invalid"],
    ["an audience in a list in a list", () => claiming({ aud: [[audience]] }), "token_invalid"],
    [
      "an audience that begins like ours",
      () => claiming({ aud: `${audience}/x` }),
      "token_invalid",
    ],
    ["no audience", () => claiming({ aud: undefined }), "token_invalid"],
    ["no expiry", () => claiming({ exp: undefined }), "token_invalid"],
    ["an expiry of null", () => claiming({ exp: null }), "token_invalid"],
    ["an expiry that is text", () => claiming({ exp: String(good().exp) }), "token_invalid"],
    ["an expiry that is a list", () => claiming({ exp: [good().exp] }), "token_invalid"],
    ["an expiry before time began", () => claiming({ exp: -1 }), "token_expired"],
    ["an expiry of zero", () => claiming({ exp: 0 }), "token_expired"],
    ["an expiry past by a fraction", () => claiming({ exp: good().iat - 5.5 }), "token_expired"],
    [
      "an infinite expiry",
      () => server.signed(json(head()), json(good()).replace(/"exp":\d+/, '"exp":1e400')),
      "token_invalid",
    ],
    [
      "an expiry infinitely long ago",
      () => server.signed(json(head()), json(good()).replace(/"exp":\d+/, '"exp":-1e400')),
      "token_expired",
    ],
    ["an expiry beyond all numbers", () => claiming({ exp: 1e300 }), "token_invalid"],
    ["a start in the future", () => claiming({ nbf: good().iat + 3600 }), "token_invalid"],
    ["a start that is text", () => claiming({ nbf: "0" }), "token_invalid"],
    ["an issue in the future", () => claiming({ iat: good().iat + 3600 }), "token_invalid"],
    ["an issue that is text", () => claiming({ iat: "0" }), "token_invalid"],
    ["claims that are a list", () => server.signed(json(head()), "[]"), "token_malformed"],
    ["claims that are null", () => server.signed(json(head()), "null"), "token_malformed"],
    ["claims that are no JSON", () => server.signed(json(head()), "claims"), "token_malformed"],
    [
      "claims with a byte order mark",
      () => server.signed(json(head()), `\uFEFF${json(good())}`),
      "none",
    ],
    [
      "claims that are only inherited",
      () => server.signed(json(head()), `{"__proto__":${json(good())}}`),
      "token_invalid",
    ],

    [
      "the address of its keys",
      () => forged({ jku: `${attacker.url}/jku`, kid: "forged" }),
      "token_invalid",
    ],
    [
      "the address of its keys, and a kid of ours",
      () => forged({ jku: attacker.url }),
      "token_invalid",
    ],
    ["the address of its certificate", () => forged({ x5u: attacker.url }), "token_invalid"],
    ["a certificate", () => forged({ x5c: [pem.replace(/-.*-|\n/g, "")] }), "token_invalid"],
    [
      "a key in its header",
      () => {
        const key = forger();
        const header = head({ jwk: publicForger(key), kid: "forged" });
        return server.signed(json(header), json(good()), key);
      },
      "token_invalid",
    ],
    [
      "a key in its header, and a kid of ours",
      () => {
        const key = forger();
        return server.signed(json(head({ jwk: publicForger(key) })), json(good()), key);
      },
      "token_invalid",
    ],
    ["an extension", () => heading({ crit: ["exp"], exp: 1 }), "token_invalid"],
    ["no extensions", () => heading({ crit: [] }), "token_malformed"],
    ["an extension that is no list", () => heading({ crit: "b64" }), "token_malformed"],
    ["an extension that is not there", () => heading({ crit: ["b64"] }), "token_malformed"],
    [
      "a payload that is not encoded",
      () => {
        const header = head({ b64: false, crit: ["b64"] });
        return server.signed(json(header), json(good()));
      },
      // The signature fits, since the text of the payload is what was signed. RFC 7797 has no such JWTs.
      "token_malformed",
    ],
    ["a payload that is said to be encoded", () => heading({ b64: true, crit: ["b64"] }), "none"],

    ["a kid with a path", () => heading({ kid: "../../../../dev/null" }), "token_invalid"],
    ["a kid with a query", () => heading({ kid: "' OR 1=1 --" }), "token_invalid"],
    ["a kid of 8 kB", () => heading({ kid: "k".repeat(8000) }), "token_invalid"],
    ["a kid that is a number", () => heading({ kid: 1 }), "token_invalid"],
    ["a kid of the prototype", () => heading({ kid: "__proto__" }), "token_invalid"],
    ["an empty kid", () => heading({ kid: "" }), "token_invalid"],
    ["another's kid", () => forged({}), "token_invalid"],

    ["five parts", () => "e30.e30.e30.e30.e30", "token_malformed"],
    [
      "five parts and an alg for encryption",
      () => `${encode('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.AAAA.AAAA.AAAA.AAAA`,
      "token_malformed",
    ],
    [
      "a token in a token",
      () => server.signed(json(head({ cty: "JWT" })), claiming({})),
      "token_malformed",
    ],
    ["JSON for its form", () => json({ payload: parts()[1], signatures: [] }), "token_malformed"],
    ["two parts", () => parts().slice(0, 2).join("."), "token_malformed"],
    ["four parts", () => `${parts().join(".")}.`, "token_malformed"],
    ["no parts", () => "..", "token_malformed"],
    ["no header", () => `.${parts().slice(1).join(".")}`, "token_malformed"],
    ["no claims", () => `${parts()[0]}..${parts()[2]}`, "token_invalid"],
    ["no signature", () => `${parts().slice(0, 2).join(".")}.`, "token_invalid"],
    [
      "half a signature",
      () => `${parts().slice(0, 2).join(".")}.${parts()[2].slice(0, 44)}`,
      "token_invalid",
    ],
    [
      "a signature of zeroes",
      () => `${parts().slice(0, 2).join(".")}.${"A".repeat(86)}`,
      "token_invalid",
    ],
    ["padding", () => `${parts().join(".")}==`, "token_malformed"],
    ["padding in the middle", () => parts().join("==."), "token_malformed"],
    ["unused bits", () => `${parts().join(".").slice(0, -1)}B`, "token_malformed"],
    [
      "the other alphabet",
      () => `${parts()[0]}.${parts()[1]}.${"+/".repeat(43)}`,
      "token_malformed",
    ],
    ["a tilde", () => `${parts().join(".")}~`, "token_malformed"],
    ["a space within", () => parts().join(". "), "token_malformed"],
    ["a space before", () => ` ${parts().join(".")}`, "token_malformed"],
    ["a space behind", () => `${parts().join(".")} `, "token_malformed"],
    ["a tab behind", () => `${parts().join(".")}\t`, "token_malformed"],
    ["a line end", () => `${parts().join(".")}\n`, "token_malformed"],
    ["a NUL", () => `${parts().join(".")}\0`, "token_malformed"],
    ["letters that are not ASCII", () => `${parts().join(".")}ё`, "token_malformed"],
    ["letters in full width", () => "ｅ30.e30.e30", "token_malformed"],
    ["8 kB that are nothing", () => "a".repeat(8192), "token_malformed"],
    ["8 kB of claims", () => claiming({ note: "n".repeat(8192), iss: "x" }), "token_invalid"],
    ["20 kB of genuine claims", () => claiming({ note: "n".repeat(20_000) }), "token_malformed"],
    ["1 MB", () => "a".repeat(1_000_000), "token_malformed"],
    ["1 MB of dots", () => ".".repeat(1_000_000), "token_malformed"],

    // RFC 7519, section 4: of two members of one name, the last one counts. What is checked is what was signed.
    [
      "two issuers, the last of them ours",
      () =>
        server.signed(json(head()), json(good()).replace("{", '{"iss":"https://auth.evil.test/",')),
      "none",
    ],
    [
      "two issuers, the first of them ours",
      () =>
        server.signed(
          json(head()),
          json(good()).replace(/}$/, ',"iss":"https://auth.evil.test/"}'),
        ),
      "token_invalid",
    ],
    [
      "an expiry that is written twice, in two ways",
      () => server.signed(json(head()), json(good()).replace(/}$/, ',"\\u0065xp":1}')),
      "token_expired",
    ],
    [
      "two algorithms, the last of them none",
      () => server.signed(json(head()).replace(/}$/, ',"alg":"none"}'), json(good())),
      "token_invalid",
    ],
  ])("with %s", async (_name, make, code) => {
    const token = await make();
    expect(await verify(token)).toBe(code);
  });

  it("has no keys fetched when its form or its algorithm is wrong", async () => {
    server.asked.length = 0;
    for (const token of ["e30.e30.e30.e30.e30", "e30.e30.", heading({ alg: "HS256" })]) {
      expect(await verify(token)).toMatch(/^token_(?:malformed|invalid)$/);
    }
    expect(server.asked).toEqual([]);
  });

  it("never has a key fetched from where it says", () => {
    expect(visits).toBe(0);
  });

  it("is not taken for one where a key of another type has its kid", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { kid } = server.key();
    const rsa = { ...publicKey.export({ format: "jwk" }), kid };
    const set = (keys: object[]) => verifier({ issuer: server.issuer, audience, jwks: { keys } });
    expect(await set([rsa, publicJwk()])(claiming({}))).toBe("none");
    expect(await set([rsa])(claiming({}))).toBe("token_invalid");
    expect(await set([rsa])(heading({ alg: "RS256" }))).toBe("token_invalid");
    // Two keys of one name and type: one of them has to fit.
    expect(await set([publicForger({ ...forger(), kid }), publicJwk()])(claiming({}))).toBe("none");
    expect(await set([publicForger({ ...forger(), kid }), rsa])(claiming({}))).toBe(
      "token_invalid",
    );
  });

  it("is refused for another type where one is asked for", async () => {
    const typed = verifier(jwt({ typ: "at+jwt" }));
    expect(await typed(await server.token())).toBe("none");
    expect(await typed(heading({ typ: "application/at+jwt" }))).toBe("none");
    for (const typ of ["JWT", "logout+jwt", "at+jwt2", "", 5, undefined]) {
      expect(await typed(heading({ typ }))).toBe("token_invalid");
    }
  });

  it("leaves nothing of itself, nor of what jose threw, in the error", async () => {
    const { inspect } = await import("node:util");
    const provider = validas({ bearer: jwt() });
    for (const token of [
      claiming({ exp: 1, name: "Nives Altamira" }),
      claiming({ aud: "x", name: "Nives Altamira" }),
      forged({ kid: "forged", name: "Nives Altamira" }),
      server.signed(json(head()), '{"name":"Nives Altamira"'),
      "Nives.Altamira.AAAA",
    ]) {
      const error = await provider.verify({ headers: bearing(token), body: body(0) }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(isWebhookError(error)).toBe(true);
      expect(Object.hasOwn(error as object, "cause")).toBe(false);
      const shown =
        inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + json(error);
      expect(shown).not.toMatch(/Nives|Altamira|ERR_J|JWT[A-Z]/);
      for (const part of token.split(".").filter(({ length }) => length > 8)) {
        expect(shown).not.toContain(part);
      }
    }
  });

  it.each([
    ["a tab for a space", (token: string) => `Bearer\t${token}`, "token_missing"],
    ["two spaces", (token: string) => `Bearer  ${token}`, "token_malformed"],
    ["no space", (token: string) => `Bearer${token}`, "token_missing"],
    ["a colon", (token: string) => `Bearer: ${token}`, "token_missing"],
    ["quotes", (token: string) => `Bearer "${token}"`, "token_malformed"],
    ["a name", (token: string) => `Bearer token=${token}`, "token_malformed"],
    ["a space before", (token: string) => ` Bearer ${token}`, "token_missing"],
    ["another scheme", (token: string) => `DPoP ${token}`, "token_missing"],
    ["two tokens", (token: string) => `Bearer ${token}, Bearer ${token}`, "token_malformed"],
    ["the word alone", () => "Bearer", "token_malformed"],
    ["nothing", () => "", "token_missing"],
  ])("behind %s", async (_name, spell, code) => {
    const provider = validas({ bearer: jwt() });
    const authorization = spell(claiming({}));
    expect(await codeOf(() => provider.verify({ headers: { authorization }, body: body(0) }))).toBe(
      code,
    );
  });
});
