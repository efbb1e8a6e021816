import type { HistorySource } from "../history.js";
import type { NamedSecret } from "./secrets.js";

/** What a user has said about a sender, beside its name. */
export interface SenderSettings {
  /** Reads the secrets, or asks for them; refuses when there is none. */
  readonly secrets: () => Promise<readonly NamedSecret[]>;
  /** The value of the authentication header, where it is another secret than that of the signature. */
  readonly headerSecret: NamedSecret | undefined;
  /** Name of the header that carries the proof. */
  readonly header?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly jwks?: { readonly keys: readonly object[] } | undefined;
  /** What else is set, by option of the factory. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** What a vendor's API is called with. */
export interface ApiAccess {
  /** The API key or token. */
  readonly credential: string;
  /** @default the vendor's production host */
  readonly baseUrl?: string | undefined;
}

/** A webhook as a vendor lists it. It has no place for a secret, which a list may hold. */
export interface ListedWebhook {
  readonly id: string;
  readonly types: readonly string[];
  readonly url: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly sandbox?: boolean | undefined;
  readonly created?: string | undefined;
}

/** A webhook to be created. */
export interface WantedWebhook {
  readonly url: string;
  /** At least one. */
  readonly types: readonly string[];
  readonly sandbox?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** A new one, also where there is one of this type and URL. */
  readonly new?: boolean | undefined;
}

/** A webhook that there is now. */
export interface ReadyWebhook {
  readonly id: string;
  readonly secret: string;
  /** It had been there before. */
  readonly reused: boolean;
}

/** Calls that set webhooks up. Each rejects with the client's error. */
export interface WebhookCalls {
  list(): Promise<readonly ListedWebhook[]>;
  create(wanted: WantedWebhook): Promise<ReadyWebhook>;
  delete(id: string): Promise<void>;
  /** Gives the new secret. */
  rotate?(id: string): Promise<string>;
}

/** What a vendor's API offers for setting webhooks up. */
export interface WebhookFacts {
  /** The variable in which the README's examples have the secret. */
  readonly secretVariable: string;
  /** Types of which webhooks can be made, by the documentation. */
  readonly types: readonly string[];
  /** What a new one may be told beside URL and type; `types` for more than one type. */
  readonly takes: readonly ("types" | "sandbox" | "disabled" | "new")[];
  readonly rotates: boolean;
  readonly connect: (access: ApiAccess) => Promise<WebhookCalls>;
}

/** What of a vendor's API the command line can use. */
export interface ApiFacts {
  /** The variable that holds the key or token. */
  readonly variable: string;
  readonly credential: "API key" | "token";
  /** The events that were sent. */
  readonly history?: (
    access: ApiAccess,
    scope: { readonly webhook?: string | undefined; readonly sandbox?: boolean | undefined },
  ) => Promise<HistorySource>;
  readonly webhooks?: WebhookFacts;
}

/** What the command line has to know of a provider beyond its module; one file each in `providers/`. */
export interface Setup {
  /** The vendor's own spelling. */
  readonly title: string;
  /** Where the vendor shows the secret, in a sentence. */
  readonly secret: string;
  /** Where that is written, and when it was read. */
  readonly source: string;
  /** Other ways to configure it, one line each. */
  readonly forms?: readonly string[];
  /** What of the vendor's API can be used. */
  readonly api?: ApiFacts;
  /** Where webhooks are set up, in a sentence, where the API cannot be used for it. */
  readonly webhooksAt?: string;
  /** The factory's options. @default the secrets, as `secret` */
  readonly options?: (settings: SenderSettings) => Promise<Readonly<Record<string, unknown>>>;
  /** Makes another message of a sample, so that it is no duplicate. @default the sample itself */
  readonly fresh?: (event: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}
