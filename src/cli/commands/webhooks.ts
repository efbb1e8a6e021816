import { Argument, type Command, Option } from "commander";
import { type Access, type AccessFlags, addAccessOptions, resolveAccess } from "../api-access.js";
import { apiProviders, loadProvider, providersWith } from "../catalogue.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { usageFailure } from "../failure.js";
import { checkConfidential, parseTarget } from "../post-exactly.js";
import { printable } from "../printable.js";
import { canPrompt, promptLine } from "../prompt.js";
import { type HandoverTo, handOver } from "../secret-handover.js";
import { collect } from "../sender.js";
import type { ListedWebhook, WebhookCalls, WebhookFacts } from "../setup.js";
import { paint, print, printJson } from "../terminal.js";

const actions = ["list", "create", "delete", "rotate"] as const;
type Action = (typeof actions)[number];

interface Flags extends AccessFlags {
  readonly url?: string;
  readonly type?: readonly string[];
  readonly eventType?: readonly string[];
  readonly sandbox?: boolean;
  readonly disabled?: boolean;
  readonly new?: boolean;
  readonly secretFile?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface Work {
  readonly title: string;
  readonly facts: WebhookFacts;
  readonly flags: Flags;
  /** Connects, and asks for the key where it has to. */
  readonly access: () => Promise<Access & { readonly calls: WebhookCalls }>;
}

/** Options that only some actions take. */
const taken: Readonly<Record<string, readonly Action[]>> = {
  url: ["create"],
  type: ["create"],
  eventType: ["create"],
  sandbox: ["create"],
  disabled: ["create"],
  new: ["create"],
  secretFile: ["create", "rotate"],
  yes: ["delete"],
};

function checkFlags(action: Action, flags: Flags): void {
  for (const [flag, takers] of Object.entries(taken)) {
    if (flags[flag as keyof Flags] === undefined || takers.includes(action)) continue;
    const option = flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageFailure(`--${option} goes with ${takers.join(" and ")}.`);
  }
}

function row({ id, types, url = "", enabled, sandbox, created }: ListedWebhook): readonly string[] {
  const state = [
    ...(enabled === undefined ? [] : [enabled ? "enabled" : "disabled"]),
    ...(sandbox ? ["sandbox"] : []),
  ];
  return [
    printable(id, 80),
    printable(types.join(","), 100),
    printable(url, 200),
    state.join(" ") || "-",
    printable(created ?? "-", 40),
  ];
}

async function list({ access, flags }: Work): Promise<ExitCode> {
  const { reach, calls } = await access();
  const webhooks = await reach(() => calls.list());
  if (flags.json) {
    for (const one of webhooks) printJson(one);
    return exitCodes.fine;
  }
  if (webhooks.length === 0) {
    print("There is no webhook.");
    return exitCodes.fine;
  }
  const rows = [["id", "types", "url", "state", "created"], ...webhooks.map(row)];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? "").length)),
  );
  for (const [index, cells] of rows.entries()) {
    const text = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    print(index === 0 ? paint("dim", text.trimEnd()) : text.trimEnd());
  }
  return exitCodes.fine;
}

function handoverTo({ title, facts, flags }: Work): HandoverTo {
  const { secretFile, json } = flags;
  return { title, secretVariable: facts.secretVariable, secretFile, json };
}

async function create(work: Work): Promise<ExitCode> {
  const { facts, flags, title } = work;
  const types = [...(flags.type ?? []), ...(flags.eventType ?? [])];
  const known = `Documented are ${facts.types.join(", ")}.`;
  if (flags.url === undefined) throw usageFailure("Which address? Give it with --url.");
  if (types.length === 0 || types.some((type) => type.trim() === "")) {
    throw usageFailure("Which events? Give a type with --type.", known);
  }
  if (types.length > 1 && !facts.takes.includes("types")) {
    throw usageFailure(`A webhook of ${title} has one type.`, `Create one for each. ${known}`);
  }
  for (const flag of ["sandbox", "disabled", "new"] as const) {
    if (flags[flag] && !facts.takes.includes(flag)) {
      throw usageFailure(`--${flag} means nothing for a webhook of ${title}.`);
    }
  }
  const url = checkConfidential(parseTarget(flags.url), "The address of --url").href;
  const { sandbox, disabled, new: isNew } = flags;
  const { reach, calls } = await work.access();
  return handOver(
    handoverTo(work),
    ({ id, reused }) => [`${reused ? "It was there already" : "Created"}: ${printable(id, 80)}`],
    () => reach(() => calls.create({ url, types, sandbox, disabled, new: isNew })),
  );
}

