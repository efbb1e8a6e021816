import type { Capture } from "./captures.js";
import { exampleProvider, lookalikes, providerNames } from "./catalogue.js";
import { isRefusedByApplication } from "./intake.js";
import { printable, shellWord } from "./printable.js";
import { findingLines } from "./report.js";
import type { Sender } from "./sender.js";
import { paint } from "./terminal.js";

/** What the terminal says while `listen` runs: what happens, and what to do next. */
export interface Narration {
  opening(): readonly string[];
  of(capture: Capture): Promise<readonly string[]>;
  closing(): readonly string[];
}

/** What there is to tell of. */
export interface NarrationOptions {
  readonly url: string;
  readonly sender: Sender | undefined;
  readonly forward: URL | undefined;
  readonly folder: string;
  readonly inspector: string | undefined;
  readonly isPublic: boolean;
  /** The file of a secret that was invented. */
  readonly trialSecret: string | undefined;
}

const indent = "          ";
const command = (...words: readonly string[]): string =>
  paint("cyan", ["npx countersign", ...words.filter((word) => word !== "")].join(" "));

function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

function openingWithout(url: string): readonly string[] {
  return [
    "No sender is named, so deliveries are kept but not verified. To have them verified, end this and name one:",
    "",
    `  ${command("listen --provider NAME")}   (${providerNames().join(", ")})`,
    "",
    "It asks for the secret, or takes it from COUNTERSIGN_SECRET; “npx countersign providers NAME” says where the vendor",
    "shows it. Without a secret or a vendor at hand, --trial invents one:",
    "",
    `  ${command(`listen --provider ${exampleProvider()} --trial`)}`,
    "",
    `Deliveries go to ${url}/ and any path below it.`,
  ];
}

function openingWith(
  { title, whereSecret, words }: Sender,
  url: string,
  trialSecret: string | undefined,
): readonly string[] {
  const secret =
    trialSecret === undefined
      ? whereSecret
      : `one that was invented, in ${printable(trialSecret)}.`;
  return [
    "1. From another terminal, send a sample:",
    `     ${command("send", `${url}/`, words)}`,
    `   Or have ${title} deliver here: give it the public address of a tunnel to ${url}.`,
    ...(secret === "" ? [] : [`   The secret: ${secret}`]),
    "2. Each delivery is shown here, with the reason when it is refused and the command that replays it.",
  ];
}

function verdictLine({ outcome, message, provider, forwarded }: Capture): string {
  const status = paint("dim", String(outcome.status));
  if (outcome.kind === "rejected") {
    const verdict =
      outcome.code?.startsWith("payload_") === true
        ? paint("yellow", "authentic, but unusable")
        : paint("red", "refused");
    return `${verdict}  ${provider}  ${status}  ${outcome.code}: ${outcome.message}`;
  }
  if (outcome.kind === "captured") return `${paint("bold", "kept, not verified")}  ${status}`;
  const { type = "", subject = "", decision = "" } = message ?? {};
  const facts = [printable(type, 60), printable(subject, 60), decision].filter(
    (text) => text !== "",
  );
  const again = outcome.kind === "duplicate" ? "  (a duplicate: this message came before)" : "";
  const shown = forwarded === undefined ? status : "";
  return [`${paint("green", "authentic")}${again}`, provider, ...facts, shown]
    .filter((text) => text !== "")
    .join("  ");
}

function forwardLines({ forwarded }: Capture, forward: URL | undefined): readonly string[] {
  if (forwarded === undefined || forward === undefined) return [];
  const { status, ms, error } = forwarded;
  const to = `forwarded to ${forward.href}`;
  if (status === undefined)
    return [`${to}: ${paint("red", error ?? "no answer")} Is your application running?`];
  return [`${to}: ${paint(status < 300 ? "green" : "red", String(status))} in ${ms} ms`];
}

// What is kept is then what arrived, and stays refused; otherwise it is this side that has to change.
const damaged =
  /^(?:body_|header_|other_provider|signature_(?:truncated|prefix)|timestamp_milliseconds)/;

