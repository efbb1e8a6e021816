import type { Delivery } from "../delivery.js";
import type { WebhookError } from "../errors.js";
import type { Now } from "../internal/clock.js";
import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import type { OutcomeContext } from "../receiver-options.js";
import { type DiagnoseOptions, diagnose } from "./diagnosis.js";

/** Options of {@link explainFailures}. */
export interface ExplainFailuresOptions extends Pick<DiagnoseOptions, "secrets" | "providers"> {
  /** How many failures are explained in a minute; what is beyond is counted. @default 10 */
  readonly perMinute?: number | undefined;
  /** The largest body that is looked at, in bytes. @default 262_144 */
  readonly maxBodyBytes?: number | undefined;
}

const minute = 60_000;
const codes: readonly string[] = ["body_already_parsed", "header_duplicated"];
// Here the delivery itself was in order, or nobody could say: others were asked.
const beyond: readonly string[] = [
  "key_unavailable",
  "event_unconfirmed",
  "confirmation_unavailable",
];

/** What is read of an outcome, whatever the events are. */
export interface ObservedOutcome {
  readonly kind: string;
  readonly error?: WebhookError | undefined;
}

/** The failure that there may be something to say about. */
function puzzleOf({ kind, error }: ObservedOutcome): WebhookError | undefined {
  if (kind !== "rejected" || error === undefined) return undefined;
  const { code, stage } = error;
  return codes.includes(code) || (stage === "verify" && !beyond.includes(code)) ? error : undefined;
}

function sizeOf({ body }: Delivery): number {
  return typeof body === "string" ? body.length : body.byteLength;
}

/**
 * Explains in a log why deliveries do not verify. For `onOutcome` while developing:
 *
 * ```ts
 * createReceiver(provider, { onOutcome: explainFailures(console.warn) });
 * ```
 *
 * **Not for production**: whoever knows the address could make it work, about a tenth of a second each time. So it explains
 * one failure at a time, ten in a minute, and none with a large body. Its lines hold no secret, no signature and nothing
 * of the body. They are written after the sender has its answer, which they do not change.
 *
 * Exported from `countersign/diagnose`.
 *
 * @param log Takes one line at a time. What it throws or rejects with is dropped.
 * @throws {WebhookError} `option_invalid`
 */
export function explainFailures(
  log: (line: string) => unknown,
  options: ExplainFailuresOptions = {},
): (outcome: ObservedOutcome, context: OutcomeContext) => Promise<void> {
  if (typeof log !== "function") invalidOption("log", "a function");
  checkOptions(options, ["secrets", "providers", "perMinute", "maxBodyBytes"]);
  const { secrets, providers } = options;
  const perMinute = wholeNumber("perMinute", options.perMinute, 10, 1, 600);
  const maxBodyBytes = wholeNumber("maxBodyBytes", options.maxBodyBytes, 262_144, 1, 1 << 30);
  let began = Number.NEGATIVE_INFINITY;
  let count = 0;
  let skipped = 0;
  let isBusy = false;

  /** How many were skipped before this one; `undefined` to skip this one too. */
  const admit = (now: Now): number | undefined => {
    const time = now();
    // Also when the clock was put back.
    if (!(time >= began && time < began + minute)) {
      began = time;
      count = 0;
    }
    if (isBusy || count >= perMinute) {
      skipped += 1;
      return undefined;
    }
    count += 1;
    const before = skipped;
    skipped = 0;
    return before;
  };

  return async (outcome, { provider, delivery, now }) => {
    const error = puzzleOf(outcome);
    if (error === undefined) return;
    const before = admit(now);
    if (before === undefined) return;
    const { code } = error;
    const start = `countersign: ${provider.name}: ${code}:`;
    isBusy = true;
    try {
      // After the answer: this would hold it up.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (before > 0)
        await log(`countersign: ${before} failures before this one were not looked at.`);
      if (delivery !== undefined && sizeOf(delivery) > maxBodyBytes) {
        await log(`${start} not looked at: the body has more than ${maxBodyBytes} bytes.`);
        return;
      }
      if (delivery === undefined && code !== "body_already_parsed") {
        await log(`${start} not looked at: the body was not read.`);
        return;
      }
      // Where the body was gone before anybody could read it, an empty object stands for the parsed one.
      const given = delivery ?? ({ headers: {}, body: {} } as unknown as Delivery);
      const { findings } = await diagnose(given, provider, { now, secrets, providers });
      for (const { code: cause, summary, fix } of findings) {
        await log(`${start} ${cause}: ${summary} ${fix}`);
      }
      if (findings.length === 0) {
        await log(
          `${start} unexplained: another secret, another body, or a forgery. Nothing that is known to happen to deliveries would make it verify.`,
        );
      }
    } catch {
      // Whoever explains must not change what happens.
    } finally {
      isBusy = false;
    }
  };
}