async function remove(work: Work, id: string): Promise<ExitCode> {
  const { title, flags } = work;
  const isAsked = !flags.yes;
  if (isAsked && !canPrompt()) {
    throw usageFailure("Nobody is here to be asked whether to delete it.", "Say so with --yes.");
  }
  const { reach, calls } = await work.access();
  if (isAsked) {
    const answer = await promptLine(
      `Delete ${printable(id, 80)}? ${title} then sends nothing to it any more. Type its id, or y: `,
    );
    if (![id, "y", "yes"].includes(answer.trim())) throw usageFailure("Nothing was deleted.");
  }
  await reach(() => calls.delete(id));
  if (flags.json) printJson({ id, deleted: true });
  else print(`Deleted: ${printable(id, 80)}`);
  return exitCodes.fine;
}

async function rotate(work: Work, id: string): Promise<ExitCode> {
  const { reach, calls } = await work.access();
  const change = calls.rotate;
  if (change === undefined) throw new Error("no rotation");
  return handOver(
    handoverTo(work),
    () => [
      `Rotated: ${printable(id, 80)}`,
      "The old secret is void at once: until your application has the new one, it refuses what is sent.",
    ],
    async () => ({ id, secret: await reach(() => change(id)), reused: false }),
  );
}

function requireId(action: Action, id: string | undefined): string {
  if (id === undefined || id.trim() === "") {
    throw usageFailure(`Which one? “webhooks PROVIDER ${action} ID”, and list shows the ids.`);
  }
  return id;
}

async function webhooks(
  name: string,
  action: Action,
  id: string | undefined,
  flags: Flags,
): Promise<ExitCode> {
  const known = await loadProvider(name);
  const { title, api, webhooksAt = "" } = known.setup;
  const facts = api?.webhooks;
  if (api === undefined || facts === undefined) {
    const others = (await providersWith("webhooks")).join(", ");
    throw usageFailure(
      `The webhooks of ${title} cannot be set up from here.`,
      `${webhooksAt} This command is for ${others}.`.trim(),
    );
  }
  checkFlags(action, flags);
  const work: Work = {
    ...{ title, facts, flags },
    access: async () => {
      const access = await resolveAccess(known, api, flags);
      return { ...access, calls: await access.reach(() => facts.connect(access)) };
    },
  };
  const takesId = action === "delete" || action === "rotate";
  if (!takesId && id !== undefined) throw usageFailure(`“${action}” takes no id.`);
  if (action === "list") return list(work);
  if (action === "create") return create(work);
  if (action === "delete") return remove(work, requireId(action, id));
  if (facts.rotates) return rotate(work, requireId(action, id));
  throw usageFailure(
    `${title} documents no call that gives a webhook a new secret.`,
    "Create another webhook, have your application know both secrets, and delete the old one.",
  );
}

/** Adds `webhooks`. */
export function addWebhooks(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const [example = "PROVIDER", other = example] = apiProviders();
  const command = program
    .command("webhooks")
    .summary("list, create and delete webhooks at the vendor")
    .description(
      "Lists, creates and deletes webhooks by the vendor's API. No list shows a secret; that of a new webhook is shown once, or written to a file that nobody else can read.",
    )
    .argument("<provider>", "whose webhooks they are")
    .addArgument(new Argument("<action>", "what to do").choices(actions))
    .argument("[id]", "of the webhook to delete, or to give a new secret");
  command
    .option("--url <url>", "create: where events are sent, https or on this machine")
    .option(
      "--type <type>",
      "create: which events; may be repeated where a webhook can have several",
      collect,
    )
    .option("--event-type <type>", "create: the same as --type", collect)
    .option("--sandbox", "create: for the sandbox")
    .option("--disabled", "create: without sending anything yet")
    .option("--new", "create: another one, also where there is one of this type and URL")
    .option("--secret-file <file>", "create, rotate: write the secret there, and do not show it")
    .option("--yes", "delete: without being asked")
    .option("--json", "print JSON, a line for each webhook");
  addAccessOptions(command)
    .addOption(new Option("--secret <value>").hideHelp())
    .addHelpText(
      "after",
      `
Examples:
  npx countersign webhooks ${example} list
  npx countersign webhooks ${other} create --url https://example.test/webhooks --type TYPE
  npx countersign webhooks ${example} create --url https://example.test/webhooks --event-type TYPE --secret-file new.secret
  npx countersign webhooks ${example} delete 1ed2f903-2d75-6b19-b6a5-29535bc3340e --yes

The API key is in a variable of the environment: “npx countersign providers ${example}” names it.

Exit code 0: done. 1: the vendor refuses. 2: something is missing or wrong. 3: the vendor cannot be reached.`,
    )
    .action((name: string, action: Action, id: string | undefined, flags: Flags) =>
      run(webhooks(name, action, id, flags)),
    );
}
