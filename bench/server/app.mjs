// The measured server:  app.mjs <framework> <secrets as JSON>. Answers over IPC what it has used of the processor.

import { frameworks } from "./frameworks.mjs";
import { makeModes, makeReceiver } from "./modes.mjs";

const [, , framework, given] = process.argv;
const secrets = JSON.parse(given);
const port = await frameworks[framework](makeModes(secrets), makeReceiver(secrets));
process.on("message", (message) => {
  if (message === "collect") globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicroseconds: user + system });
});
process.on("disconnect", () => process.exit(0));
process.send({ port });
