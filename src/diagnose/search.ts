import type { WebhookError } from "../errors.js";
import type { Now } from "../internal/clock.js";
import type { Secrets } from "../internal/secrets.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import { originalsOf } from "./bodies.js";
import type { Budget } from "./budget.js";
import type { Clue } from "./findings.js";
import { macsIn } from "./macs.js";
import { type Pairs, valuesOf } from "./pairs.js";
import { type ProofPart, proofOf, secondsIn, signaturesOf, timeIn } from "./proof.js";
import { holds, refusalOf, type Try } from "./refusal.js";
import { candidatesOf } from "./secrets.js";
import { otherSignature } from "./signed-texts.js";
import { timeClues, tokenTimes } from "./times.js";
import { type Variant, variantsOf } from "./variants.js";

/** What a look at a delivery is given. */
export interface Search {
  readonly pairs: Pairs;
  readonly body: Uint8Array;
  readonly now: Now | undefined;
  readonly secrets: Secrets | undefined;
  readonly budget: Budget;
}

/** What a look at a delivery found. */
export interface Result {
  /** Nothing was wrong. */
  readonly authentic: boolean;
  /** What was undone to make the delivery verify; none when nothing helped. */
  readonly clues: readonly Clue[];
  /** What can be seen without verifying, such as a header that is not there. */
  readonly seen: readonly Clue[];
  /** The names of the headers that prove. */
  readonly parts: readonly ProofPart[];
}

const atSecond =
  (seconds: number): Now =>
  () =>
    seconds * 1000;

/** Codes after which the headers were as they should be. */
const isJudged = ({ code }: WebhookError): boolean =>
  /_(?:mismatch|too_old|too_new|invalid|expired)$/.test(code);

/** What is plain to see when nothing helped. */
function plainClues(
  refusal: WebhookError | undefined,
  { pairs, body }: Search,
  parts: readonly ProofPart[],
): readonly Clue[] {
  const clues: Clue[] = [];
  const { code = "", details } = refusal ?? {};
  if (code === "header_duplicated") {
    clues.push({ code, how: typeof details?.header === "string" ? details.header : "twice" });
  }
  if (code.endsWith("_missing")) {
    const named = typeof details?.header === "string" ? [details.header] : [];
    const names = [...parts.map(({ name }) => name), ...named];
    const absent = [...new Set(names)].filter((name) => valuesOf(pairs, name).length === 0);
    if (absent.length > 0) clues.push({ code: "header_missing", how: absent.join(", ") });
  }
  const signature = parts.find(isSignature);
  const entries = valuesOf(pairs, signature?.name ?? "").flatMap((value) => value.split(" "));
  if (
    signature?.before === "v1," &&
    entries.length > 0 &&
    entries.every((one) => /^v1a,/.test(one))
  ) {
    clues.push({ code: "other_algorithm", how: "a key pair's, v1a of Standard Webhooks" });
  }
  const [length = ""] = valuesOf(pairs, "content-length");
  if (body.length === 0 && code !== "" && !/_missing$/.test(code) && length.trim() !== "0") {
    clues.push({
      code: "body_empty",
      how: length === "" ? "" : ", and content-length says otherwise",
    });
  }
  return clues;
}

