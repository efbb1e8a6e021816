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
  /** The factory's options. @default the secrets, as `secret` */
  readonly options?: (settings: SenderSettings) => Promise<Readonly<Record<string, unknown>>>;
  /** Makes another message of a sample, so that it is no duplicate. @default the sample itself */
  readonly fresh?: (event: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}
