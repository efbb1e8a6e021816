// The recorded deliveries and the published vectors of fixtures/.

import { existsSync, readdirSync } from "node:fs";
import { readFixture, recordedRequest } from "../../demo/recorded.mjs";
import { bodyOf } from "./sign.mjs";

const root = new URL("../../../fixtures/", import.meta.url);

/** Every provider that has recordings, with its cases. */
export function recordings() {
  return readdirSync(root)
    .filter((name) => existsSync(new URL(`${name}/cases.json`, root)))
    .map((name) => ({ provider: name, ...JSON.parse(readFixture(`${name}/cases.json`)) }));
}

/** What cases.json says of a message. Of one that is not known, it says only what it lists. */
function messageOf({ verify, ambiguous, ...said }) {
  if (verify !== "ok") return { verdict: verify };
  const doubt = ambiguous ? { flags: ["type_ambiguous"] } : {};
  const silent = said.known ? { subject: null, decision: null } : { decision: null };
  return { verdict: "accept", ...silent, ...said, ...doubt };
}

function flipped(body) {
  const changed = Buffer.from(body);
  changed[changed.length >> 1] ^= 1;
  return changed;
}

/** Every recording as it is; of those that are genuine and signed, also what a forger or a delay makes of them. */
export function recordedCases(add, { provider, recipe, cases }) {
  for (const { name, file, options, now, signature, expect } of cases) {
    const request = recordedRequest(provider, file);
    const input = (body, at = now) => ({
      ...{ kind: "provider", provider, options, headers: request.headers },
      ...{ body: body.toString("base64"), now: at },
    });
    add(name, input(request.body), messageOf(expect));
    if (expect.verify !== "ok" || signature === "none" || recipe.scheme === "bearerJwt") continue;
    add(`${name}, one bit flipped`, input(flipped(request.body)), {
      verdict: "signature_mismatch",
    });
    if (recipe.scheme === "hmac") continue;
    add(`${name}, an hour late`, input(request.body, now + 3600), { verdict: "timestamp_too_old" });
    add(`${name}, an hour early`, input(request.body, now - 3600), {
      verdict: "timestamp_too_new",
    });
  }
}

/** What others have published, typed from their pages. */
export function publishedCases(add) {
  for (const vector of JSON.parse(readFixture("vectors/published.json")).vectors) {
    const { scheme, key, body, id, timestamp = 0, signature, expect } = vector;
    const secret = { bytes: Buffer.from(key, "hex").toString("base64") };
    const header = "x-signature";
    const forms = {
      hmac: {
        scheme: ["hmac", { secret, header, minSecretBytes: 1 }],
        headers: [[header, signature]],
      },
      svix: {
        scheme: ["svix", { secret }],
        headers: [
          ["webhook-id", id],
          ["webhook-timestamp", String(timestamp)],
          ["webhook-signature", signature],
        ],
      },
    };
    if (forms[scheme] === undefined) throw new Error(`a vector for ${scheme}, which is not run`);
    add(
      `${vector.source.split(",")[0]}: ${vector.name}`,
      { ...forms[scheme], body: bodyOf(Buffer.from(body, "hex")), now: timestamp },
      { verdict: expect === "none" ? "accept" : expect },
    );
  }
}
