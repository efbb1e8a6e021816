import type { Clue } from "./findings.js";
import { encodeMac, macsIn } from "./macs.js";
import { type Pairs, printable, valuesOf, withHeader } from "./pairs.js";
import { type ProofPart, secondsIn, timeIn } from "./proof.js";

/** Headers as they may have been before something happened to them. */
export interface Variant {
  readonly pairs: Pairs;
  readonly clues: readonly Clue[];
}

type Step = (variant: Variant, parts: readonly ProofPart[]) => readonly Variant[];

const mostVariants = 24;

const changed = (variant: Variant, pairs: Pairs, ...clues: readonly Clue[]): Variant => ({
  pairs,
  clues: [...variant.clues, ...clues],
});

/** One of several values, or of the values that were joined into one. */
const single: Step = (variant, parts) =>
  parts.flatMap(({ name, role }) => {
    const values = valuesOf(variant.pairs, name);
    const joined = values.flatMap((value) =>
      value.split(role === "stamp" || /^v\d/.test(value) ? /, +/ : /, */),
    );
    if (joined.length < 2) return [];
    const how = `${name}, ${values.length > 1 ? "in several lines" : "joined with a comma"}`;
    return [...new Set(joined)].slice(0, 3).map((value) =>
      changed(variant, withHeader(variant.pairs, name, value), {
        code: "header_duplicated",
        how,
      }),
    );
  });

/** What proxies, gateways and CGI put before a name. */
const wrapped =
  /^(?:http-)?(?:x-)?(?:(?:forwarded|original|orig|amzn-remapped|amz-meta|proxied|upstream|source|client)-)?(?:x-)?/;
const bare = (name: string): string => name.replaceAll("_", "-").replace(wrapped, "");

/** How likely a header is the one that is missed, under another name. */
function likeness(part: ProofPart, name: string, value: string): number {
  if (bare(name) === bare(part.name)) return 4;
  const last = (text: string) => /[a-z]+$/.exec(bare(text))?.[0];
  const isTime = /^\d{10}(?:\d{3})?$/.test(value);
  const macs = macsIn(value).some(({ readings }) =>
    readings.some(({ bytes }) => part.mac === undefined || bytes.length === part.mac.bytes),
  );
  const fits = { id: !isTime, timestamp: isTime, stamp: macs, signature: macs }[part.role as "id"];
  if (last(name) === last(part.name) && fits !== false) return 3;
  return fits && part.role !== "id" ? 1 : 0;
}

// Beyond any header's; what looks at names takes the square of their length.
const longestName = 128;

const renamed: Step = (variant, parts) => {
  const absent = parts.filter(({ name }) => valuesOf(variant.pairs, name).length === 0);
  const present = parts.filter((part) => !absent.includes(part)).map(({ name }) => name);
  return absent
    .reduce<readonly Variant[]>(
      (variants, part) =>
        variants
          .flatMap((one) =>
            one.pairs
              .filter(([name]) => name.length <= longestName && !present.includes(name))
              .map(([name, value]) => ({ name, value, rank: likeness(part, name, value) }))
              .filter(({ rank }) => rank > 0)
              .sort((a, b) => b.rank - a.rank)
              .slice(0, 2)
              .map(({ name, value }) =>
                changed(one, withHeader(one.pairs, part.name, value, name), {
                  code: "header_renamed",
                  how: `${printable(name)} instead of ${part.name}`,
                }),
              ),
          )
          .slice(0, mostVariants),
      [variant],
    )
    .filter((one) => one !== variant);
};

/** The time in milliseconds, where seconds were signed. */
const inSeconds: Step = (variant, parts) => {
  const time = timeIn(parts, variant.pairs);
  if (time === undefined || time.length < 12) return [];
  const seconds = String(secondsIn(time));
  const pairs = variant.pairs.map(([name, value]) => {
    const isTimed = parts.some(
      (part) => part.name === name && (part.role === "timestamp" || part.role === "stamp"),
    );
    return [name, isTimed ? value.replace(time, seconds) : value] as const;
  });
  const how = "the time is written in milliseconds, and seconds were signed";
  return [changed(variant, pairs, { code: "timestamp_milliseconds", how })];
};

/** A signature as its scheme would have written it. */
const respelled: Step = (variant, parts) =>
  parts.flatMap((part) => {
    const { mac, name, before, role, write } = part;
    const [value = ""] = valuesOf(variant.pairs, name);
    if (mac === undefined || value === "") return [];
    const time = timeIn(parts, variant.pairs) ?? "";
    return macsIn(value).flatMap((found) =>
      found.readings.flatMap(({ bytes, spelling }) => {
        if (bytes.length !== mac.bytes) return [];
        const text = encodeMac(bytes, mac.encoding);
        const canonical = role === "stamp" && write ? write(time, text) : before + text;
        const clues: Clue[] = [];
        if (text !== found.text) {
          const how =
            spelling === mac.encoding
              ? "its last digit is not the usual one"
              : `${spelling} instead of ${mac.encoding}`;
          clues.push({ code: "signature_encoding", how });
        }
        const around = found.before + text + found.after;
        const isEntry = around.split(" ").includes(canonical);
        if (around !== canonical && !isEntry) {
          const form = role === "stamp" && write ? write("…", "…") : `${before}…`;
          clues.push({ code: "signature_prefix", how: `${name} should read ${form}` });
        }
        if (clues.length === 0) return [];
        return [changed(variant, withHeader(variant.pairs, name, canonical), ...clues)];
      }),
    );
  });

/** A secret or token in its header without what does not belong there, or with what is missing. */
const unwrapped: Step = (variant, parts) =>
  parts.flatMap(({ name, role, before }) => {
    const [value] = valuesOf(variant.pairs, name);
    if (value === undefined || (role !== "secret" && role !== "token")) return [];
    const held = value.startsWith(before) ? value.slice(before.length) : value;
    const plain = held.trim().replace(/^(["'`])(.*)\1$/s, "$2");
    const word = plain.replace(/^[A-Za-z]+:? +/, "");
    const again = (text: string, ...clues: readonly Clue[]) =>
      changed(variant, withHeader(variant.pairs, name, before + text), ...clues);
    const quoted: Clue = { code: "secret_quoted", how: `, in the header ${name} as it was sent` };
    const spaced: Clue = {
      code: "secret_whitespace",
      how: `, in the header ${name} as it was sent`,
    };
    const how = before === "" ? "nothing belongs before it" : `${name} should read ${before}…`;
    const variants: Variant[] = [];
    if (held.trim() !== held) variants.push(again(held.trim(), spaced));
    if (plain !== held.trim()) variants.push(again(plain, quoted));
    if (word !== plain) variants.push(again(word, { code: "signature_prefix", how }));
    if (before !== "" && !value.startsWith(before)) {
      variants.push(again(plain, { code: "signature_prefix", how }));
    }
    return variants;
  });

const steps: readonly Step[] = [single, renamed, inSeconds, respelled, unwrapped];

/** The headers as they came, and as they may have been, those with fewer changes first. */
export function variantsOf(pairs: Pairs, parts: readonly ProofPart[]): readonly Variant[] {
  const variants: Variant[] = [{ pairs, clues: [] }];
  for (const step of steps) {
    const more = variants.flatMap((variant) => step(variant, parts));
    variants.push(...more.slice(0, 3 * mostVariants - variants.length));
  }
  return variants.sort((a, b) => a.clues.length - b.clues.length).slice(0, mostVariants);
}
