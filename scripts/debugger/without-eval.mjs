// The page's policy allows no code from text, and a browser reports each attempt: Zod is told not to try. Imported before
// any schema is made.
import { config } from "zod/mini";

export const zod = config({ jitless: true });
