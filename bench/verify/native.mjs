// On Node, Bun and Deno:  native.mjs <settings as JSON>

import process from "node:process";
import { measureVerify } from "./measure.mjs";

const result = await measureVerify(JSON.parse(process.argv[2]));
console.log(JSON.stringify(result));
process.exit(0);
