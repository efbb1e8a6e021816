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

/** Whether this is a delivery of another sender: it verifies as theirs, or has their headers and none of ours. */
export async function otherProvider(
  name: string,
  own: readonly ProofPart[],
  others: readonly Pick<Provider, "name" | "scheme">[],
  { pairs, body, budget }: Search,
): Promise<{ readonly proven?: Clue; readonly seen?: Clue }> {
  const ours = own.filter(isDigest);
  const isOurs = ours.some((part) =>
    valuesOf(pairs, part.name).some((value) => isWrittenAs(part, value)),
  );
  const hasNone = own.length > 0 && own.every((part) => valuesOf(pairs, part.name).length === 0);
  let seen: Clue | undefined;
  for (const other of others.slice(0, 20)) {
    const { scheme } = other;
    if (other.name === name || scheme.async || !budget.take(body.length)) continue;
    const parts = await proofOf(scheme, pairs);
    // One that asks for nothing takes everything.
    if (parts.length === 0) continue;
    const time = timeIn(parts, pairs);
    const now = time === undefined ? undefined : () => secondsIn(time) * 1000;
    if (await holds(scheme, { pairs, body }, now)) {
      return { proven: { code: "other_provider", how: `it verifies as ${other.name}'s` } };
    }
    const digests = parts.filter(isDigest);
    const looks =
      digests.length > 0 &&
      digests.every((part) => valuesOf(pairs, part.name).some((value) => isWrittenAs(part, value)));
    if (looks && !isOurs && seen === undefined) {
      seen = { code: "other_provider", how: `it has ${other.name}'s signature header` };
    }
  }
  if (seen === undefined && hasNone) seen = wellKnown(pairs);
  return seen === undefined ? {} : { seen };
}

function wellKnown(pairs: Pairs): Clue | undefined {
  const header = pairs.find(([name]) => Object.hasOwn(known, name))?.[0];
  return header === undefined
    ? undefined
    : { code: "other_provider", how: `${header} is a header of ${known[header]}` };
}
