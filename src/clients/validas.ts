/**
 * vali-Das' API (Veridas): the settings of its webhook, and a test of it.
 *
 * Sources: docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/, which names the three calls and publishes neither
 * their bodies nor a host; that the key goes into the header `apikey` is from public code; read 2026-11-20.
 */
import { anyJson } from "../client/answers.js";
import { createApi } from "../client/api.js";
import { type CallOptions, type ClientOptions, readKey, readSettings } from "../client/settings.js";
import { headerName, invalidOption } from "../internal/options.js";

export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorDetails,
  isClientError,
} from "../client/client-error.js";
export type { CallOptions, ClientOptions } from "../client/settings.js";

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Options of {@link validasClient}. */
export interface ValidasClientOptions extends ClientOptions {
  /** Where your vali-Das is, as Veridas has told you: no host is documented. The path `/validas/v1/…` is added. */
  readonly baseUrl: string;
  /** The API key. */
  readonly apiKey: string;
  /** The header that carries the key. @default "apikey" */
  readonly header?: string | undefined;
}

/**
 * vali-Das' API. What its calls take and give is not published: bodies are sent as they are given, and answers come as
 * they are, `undefined` where there is none. Each call rejects with a {@link ClientError}.
 */
export interface ValidasClient {
  readonly provider: "validas";
  readonly settings: {
    /** Gets the settings of the webhook. */
    get(options?: CallOptions): Promise<unknown>;
    /**
     * Creates the settings of the webhook. Not made again where it may have been carried out: such an error has
     * `retryable: false`, and `get` says whether it was.
     */
    create(body: JsonObject, options?: CallOptions): Promise<unknown>;
  };
  /** Has a test notification sent: twice, where the first answer is lost. */
  test(body?: JsonObject, options?: CallOptions): Promise<unknown>;
}

const settingsPath = "/validas/v1/webhook/settings";

function checkBody(body: unknown): void {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    invalidOption("body", "an object that JSON can hold");
  }
}

/**
 * Makes a client of vali-Das' API.
 *
 * Calls that fail for a moment are made again (429, 5xx, the network, time-outs, answers that are cut or no JSON), and
 * never before `Retry-After` allows it. Nothing that this client throws holds the key, an address, or anything that was
 * sent or received.
 *
 * Exported from `countersign/clients/validas`.
 *
 * @throws {WebhookError} `secret_missing`, `secret_malformed`, `option_invalid`
 */
export function validasClient(options: ValidasClientOptions): ValidasClient {
  const settings = readSettings(options, ["apiKey", "header"]);
  const header = headerName("header", options.header ?? "apikey");
  const authorization = { [header]: readKey("apiKey", options.apiKey) };
  const api = createApi("validas", settings, async () => authorization);
  const read = anyJson;

  return {
    provider: "validas",
    settings: {
      get: async (asked) =>
        api({ operation: "settings.get", method: "GET", path: settingsPath, read }, asked),
      create: async (body, asked) => {
        checkBody(body);
        const call = { operation: "settings.create", method: "POST", path: settingsPath } as const;
        return api({ ...call, body, once: true, read }, asked);
      },
    },
    test: async (body, asked) => {
      if (body !== undefined) checkBody(body);
      const path = "/validas/v1/webhook/test";
      return api({ operation: "test", method: "POST", path, body, read }, asked);
    },
  };
}
