// What people write themselves, and what the hash alone costs.

const utf8 = new TextEncoder();
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

const signedOf = ({ "svix-id": id, "svix-timestamp": timestamp }) => `${id}.${timestamp}.`;
const macOf = ({ "svix-signature": signature }) => signature.slice("v1,".length);

/** Parts that every verifier of the scheme has: nobody skips them. */
const isFresh = ({ "svix-timestamp": timestamp }) =>
  Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;

export async function nodeCrypto() {
  const crypto = await import("node:crypto");
  const { createHmac, createSecretKey, timingSafeEqual } = crypto;
  const documented = ({ key }) => {
    const secret = Buffer.from(key);
    return ({ headers, body }) => {
      const content = `${headers["svix-id"]}.${headers["svix-timestamp"]}.${body}`;
      const expected = Buffer.from(createHmac("sha256", secret).update(content).digest("base64"));
      const given = Buffer.from(macOf(headers));
      return (
        isFresh(headers) && given.length === expected.length && timingSafeEqual(given, expected)
      );
    };
  };
  const careful = ({ key }) => {
    const secret = createSecretKey(Buffer.from(key));
    return ({ headers, body }) => {
      const hmac = createHmac("sha256", secret).update(signedOf(headers)).update(body);
      const expected = Buffer.from(hmac.digest("base64"));
      const given = Buffer.from(macOf(headers));
      return (
        isFresh(headers) && given.length === expected.length && timingSafeEqual(given, expected)
      );
    };
  };
  // No verifier: what one cannot be faster than, from JavaScript.
  const keyObject = ({ key }) => {
    const secret = createSecretKey(Buffer.from(key));
    return ({ headers, body }) =>
      createHmac("sha256", secret).update(signedOf(headers)).update(body).digest("base64");
  };
  const contenders = [
    { name: "by hand: template, Buffer key", kind: "by hand", format: "svix", make: documented },
    { name: "by hand: bytes, KeyObject", kind: "by hand", format: "svix", make: careful },
    { name: "createHmac(KeyObject) alone", kind: "limit", format: "svix", make: keyObject },
  ];
  if (typeof crypto.hash === "function") {
    const twice = (_secrets, { headers, body }) => {
      const inner = Buffer.concat([Buffer.alloc(64), Buffer.from(signedOf(headers)), body]);
      const outer = Buffer.alloc(96);
      return () => {
        crypto.hash("sha256", inner, "latin1");
        return crypto.hash("sha256", outer, "base64");
      };
    };
    contenders.push({ name: "two bare crypto.hash", kind: "limit", format: "svix", make: twice });
  }
  return contenders;
}

export async function noble() {
  const [{ hmac }, { sha256 }] = await Promise.all([
    import("@noble/hashes/hmac.js"),
    import("@noble/hashes/sha2.js"),
  ]);
  const make =
    ({ key }) =>
    ({ headers, body }) => {
      const prefix = utf8.encode(signedOf(headers));
      const mac = base64(hmac.create(sha256, key).update(prefix).update(body).digest());
      const given = macOf(headers);
      let difference = mac.length ^ given.length;
      for (let at = 0; at < mac.length; at += 1) {
        difference |= mac.charCodeAt(at) ^ given.charCodeAt(at);
      }
      return isFresh(headers) && difference === 0;
    };
  return [{ name: "by hand: noble hmac", kind: "by hand", format: "svix", make }];
}

export async function webCrypto() {
  const make = ({ key }) => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = crypto.subtle.importKey("raw", key, algorithm, false, ["verify"]);
    return async ({ headers, body }) => {
      const prefix = utf8.encode(signedOf(headers));
      const content = new Uint8Array(prefix.length + body.length);
      content.set(prefix);
      content.set(body, prefix.length);
      const given = Uint8Array.from(atob(macOf(headers)), (character) => character.charCodeAt(0));
      const matches = await crypto.subtle.verify("HMAC", await imported, given, content);
      return isFresh(headers) && matches;
    };
  };
  return [{ name: "by hand: WebCrypto", kind: "by hand", format: "svix", async: true, make }];
}

export async function jsonParse() {
  const decoder = new TextDecoder();
  const make = () =>
    typeof Buffer === "function"
      ? ({ body }) => JSON.parse(body.toString())
      : ({ body }) => JSON.parse(decoder.decode(body));
  return [{ name: "(decode and JSON.parse alone)", kind: "limit", format: "svix", make }];
}
