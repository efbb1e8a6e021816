import type { OutputOf, StandardSchema } from "./standard-schema.js";

/**
 * Validators of what is made of an event before its schema sees it. A pipe and a transform of Zod's do the same and are
 * larger in a bundle.
 *
 * @param sent Schemas of events as they are sent, where those are known: what tools may hold them against.
 */
export function prepared<Schemas extends Readonly<Record<string, StandardSchema>>>(
  prepare: (event: unknown) => unknown,
  schemas: Schemas,
  sent?: Readonly<Record<string, StandardSchema>>,
): { readonly [Type in keyof Schemas]: StandardSchema<OutputOf<Schemas[Type]>> } {
  return Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => {
      const { "~standard": standard } = schema;
      const { validate } = standard;
      // The schema itself names the fields that an issue may name.
      return [
        type,
        {
          schema,
          sent: sent?.[type],
          "~standard": { ...standard, validate: (event: unknown) => validate(prepare(event)) },
        },
      ];
    }),
  ) as never;
}
