import { createPrivateKey, generateKeyPairSync, type JsonWebKey, sign } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Provider } from "oidc-provider";
import { vi } from "vitest";
import type { BearerIntrospectionOptions } from "../../src/schemes/bearer-introspection.js";

/** The one audience that gets signed tokens; every other one gets opaque ones. */
export const audience = "https://hooks.example.test/validas";

const sender = `Basic ${btoa("validas:a-client-secret-of-the-sender")}`;
const receiver = `Basic ${btoa("receiver:a-client-secret-of-the-receiver")}`;

type PrivateJwk = JsonWebKey & { readonly kid: string };

function newKey(kid: string): PrivateJwk {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" };
}

const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** It says at length, on the console, what it is not made for. */
async function quietly<Value>(work: () => Promise<Value>): Promise<Value> {
  const spies = (["info", "warn"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
  try {
    return await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function configuration(keys: readonly PrivateJwk[]): object {
  const client = {
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: "ES256",
  };
  return {
    jwks: { keys },
    clients: [
      {
        ...client,
        client_id: "validas",
        client_secret: "a-client-secret-of-the-sender",
        grant_types: ["client_credentials"],
      },
      {
        ...client,
        client_id: "receiver",
        client_secret: "a-client-secret-of-the-receiver",
        grant_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: async () => true },
      revocation: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: "",
          audience: resource,
          accessTokenTTL: 60,
          accessTokenFormat: resource === audience ? "jwt" : "opaque",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    ttl: { ClientCredentials: 60 },
  };
}

/** `oidc-provider` on a loopback port. */
export async function startAuthorizationServer() {
  const { Provider: OidcProvider } = await quietly(() => import("oidc-provider"));
  let keys = [newKey("key-1")];
  let count = 1;
  let answer: RequestListener;
  let jwksAnswer: RequestListener | undefined;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (jwksAnswer !== undefined && request.url === "/jwks") return jwksAnswer(request, response);
    answer(request, response);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const restart = () =>
    quietly(async () => {
      const provider: Provider = new OidcProvider(issuer, configuration(keys));
      answer = provider.callback();
    });
  await restart();

  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  /** A token of the client-credentials grant. */
  const token = async (resource: string = audience): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: "POST",
      headers: { authorization: sender },
      body: new URLSearchParams({ grant_type: "client_credentials", resource }),
    });
    const { access_token } = (await response.json()) as { access_token: string };
    return access_token;
  };

  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    /** The paths that were asked for. */
    asked,
    token,
    /** A token of any text, signed with the key that the server signs with. */
    signed: (header: string, payload: string, key: PrivateJwk = keys[0] as PrivateJwk): string => {
      const input = `${base64url(header)}.${base64url(payload)}`;
      const privateKey = createPrivateKey({ key, format: "jwk" });
      const signature = sign("sha256", Buffer.from(input), {
        key: privateKey,
        dsaEncoding: "ieee-p1363",
      });
      return `${input}.${signature.toString("base64url")}`;
    },
    /** The key that it signs with, and another one that it does not know. */
    key: () => keys[0] as PrivateJwk,
    strange: newKey,
    revoke: async (revoked: string): Promise<void> => {
      await fetch(`${issuer}/token/revocation`, {
        method: "POST",
        headers: { authorization: sender },
        body: new URLSearchParams({ token: revoked }),
      });
    },
    /** As the documentation shows it. */
    introspect: (async (introspected, { signal }) => {
      const response = await fetch(`${issuer}/token/introspection`, {
        method: "POST",
        headers: { authorization: receiver },
        body: new URLSearchParams({ token: introspected, token_type_hint: "access_token" }),
        redirect: "error",
        signal,
      });
      if (!response.ok) throw new Error(`introspection: ${response.status}`);
      return (await response.json()) as Awaited<
        ReturnType<BearerIntrospectionOptions["introspect"]>
      >;
    }) satisfies BearerIntrospectionOptions["introspect"],
    /** Signs with a new key from now on; the old ones stay published, or not. */
    rotate: async ({ withdraw = false } = {}): Promise<void> => {
      count += 1;
      keys = [newKey(`key-${count}`), ...(withdraw ? [] : keys)];
      await restart();
    },
    /** Answers for the keys with something else, or with the keys again. */
    answerForKeys: (listener?: RequestListener) => {
      jwksAnswer = listener;
    },
    stop,
    start: () => listen(port),
  };
}

export type AuthorizationServer = Awaited<ReturnType<typeof startAuthorizationServer>>;
