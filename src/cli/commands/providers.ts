import type { Command } from "commander";
import type { Provider } from "../../index.js";
import {
  exampleProvider,
  type KnownProvider,
  loadProvider,
  proofHeaders,
  providerNames,
  specimen,
} from "../catalogue.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { span } from "../schedule.js";
import { paint, print, printJson } from "../terminal.js";

interface Flags {
  readonly json?: boolean;
}

const apiCommands = { history: "catch-up", webhooks: "webhooks" } as const;

function factsOf({ setup }: KnownProvider, provider: Provider) {
  const { name, types, scheme, docs, timeoutMs, retry } = provider;
  return {
    name,
    title: setup.title,
    types,
    scheme: scheme.name,
    proofHeaders: proofHeaders(provider),
    bindsBody: scheme.bindsBody,
    bindsTime: scheme.bindsTime,
    secret: setup.secret,
    secretSource: setup.source,
    forms: setup.forms ?? [],
    api: setup.api && {
      variable: setup.api.variable,
      credential: setup.api.credential,
      commands: (["history", "webhooks"] as const).flatMap((feature) =>
        setup.api?.[feature] === undefined ? [] : [apiCommands[feature]],
      ),
    },
    docs,
    timeoutMs,
    retry,
  };
}

type Facts = ReturnType<typeof factsOf>;

function describe(facts: Facts): readonly string[] {
  const { name, title, types, scheme, api, docs, timeoutMs, retry } = facts;
  const line = (label: string, text: string): string => `  ${paint("dim", label.padEnd(9))}${text}`;
  const lines = (label: string, texts: readonly string[]): readonly string[] =>
    texts.map((text, index) => line(index === 0 ? label : "", text));
  const guards = [
    facts.bindsBody ? "covers the body" : "does NOT cover the body",
    facts.bindsTime ? "and the time" : "and NOT the time",
  ];
  return [
    `${paint("bold", name)}  ${title}`,
    ...lines("events", types),
    line("proof", `${scheme}, in ${facts.proofHeaders.join(", ")}; ${guards.join(" ")}`),
    line("secret", facts.secret),
    ...(facts.secretSource === "" ? [] : [line("", `(${facts.secretSource})`)]),
    ...lines("also", facts.forms),
    ...(api === undefined
      ? []
      : [line("API", `${api.credential} in ${api.variable}, for ${api.commands.join(" and ")}`)]),
    line(
      "waits",
      timeoutMs === undefined ? "not documented" : `${span(timeoutMs / 1000)} for an answer`,
    ),
    line(
      "retries",
      retry === undefined ? "not documented" : `after ${retry.delaysSeconds.map(span).join(", ")}`,
    ),
    ...(retry === undefined ? [] : [line("", `(${retry.source})`)]),
    ...(docs === undefined ? [] : [line("docs", docs)]),
    line("try", `npx countersign listen --provider ${name}`),
  ];
}

async function providers(name: string | undefined, { json }: Flags): Promise<ExitCode> {
  const names = name === undefined ? providerNames() : [name];
  const facts = await Promise.all(
    names.map(async (one) => {
      const known = await loadProvider(one);
      return factsOf(known, await specimen(known));
    }),
  );
  if (json) {
    for (const one of facts) printJson(one);
  } else if (name !== undefined) {
    print(...facts.flatMap(describe));
  } else {
    for (const one of facts) {
      print(
        `${paint("bold", one.name.padEnd(13))}${one.title.padEnd(13)}${one.types.length} events, ${one.scheme}`,
      );
    }
    print(
      "",
      "npx countersign providers NAME says more: events, retries, and where the secret is found.",
      "Any other sender: --scheme svix, hmac, stampedHmac or headerSecret.",
    );
  }
  return exitCodes.fine;
}

/** Adds `providers`. */
export function addProviders(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command("providers")
    .summary("what is supported, and where the secrets are found")
    .description(
      "Lists the supported providers; with a name, its events, retries, and where its secret is found.",
    )
    .argument("[name]", "a provider")
    .option("--json", "print JSON, a line for each provider")
    .addHelpText(
      "after",
      `
Examples:
  npx countersign providers
  npx countersign providers ${exampleProvider()}
  npx countersign providers --json`,
    )
    .action((name: string | undefined, flags: Flags) => run(providers(name, flags)));
}
