import { randomBytes } from "node:crypto";
import { type Command, Option } from "commander";
import { isWebhookError, type Provider } from "../index.js";
import { inventedSecret, loadProvider, providerNames } from "./catalogue.js";
import { customSample, customSchemes, customSender } from "./custom-sender.js";
import { usageFailure } from "./failure.js";
import { shellWord } from "./printable.js";
import { configAdvice } from "./report.js";
import { type NamedSecret, readSecrets } from "./secrets.js";
import { customOptions, providerOptions } from "./sender-options.js";
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
  readonly apiKey?: string;
  readonly token?: string;
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
  /** Secrets that are malformed for the provider, which then has one that fits nothing. Only where they are asked for. */
  readonly refused?: readonly NamedSecret[];
}

/** For an option that may be given more than once. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Adds the options with which a command is told who sends. */
export function addSenderOptions(command: Command): Command {
  command
    .optionsGroup("Who sends:")
    .option("-p, --provider <name>", `one of ${providerNames().join(", ")}`)
    .addOption(
      new Option("--scheme <name>", "how a sender of your own proves itself").choices(
        Object.keys(customSchemes),
      ),
    )
    .option("--prefix <text>", "text before the proof, such as sha256=")
    .addOption(new Option("--encoding <name>", "of a signature").choices(["hex", "base64"]))
    .addOption(
      new Option("--secret-encoding <name>", "of the secret").choices(["utf8", "hex", "base64"]),
    );
  return addProofOptions(command);
}

/** Adds the options with which a command is told how a sender proves itself, where it knows who that is. */
export function addProofOptions(command: Command): Command {
  return command
    .option("--header <name>", "the header that carries the proof")
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

/** The options again, as a shell has to be given them. */
export function wordsOf(flags: SenderFlags): string {
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

/** Refuses what would put a secret where others can read it. */
export function checkSecretIsNoArgument({ secret, apiKey, token }: SenderFlags): void {
  const place =
    secret !== undefined
      ? "into the environment as COUNTERSIGN_SECRET, or into a file for --secret-file"
      : "into the environment, or into a file for --api-key-file";
  if ((secret ?? apiKey ?? token) === undefined) return;
  throw usageFailure(
    "A secret on the command line stays in the shell's history and is seen in the list of processes.",
    `Put it ${place}. This one has been seen: replace it if it is a real one.`,
  );
}

/** Whether a command was told who sends. */
export function namesSender({ provider, scheme }: SenderFlags): boolean {
  return provider !== undefined || scheme !== undefined;
}

/** What {@link resolveSender} may do. */
export interface ResolveOptions {
  /** Whether the standard input is free to ask for a secret. @default true */
  readonly mayPrompt?: boolean;
  /** Goes on with a malformed secret, to say what is wrong with it. @default false */
  readonly keepRefused?: boolean;
}

/** Makes the provider that a command was told of. */
export async function resolveSender(
  flags: SenderFlags,
  { mayPrompt = true, keepRefused = false }: ResolveOptions = {},
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
  const make = async (from: typeof secrets): Promise<Provider> =>
    known === undefined
      ? customSender(customSchemes[scheme ?? ""] as never, await customOptions(flags, from))
      : known.factory(await providerOptions(known, flags, from));
  const facts = {
    title: known?.setup.title ?? scheme ?? "",
    whereSecret,
    samples: known?.samples ?? customSample,
    fresh: known?.setup.fresh ?? ((event: Readonly<Record<string, unknown>>) => event),
    secrets,
    words: wordsOf(flags),
  };
  try {
    return { provider: await make(secrets), ...facts };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    const refused = (await read) ?? [];
    if (keepRefused && /^secret_/.test(error.code)) {
      const invented = [{ value: inventedSecret(randomBytes(24)), label: "none" }];
      return { provider: await make(async () => invented), ...facts, refused };
    }
    throw configAdvice(error, { secrets: refused, whereSecret });
  }
}
