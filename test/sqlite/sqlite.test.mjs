// Run by scripts/sqlite.mjs with every Node that has node:sqlite, against the built package.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createReceiver, defineProvider, hmac } from "countersign";
import { sqliteStore } from "countersign/stores/sqlite";
import { signDelivery, storeConformance } from "countersign/testing";

const folder = mkdtempSync(join(tmpdir(), "countersign-sqlite-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => {
  files += 1;
  return join(folder, `${files}.db`);
};

/** For processes that share it: which of them makes the switch to WAL is not left to them. */
const newSharedFile = () => {
  const file = newFile();
  openDatabase(file, "pragma journal_mode = wal").close();
  return file;
};

const openDatabase = (file, sql = "") => {
  const database = new DatabaseSync(file);
  database.exec(sql);
  return database;
};

const lease = { leaseMs: 60_000 };
const claimed = async (store, key, options = lease) => {
  const claim = await store.claim(key, options);
  assert.equal(claim.state, "claimed");
  return { key, token: claim.token, ttlMs: 60_000 };
};

describe("conformance", () => {
  const memory = sqliteStore(new DatabaseSync(":memory:"));
  for (const { name, run } of storeConformance(() => memory)) test(`in memory: ${name}`, run);

  const file = newFile();
  // As on every Node that has it: the option of the same meaning is younger.
  const open = () => sqliteStore(openDatabase(file, "pragma busy_timeout = 5000"));
  const closed = () => {
    const database = new DatabaseSync(newFile());
    const store = sqliteStore(database);
    database.close();
    return store;
  };
  for (const { name, run } of storeConformance(open, { unreachable: closed })) {
    test(`a connection each: ${name}`, run);
  }
});

describe("a file", () => {
  test("keeps what was completed when it is opened again", async () => {
    const file = newFile();
    const before = new DatabaseSync(file);
    const store = sqliteStore(before);
    const { token } = await claimed(store, "done");
    await store.complete("done", token, { ttlMs: 60_000 });
    await claimed(store, "held");
    await store.writeCursor("c", "1");
    before.close();
    const again = sqliteStore(new DatabaseSync(file));
    assert.deepEqual(await again.claim("done", lease), { state: "done" });
    assert.deepEqual(await again.claim("held", lease), { state: "busy" });
    assert.equal(await again.readCursor("c"), "1");
  });

  test("lets one of four processes have each message", async () => {
    const file = newSharedFile();
    const count = 2000; // SQLite's lock is not fair: each begins with messages of its own.
    const workers = [0, 1, 2, 3].map((part) => start(file, "claim", count, part * 500));
    await Promise.all(workers.map(({ ready }) => ready));
    for (const { child } of workers) child.send("go");
    await Promise.all(workers.map(({ child }) => once(child, "exit")));
    const all = workers.flatMap(({ said }) => said);
    assert.equal(all.length, count);
    assert.equal(new Set(all).size, count);
    assert.ok(workers.filter(({ said }) => said.length > 0).length > 1);
    assert.deepEqual(effectsOf(file), Array(count).fill(1));
  });

  test("has each effect once, though processes are killed", async () => {
    const file = newSharedFile();
    const count = 400;
    for (let round = 0; round < 8; round += 1) {
      const workers = [start(file, "claim", count), start(file, "claim", count)];
      await Promise.all(workers.map(({ ready }) => ready));
      for (const { child } of workers) child.send("go");
      const gone = workers.map(({ child }) => once(child, "exit"));
      await wait(20 + 30 * round);
      for (const { child } of workers) child.kill("SIGKILL");
      await Promise.all(gone);
      // What they said that they had completed is complete.
      const store = sqliteStore(new DatabaseSync(file, { timeout: 5000 }));
      for (const key of workers.flatMap(({ said }) => said)) {
        assert.deepEqual(await store.claim(key, lease), { state: "done" });
      }
    }
    assert.ok(effectsOf(file).every((times) => times === 1));
  });

  test("has neither effect nor completion of a process that is killed in the middle", async () => {
    const file = newSharedFile();
    const { child, ready } = start(file, "stop", 0);
    await ready;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    assert.deepEqual(effectsOf(file), []);
    const store = sqliteStore(new DatabaseSync(file, { timeout: 5000 }));
    assert.deepEqual(await store.claim("stopped", lease), { state: "busy" });
    await wait(2000);
    assert.equal((await store.claim("stopped", lease)).state, "claimed");
  });

  test("does not grow with what has expired", async () => {
    let time = 0;
    const database = new DatabaseSync(":memory:");
    const store = sqliteStore(database, { now: () => time });
    const rows = () =>
      database.prepare("select count(*) as rows from countersign_claims").get().rows;
    for (let index = 0; index < 5000; index += 1) {
      time += 100;
      const { token } = await claimed(store, `k${index}`);
      await store.complete(`k${index}`, token, { ttlMs: 10_000 });
    }
    assert.ok(rows() <= 200, `${rows()} rows`);
    assert.deepEqual(await store.claim("k4999", lease), { state: "done" });
    assert.deepEqual(await store.claim("k4950", lease), { state: "done" });
  });

  test("has a claim or an error, when somebody reads and nothing can be committed", async () => {
    const file = newFile();
    const store = sqliteStore(new DatabaseSync(file));
    const held = await claimed(store, "held");
    const reader = openDatabase(file, "begin");
    reader.prepare("select * from countersign_claims").all();
    await assert.rejects(store.claim("k", lease), /locked/);
    await assert.rejects(store.renew(held.key, held.token, lease), /locked/);
    await assert.rejects(store.complete(held.key, held.token, { ttlMs: 60_000 }), /locked/);
    await assert.rejects(store.release(held.key, held.token), /locked/);
    assert.throws(() => store.transaction(held, () => undefined), /locked/);
    await assert.rejects(store.writeCursor("c", "1"), /locked/);
    assert.equal(await store.readCursor("c"), undefined);
    reader.exec("commit");
    assert.deepEqual(await store.claim("held", lease), { state: "busy" });
    assert.equal((await store.claim("k", lease)).state, "claimed");
    assert.equal(await store.renew(held.key, held.token, lease), true);
  });

  test("that is full has the sender retry", async () => {
    const database = openDatabase(newFile(), "pragma page_size = 512");
    const store = sqliteStore(database);
    database.exec("pragma max_page_count = 40");
    const states = [];
    for (let index = 0; index < 500; index += 1) {
      const claim = await store.claim(`k${index}`, lease).catch(({ message }) => ({ message }));
      states.push(claim.state ?? claim.message);
    }
    assert.equal(states.at(0), "claimed");
    assert.match(states.at(-1), /full/);
    for (const [index, state] of states.entries()) {
      if (state !== "claimed") continue;
      assert.deepEqual(await store.claim(`k${index}`, lease), { state: "busy" });
    }
  });

  test("that is locked for longer than the time-out has the sender retry", async () => {
    const file = newFile();
    const other = new DatabaseSync(file);
    const store = sqliteStore(new DatabaseSync(file, { timeout: 50 }));
    const provider = defineProvider({
      name: "spec",
      scheme: hmac({ secret: "a-secret-for-the-tests", header: "x-signature" }),
      schema: { "~standard": { version: 1, vendor: "spec", validate: (value) => ({ value }) } },
    });
    const handled = [];
    const receiver = createReceiver(provider, { store, on: { event: () => handled.push(1) } });
    const delivery = signDelivery(provider, { type: "event" });
    other.exec("begin immediate");
    const outcome = await receiver.receive(delivery);
    assert.equal(outcome.status, 503);
    assert.equal(outcome.error.code, "store_unavailable");
    other.exec("rollback");
    assert.equal((await receiver.receive(delivery)).kind, "handled");
    assert.equal(handled.length, 1);
  });
});

describe("a database", () => {
  // What a Node does not know of these it ignores.
  for (const options of [{ readBigInts: true }, { returnArrays: true }]) {
    test(`gives the same answers with ${JSON.stringify(options)}`, async () => {
      const store = sqliteStore(new DatabaseSync(":memory:", options));
      const order = { subject: "s", at: 20 };
      const { token } = await claimed(store, "newer", { ...lease, order });
      assert.equal(await store.renew("newer", token, lease), true);
      const older = (at) => store.claim(`older ${at}`, { ...lease, order: { ...order, at } });
      assert.equal((await older(10)).newer, "busy");
      await store.complete("newer", token, { ttlMs: 60_000 });
      assert.deepEqual(await store.claim("newer", lease), { state: "done" });
      assert.equal((await older(9)).newer, "done");
      assert.equal((await older(30)).newer, undefined);
      assert.equal(await store.readCursor("c"), undefined);
      await store.writeCursor("c", "1");
      assert.equal(await store.readCursor("c"), "1");
    });
  }

  const { isTransaction } = new DatabaseSync(":memory:");
  const skip = isTransaction === undefined && "this Node cannot tell";
  test("that is in a transaction gives no claim, which could be undone", { skip }, async () => {
    const database = new DatabaseSync(":memory:");
    const store = sqliteStore(database);
    const { token } = await claimed(store, "held");
    database.exec("begin");
    await assert.rejects(store.claim("k", lease), /in a transaction/);
    await assert.rejects(store.renew("held", token, lease), /in a transaction/);
    await assert.rejects(store.writeCursor("c", "1"), /in a transaction/);
    assert.equal(await store.readCursor("c"), undefined);
    database.exec("rollback");
    await claimed(store, "k");
  });

  test("is tidied by a process that makes few claims", async () => {
    let time = 0;
    const database = new DatabaseSync(":memory:");
    const rows = () =>
      database.prepare("select count(*) as rows from countersign_claims").get().rows;
    for (let start = 0; start < 20; start += 1) {
      const store = sqliteStore(database, { now: () => time });
      for (let index = 0; index < 5; index += 1) {
        const { key, token } = await claimed(store, `${start} ${index}`);
        await store.complete(key, token, { ttlMs: 1000 });
      }
      time += 1000;
    }
    assert.equal(rows(), 5);
  });
});

describe("a transaction", () => {
  const setUp = () => {
    const database = new DatabaseSync(":memory:");
    database.exec("create table effects (key text)");
    const insert = database.prepare("insert into effects values (?)");
    const effects = () => database.prepare("select count(*) as effects from effects").get().effects;
    return { database, store: sqliteStore(database), insert, effects };
  };

  test("has the effect and the completion", async () => {
    const { store, insert, effects } = setUp();
    const claim = await claimed(store, "k");
    assert.equal(
      store.transaction(claim, () => {
        insert.run("k");
        return "value";
      }),
      "value",
    );
    assert.equal(effects(), 1);
    assert.deepEqual(await store.claim("k", lease), { state: "done" });
  });

  test("that fails has neither", async () => {
    const { store, insert, effects } = setUp();
    const claim = await claimed(store, "k");
    const failing = () => {
      insert.run("k");
      throw new Error("no");
    };
    assert.throws(() => store.transaction(claim, failing), /^Error: no$/);
    assert.equal(effects(), 0);
    assert.deepEqual(await store.claim("k", lease), { state: "busy" });
    await store.release("k", claim.token);
    await claimed(store, "k");
  });

  test("of a claim that is lost has neither", async () => {
    const { store, insert, effects } = setUp();
    const claim = await claimed(store, "k", { leaseMs: 1 });
    await wait(5);
    assert.throws(() => store.transaction(claim, () => insert.run("k")), {
      name: "ClaimLostError",
    });
    const next = await claimed(store, "k");
    assert.throws(() => store.transaction(claim, () => insert.run("k")), /no longer held/);
    assert.equal(effects(), 0);
    store.transaction(next, () => insert.run("k"));
    assert.equal(effects(), 1);
  });

  test("is not undone by the receiver's own completion, nor is the claim lost meanwhile", async () => {
    const { store, insert } = setUp();
    const { key, token, ttlMs } = await claimed(store, "k");
    store.transaction({ key, token, ttlMs }, () => insert.run("k"));
    assert.equal(await store.renew(key, token, lease), true);
    await store.complete(key, token, { ttlMs: 1 });
    await wait(5);
    assert.deepEqual(await store.claim(key, lease), { state: "done" });
    assert.equal(await store.renew(key, token, lease), false);
    await store.release(key, token);
    assert.deepEqual(await store.claim(key, lease), { state: "done" });
  });

  test("is not asynchronous", async () => {
    const { store, insert, effects } = setUp();
    const claim = await claimed(store, "k");
    const asynchronous = async () => {
      insert.run("k");
      throw new Error("late");
    };
    assert.throws(() => store.transaction(claim, asynchronous), /asynchronous/);
    assert.equal(effects(), 0);
  });
});

describe("a cursor", () => {
  test("is kept to the character, whatever it is and is called", async () => {
    const database = new DatabaseSync(":memory:");
    const store = sqliteStore(database);
    const texts = [
      ...[
        "",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff",
        "\ufffd",
        "json:",
        "null",
        "1",
        "1.0",
        "'; --",
        "?1",
      ],
      ...["😀 ключ", "x".repeat(65_536), "😀".repeat(16_384)],
    ];
    for (const [index, text] of texts.entries()) await store.writeCursor(text, `${index}${text}`);
    for (const [index, text] of texts.entries()) {
      assert.equal(await store.readCursor(text), `${index}${text}`);
      await store.writeCursor(text, text);
      assert.equal(await store.readCursor(text), text);
    }
    const rows = "select count(*) as rows from countersign_claims_cursors";
    assert.equal(database.prepare(rows).get().rows, texts.length);
  });

  test("stays when all else has expired and is tidied away", async () => {
    let time = 0;
    const database = new DatabaseSync(":memory:");
    const store = sqliteStore(database, { now: () => time });
    await store.writeCursor("k0", "1");
    for (let index = 0; index < 250; index += 1) {
      await claimed(store, `k${index}`, { leaseMs: 1 });
      time += 10;
    }
    const rows = database.prepare("select count(*) as rows from countersign_claims").get().rows;
    assert.ok(rows < 150, `${rows} rows`);
    assert.equal(await store.readCursor("k0"), "1");
  });

  test("has a table of its own beside one of a version without", async () => {
    const file = newFile();
    const database = openDatabase(
      file,
      `create table "countersign_claims" (
        key text primary key, token text, expires integer not null, subject text, at integer
      ) without rowid;
      create index "countersign_claims_expires" on "countersign_claims" (expires);
      create index "countersign_claims_subject" on "countersign_claims" (subject, at)
        where subject is not null;
      insert into "countersign_claims" values ('"done"', null, 9e15, null, null);`,
    );
    database.close();
    for (const value of ["1", "2"]) {
      const store = sqliteStore(new DatabaseSync(file));
      assert.deepEqual(await store.claim("done", lease), { state: "done" });
      assert.equal(await store.readCursor("c"), value === "1" ? undefined : "1");
      await store.writeCursor("c", value);
      assert.equal(await store.readCursor("c"), value);
    }
  });
});

test("a table may have any name", async () => {
  const database = new DatabaseSync(":memory:");
  for (const table of ["select", 'a"b', "a b; drop table x; --", "таблица", "'"]) {
    const store = sqliteStore(database, { table });
    await claimed(store, "k");
    assert.equal((await store.claim("k", lease)).state, "busy");
    await store.writeCursor("k", table);
    assert.equal(await store.readCursor("k"), table);
    const { name } = database.prepare("select name from sqlite_master where name = ?").get(table);
    assert.equal(name, table);
  }
});

function start(...args) {
  const child = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), args);
  const said = [];
  const ready = new Promise((resolve, reject) => {
    child.on("exit", () => reject(new Error("The process has ended.")));
    child.on("message", (message) => {
      if (message === "ready" || message === "in the middle") resolve();
      else said.push(message);
    });
  });
  return { child, said, ready };
}

function effectsOf(file) {
  const database = new DatabaseSync(file, { timeout: 5000 });
  const rows = database.prepare("select count(*) as times from effects group by key").all();
  database.close();
  return rows.map(({ times }) => times);
}
