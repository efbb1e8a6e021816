import type { Diagnosis } from "../diagnose.js";
import type { Message, WebhookError } from "../index.js";
import { type Failure, usageFailure } from "./failure.js";
import { printable } from "./printable.js";
import type { NamedSecret } from "./secrets.js";
import { paint, wrap } from "./terminal.js";

/** Options of the command line that are spelt otherwise than those of the library. */
const flagOf = (option: string): string =>
  `--${option
    .replace("toleranceSeconds", "tolerance")
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What a look at a secret tells without telling the secret. */
function mistakeIn({ value, label }: NamedSecret): string | undefined {
  const of = `The secret from ${label}`;
  if (value.trim() === "") return `${of} is blank.`;
  if (/^(["'`]).*\1$/s.test(value.trim()))
    return `${of} has quotes around it, which are no part of it.`;
  if (value.trim() !== value) return `${of} has white space around it, which is no part of it.`;
  if (/^wh[ps]k_/.test(value))
    return `${of} is a key of asymmetric signatures, not a shared secret.`;
  if (/^v1,whsec_/.test(value)) return `${of} begins with “v1,”, which is no part of it.`;
  return undefined;
}

/** Turns an error of the configuration into what the user can do about it. */
export function configAdvice(
  { code, message, details }: WebhookError,
  { secrets, whereSecret }: { secrets: readonly NamedSecret[]; whereSecret: string },
): Failure {
  if (code === "option_invalid") {
    const { option, expected } = details;
    return usageFailure(`${flagOf(String(option))}: expected ${[expected].flat().join(", ")}.`);
  }
  const { index = 0, expected, minSecretBytes } = details;
  const secret = secrets[Number(index)];
  const mistake = secret && mistakeIn(secret);
  const what = [
    mistake ?? message,
    ...(expected === undefined || mistake !== undefined ? [] : [`Expected is ${expected}.`]),
    ...(minSecretBytes === undefined ? [] : [`At least ${minSecretBytes} bytes are asked for.`]),
  ];
  const shorter =
    code === "secret_too_short"
      ? " If it really is that short, --set minSecretBytes=N accepts it."
      : "";
  return usageFailure(what.join(" "), `Copy it once more. ${whereSecret}${shorter}`.trim());
}

/** An error in one line, with what is safe to say of the occurrence. */
export function errorLine({ code, message, details }: WebhookError): string {
  const { header, claim, issues, missing } = details;
  const facts = [
    ...(header === undefined ? [] : [`header ${header}`]),
    ...(claim === undefined ? [] : [`claim ${claim}`]),
    ...(missing === undefined ? [] : [`missing: ${missing}`]),
    ...(Array.isArray(issues)
      ? issues.slice(0, 3).map(({ path, expected }) => `${path || "the event"}: ${expected}`)
      : []),
  ];
  return `${code}: ${message}${facts.length > 0 ? ` (${printable(facts.join("; "), 200)})` : ""}`;
}

/** What a message says, for a list: type, subject, decision. */
export function messageLine({ type, known, subject, decision }: Message): string {
  return [
    printable(type, 60),
    ...(known ? [] : ["(unknown type)"]),
    ...(subject === undefined ? [] : [printable(subject, 60)]),
    ...(decision === undefined ? [] : [decision]),
  ].join("  ");
}

/** A message without its event, as plain data. */
export function messageFacts(message: Message): Readonly<Record<string, unknown>> {
  const { provider, id, type, known, subject, decision, occurredAt, flags, delivery } = message;
  const { scheme, timestamp, secret, bindsBody } = delivery;
  return {
    ...{ provider, id, type, known, subject, decision, occurredAt, flags },
    delivery: { scheme, timestamp, secret, bindsBody },
  };
}

/** The lines of a diagnosis, each beginning with this indent. */
export function findingLines(
  { findings }: Pick<Diagnosis, "findings">,
  indent = "  ",
): readonly string[] {
  return findings.flatMap(({ code, summary, fix }, index) => {
    const label = paint(index === 0 ? "yellow" : "dim", code);
    return [
      ...wrap(summary, `${indent}${label}  `, `${indent}${" ".repeat(code.length + 2)}`),
      ...wrap(fix, `${indent}  ${paint("bold", "fix")}  `, `${indent}       `),
    ];
  });
}
