/** What goes wrong with one request. */
export type Fault =
  /** This answer instead. Like `refuse`, `hang`, `text` and `redirect`, without carrying the call out. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is destroyed before an answer. */
  | { readonly kind: "refuse" }
  /** The head with the whole content-length and part of the body, by default half; of an answer without one, part of
   * the head. The call was carried out. */
  | { readonly kind: "cut"; readonly afterBytes?: number }
  /** The body byte by byte. */
  | { readonly kind: "slow"; readonly msPerByte: number }
  /** Never an answer; ended by `close()`. */
  | { readonly kind: "hang" }
  /** Carried out at once, answered later. */
  | { readonly kind: "late"; readonly ms: number }
  /** 200 with this body; by default as `application/json`. */
  | { readonly kind: "text"; readonly body: string; readonly contentType?: string }
  /** By default 302. */
  | { readonly kind: "redirect"; readonly location: string; readonly status?: number }
  /** The documented answer and a key `padding`, so that it has as many bytes; chunked. */
  | { readonly kind: "large"; readonly bytes: number }
  /** History: the page that was given last. */
  | { readonly kind: "repeatPage" }
  /** History: `has_next` for ever. When the events are through: empty pages, or with `fresh` new events, invented.
   * Stays until `clearFaults()` unless `times` is given. */
  | { readonly kind: "endless"; readonly fresh?: boolean }
  /** History: an empty page with `has_next`. */
  | { readonly kind: "stuck" }
  /** The call is carried out and the connection destroyed without an answer. */
  | { readonly kind: "lost" };

/** A request that the server has seen. */
export interface Call {
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string;
  /** 0 where there was no answer. */
  readonly status: number;
}

export interface VendorApi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly dataspike: {
    /** The key that goes now. */
    readonly apiKey: string;
    /** The history, oldest first. */
    readonly events: object[];
    /** Appends to the history; also while somebody pages. */
    push(event: object): void;
    /** As the list call gives them: without secrets. */
    readonly webhooks: object[];
    rotateKey(apiKey: string): void;
    /** The HMAC secret of a webhook that goes now. */
    secretOf(webhookId: string): string | undefined;
  };
  readonly screver: {
    /** The token that goes now. */
    readonly token: string;
    readonly webhooks: object[];
    rotateToken(token: string): void;
  };
  readonly validas: {
    readonly apiKey: string;
    /** As they were last given; undefined before. */
    readonly settings: unknown;
    /** The body of every test call; undefined for one without. */
    readonly tests: unknown[];
  };
  /** All requests seen, oldest first. */
  readonly calls: Call[];
  /** Queues a fault. Each request takes the first one that is for it; those that stay for ever come last. */
  fault(
    fault: Fault,
    options?: {
      /** How many requests take it. Default 1; `Infinity` for all. */
      readonly times?: number;
      readonly when?: (request: {
        method: string;
        path: string;
        query: Record<string, string>;
      }) => boolean;
    },
  ): void;
  clearFaults(): void;
  /** Ends every connection, also those that wait for an answer. */
  close(): Promise<void>;
}

/** Starts the APIs of Dataspike, Screver and vali-Das on loopback. */
export declare function startVendorApi(options?: {
  readonly dataspike?: {
    /** Default `ds-test-key`. */
    readonly apiKey?: string;
    /** Events of a page of the history. Default 100. */
    readonly pageSize?: number;
    readonly events?: readonly object[];
    readonly webhooks?: readonly object[];
  };
  readonly screver?: {
    /** Default `screver-test-token`. */
    readonly token?: string;
    readonly webhooks?: readonly object[];
  };
  readonly validas?: {
    /** Default `validas-test-key`. */
    readonly apiKey?: string;
    /** Header of the key. Default `apikey`. */
    readonly header?: string;
  };
  /** Default: any that is free. */
  readonly port?: number;
}): Promise<VendorApi>;

/** An event as Dataspike's history has it. */
export interface HistoryItem {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_type: "DOCVER" | "AML_SCREENING";
  readonly payload: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
  readonly is_sandbox: boolean;
  readonly attempts: number;
  readonly response_code: number;
  readonly last_attempt_at: string;
}

/** So many events of a history, oldest first, one second apart; the same ones for the same options. */
export declare function historyEvents(
  count: number,
  options?: {
    readonly webhookId?: string | undefined;
    readonly seed?: number | undefined;
    /** Time of the first event. Default 2026-03-01T09:00:00Z. */
    readonly startAt?: number | string | Date | undefined;
  },
): HistoryItem[];

/** The body of a live delivery of an event: its JSON without what only the history has. */
export declare function bodyOf(event: object): string;
