import { type Command, Option } from "commander";
import type { ClientError } from "../catch-up.js";
import { isWebhookError } from "../index.js";
import type { KnownProvider } from "./catalogue.js";
import { type Failure, isFailure, networkFailure, refusal, usageFailure } from "./failure.js";
import { printable } from "./printable.js";
import { canPrompt, promptHidden } from "./prompt.js";
import { configAdvice } from "./report.js";
import { type NamedSecret, readPlaces } from "./secrets.js";
import type { ApiAccess, ApiFacts } from "./setup.js";

/** The options with which a command is told how to call a vendor's API. */
export interface AccessFlags {
  readonly apiKeyFile?: string;
  readonly baseUrl?: string;
}

/** A vendor's API, ready to be called. */
export interface Access extends ApiAccess {
  /** Has calls made, and says of one that fails what can be done about it. */
  reach<Value>(work: () => Promise<Value>): Promise<Value>;
  /** The same options, as a shell has to be given them, without the key. */
  readonly flags: AccessFlags;
}

/** Adds the options with which a command is told how to call a vendor's API. */
export function addAccessOptions(command: Command): Command {
  return command
    .optionsGroup(
      "The vendor's API (its key never as an argument; from the environment, or you are asked):",
    )
    .option("--api-key-file <file>", "a file with the API key or token")
    .option("--base-url <url>", "where the API is, such as a sandbox's")
    .addOption(new Option("--api-key <value>").hideHelp())
    .addOption(new Option("--token <value>").hideHelp());
}

async function readCredential(
  { variable, credential }: ApiFacts,
  { apiKeyFile }: AccessFlags,
  title: string,
): Promise<NamedSecret> {
  const [named] = readPlaces({ file: apiKeyFile === undefined ? [] : [apiKeyFile] });
  if (named !== undefined) return named;
  const value = process.env[variable];
  if (value !== undefined) return { value, label: variable };
  if (canPrompt()) {
    const typed = await promptHidden(`${title}'s ${credential} (not shown): `);
    return { value: typed, label: "the prompt" };
  }
  throw usageFailure(
    `There is no ${credential}: ${variable} is not set.`,
    `Set ${variable}, or name a file with --api-key-file.`,
  );
}

/** Calls after which nobody knows whether they were carried out. */
const unrepeatable = /\.(?:create|ensure|rotate\w*)$/;

function adviceFor({ code, operation, details }: ClientError, label: string): string {
  const { retryAfterSeconds } = details;
  switch (code) {
    case "unauthorized":
      return `It came from ${label}. Is it the one for this address, and still valid?`;
    case "not_found":
      return "Check the ids that were given, and --base-url.";
    case "refused":
      return "Check what was given, such as the event types and the URL.";
    case "redirected":
      return "Check --base-url.";
    case "rate_limited":
      return retryAfterSeconds === undefined
        ? "Try again later."
        : `Try again in ${retryAfterSeconds} s.`;
    default:
      return unrepeatable.test(operation)
        ? "It may have been carried out all the same: look with “webhooks PROVIDER list” before you try again."
        : "Try again later, and check --base-url.";
  }
}

function failureOf(error: ClientError, title: string, label: string): Failure {
  const { code, message, operation, details } = error;
  const { status, attempts, reason, issues = [] } = details;
  const facts = [
    `${operation}: ${code}`,
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(attempts === undefined || attempts < 2 ? [] : [`${attempts} attempts`]),
    ...issues.slice(0, 3).map(({ path, expected }) => `${path || "the answer"}: ${expected}`),
  ];
  const what = `${title}: ${message.replace(/\.$/, "")} (${printable(facts.join(", "), 200)}).`;
  const next = adviceFor(error, label);
  if (code === "unauthorized" || code === "redirected") return usageFailure(what, next);
  return /^(?:rate_limited|server_failed|unreachable|timed_out)$/.test(code)
    ? networkFailure(what, next)
    : refusal(what, next);
}

/** Reads the key of a vendor's API, or asks for it. */
export async function resolveAccess(
  { setup: { title } }: Pick<KnownProvider, "setup">,
  api: ApiFacts,
  flags: AccessFlags,
): Promise<Access> {
  const credential = await readCredential(api, flags, title);
  const { label } = credential;
  return {
    credential: credential.value,
    baseUrl: flags.baseUrl,
    flags,
    reach: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (isFailure(error)) throw error;
        if (isWebhookError(error, "secret_malformed")) {
          throw usageFailure(
            `The ${api.credential} from ${label} holds a character that no header can have.`,
            "Copy it once more.",
          );
        }
        if (isWebhookError(error)) {
          throw configAdvice(error, { secrets: [credential], whereSecret: "" });
        }
        const { isClientError } = await import("../catch-up.js");
        throw isClientError(error) ? failureOf(error, title, label) : error;
      }
    },
  };
}
