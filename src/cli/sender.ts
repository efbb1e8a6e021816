import { type Command, Option } from "commander";
import { isWebhookError, type Provider } from "../index.js";
import { loadProvider, providerNames } from "./catalogue.js";
import { customSample, customSchemes, customSender } from "./custom-sender.js";
import { usageFailure } from "./failure.js";
import { readText } from "./files.js";
import { shellWord } from "./printable.js";
import { configAdvice } from "./report.js";
import { type NamedSecret, readPlaces, readSecrets } from "./secrets.js";
import { parseSettings } from "./settings.js";
import type { Setup } from "./setup.js";

/** The options with which a command is told who sends. */
export interface SenderFlags {
  readonly provider?: string;
  readonly scheme?: string;
  readonly header?: string;
  readonly prefix?: string;
  readonly encoding?: string;
  readonly secretEncoding?: string;
  readonly tolerance?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwksUrl?: string;
  readonly jwks?: string;
  readonly set?: readonly string[];
  readonly secretEnv?: readonly string[];
  readonly secretFile?: readonly string[];
  readonly secret?: string;
}

/** Who sends, ready to verify and to sign. */
export interface Sender {
  readonly provider: Provider;
  readonly title: string;
  /** Where the vendor shows the secret; empty for a sender of the user's own. */
  readonly whereSecret: string;
  readonly samples: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly fresh: NonNullable<Setup["fresh"]>;
  /** The secrets again, for a proof that is issued elsewhere. */
  readonly secrets: () => Promise<readonly NamedSecret[]>;
  /** The same options, as a shell has to be given them. */
  readonly words: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Adds the options with which a command is told who sends. */
export function addSenderOptions(command: Command): Command {
  return command
    .optionsGroup("Who sends:")
    .option("-p, --provider <name>", `one of ${providerNames().join(", ")}`)
    .addOption(
      new Option("--scheme <name>", "how a sender of your own proves itself").choices(
        Object.keys(customSchemes),
      ),
    )
    .option("--header <name>", "the header that carries the proof")
    .option("--prefix <text>", "text before the proof, such as sha256=")
    .addOption(new Option("--encoding <name>", "of a signature").choices(["hex", "base64"]))
    .addOption(
      new Option("--secret-encoding <name>", "of the secret").choices(["utf8", "hex", "base64"]),
    )
    .option("--tolerance <seconds>", "how far the signed time may be off; “off” for unchecked")
    .option("--issuer <url>", "of tokens (JWT)")
    .option("--audience <text>", "of tokens (JWT)")
    .option("--jwks-url <url>", "where the issuer's keys are")
    .option("--jwks <file>", "the issuer's keys")
    .option("--set <option=value>", "any other option of the provider or scheme", collect)
    .optionsGroup(
      "Secrets (never as an argument; COUNTERSIGN_SECRET where none is named, else you are asked):",
    )
    .option(
      "--secret-env <name>",
      "an environment variable; repeat it while one replaces another",
      collect,
    )
    .option("--secret-file <file>", "a file; may be repeated", collect)
    .addOption(new Option("--secret <value>").hideHelp());
}

function wordsOf(flags: SenderFlags): string {
  const names = {
    ...{ provider: "provider", scheme: "scheme", header: "header", prefix: "prefix" },
    ...{ encoding: "encoding", secretEncoding: "secret-encoding", tolerance: "tolerance" },
    ...{ issuer: "issuer", audience: "audience", jwksUrl: "jwks-url", jwks: "jwks", set: "set" },
    ...{ secretEnv: "secret-env", secretFile: "secret-file" },
  } as const;
  return Object.entries(names)
    .flatMap(([key, name]) =>
      [flags[key as keyof SenderFlags] ?? []]
        .flat()
        .map((value) => `--${name} ${shellWord(value)}`),
    )
    .join(" ");
}

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

/** Refuses what would put a secret where others can read it. */
export function checkSecretIsNoArgument({ secret }: SenderFlags): void {
  if (secret === undefined) return;
  throw usageFailure(
    "A secret on the command line stays in the shell's history and is seen in the list of processes.",
    "Put it into the environment as COUNTERSIGN_SECRET, or into a file for --secret-file. This one has been seen: replace it if it is a real one.",
  );
}

/** Whether a command was told who sends. */
export function namesSender({ provider, scheme }: SenderFlags): boolean {
  return provider !== undefined || scheme !== undefined;
}

/** Makes the provider that a command was told of. */
export async function resolveSender(
  flags: SenderFlags,
  { mayPrompt = true }: { readonly mayPrompt?: boolean } = {},
): Promise<Sender> {
  const { provider: name, scheme } = flags;
  if ((name === undefined) === (scheme === undefined)) {
    throw usageFailure(
      name === undefined ? "Who sends?" : "Give --provider or --scheme, not both.",
      `Name one of ${providerNames().join(", ")} with --provider, or how your own sender proves itself with --scheme.`,
    );
  }
  const known = name === undefined ? undefined : await loadProvider(name);
  const whereSecret = known?.setup.secret ?? "";
  let read: Promise<readonly NamedSecret[]> | undefined;
  const secrets = (): Promise<readonly NamedSecret[]> => {
    read ??= readSecrets(
      { env: flags.secretEnv, file: flags.secretFile },
      { where: whereSecret, mayPrompt },
    );
    return read;
  };
  const set = { ...parseSettings(flags.set ?? []), ...readTolerance(flags.tolerance) };
  const form = async (): Promise<Readonly<Record<string, unknown>>> => {
    if (known === undefined) {
      const { header, prefix, encoding, secretEncoding } = flags;
      const given = Object.entries({ header, prefix, encoding, secretEncoding });
      return Object.fromEntries([
        ["secret", await secrets()],
        ...given.filter(([, value]) => value !== undefined),
      ]);
    }
    const [headerSecret] = process.env.COUNTERSIGN_HEADER_SECRET
      ? readPlaces({ env: ["COUNTERSIGN_HEADER_SECRET"] })
      : [];
    const { header, issuer, audience, jwksUrl } = flags;
    const settings = { header, issuer, audience, jwksUrl, jwks: readKeys(flags.jwks), set };
    return (
      (await known.setup.options?.({ secrets, headerSecret, ...settings })) ?? {
        secret: await secrets(),
      }
    );
  };
  const options = merge(await form(), set);
  let provider: Provider;
  try {
    provider = known
      ? known.factory(options)
      : customSender(customSchemes[scheme ?? ""] as never, options);
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    throw configAdvice(error, { secrets: (await read) ?? [], whereSecret });
  }
  return {
    provider,
    title: known?.setup.title ?? provider.name,
    whereSecret,
    samples: known?.samples ?? customSample,
    fresh: known?.setup.fresh ?? ((event) => event),
    secrets,
    words: wordsOf(flags),
  };
}
