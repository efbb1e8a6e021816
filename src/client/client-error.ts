/** Why a call to a vendor's API failed: its code, whether calling again may help, and one fixed sentence. */
const kinds = {
  unauthorized: [false, "The API does not accept the key or token."],
  not_found: [false, "The API knows nothing under that id or path."],
  refused: [false, "The API refused the call."],
  rate_limited: [true, "The API asks for fewer calls."],
  server_failed: [true, "The API failed."],
  unreachable: [true, "The API could not be reached, or cut the connection."],
  timed_out: [true, "The API did not answer in time."],
  aborted: [false, "The call was aborted."],
  redirected: [
    false,
    "The API answered with a redirect, which is not followed: the key is for this host alone.",
  ],
  response_invalid: [true, "The API's answer is not what its documentation says."],
  response_too_large: [false, "The API's answer is larger than the limit."],
  page_repeated: [false, "The API gave a page that it had given before."],
  cursor_stuck: [false, "The API says that there is more, and gives nothing more."],
  page_limit: [false, "The API goes on beyond the limit of pages."],
} as const satisfies Readonly<Record<string, readonly [boolean, string]>>;

/** Why a call to a vendor's API failed. */
export type ClientErrorCode = keyof typeof kinds;

/** What else is known of a failed call. No key, no token, nothing of the answer's content. */
export interface ClientErrorDetails {
  /** The answer's HTTP status, where there was an answer. */
  readonly status?: number;
  /** How often the call was made. */
  readonly attempts?: number;
  /** For how long the API asked to be left alone, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The network's own word for what went wrong, such as `ECONNREFUSED`. */
  readonly reason?: string;
  /** Where the answer is not as documented: paths and expectations, never values. */
  readonly issues?: readonly { readonly path: string; readonly expected?: string }[];
}

const brand = Symbol.for("countersign.ClientError");

/**
 * What a client of a vendor's API throws. Safe to log whole: its message is a fixed sentence for each code, and it holds
 * no key, no token, no URL, nothing that was sent and nothing that was received.
 *
 * Exported from each `countersign/clients/…` and from `countersign/catch-up`.
 */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** Whose API it was: `dataspike`. */
  readonly provider: string;
  /** Which call it was: `history`. */
  readonly operation: string;
  /** The answer's HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly details: ClientErrorDetails;

  constructor(
    code: ClientErrorCode,
    call: { readonly provider: string; readonly operation: string },
    details: ClientErrorDetails = {},
    /** Overrides what goes for the code: a call that may have been carried out must not be made again. */
    retryable: boolean = kinds[code][0],
  ) {
    super(kinds[code][1]);
    this.code = code;
    this.provider = call.provider;
    this.operation = call.operation;
    this.status = details.status;
    this.retryable = retryable;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }

  toJSON(): object {
    const { name, code, provider, operation, retryable, message, details } = this;
    return { name, code, provider, operation, retryable, message, details };
  }
}

/**
 * Recognises an error of a client, also one of another copy of this package.
 *
 * Exported from each `countersign/clients/…` and from `countersign/catch-up`.
 */
export function isClientError<Code extends ClientErrorCode = ClientErrorCode>(
  value: unknown,
  code?: Code,
): value is ClientError & { readonly code: Code } {
  const is = typeof value === "object" && value !== null && brand in value;
  return is && (code === undefined || (value as unknown as ClientError).code === code);
}
