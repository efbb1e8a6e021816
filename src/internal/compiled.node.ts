import * as z from "zod/mini";
import type { Compiled } from "./compiled.js";
import type { StandardSchema } from "./standard-schema.js";

// Compiling takes about as long as it saves in so many events: whoever sees fewer does not pay for it.
const worthwhile = 1000;

/** Zod's own compiler, where this version of it has one. Where code made of text is forbidden, it gives the schema back. */
function compile(schema: StandardSchema): StandardSchema {
  // It asks the engine what is forbidden, and not the application.
  const mayCompile = typeof z.compile === "function" && z.config().jitless !== true;
  return mayCompile ? z.compile(schema as unknown as z.ZodMiniType) : schema;
}

function compiledInTime(schema: StandardSchema): StandardSchema {
  const standard = schema["~standard"];
  let { validate } = standard;
  let events = 0;
  const counting: StandardSchema["~standard"] = {
    ...standard,
    validate: (event) => {
      events += 1;
      if (events === worthwhile) validate = compile(schema)["~standard"].validate;
      return validate(event);
    },
  };
  // The schema itself names the fields that an issue may name.
  return Object.assign({ "~standard": counting }, { schema });
}

export const compiled: Compiled = (schemas) =>
  Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => [type, compiledInTime(schema)]),
  ) as never;
