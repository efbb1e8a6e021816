import type { Provider } from "../../../provider.js";

/** One field of a form, and the option that it is. */
export interface Field {
  /** Where it is in the options: `["header", "name"]`. */
  readonly path: readonly string[];
  /** `secrets` are one or several texts that are not shown; `json` is anything else. */
  readonly kind: "text" | "secrets" | "json" | "choice";
  readonly choices?: readonly string[];
  /** What stands there at first. */
  readonly value?: string;
  readonly placeholder?: string;
  readonly optional?: boolean;
}

/** One way to configure a source. */
export interface Variant {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** A recorded delivery with the options of its receiver. */
export interface Example {
  readonly title: string;
  readonly options: unknown;
  /** Unix seconds at which it was received. */
  readonly now: number;
  /** The `.http` file. */
  readonly base64: string;
}

/** What a delivery can come from: a provider or a scheme. */
export interface Source {
  readonly id: string;
  readonly variants: readonly Variant[];
  readonly examples: readonly Example[];
  /** @throws {WebhookError} of stage `config` */
  readonly make: (options: unknown) => Provider;
}

/** What the fields of a form hold, by the fields' paths. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** The key of a field among {@link Values}. */
export function keyOf({ path }: Field): string {
  return path.join(".");
}

function put(options: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    options[first] = value;
    return;
  }
  const inner = (options[first] ?? {}) as Record<string, unknown>;
  options[first] = inner;
  put(inner, rest, value);
}

/** What the fields say, as options. @throws {SyntaxError} for JSON that is none. */
export function optionsOf(fields: readonly Field[], values: Values): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const field of fields) {
    const given = (values[keyOf(field)] ?? [field.value ?? ""]).filter((text) => text !== "");
    const [first = ""] = given;
    if (given.length === 0 && field.optional) continue;
    if (field.kind === "json") {
      try {
        put(options, field.path, JSON.parse(first));
      } catch {
        throw new SyntaxError(`${keyOf(field)} is not JSON.`);
      }
    } else {
      put(options, field.path, given.length > 1 ? given : first);
    }
  }
  return options;
}

function at(options: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key],
    options,
  );
}

/** A secret that nobody has, and that is well-formed for every provider: hex digits are base64 and text too. */
function inventedSecret(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(24))];
  return `whsec_${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Options in which each secret is replaced by one that nobody has. */
export function withInventedSecrets(
  fields: readonly Field[],
  options: unknown,
): Record<string, unknown> {
  const secrets = fields.filter(({ kind }) => kind === "secrets");
  const invented = secrets.map((field) => [keyOf(field), [inventedSecret()]]);
  return optionsOf(fields, { ...valuesOf(fields, options), ...Object.fromEntries(invented) });
}

/** Options as what fields hold: the reverse of {@link optionsOf}. */
export function valuesOf(fields: readonly Field[], options: unknown): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const value = at(options, field.path);
      const texts = (Array.isArray(value) && field.kind !== "json" ? value : [value]).map((one) =>
        one === undefined ? "" : typeof one === "string" ? one : JSON.stringify(one, null, 2),
      );
      return [keyOf(field), texts];
    }),
  );
}
