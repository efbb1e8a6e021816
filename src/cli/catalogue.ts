import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import type { Provider } from "../provider.js";
import { usageFailure } from "./failure.js";
import { printable } from "./printable.js";
import type { Setup } from "./setup.js";

/** A provider that the package has. */
export interface KnownProvider {
  readonly name: string;
  readonly factory: (options: unknown) => Provider;
  /** One event of each type. */
  readonly samples: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly setup: Setup;
}

// This runs as dist/cli/main.js. What is there is what there is: a new provider needs no line in the command line.
const modules = new URL("../providers/", import.meta.url);
const setups = new URL("./providers/", import.meta.url);

/** A secret that is well-formed for every provider: hex digits are base64 and text too. */
export function inventedSecret(bytes: Uint8Array): string {
  return `whsec_${Buffer.from(bytes).toString("hex")}`;
}

let names: readonly string[] | undefined;

/** Names of all providers. */
export function providerNames(): readonly string[] {
  names ??= readdirSync(modules)
    .filter((file) => file.endsWith(".js"))
    .map((file) => file.slice(0, -".js".length))
    .sort();
  return names;
}

/** One of them, for examples. */
export function exampleProvider(): string {
  return providerNames().at(-1) ?? "NAME";
}

/** Names of the providers whose API the package can call, for examples. */
export function apiProviders(): readonly string[] {
  const clients = new Set(readdirSync(new URL("../clients/", import.meta.url)));
  return providerNames().filter((name) => clients.has(`${name}.js`));
}

async function setupOf(name: string): Promise<Setup> {
  const file = new URL(`${name}.js`, setups);
  const unknown: Setup = { title: name, secret: "", source: "" };
  return existsSync(file) ? ((await import(file.href)) as { setup: Setup }).setup : unknown;
}

/** Loads a provider by its name. */
export async function loadProvider(name: string): Promise<KnownProvider> {
  const names = providerNames();
  if (!names.includes(name)) {
    throw usageFailure(
      `There is no provider ${printable(name, 40)}.`,
      `There are ${names.join(", ")}. For any other sender, use --scheme.`,
    );
  }
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(new URL(`${name}.js`, modules).href);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw usageFailure("The package zod is missing.", "npm i zod");
  }
  return {
    name,
    factory: exported[name] as KnownProvider["factory"],
    samples: exported[`${name}Samples`] as KnownProvider["samples"],
    setup: await setupOf(name),
  };
}

/** Names of the providers whose API can do something. */
export async function providersWith(feature: "history" | "webhooks"): Promise<readonly string[]> {
  const names = providerNames();
  const setups = await Promise.all(names.map(setupOf));
  return names.filter((_name, index) => setups[index]?.api?.[feature] !== undefined);
}

/** A provider in its usual form, with a secret that nobody has: for what is said of it. */
export async function specimen({ factory, setup }: KnownProvider): Promise<Provider> {
  const secret = [{ value: inventedSecret(randomBytes(24)), label: "none" }];
  const options = await setup.options?.({
    secrets: async () => secret,
    headerSecret: undefined,
    set: {},
  });
  return factory(options ?? { secret });
}

/** Names of the headers with which a provider's deliveries prove their sender. */
export function proofHeaders({ scheme }: Pick<Provider, "scheme">): readonly string[] {
  const context = { timestamp: 0, id: "id", secretIndex: 0, token: "token" };
  return (scheme.sign?.(new Uint8Array(), context) ?? []).map(({ name }) => name);
}

let all: Promise<readonly Provider[]> | undefined;

/** A specimen of every provider. */
export function specimens(): Promise<readonly Provider[]> {
  all ??= Promise.all(providerNames().map(async (name) => specimen(await loadProvider(name))));
  return all;
}

/** Names of providers whose deliveries have headers like these. A guess for a hint, and no proof of anything. */
export async function lookalikes(
  headers: readonly (readonly [string, string])[],
): Promise<readonly string[]> {
  const present = new Set(headers.map(([name]) => name.toLowerCase()));
  const fitting = (await specimens()).filter((provider) => {
    const wanted = proofHeaders(provider);
    return wanted.length > 0 && wanted.every((header) => present.has(header));
  });
  return fitting.map(({ name }) => name);
}
