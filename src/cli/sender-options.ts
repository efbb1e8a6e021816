import type { KnownProvider } from "./catalogue.js";
import { usageFailure } from "./failure.js";
import { readText } from "./files.js";
import { type NamedSecret, readPlaces } from "./secrets.js";
import type { SenderFlags } from "./sender.js";
import { parseSettings } from "./settings.js";

type Options = Readonly<Record<string, unknown>>;
type Secrets = () => Promise<readonly NamedSecret[]>;

function readTolerance(text: string | undefined): { toleranceSeconds?: number | false } {
  if (text === undefined) return {};
  if (text !== "off" && !/^\d+$/.test(text)) {
    throw usageFailure("--tolerance takes whole seconds, or “off”.");
  }
  return { toleranceSeconds: text === "off" ? false : Number(text) };
}

function readKeys(file: string | undefined): { readonly keys: readonly object[] } | undefined {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readText(file)) as { readonly keys: readonly object[] };
  } catch (error) {
    if (error instanceof SyntaxError) throw usageFailure("--jwks takes a file of JSON.");
    throw error;
  }
}

/** Deep enough for `bearer.issuer` and `header.name`. */
function merge(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = merged[key];
    merged[key] = isGroup(before) && isGroup(value) ? merge(before, value) : value;
  }
  return merged;
}

function settingsOf({ set, tolerance }: SenderFlags): Options {
  return { ...parseSettings(set ?? []), ...readTolerance(tolerance) };
}

/** The options of a scheme, for a sender of the user's own. */
export async function customOptions(flags: SenderFlags, secrets: Secrets): Promise<Options> {
  const { header, prefix, encoding, secretEncoding } = flags;
  const given = Object.entries({ header, prefix, encoding, secretEncoding });
  return {
    secret: await secrets(),
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...settingsOf(flags),
  };
}

/** The options of a provider's factory. */
export async function providerOptions(
  { setup, name }: KnownProvider,
  flags: SenderFlags,
  secrets: Secrets,
): Promise<Options> {
  for (const flag of ["prefix", "encoding", "secretEncoding"] as const) {
    if (flags[flag] !== undefined) {
      throw usageFailure(
        "--prefix, --encoding and --secret-encoding go with --scheme.",
        `How ${name} signs is known.`,
      );
    }
  }
  const [headerSecret] = process.env.COUNTERSIGN_HEADER_SECRET
    ? readPlaces({ env: ["COUNTERSIGN_HEADER_SECRET"] })
    : [];
  const { header, issuer, audience, jwksUrl } = flags;
  const set = settingsOf(flags);
  const settings = { header, issuer, audience, jwksUrl, jwks: readKeys(flags.jwks), set };
  const form = await setup.options?.({ secrets, headerSecret, ...settings });
  return merge(form ?? { secret: await secrets() }, set);
}