function afterDiagnosis(
  { verdict, findings }: NonNullable<Capture["diagnosis"]>,
  { words }: Sender,
  file: string,
  replay: string,
): readonly string[] {
  if (damaged.test(findings[0]?.code ?? "")) {
    return ["once that is changed, have it sent again: what is kept is what arrived."];
  }
  const isExplained = verdict !== "unexplained";
  return [
    isExplained
      ? "once that is changed, see that it holds:"
      : "no usual mistake explains it: the body or the secret is another. Try other secrets:",
    `  ${
      isExplained
        ? command("verify", file, words, "--at received")
        : command("diagnose", file, words, "--at received --other-secret-env NAME")
    }`,
    "and replay it, after a restart of this command where the secret has changed:",
    `  ${replay}`,
  ];
}

/** Makes the {@link Narration} of one run. */
export function narration(options: NarrationOptions): Narration {
  const { url, sender, forward, folder, inspector, isPublic, trialSecret } = options;
  let [total, refused] = [0, 0];

  const nextSteps = async (capture: Capture): Promise<readonly string[]> => {
    if (capture.file === undefined) return [];
    const file = shellWord(capture.file);
    const replay = command("replay", file, "--to", shellWord(`${url}${capture.path}`));
    if (sender === undefined) {
      const names = await lookalikes(capture.headers);
      return names.length === 0
        ? [`verify it: ${command("verify", file, "--provider NAME --at received")}`]
        : [
            `its headers are like those of ${names.join(" or ")}; verify it:`,
            ...names.map(
              (name) => `  ${command("verify", file, "--provider", name, "--at received")}`,
            ),
          ];
    }
    if (capture.outcome.code === "timestamp_too_old") {
      return [
        "a delivery that is replayed late needs a proof of now:",
        `  ${replay}${paint("cyan", ` --sign-again ${sender.words}`)}`,
      ];
    }
    if (capture.undiagnosed) {
      return [
        `not diagnosed, since too many fail: ${command("diagnose", file, sender.words, "--at received")}`,
      ];
    }
    if (capture.diagnosis !== undefined)
      return afterDiagnosis(capture.diagnosis, sender, file, replay);
    if (isRefusedByApplication(capture)) {
      return [
        capture.forwarded?.status === 401
          ? "it is authentic, and your application refused it: another secret there, or a parser that changes the body."
          : "it is authentic; your application failed on it or has no such route.",
        "once that is changed, replay it:",
        `  ${replay}`,
      ];
    }
    return [`replay: ${replay}`];
  };

  return {
    opening: () => [
      `${paint("bold", "Listening")} on ${url}${sender === undefined ? "" : ` for ${sender.title}`}. Ctrl-C ends it.`,
      ...(isPublic ? [paint("yellow", "This address is reachable from other machines.")] : []),
      ...(inspector === undefined ? [] : [`Inspector: ${inspector}`]),
      `Deliveries are kept in ${printable(folder)}, as they came: they may hold personal data, and some hold secrets.`,
      "",
      ...(sender === undefined ? openingWithout(url) : openingWith(sender, url, trialSecret)),
      ...(sender === undefined
        ? []
        : [
            forward === undefined
              ? "3. --forward http://127.0.0.1:3000/your/route hands deliveries on to your application."
              : `3. Deliveries go on to ${forward.href}, and its answer goes back to the sender.`,
          ]),
      "",
    ],
    of: async (capture) => {
      total += 1;
      if (capture.outcome.kind === "rejected") refused += 1;
      const again = capture.replayOf === undefined ? "" : "  (a replay)";
      return [
        `${paint("dim", clock(capture.receivedAt))}  ${verdictLine(capture)}${again}`,
        ...(capture.diagnosis === undefined ? [] : findingLines(capture.diagnosis, indent)),
        ...forwardLines(capture, forward).map((line) => indent + line),
        ...(await nextSteps(capture)).map((line) => indent + line),
      ];
    },
    closing: () => [
      `${total} ${total === 1 ? "delivery" : "deliveries"}, ${refused} refused. They are in ${printable(folder)}.`,
    ],
  };
}
