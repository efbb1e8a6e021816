import type { Provider } from "../provider.js";
import type { Clue } from "./findings.js";
import { macsIn } from "./macs.js";
import { type Pairs, valuesOf } from "./pairs.js";
import { type ProofPart, proofOf, secondsIn, timeIn } from "./proof.js";
import { holds } from "./refusal.js";
import type { Search } from "./search.js";

/** Headers of one sender alone. */
const known: Readonly<Record<string, string>> = {
  "stripe-signature": "Stripe",
  "x-hub-signature-256": "GitHub or Meta",
  "x-github-event": "GitHub",
  "x-gitlab-token": "GitLab",
  "x-slack-signature": "Slack",
  "x-shopify-hmac-sha256": "Shopify",
  "x-twilio-signature": "Twilio",
  "paddle-signature": "Paddle",
  "x-zm-signature": "Zoom",
  "x-square-hmacsha256-signature": "Square",
  "linear-signature": "Linear",
  "paypal-transmission-sig": "PayPal",
  "typeform-signature": "Typeform",
  "x-hubspot-signature-v3": "HubSpot",
  "x-payload-digest": "Sumsub",
  "persona-signature": "Persona",
  "x-sha2-signature": "Onfido",
  "x-hmac-signature": "Veriff",
  "intercom-signature": "Intercom",
};

const isDigest = ({ role }: ProofPart): boolean => role === "signature" || role === "stamp";

/** Whether a header is written as a scheme writes it. */
function isWrittenAs(part: ProofPart, value: string): boolean {
  const { mac, before, lead, write } = part;
  if (mac === undefined) return false;
  return macsIn(value).some(({ text, before: stands, after, readings }) => {
    const time = /\d{9,13}/.exec(stands)?.[0] ?? "";
    const around = write === undefined ? stands === before : value === write(time, text);
    return (
      around &&
      (after === "" || /^[ ,]/.test(after)) &&
      (lead === undefined || time !== "") &&
      readings.some(
        ({ bytes, spelling }) => bytes.length === mac.bytes && spelling === mac.encoding,
      )
    );
  });
}

type Named = Pick<Provider, "name" | "scheme">;

const mostProviders = 20;

/** Whether a delivery verifies, as it is, as another sender's. */
export async function provenOther(
  others: readonly Named[],
  { pairs, body, budget }: Search,
): Promise<Clue | undefined> {
  for (const { name, scheme } of others.slice(0, mostProviders)) {
    if (scheme.async || !budget.take(body.length)) continue;
    const parts = await proofOf(scheme, pairs);
    // One that asks for nothing takes everything.
    if (parts.length === 0) continue;
    const time = timeIn(parts, pairs);
    const now = time === undefined ? undefined : () => secondsIn(time) * 1000;
    if (await holds(scheme, { pairs, body }, now)) {
      return { code: "other_provider", how: `it verifies as ${name}'s` };
    }
  }
  return undefined;
}

/** Whether a delivery has another sender's headers, and none of ours. */
export async function likelyOther(
  own: readonly ProofPart[],
  others: readonly Named[],
  { pairs }: Search,
): Promise<Clue | undefined> {
  const has = (part: ProofPart) =>
    valuesOf(pairs, part.name).some((value) => isWrittenAs(part, value));
  if (own.filter(isDigest).some(has)) return undefined;
  for (const { name, scheme } of others.slice(0, mostProviders)) {
    const digests = scheme.async ? [] : (await proofOf(scheme, pairs)).filter(isDigest);
    if (digests.length > 0 && digests.every(has)) {
      return { code: "other_provider", how: `it has ${name}'s signature header` };
    }
  }
  const isBare = own.length > 0 && own.every((part) => valuesOf(pairs, part.name).length === 0);
  return isBare ? wellKnown(pairs) : undefined;
}

function wellKnown(pairs: Pairs): Clue | undefined {
  const header = pairs.find(([name]) => Object.hasOwn(known, name))?.[0];
  return header === undefined
    ? undefined
    : { code: "other_provider", how: `${header} is a header of ${known[header]}` };
}
