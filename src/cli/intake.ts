import type { IncomingHttpHeaders } from "node:http";
import { createReceiver, type Message, type Outcome, type Provider } from "../index.js";
import { isAccepted } from "./answers.js";
import type { CaptureFolder } from "./capture-folder.js";
import type {
  Capture,
  CapturedMessage,
  CapturedOutcome,
  CaptureLog,
  Forwarded,
} from "./captures.js";
import { explain } from "./explain.js";
import { isFailure } from "./failure.js";
import type { HttpRequest } from "./http-file.js";
import { type Answer, postExactly } from "./post-exactly.js";
import { turns } from "./turns.js";

/** What the sender is told. */
export interface Reply {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: Uint8Array;
}

/** Takes deliveries in: verifies, diagnoses, stores, forwards and remembers them. */
export interface Intake {
  take(request: HttpRequest, replayOf?: string): Promise<{ capture: Capture; reply: Reply }>;
  /** Has a remembered delivery taken in once more. */
  replay(id: string): Promise<Capture>;
  /** Waits no longer for the application, and ends with what is under way. */
  close(): Promise<void>;
}

/** What an {@link Intake} works with. */
export interface IntakeOptions {
  /** Absent: nothing is verified. */
  readonly provider: Provider | undefined;
  readonly folder: CaptureFolder;
  readonly log: CaptureLog;
  readonly forward: URL | undefined;
}

type Verdict = Pick<Capture, "outcome" | "message" | "diagnosis" | "undiagnosed">;

function describeMessage(message: Message): CapturedMessage {
  const { id, type, subject, decision, occurredAt, event } = message;
  return {
    ...{ id, type, event },
    ...(subject === undefined ? {} : { subject }),
    ...(decision === undefined ? {} : { decision }),
    ...(occurredAt === undefined ? {} : { occurredAt: occurredAt.toISOString() }),
  };
}

function describeOutcome(outcome: Outcome): CapturedOutcome {
  const { kind, status } = outcome;
  if (kind !== "rejected") return { kind: kind === "ignored" ? "handled" : kind, status };
  const { code, message, hint } = outcome.error;
  return { kind, status, code, message, hint };
}

/** A receiver that does nothing with what it receives, and so says what any would say. */
function judge(
  provider: Provider,
  isForwarding: boolean,
): (request: HttpRequest) => Promise<Verdict> {
  const nothing = (): void => undefined;
  const inTurn = turns();
  const receiver = createReceiver(
    // Where types are not known, no handler could be named for one: all go to `onUnknown`.
    provider.types.length > 0
      ? provider
      : {
          ...provider,
          read: async (...given) => ({
            ...(await provider.read(...given)),
            known: false as const,
            decision: undefined,
          }),
        },
    {
      on: Object.fromEntries(provider.types.map((type) => [type, nothing])),
      onUnknown: nothing,
      // Whether a message was handled is then for the application to say: it may have failed.
      ...(isForwarding ? { store: false as const } : {}),
    },
  );
  return async ({ method, headers, body }) => {
    const outcome = await receiver.receive({ method, headers, body: async () => body });
    const verdict: Verdict = {
      outcome: describeOutcome(outcome),
      ...(outcome.message === undefined ? {} : { message: describeMessage(outcome.message) }),
    };
    const isDoubted =
      outcome.kind === "rejected" &&
      // Not of a size or an encoding that is not taken: the proof may well be right.
      (outcome.error.stage === "verify" || outcome.error.code === "header_duplicated") &&
      outcome.error.code !== "key_unavailable";
    if (!isDoubted) return verdict;
    const found = await inTurn(() => explain({ headers, body }, provider));
    if (found === undefined) return { ...verdict, undiagnosed: true };
    const { verdict: why, findings } = found;
    // What the proof does not depend on was refused, such as a length that is there twice.
    if (why === "authentic") return verdict;
    return { ...verdict, diagnosis: { verdict: why, findings } };
  };
}

const unverified: Verdict = { outcome: { kind: "captured", status: 200 } };

async function forwardTo(
  url: URL,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<{ forwarded: Forwarded; answer?: Answer }> {
  const started = performance.now();
  try {
    const answer = await postExactly(url, request, { signal });
    return { forwarded: { status: answer.status, ms: answer.ms }, answer };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const ms = Math.round(performance.now() - started);
    return { forwarded: { ms, error: error.message } };
  }
}

/** Makes an {@link Intake}. */
export function createIntake({ provider, folder, log, forward }: IntakeOptions): Intake {
  const verdictOf = provider && judge(provider, forward !== undefined);
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let count = 0;
  const takeIn: Intake["take"] = async (request, replayOf) => {
    const received = new Date();
    count += 1;
    const id = `${received.getTime().toString(36)}-${count}`;
    // Before anything is done with it: what brings an application down is worth keeping.
    const file = folder.store(request, received);
    const [verdict, passed] = await Promise.all([
      verdictOf?.(request) ?? unverified,
      forward && forwardTo(forward, request, ending.signal),
    ]);
    const reply: Reply =
      passed === undefined
        ? { status: verdict.outcome.status }
        : (passed.answer ?? { status: 502 });
    const capture: Capture = {
      ...{ id, receivedAt: received.toISOString(), ...request },
      provider: provider?.name ?? "",
      ...verdict,
      outcome: { ...verdict.outcome, status: reply.status },
      ...(passed === undefined ? {} : { forwarded: passed.forwarded }),
      ...(file === undefined ? {} : { file }),
      ...(replayOf === undefined ? {} : { replayOf }),
    };
    log.add(capture);
    return { capture, reply };
  };
  const take: Intake["take"] = async (request, replayOf) => {
    const taken = takeIn(request, replayOf);
    underWay.add(taken);
    try {
      return await taken;
    } finally {
      underWay.delete(taken);
    }
  };
  return {
    take,
    close: async () => {
      ending.abort();
      await Promise.allSettled(underWay);
    },
    replay: async (id) => {
      const original = log.get(id);
      if (original === undefined) throw new Error("There is no such capture.");
      const { method, path, headers, body } = original;
      return (await take({ method, path, headers, body }, id)).capture;
    },
  };
}

/** Whether the application behind `--forward` refuses what is authentic, so that the mistake is in the application. */
export function isRefusedByApplication({ outcome, forwarded }: Capture): boolean {
  const { status } = forwarded ?? {};
  return outcome.kind !== "rejected" && status !== undefined && !isAccepted({ status });
}
