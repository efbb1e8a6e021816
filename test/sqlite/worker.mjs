// One of several processes on one file: claims every key that it can get, and says which. With “stop” it stops in the
// middle of a transaction and waits to be killed.
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { sqliteStore } from "countersign/stores/sqlite";

const [file, what, count, first = 0] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec("pragma busy_timeout = 20000; pragma synchronous = normal");
database.exec("create table if not exists effects (key text)");
const store = sqliteStore(database);
const insert = database.prepare("insert into effects values (?)");

if (what === "stop") {
  const { token } = await store.claim("stopped", { leaseMs: 2000 });
  store.transaction({ key: "stopped", token, ttlMs: 60_000 }, () => {
    insert.run("stopped");
    process.send("in the middle");
    // Nothing else runs until it is killed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  });
}

process.send("ready");
await new Promise((resolve) => process.once("message", resolve));
for (let index = 0; index < Number(count); index += 1) {
  const key = `key-${(index + Number(first)) % Number(count)}`;
  // Lets what was said go out, and others in.
  if (index % 4 === 0) await wait(1);
  const claim = await store.claim(key, { leaseMs: 60_000 });
  if (claim.state !== "claimed") continue;
  store.transaction({ key, token: claim.token, ttlMs: 60_000 }, () => insert.run(key));
  process.send(key);
}
process.disconnect();
