// What a user's application does with a delivery, once, with the modules in whichever format it is given.
// Everything that a sender would do is done with node:crypto, so that nothing is checked against itself.
const { createHmac, generateKeyPairSync, sign } = require("node:crypto");
const { once } = require("node:events");
const { createServer } = require("node:http");

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const body = JSON.stringify({ status: "successful", refId: "user-1" });

function signed(id) {
  const timestamp = Math.floor(Date.now() / 1000);
  const mac = createHmac("sha256", Buffer.alloc(24, 7)).update(`${id}.${timestamp}.${body}`);
  return {
    "content-type": "application/json",
    "svix-id": id,
    "svix-timestamp": String(timestamp),
    "svix-signature": `v1,${mac.digest("base64")}`,
  };
}

function token(privateKey, claims) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const input = `${encode({ alg: "ES256", kid: "1" })}.${encode(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" };
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

module.exports = async function scenario(modules) {
  const { createReceiver, isWebhookError, safeVerifySvix, verifySvix } = modules;
  const { bearerJwt, catchUp, toExpressHandler, vove } = modules;
  const codeOf = (error) => (isWebhookError(error) ? error.code : String(error));

  const verified = verifySvix(
    { headers: signed("msg_1"), body },
    {
      secret: [
        { value: Buffer.alloc(24, 1), label: "old" },
        { value: secret, label: "new" },
      ],
    },
  );
  const refused = safeVerifySvix({ headers: signed("msg_1"), body: `${body} ` }, { secret });

  const seen = [];
  const receiver = createReceiver(vove({ secret }), {
    on: { "idv.successful": (event, message) => void seen.push([event.refId, message.decision]) },
  });
  const first = await receiver.receive({ headers: signed("msg_2"), body });
  const again = await receiver.receive({ headers: signed("msg_2"), body });

  const lost = ["msg_2", "msg_2b"].map((id) => ({ id, messageId: id, event: JSON.parse(body) }));
  const caughtUp = await catchUp(receiver, {
    provider: "vove",
    page: async () => ({ events: lost, hasNext: false }),
  });

  const server = createServer(toExpressHandler(receiver)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/`;
  const post = async (init) => (await fetch(url, { method: "POST", ...init })).status;
  const answers = [
    await post({ headers: signed("msg_3"), body }),
    await post({ headers: signed("msg_3"), body }),
    await post({ headers: signed("msg_4"), body: body.replace("user-1", "user-2") }),
    await post({ headers: {}, body }),
    (await fetch(url)).status,
  ];
  server.closeAllConnections();
  server.close();

  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const scheme = bearerJwt({
    issuer: "https://login.example",
    audience: "webhooks",
    jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "ES256" }] },
  });
  const carry = (claims) => ({
    headers: { authorization: `Bearer ${token(privateKey, claims)}` },
    body,
  });
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: "https://login.example", aud: "webhooks", exp };
  const proven = await scheme.verify(carry(claims));
  const misdirected = await scheme.verify(carry({ ...claims, aud: "other" })).catch(codeOf);

  return {
    verified: [verified.id, verified.secret, verified.json()],
    refused: refused.ok ? "nothing" : refused.error.code,
    outcomes: [first.kind, again.kind],
    caughtUp,
    answers,
    seen,
    token: [proven.scheme, proven.text() === body, misdirected],
  };
};
