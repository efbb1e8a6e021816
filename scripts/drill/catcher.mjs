// A catch-up in a process of its own, which may be killed at any time: with the claims in PostgreSQL, or handing the
// events to a receiver in another process, which keeps them in memory.
import { readFile, rename, writeFile } from "node:fs/promises";
import { storeCursor } from "countersign/catch-up";
import { signDelivery } from "countersign/testing";
import { bodyOf } from "../vendor-api/server.mjs";
import { begin } from "./child.mjs";
import { catchUpFrom } from "./history.mjs";
import { provider } from "./provider.mjs";
import { postgresReceiver } from "./receiver.mjs";

const { databaseUrl, apiUrl, forwardTo, cursorFile, wrong } = begin();

/** Stands for a receiver: posts each event, signed as the vendor does, and reads the status as a sender does. */
const forwarder = {
  provider: provider.name,
  recover: async ({ event }) => {
    const { headers, body } = signDelivery(provider, bodyOf(event));
    const { status } = await fetch(forwardTo, { method: "POST", headers, body });
    if (status === 409) return { kind: "in_progress", status };
    if (status !== 200) throw new Error(`The receiver answered ${status}.`);
    return { kind: "handled", status };
  },
};

/** A file is replaced in one step, so that there is always a whole one. */
const fileCursor = {
  read: () => readFile(cursorFile, "utf8").catch(() => undefined),
  write: async (value) => {
    await writeFile(`${cursorFile}.new`, value);
    await rename(`${cursorFile}.new`, cursorFile);
  },
};

const opened = databaseUrl && postgresReceiver(databaseUrl, wrong);
const result = await catchUpFrom(apiUrl, opened ? opened.receiver : forwarder, {
  wrong,
  cursor: opened ? storeCursor(opened.store, "drill") : fileCursor,
  onProgress: ({ recovered, duplicates }) => process.send({ recovered, duplicates }),
});
process.send({ what: "caught up", result }, () => process.exit(0));
