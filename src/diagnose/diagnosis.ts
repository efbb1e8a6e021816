import type { Delivery } from "../delivery.js";
import { isWebhookError, type WebhookError } from "../errors.js";
import { bodyBytes } from "../internal/body.js";
import { isBytes } from "../internal/bytes.js";
import { type Now, readNow } from "../internal/clock.js";
import { settledHeaders } from "../internal/headers.js";
import { checkOptions, invalidOption } from "../internal/options.js";
import { safely } from "../internal/safely.js";
import type { Secret, Secrets } from "../internal/secrets.js";
import type { Provider } from "../provider.js";
import { budgetOf } from "./budget.js";
import { type Clue, type Finding, findingsOf } from "./findings.js";
import { likelyOther, provenOther } from "./other-providers.js";
import { pairsOf } from "./pairs.js";
import { searchParts } from "./parts.js";
import { attempt } from "./proof.js";
import type { Search } from "./search.js";

/** What {@link diagnose} says of a delivery. */
export interface Diagnosis {
  /**
   * `authentic`: it verifies. `explained`: it does not, and the findings say why. `unexplained`: nothing that is known to
   * happen to deliveries would make it verify; a forgery is, and so is one under a secret that is not at hand.
   */
  readonly verdict: "authentic" | "explained" | "unexplained";
  /** The causes, the one to mend first at the head. Empty unless the verdict is `explained`. */
  readonly findings: readonly Finding[];
  /** What verifying says. Absent for a delivery that is authentic. */
  readonly error?: WebhookError;
}

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The clock, in milliseconds since the epoch. @default the scheme's own `now`, or `Date.now` */
  readonly now?: Now | undefined;
  /** Other secrets at hand: another environment's, an old one, or one that the provider refuses as malformed. */
  readonly secrets?: Secrets | undefined;
  /** Other senders whose delivery this might be. Those that would ask a server are left out. */
  readonly providers?: readonly Pick<Provider, "name" | "scheme">[] | undefined;
}

/** In bytes: what is hashed and written for one delivery, small or large. */
const work = 96 << 20;

/** The ways in which an object may have been a body. */
function bodiesOf(body: unknown): readonly Uint8Array[] {
  const text = attempt(() => JSON.stringify(body));
  return text === undefined ? [] : [new TextEncoder().encode(text)];
}

/** Reads the `secrets` option: as little is asked of them as can be, since one that is malformed may be the cause. */
function readSecretsAtHand(secrets: unknown): readonly Secret[] {
  const read = (secret: unknown): Secret => {
    const { value, label } = Object(secret) as {
      readonly value?: unknown;
      readonly label?: unknown;
    };
    const plain = isBytes(secret) || typeof secret === "string" ? secret : value;
    if (!isBytes(plain) && typeof plain !== "string") throw new TypeError("That is no secret.");
    // A copy: one whose memory was handed elsewhere cannot be copied.
    const kept = typeof plain === "string" ? plain : new Uint8Array(plain);
    return typeof label === "string" ? { value: kept, label } : kept;
  };
  const list = attempt(() => ([secrets ?? []].flat() as unknown[]).map(read));
  return list ?? invalidOption("secrets", "text or bytes, or a list of these");
}

/** A body that is none: an object, or nothing. */
async function withoutBody(
  delivery: Delivery,
  provider: Pick<Provider, "scheme">,
  error: WebhookError,
  search: Omit<Search, "body">,
): Promise<Diagnosis> {
  const body: unknown = attempt(() => delivery.body);
  if (error.code !== "body_already_parsed") {
    const isNothing = body === undefined || body === null;
    const findings = findingsOf(isNothing ? [{ code: "body_empty", how: ": none was given" }] : []);
    return { verdict: isNothing ? "explained" : "unexplained", findings, error };
  }
  const clues: Clue[] = [
    { code: "body_reserialized", how: "an object was given, where the bytes that came belong" },
  ];
  for (const bytes of bodiesOf(body)) {
    clues.push(...(await searchParts(provider.scheme, { ...search, body: bytes })).clues);
  }
  return { verdict: "explained", findings: findingsOf(clues), error };
}

/**
 * Says why a delivery does not verify: undoes one likely mistake at a time, and the common pairs, and verifies again. Each
 * finding is proven in this way, apart from what is plain to see: a header that is absent or repeated, an empty or parsed
 * body, another sender's headers. Works for every scheme, your own included; what is wrong with a secret is found for
 * schemes that have {@link Scheme.remake}.
 *
 * Says nothing of secrets, signatures and bodies but what is wrong with them. Still, it is an oracle and spends work: some
 * 100 MiB of hashing and writing at most. Give it to developers and never to senders.
 *
 * Nothing here makes a delivery authentic: only verifying does.
 *
 * Exported from `countersign/diagnose`.
 *
 * @example
 * ```ts
 * const { verdict, findings } = await diagnose({ headers, body }, vove({ secret }));
 * for (const { code, summary, fix } of findings) console.log(code, summary, fix);
 * ```
 *
 * @throws {WebhookError} `option_invalid`. What a scheme of your own throws beside WebhookErrors goes through.
 */
export async function diagnose(
  delivery: Delivery,
  provider: Pick<Provider, "name" | "scheme">,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  checkOptions(options, ["now", "secrets", "providers"]);
  if (typeof provider?.scheme?.verify !== "function") invalidOption("provider", "a provider");
  const { providers = [] } = options;
  const secrets = readSecretsAtHand(options.secrets);
  if (
    !Array.isArray(providers) ||
    providers.some((one) => typeof one?.scheme?.verify !== "function")
  ) {
    invalidOption("providers", "a list of providers");
  }
  const now = options.now === undefined ? undefined : readNow(options.now);
  const { scheme, name } = provider;
  const headers = settledHeaders(attempt(() => delivery.headers) ?? []);
  const pairs = pairsOf(headers);
  const budget = budgetOf(work);
  const read = safely(() => bodyBytes(delivery));
  if (!read.ok) {
    return withoutBody(delivery, provider, read.error, { pairs, now, secrets, budget });
  }
  const body = read.value;
  let error: WebhookError | undefined;
  try {
    await scheme.verify({ headers, body }, now === undefined ? {} : { now });
  } catch (thrown) {
    if (!isWebhookError(thrown)) throw thrown;
    error = thrown;
  }
  if (error === undefined) return { verdict: "authentic", findings: [] };

  const search: Search = { pairs, body, now, secrets, budget };
  const others = providers.filter((one) => one.name !== name);
  // Nothing has to be undone for that.
  const proven = await provenOther(others, search);
  if (proven !== undefined) {
    return { verdict: "explained", findings: findingsOf([proven]), error };
  }
  const result = await searchParts(scheme, search);
  let { clues } = result;
  if (clues.length === 0) {
    const likely = await likelyOther(result.parts, others, search);
    clues = likely === undefined ? result.seen : [likely];
  }
  return {
    verdict: clues.length > 0 ? "explained" : "unexplained",
    findings: findingsOf(clues),
    error,
  };
}
