import type { OutputOf, StandardSchema } from "./standard-schema.js";

/** Makes validators of a provider's schemas: the same verdicts, values and issues, as fast as the runtime allows. */
export type Compiled = <Schemas extends Readonly<Record<string, StandardSchema>>>(
  schemas: Schemas,
) => { readonly [Type in keyof Schemas]: StandardSchema<OutputOf<Schemas[Type]>> };
