// An application that has no jose: what does not need it works, and what does says so.
const token = "a fixed token".replaceAll(" ", "-").padEnd(24, "0");
const headers = { authorization: `Bearer ${token}` };
const body = JSON.stringify({ validation_id: "v-1", status: "cancelled" });

module.exports = async function scenario({ isWebhookError, bearerJwt, validas }) {
  const issued = {
    issuer: "https://login.example",
    audience: "webhooks",
    jwks: {
      keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
    },
  };
  const message = await validas({ bearer: { token } }).verify({ headers, body });
  const refusals = [];
  for (const { verify } of [bearerJwt(issued), validas({ bearer: issued })]) {
    try {
      await verify({ headers: { authorization: "Bearer e30.e30.e30" }, body });
    } catch (error) {
      refusals.push(isWebhookError(error, "key_unavailable") ? error.details : String(error));
    }
  }
  return { message: [message.type, message.subject, message.decision], refusals };
};
