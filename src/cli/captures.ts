import type { Diagnosis } from "../diagnose.js";

/** What a message says, for whoever looks at captures. */
export interface CapturedMessage {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly decision?: string;
  /** ISO 8601. */
  readonly occurredAt?: string;
  readonly event: unknown;
}

/** What became of a delivery. */
export interface CapturedOutcome {
  /** An outcome's kind, or `captured` where no provider was named and nothing was verified. */
  readonly kind: string;
  /** The HTTP status that the sender got. */
  readonly status: number;
  /** Of a rejected one: the error's code, its sentence, and where to read on. */
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** What the application behind `--forward` made of a delivery. */
export interface Forwarded {
  /** Absent when it could not be reached; then `error` says why. */
  readonly status?: number;
  readonly ms: number;
  readonly error?: string;
}

/** One delivery as `listen` has received it, and what it found out. Headers and body may hold secrets and personal data. */
export interface Capture {
  readonly id: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly method: string;
  /** As in the request line, with the query. */
  readonly path: string;
  /** In the order and the case in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Name of the provider or scheme, empty where none was named. */
  readonly provider: string;
  readonly outcome: CapturedOutcome;
  /** Of a rejected one. */
  readonly diagnosis?: Pick<Diagnosis, "verdict" | "findings">;
  /** Of a rejected one, where too many failed at once for a diagnosis of each. */
  readonly undiagnosed?: true;
  /** Of an authentic one. */
  readonly message?: CapturedMessage;
  readonly forwarded?: Forwarded;
  /** Path of the `.http` file in which it is stored; absent where no more are. */
  readonly file?: string;
  /** Id of the capture of which this is a replay. */
  readonly replayOf?: string;
}

/** The latest captures, oldest first. */
export interface CaptureLog {
  add(capture: Capture): void;
  list(): readonly Capture[];
  get(id: string): Capture | undefined;
  /** Hears of each capture that is added from now on; returns what ends that. What a listener throws is dropped. */
  subscribe(listener: (capture: Capture) => void): () => void;
}

/** Bounds of a {@link CaptureLog}. */
export interface CaptureLogOptions {
  /** @default 500 */
  readonly maxCaptures?: number;
  /** Of all bodies together. @default 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
}

/** What `listen --ui` hands to the inspector page. */
export interface InspectorOptions {
  readonly log: CaptureLog;
  /** Has a capture received, and forwarded, once more. Rejects when there is none of that id. */
  readonly replay: (id: string) => Promise<Capture>;
  /** The address to listen on; a loopback one. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Where deliveries are received, and the command that sends a first one, if a sender was named. */
  readonly receives?: { readonly url: string; readonly command?: string };
}

/** The inspector page, being served. */
export interface Inspector {
  readonly url: string;
  close(): Promise<void>;
}

/** Keeps the latest captures, and forgets the oldest beyond its bounds. */
export function captureLog({
  maxCaptures = 500,
  maxBytes = 64 * 1024 * 1024,
}: CaptureLogOptions = {}): CaptureLog {
  const captures = new Map<string, Capture>();
  const listeners = new Set<(capture: Capture) => void>();
  let bytes = 0;
  const forget = (id: string): void => {
    bytes -= captures.get(id)?.body.length ?? 0;
    captures.delete(id);
  };
  return {
    add: (capture) => {
      forget(capture.id);
      captures.set(capture.id, capture);
      bytes += capture.body.length;
      // The one that has just come stays, however large.
      for (const { id } of captures.values()) {
        if (id === capture.id || (captures.size <= maxCaptures && bytes <= maxBytes)) break;
        forget(id);
      }
      for (const listener of [...listeners]) {
        try {
          listener(capture);
        } catch {
          // A page that has gone away must not stop the next one.
        }
      }
    },
    list: () => [...captures.values()],
    get: (id) => captures.get(id),
    subscribe: (listener) => {
      const own = (capture: Capture): void => listener(capture);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}
