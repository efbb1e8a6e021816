import {
  defineProvider,
  headerSecret,
  hmac,
  type Provider,
  type Scheme,
  type StandardSchema,
  stampedHmac,
  svix,
} from "../index.js";

const anything: StandardSchema = {
  "~standard": { version: 1, vendor: "countersign", validate: (value) => ({ value }) },
};

interface CustomScheme {
  /** As a provider's name is written. */
  readonly name: string;
  readonly make: (options: never) => Scheme;
}

/** The schemes that a sender of the user's own may use, by the names that the library has for them. */
export const customSchemes: Readonly<Record<string, CustomScheme>> = {
  svix: { name: "svix", make: svix },
  hmac: { name: "hmac", make: hmac },
  stampedHmac: { name: "stamped-hmac", make: stampedHmac },
  headerSecret: { name: "header-secret", make: headerSecret },
};

/** A provider that knows how deliveries are proven, and nothing of their events. */
export function customSender(
  { name, make }: CustomScheme,
  options: Readonly<Record<string, unknown>>,
): Provider {
  return defineProvider({
    name,
    scheme: make(options as never),
    schema: anything,
    type: (event) => {
      const { type, event: kind } = Object(event) as Readonly<Record<string, unknown>>;
      return [type, kind].find((word) => typeof word === "string");
    },
  });
}

/** What is sent where nothing else is given. */
export const customSample = { ping: { type: "ping" } } as const;
