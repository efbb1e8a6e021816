import {
  createHmac,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign as signBytes,
} from "node:crypto";
import { createServer } from "node:http";
import { listen } from "./listen.js";

/** A webhook as a vendor sends it, signed without the package under test. */
export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Plays one vendor. */
export interface Sender {
  /** What the example reads from its environment. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * A genuine webhook about somebody or something that the example will name in its output. The message's id is random
   * unless it is given, which is only for vendors that have ids.
   */
  genuine(subject: string, id?: string): Posted;
  /** The same webhook, forged in a way that its proof shows. */
  forge(posted: Posted): Posted;
  close?(): Promise<void>;
}

function mac(key: Buffer | string, encoding: "hex" | "base64", ...pieces: string[]): string {
  const hmac = createHmac("sha256", key);
  for (const piece of pieces) hmac.update(piece);
  return hmac.digest(encoding);
}

const now = (): number => Math.floor(Date.now() / 1000);

const withAnotherBody = ({ headers, body }: Posted): Posted => ({ headers, body: `${body} ` });

function json(headers: Readonly<Record<string, string>>, body: string): Posted {
  return { headers: { "content-type": "application/json", ...headers }, body };
}

export function dataspikeSender(): Sender {
  const key = randomBytes(32);
  return {
    env: { DATASPIKE_SECRET: `whsec_${key.toString("hex")}` },
    genuine: (subject, id = randomUUID()) => {
      const body = JSON.stringify({
        id,
        webhook_id: randomUUID(),
        event_type: "DOCVER",
        payload: { id: randomUUID(), applicant_id: subject, status: "verified" },
        timestamp: new Date().toISOString(),
      });
      const timestamp = now();
      const signature = mac(key, "hex", `${timestamp}.`, body);
      return json({ "X-Webhook-Signature": `t=${timestamp},v1=${signature}` }, body);
    },
    forge: withAnotherBody,
  };
}

/** @param eventFor The event about a subject; VOVE ID's examples differ in what they handle. */
export function voveSender(eventFor: (refId: string) => object): Sender {
  const key = randomBytes(24);
  return {
    env: { VOVE_SECRET: `whsec_${key.toString("base64")}` },
    genuine: (subject, id = `msg_${randomBytes(12).toString("hex")}`) => {
      const body = JSON.stringify(eventFor(subject));
      const timestamp = now();
      const signature = mac(key, "base64", `${id}.${timestamp}.`, body);
      return json(
        {
          "svix-id": id,
          "svix-timestamp": String(timestamp),
          "svix-signature": `v1,${signature}`,
        },
        body,
      );
    },
    forge: withAnotherBody,
  };
}

export function cr3dentialsSender(): Sender {
  const secret = randomBytes(32).toString("hex");
  return {
    env: { CR3DENTIALS_SIGNING_SECRET: secret },
    genuine: (subject) => {
      const body = JSON.stringify({
        type: "verification.completed",
        status: "success",
        data: { verificationId: subject, status: "VERIFIED" },
      });
      return json({ "x-webhook-signature": mac(secret, "hex", body) }, body);
    },
    forge: withAnotherBody,
  };
}

export function screverSender(): Sender {
  const secret = randomUUID();
  return {
    env: { SCREVER_SECRET: secret },
    genuine: (subject) => {
      const body = JSON.stringify({
        timestamp: new Date().toISOString(),
        surveyItemId: subject,
        answer: 7,
      });
      return json({ "X-API-SIGNATURE": mac(secret, "hex", body) }, body);
    },
    forge: withAnotherBody,
  };
}

/** vali-Das with its authorization server, which publishes its key on loopback. */
export async function validasSender(): Promise<Sender> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key-1", use: "sig" }] };
  const server = await listen(
    createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(jwks));
    }),
  );
  const issuer = `${server.url}/`;
  const audience = "https://example.test/webhooks/validas";
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  return {
    env: {
      VALIDAS_ISSUER: issuer,
      VALIDAS_AUDIENCE: audience,
      VALIDAS_JWKS_URL: `${server.url}/jwks.json`,
    },
    genuine: (subject) => {
      const header = { alg: "EdDSA", typ: "at+jwt", kid: "key-1" };
      const claims = { iss: issuer, aud: audience, iat: now(), exp: now() + 600 };
      const signed = `${encode(header)}.${encode(claims)}`;
      const signature = signBytes(null, Buffer.from(signed), privateKey).toString("base64url");
      return json(
        { Authorization: `Bearer ${signed}.${signature}` },
        JSON.stringify({ validation_id: subject, status: "confirmed" }),
      );
    },
    // A token does not bind the body, so the token is what is forged.
    forge: ({ headers, body }) => {
      const [scheme, token = ""] = (headers.Authorization ?? "").split(" ");
      const [header, , signature] = token.split(".");
      const claims = { iss: issuer, aud: audience, iat: now(), exp: now() + 6000 };
      const Authorization = `${scheme} ${header}.${encode(claims)}.${signature}`;
      return { headers: { ...headers, Authorization }, body };
    },
    close: server.close,
  };
}
