// Other libraries, each called as its documentation says, with the bytes that a server has received.

const utf8 = new TextDecoder();
/** What a library that takes text alone makes its callers do. */
const textOf = (body) => (typeof Buffer === "function" ? body.toString() : utf8.decode(body));

export async function svix() {
  const { Webhook } = await import("svix");
  const make = ({ whsec }) => {
    const webhook = new Webhook(whsec);
    return ({ headers, body }) => {
      // Since 2.0 it returns nothing, and parses nothing.
      webhook.verify(typeof Buffer === "function" ? body : textOf(body), headers);
      return true;
    };
  };
  return [{ name: "svix", kind: "peer", format: "svix", make }];
}

export async function standardWebhooks() {
  const { Webhook } = await import("standardwebhooks");
  const make = ({ whsec }) => {
    const webhook = new Webhook(whsec);
    return ({ headers, body }) => {
      const { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature } = headers;
      const given = {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
      };
      webhook.verify(typeof Buffer === "function" ? body : textOf(body), given, {
        jsonParse: false,
      });
      return true;
    };
  };
  return [{ name: "standardwebhooks", kind: "peer", format: "svix", make }];
}

export async function octokit() {
  const { verify } = await import("@octokit/webhooks-methods");
  const make =
    ({ text }) =>
    ({ headers, body }) =>
      verify(text, textOf(body), headers["x-hub-signature-256"]);
  return [{ name: "@octokit/webhooks-methods", kind: "peer", format: "hex", async: true, make }];
}

export async function stripe() {
  const { default: Stripe } = await import("stripe");
  const { signature } = new Stripe("sk_test_none").webhooks;
  const format = "stamp";
  const sync = {
    ...{ name: "stripe verifyHeader", kind: "peer", format },
    make:
      ({ text }) =>
      ({ headers, body }) =>
        signature.verifyHeader(body, headers["stripe-signature"], text, 300),
  };
  const async = {
    ...{ name: "stripe verifyHeaderAsync", kind: "peer", format, async: true },
    make:
      ({ text }) =>
      ({ headers, body }) =>
        signature.verifyHeaderAsync(body, headers["stripe-signature"], text, 300),
  };
  // Its builds for other runtimes than Node have the asynchronous form alone.
  const { process, Bun, Deno, navigator } = globalThis;
  const elsewhere = Bun ?? Deno ?? navigator?.userAgent === "Cloudflare-Workers";
  const node = process?.release?.name === "node" && !elsewhere;
  return [node ? sync : async];
}

export async function tern() {
  const loaded = await import("@hookflo/tern");
  const { WebhookVerificationService } = loaded.WebhookVerificationService
    ? loaded
    : loaded.default;
  const make =
    ({ whsec }) =>
    async ({ headers, body }) => {
      const url = "https://hooks.example.test/";
      const { connection, host, "content-length": length, ...rest } = headers;
      const request = new Request(url, { method: "POST", headers: rest, body });
      const result = await WebhookVerificationService.verifyWithPlatformConfig(
        request,
        "clerk",
        whsec,
      );
      return result.isValid;
    };
  const name = "tern (+Request, +JSON.parse)";
  return [{ name, kind: "peer", format: "svix", async: true, make }];
}
