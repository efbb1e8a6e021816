// Posts genuine, forged, late, repeated and broken webhooks of all five providers to real servers on loopback, and prints
// what became of each. Exit 1 when one ended otherwise than the documentation says.
//
//   npm run demo

import { styleText } from "node:util";
import { runDemo } from "./demo/run.mjs";

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;

process.exitCode = await runDemo({
  print: console.log,
  paint: coloured ? styleText : (_style, text) => text,
});