/** Looks for what makes one scheme, of no parts, take a delivery. */
export async function searchOne(scheme: Scheme | AsyncScheme, search: Search): Promise<Result> {
  const { pairs, body, now, secrets, budget } = search;
  const first: Try = { pairs, body };
  const refusal = await refusalOf(scheme, first, now);
  const parts = await proofOf(scheme, pairs);
  const nothing: Result = { authentic: false, clues: [], seen: [], parts };
  if (refusal === undefined) return { ...nothing, authentic: true };
  if (refusal.code === "key_unavailable") return nothing;
  const found = (...clues: readonly Clue[]): Result => ({ ...nothing, clues });

  const secondsOf = (variant: Variant): number | undefined => {
    const time = timeIn(parts, variant.pairs);
    return time === undefined ? undefined : secondsIn(time);
  };
  const clockFor = (variant: Variant): Now | undefined => {
    const seconds = secondsOf(variant);
    return seconds === undefined ? now : atSecond(seconds);
  };
  /** The clues of a try that held at the time of its signature, and those of the clock. */
  const explained = async (
    by: Scheme | AsyncScheme,
    variant: Variant,
    bytes: Uint8Array,
    ...clues: readonly Clue[]
  ): Promise<Result> => {
    const late = await timeClues(
      by,
      { pairs: variant.pairs, body: bytes },
      secondsOf(variant),
      now,
    );
    return found(...variant.clues, ...clues, ...(late ?? []));
  };

  // A scheme that asks somebody is not asked more often than it has to be.
  const variants = variantsOf(pairs, parts).slice(0, scheme.async ? 6 : undefined);
  const judged: Variant[] = [];
  for (const variant of variants) {
    if (!budget.take(body.length)) break;
    const one: Try = { pairs: variant.pairs, body };
    const answer = await refusalOf(scheme, one, clockFor(variant)).catch(() => refusal);
    if (answer === undefined) return explained(scheme, variant, body);
    if (isJudged(answer)) judged.push(variant);
    if (/^token_(?:expired|invalid)$/.test(answer.code)) {
      const { ends, begins } = tokenTimes(variant.pairs);
      for (const seconds of [
        ends === undefined ? [] : [ends - 1],
        begins === undefined ? [] : [begins + 1],
      ].flat()) {
        if (!(await holds(scheme, one, atSecond(seconds)))) continue;
        const clues = await timeClues(scheme, one, ends === seconds + 1 ? ends : seconds, now);
        if (clues !== undefined) return found(...variant.clues, ...clues);
      }
    }
  }
  // Headers that were mended are only worth more when those that came say nothing.
  const worth = judged[0]?.clues.length === 0 ? judged.slice(0, 1) : judged.slice(0, 4);

  const inMilliseconds = signedInMilliseconds(scheme, search, parts);
  if (inMilliseconds !== undefined) return found(inMilliseconds);
  const cut = truncated(scheme, search, parts);
  if (cut !== undefined) {
    const plain: Variant = { pairs: withSignature(pairs, parts, cut.expected), clues: [] };
    return explained(scheme, plain, body, cut.clue);
  }

  const candidates = candidatesOf(scheme, secrets);
  const widened =
    candidates === undefined || candidates.others.length === 0
      ? undefined
      : candidates.remake([...candidates.others.map(({ secret }) => secret)]);
  /** Which of the candidates it is, once it is known to be one of them. */
  const secretFor = async (variant: Variant, bytes: Uint8Array, ...clues: readonly Clue[]) => {
    const one: Try = { pairs: variant.pairs, body: bytes };
    for (const { secret, clues: more } of candidates?.others ?? []) {
      const remade = candidates?.remake([secret]);
      if (remade !== undefined && (await holds(remade, one, clockFor(variant)))) {
        return explained(remade, variant, bytes, ...more, ...clues);
      }
    }
    return undefined;
  };
  const cost = (bytes: Uint8Array, keys: number) => bytes.length * keys;
  if (widened !== undefined) {
    for (const variant of worth) {
      if (!budget.take(cost(body, candidates?.others.length ?? 1))) break;
      if (!(await holds(widened, { pairs: variant.pairs, body }, clockFor(variant)))) continue;
      const result = await secretFor(variant, body);
      if (result !== undefined) return result;
    }
  }

  if (scheme.bindsBody && worth.length > 0) {
    for await (const { body: original, clues, cost: made } of originalsOf(body)) {
      if (!budget.take(made + cost(original, worth.length * (candidates?.count ?? 1)))) break;
      for (const variant of worth) {
        if (await holds(scheme, { pairs: variant.pairs, body: original }, clockFor(variant))) {
          return explained(scheme, variant, original, ...clues);
        }
      }
    }
  }

  if (candidates !== undefined) {
    const clues = await otherSignature(scheme, candidates, pairs, body, parts, budget);
    if (clues !== undefined) return found(...clues);
  }

  if (scheme.bindsBody && widened !== undefined) {
    for await (const { body: original, clues, cost: made } of originalsOf(body, { pairs: false })) {
      if (!budget.take(made + cost(original, worth.length * (candidates?.others.length ?? 1))))
        break;
      for (const variant of worth) {
        if (!(await holds(widened, { pairs: variant.pairs, body: original }, clockFor(variant))))
          continue;
        const result = await secretFor(variant, original, ...clues);
        if (result !== undefined) return result;
      }
    }
  }
  return { ...nothing, seen: plainClues(refusal, search, parts) };
}

const isSignature = ({ role }: ProofPart): boolean => role === "signature" || role === "stamp";

function withSignature(pairs: Pairs, parts: readonly ProofPart[], value: string): Pairs {
  const name = parts.find(isSignature)?.name;
  return pairs.map(([given, was]) => [given, given === name ? value : was] as const);
}

/** What the scheme would have written for this body, time and id. */
function expectedOf(
  scheme: Scheme | AsyncScheme,
  { pairs, body }: Search,
  parts: readonly ProofPart[],
  time: string | undefined,
): readonly string[] {
  const idName = parts.find(({ role }) => role === "id")?.name;
  const id = idName === undefined ? "" : (valuesOf(pairs, idName)[0] ?? "");
  return signaturesOf(scheme, body, { timestamp: Number(time ?? 0), id });
}

/** A sender that signs milliseconds: right as it is, though no scheme reads such a time. */
function signedInMilliseconds(
  scheme: Scheme | AsyncScheme,
  search: Search,
  parts: readonly ProofPart[],
): Clue | undefined {
  const time = timeIn(parts, search.pairs);
  const name = parts.find(isSignature)?.name;
  if (time === undefined || time.length < 12 || name === undefined) return undefined;
  const values = valuesOf(search.pairs, name);
  const expected = expectedOf(scheme, search, parts, time);
  const fits = values.some((value) =>
    expected.some((one) => value === one || value.split(" ").includes(one)),
  );
  return fits
    ? { code: "timestamp_milliseconds", how: "the sender signs milliseconds" }
    : undefined;
}

const leastDigits = 10;

/** A signature whose end is missing. */
function truncated(
  scheme: Scheme | AsyncScheme,
  search: Search,
  parts: readonly ProofPart[],
): { readonly clue: Clue; readonly expected: string } | undefined {
  const part = parts.find(isSignature);
  if (part?.mac === undefined) return undefined;
  const [value] = valuesOf(search.pairs, part.name);
  if (value === undefined) return undefined;
  for (const expected of expectedOf(scheme, search, parts, timeIn(parts, search.pairs))) {
    const [mac] = macsIn(expected).slice(-1);
    if (mac === undefined || value.length >= expected.length) continue;
    const digits = value.startsWith(mac.before) ? value.length - mac.before.length : 0;
    if (digits < leastDigits || !expected.startsWith(value)) continue;
    const how = `${digits} of ${mac.text.length} characters came`;
    return { clue: { code: "signature_truncated", how }, expected };
  }
  return undefined;
}
