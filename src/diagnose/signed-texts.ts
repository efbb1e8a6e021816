import { concatBytes, utf8Bytes } from "../internal/bytes.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import type { Budget } from "./budget.js";
import type { Clue } from "./findings.js";
import { algorithms, equalBytes, hmacKey, macsIn, marker, markerBytes } from "./macs.js";
import { type Pairs, valuesOf } from "./pairs.js";
import { attempt, type ProofPart, sampleContext, timeIn } from "./proof.js";
import type { Candidates } from "./secrets.js";
import { latin1Text } from "./text-mixups.js";

/** A text that some sender signs. */
interface SignedText {
  readonly name: string;
  readonly parts: readonly (string | Uint8Array)[];
}

function textsOf(body: Uint8Array, times: readonly string[], ids: readonly string[]) {
  const texts: SignedText[] = [{ name: "the body alone", parts: [body] }];
  const add = (name: string, ...parts: SignedText["parts"]) => texts.push({ name, parts });
  for (const time of times) {
    add("time.body", `${time}.`, body);
    add("time:body", `${time}:`, body);
    add("v0:time:body", `v0:${time}:`, body);
    add("time and body with nothing between", time, body);
    add("time and body with a line end between", `${time}\n`, body);
    add("body.time", body, `.${time}`);
    add("body and time with nothing between", body, time);
    for (const id of ids) {
      add("id.time.body", `${id}.${time}.`, body);
      add("id|time|body", `${id}|${time}|`, body);
      add("time.id.body", `${time}.${id}.`, body);
      add("id, time and body with nothing between", id, time, body);
    }
  }
  for (const id of ids) {
    add("id.body", `${id}.`, body);
    add("id and body with nothing between", id, body);
  }
  return texts;
}

/**
 * Whether a time stands before the body, in the body: of a genuine delivery, somebody has moved the boundary between what
 * is signed, and would have that taken for another sender's way to sign.
 */
function isShifted(body: Uint8Array): boolean {
  return /^(?:[^\s{["]{1,256}?[.:|])?\d{9,13}[.:|\n]/.test(latin1Text(body.subarray(0, 280)));
}

/** The MACs in the signature headers. */
function macsOf(pairs: Pairs, parts: readonly ProofPart[]): readonly Uint8Array[] {
  return parts
    .filter(({ role }) => role === "signature" || role === "stamp")
    .flatMap(({ name }) => valuesOf(pairs, name).slice(0, 2))
    .flatMap((value) => macsIn(value))
    .flatMap(({ readings }) => readings.map(({ bytes }) => bytes))
    .slice(0, 8);
}

/** What a scheme signs itself, by its name above. */
async function ownText(
  scheme: Scheme | AsyncScheme,
  { remake }: Candidates,
): Promise<string | undefined> {
  const body = utf8Bytes(marker);
  const headers = attempt(() => remake([markerBytes])?.sign?.(body, sampleContext)) ?? [];
  const value = headers.find(({ role }) => role === "signature" || role === "stamp")?.value ?? "";
  const expected = macsIn(value).flatMap(({ readings }) => readings.map(({ bytes }) => bytes));
  const key = await hmacKey(markerBytes, "SHA-256");
  if (key === undefined || !scheme.bindsBody) return undefined;
  const texts = textsOf(body, [String(sampleContext.timestamp)], [sampleContext.id]);
  for (const { name, parts } of texts) {
    const mac = await key(concatBytes(parts));
    if (expected.some((one) => equalBytes(one, mac))) return name;
  }
  return undefined;
}

/**
 * Looks for another text and another algorithm under which the signature is right. This needs the keys, and so a scheme
 * that can be made again.
 */
export async function otherSignature(
  scheme: Scheme | AsyncScheme,
  candidates: Candidates,
  pairs: Pairs,
  body: Uint8Array,
  proof: readonly ProofPart[],
  budget: Budget,
): Promise<readonly Clue[] | undefined> {
  const macs = macsOf(pairs, proof);
  if (macs.length === 0 || isShifted(body)) return undefined;
  const time = timeIn(proof, pairs);
  const values = pairs.filter(([, value]) => /^\d{10}(?:\d{3})?$/.test(value));
  const times = [...new Set([...(time ? [time] : []), ...values.map(([, value]) => value)])];
  // What an id is made of, and the beginning of JSON is not: it could be moved there from the body.
  const named = pairs.filter(
    ([name, value]) => /(?:^|-)id$/.test(name) && /^[\w:./@+-]{1,199}$/.test(value),
  );
  const ids = [...new Set(named.map(([, value]) => value))];
  const own = await ownText(scheme, candidates);
  const texts = textsOf(body, times.slice(0, 3), ids.slice(0, 3));
  const keys = [
    ...candidates.own.map((key) => ({ key, clues: [] as readonly Clue[] })),
    ...candidates.others.flatMap(({ secret, clues }) =>
      typeof secret === "string" ? [] : [{ key: secret, clues }],
    ),
  ];
  for (const [index, { key, clues }] of keys.entries()) {
    for (const hash of algorithms) {
      const length = { "SHA-1": 20, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 }[hash];
      if (!macs.some((mac) => mac.length === length)) continue;
      const sign = await hmacKey(key, hash);
      if (sign === undefined) continue;
      for (const { name, parts } of texts) {
        // Whoever sends chooses how many times and ids there are: their texts are tried with the first key alone, so that
        // they do not use up the work meant for other causes.
        if (index > 0 && texts.length > 60) break;
        if (!budget.take(2 * body.length + 8192)) return undefined;
        const mac = await sign(concatBytes(parts));
        if (!macs.some((one) => equalBytes(one, mac))) continue;
        const found: Clue[] = [...clues];
        if (hash !== "SHA-256") {
          found.push({ code: "other_algorithm", how: `HMAC-${hash.replace("-", "")}` });
        }
        if (name !== own) {
          const instead = own === undefined ? "" : ` instead of ${own}`;
          found.push({ code: "signed_part_differs", how: name + instead });
        }
        // The scheme's own way: it was refused for something else.
        return found.length > 0 ? found : undefined;
      }
    }
  }
  return undefined;
}
