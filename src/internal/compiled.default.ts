import type { Compiled } from "./compiled.js";

// Edge runtimes forbid code that is made of text, and a compiler would be as large as all the rest of a bundle.
export const compiled: Compiled = (schemas) => schemas as ReturnType<Compiled> as never;
