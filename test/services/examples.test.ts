// The examples that hand work to a queue, as their README has them run: against the built package, a process each.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../helpers/listen.js";
import { readmePath } from "../helpers/readme-path.js";
import { type Running, run } from "../helpers/running.js";
import { dataspikeSender, type Posted, type Sender, voveSender } from "../helpers/senders.js";
import { cuttable } from "./helpers/cuttable.js";
import { type Engine, startPostgres, startRedis } from "./helpers/services.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const patienceMs = 30_000;

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("dist/ is missing: npm run build");
});

/** What an engine holds, read without the package under test. */
interface Content {
  readonly jobs: readonly { readonly id: string; readonly data: unknown }[];
  /** Ids of the jobs whose work has had its effect. */
  readonly effects: readonly string[];
}

interface Example {
  readonly name: string;
  readonly deadlineMs: number;
  /** Ids of messages that a queue may have no such jobs for. */
  readonly ids: readonly string[];
  readonly sender: () => Sender;
  readonly start: () => Promise<Engine>;
  readonly env: (port: number) => Readonly<Record<string, string>>;
  /** The job's data for a message about a subject. */
  readonly dataOf: (subject: string) => unknown;
  readonly look: (url: string) => Promise<Content>;
  /** Whether the job and the completion of the claim are one transaction. */
  readonly isAtomic: boolean;
  /** Has the store forget all that it has been told. */
  readonly forget: (url: string) => Promise<unknown>;
  /** Has the queue take no jobs, while claims can be made. */
  readonly refuse: (url: string) => Promise<unknown>;
  readonly allow: (url: string) => Promise<unknown>;
}

async function inRedis<Value>(url: string, ask: (redis: Redis) => Promise<Value>): Promise<Value> {
  const redis = new Redis(url);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const lookIntoRedis = (url: string): Promise<Content> =>
  inRedis(url, async (redis) => {
    const queue = new Queue("dataspike", { connection: redis });
    const jobs = (await queue.getJobs()).map(({ id, data }) => ({ id: String(id), data }));
    await queue.close();
    return { jobs, effects: await redis.hkeys("decisions") };
  });

async function rowsOf(connectionString: string, text: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function lookIntoPostgres(url: string): Promise<Content> {
  const jobs = await rowsOf(url, "select id, data from pgboss.job");
  const [{ exists }] = await rowsOf(url, "select to_regclass('decisions') is not null as exists");
  const effects = exists ? await rowsOf(url, "select job from decisions") : [];
  return { jobs, effects: effects.map(({ job }) => job) };
}

const examples: readonly Example[] = [
  {
    name: "bullmq",
    deadlineMs: 9000,
    ids: ["0", "1", "0:1", "a:b", "x".repeat(5000), "\0", "\ud800", "\udc00", "Ω 🐘"],
    sender: dataspikeSender,
    start: startRedis,
    env: (port) => ({ REDIS_URL: `redis://127.0.0.1:${port}` }),
    dataOf: (applicantId) => ({ applicantId, decision: "positive" }),
    look: lookIntoRedis,
    isAtomic: false,
    forget: (url) => inRedis(url, async (redis) => redis.del(await redis.keys("{countersign}:*"))),
    // It counts its jobs there.
    refuse: (url) => inRedis(url, (redis) => redis.set("bull:dataspike:id", "no number")),
    allow: (url) => inRedis(url, (redis) => redis.del("bull:dataspike:id")),
  },
  {
    name: "pg-boss",
    deadlineMs: 14_000,
    ids: ["0", "1", "0:1", "a:b", "x'y", "00000000-0000-0000-0000-000000000000"],
    sender: () => voveSender((refId) => ({ status: "successful", refId })),
    start: startPostgres,
    env: (port) => ({ DATABASE_URL: `postgres://countersign@127.0.0.1:${port}/countersign` }),
    dataOf: (refId) => ({ refId, decision: "positive" }),
    look: lookIntoPostgres,
    isAtomic: true,
    forget: (url) => rowsOf(url, "delete from countersign_claims"),
    // pg-boss then says the same as when the job is there already.
    refuse: (url) => rowsOf(url, "select pgboss.delete_queue('vove')"),
    allow: (url) => rowsOf(url, "select pgboss.create_queue('vove', '{}')"),
  },
];

/** An engine and a vendor of the test's own, and the example's two programs. */
async function open(example: Example) {
  const engine = await example.start();
  onTestFinished(engine.remove);
  const sender = example.sender();
  const start = async (program: string, isUp: RegExp, env: Readonly<Record<string, string>>) => {
    const running = run(process.execPath, [`examples/${example.name}/${program}.mjs`], {
      cwd: root,
      env: { ...sender.env, ...env },
    });
    onTestFinished(running.kill);
    await running.until(isUp);
    return running;
  };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${await readmePath(example.name)}`;
  return {
    engine,
    sender,
    look: () => example.look(engine.url),
    startServer: (enginePort = engine.port) =>
      start("server", /listening on port/, { ...example.env(enginePort), PORT: String(port) }),
    startWorker: () => start("worker", /waiting for jobs/, example.env(engine.port)),
    /** The status of the answer; 0 when the connection breaks before there is one. */
    post: async ({ headers, body }: Posted): Promise<number> => {
      try {
        return (await fetch(url, { method: "POST", headers, body })).status;
      } catch {
        return 0;
      }
    },
  };
}

/** Waits until a worker has done these jobs, and checks that it has begun each of them once. */
async function workedOnce(worker: Running, jobs: Content["jobs"]): Promise<void> {
  for (const { id } of jobs) await worker.until(new RegExp(`^done ${id}$`, "m"));
  expect(
    worker
      .output()
      .match(/^started .*/gm)
      ?.sort(),
  ).toEqual(jobs.map(({ id }) => `started ${id}`).sort());
}

/** What a vendor does: it sends again until it gets 200. */
async function sendUntilAccepted(post: () => Promise<number>): Promise<void> {
  await expect.poll(post, { timeout: patienceMs, interval: 500 }).toBe(200);
}

describe.each(examples)("the example for $name", (example) => {
  test("has a worker handle each genuine webhook once, and nothing forged", async () => {
    const { engine, sender, startServer, startWorker, post, look } = await open(example);
    const server = await startServer();
    const worker = await startWorker();

    expect(await post({ headers: {}, body: "{}" }), "unsigned").toBe(401);
    const first = sender.genuine("subject-first");
    expect(await post(first), "genuine").toBe(200);
    expect(await post(first), "duplicate").toBe(200);
    expect(await post(sender.forge(sender.genuine("subject-forged"))), "forged").toBe(401);
    for (const id of example.ids) {
      expect(await post(sender.genuine("subject-last", id)), "genuine, with an odd id").toBe(200);
    }

    const { jobs } = await look();
    expect(jobs).toHaveLength(1 + example.ids.length);
    await workedOnce(worker, jobs);
    expect(new Set((await look()).effects)).toEqual(new Set(jobs.map(({ id }) => id)));
    await example.forget(engine.url);
    expect(await post(first), "duplicate of a message that is forgotten").toBe(200);
    expect((await look()).jobs).toHaveLength(jobs.length);
    // What the work needs, and no more of whom it is about; and nothing of it in a log.
    expect(jobs.map(({ data }) => data)).toEqual(
      expect.arrayContaining(["subject-first", "subject-last"].map(example.dataOf)),
    );
    expect(server.output()).toMatch(/^signature_missing$/m);
    expect(server.output()).toMatch(/^signature_mismatch$/m);
    expect(server.output() + worker.output()).not.toContain("subject-");
  });

  test("accepts nothing while the engine is away, and has what it accepted before", async () => {
    const { engine, sender, startServer, startWorker, post, look } = await open(example);
    await startServer();
    const before = sender.genuine("subject-before");
    expect(await post(before)).toBe(200);

    await engine.kill();
    const during = sender.genuine("subject-during");
    const sent = performance.now();
    expect(await post(during)).toBeGreaterThanOrEqual(500);
    // Long before the deadline: commands do not wait for the engine.
    expect(performance.now() - sent).toBeLessThan(5000);
    await engine.restart();
    await sendUntilAccepted(() => post(during));
    expect(await post(before), "duplicate").toBe(200);

    const { jobs } = await look();
    expect(jobs).toHaveLength(2);
    const worker = await startWorker();
    await workedOnce(worker, jobs);
  });

  test("accepts nothing that the queue does not take", async () => {
    const { engine, sender, startServer, post, look } = await open(example);
    await startServer();
    const posted = sender.genuine("subject-refused");
    await example.refuse(engine.url);
    expect(await post(posted)).toBe(500);
    await example.allow(engine.url);
    expect(await post(posted)).toBe(200);
    expect((await look()).jobs).toHaveLength(1);
  });

  test("answers in time when the engine falls silent, and the retry makes no second job", async () => {
    const { engine, sender, startServer, post, look } = await open(example);
    const way = await cuttable(engine.port);
    onTestFinished(way.close);
    const server = await startServer(way.port);
    expect(await post(sender.genuine("subject-early"))).toBe(200);

    // The claim has been made, and what comes next has been done, and nobody hears of it.
    const cut = way.cutAfter(2);
    const posted = sender.genuine("subject-late");
    const sent = performance.now();
    const status = post(posted);
    await cut;
    expect(await status).toBe(503);
    expect(performance.now() - sent).toBeLessThan(example.deadlineMs + 3000);
    expect(server.output()).toMatch(/^handler_timeout$/m);

    way.mend();
    await sendUntilAccepted(() => post(posted));
    expect((await look()).jobs).toHaveLength(2);
  });

  test("makes one job of a message, wherever between claim and answer the server dies", async () => {
    const { engine, sender, startServer, startWorker, post, look } = await open(example);
    const way = await cuttable(engine.port);
    onTestFinished(way.close);
    const interrupted: { readonly posted: Posted; readonly hasJob: boolean }[] = [];

    let jobsBefore = 0;
    for (let writes = 0; ; writes++) {
      way.mend();
      const server = await startServer(way.port);
      const cut = way.cutAfter(writes);
      const posted = sender.genuine(`subject-${writes}`);
      const status = post(posted);
      // Beyond the last write of a delivery there is nothing to cut.
      const answer = await Promise.race([cut, status]);
      await server.kill();
      if (answer !== undefined) {
        expect(answer).toBe(200);
        break;
      }
      expect(await status, "acknowledged").toBe(0);
      const { jobs } = await look();
      interrupted.push({ posted, hasJob: jobs.length > jobsBefore });
      jobsBefore = jobs.length;
    }
    // Some died before the job was there, and some after.
    expect(new Set(interrupted.map(({ hasJob }) => hasJob))).toEqual(new Set([false, true]));

    way.mend();
    await startServer();
    for (const { posted, hasJob } of interrupted) {
      // Where there is the one, there is the other: the message is known to be done, and no lease has to end first.
      if (hasJob && example.isAtomic) expect(await post(posted)).toBe(200);
    }
    await Promise.all(interrupted.map(({ posted }) => sendUntilAccepted(() => post(posted))));
    const { jobs } = await look();
    expect(jobs.map(({ data }) => data)).toHaveLength(interrupted.length + 1);
    expect(jobs.map(({ data }) => data)).toEqual(
      expect.arrayContaining(
        Array.from({ length: interrupted.length + 1 }, (_, n) => example.dataOf(`subject-${n}`)),
      ),
    );
    const worker = await startWorker();
    await workedOnce(worker, jobs);
  });

  test("goes on, with the same server and the same worker, after the engine has been away", async () => {
    const { engine, sender, startServer, startWorker, post, look } = await open(example);
    await startServer();
    const worker = await startWorker();
    await engine.kill();
    await engine.restart();
    const posted = sender.genuine("subject-after");
    await sendUntilAccepted(() => post(posted));
    await workedOnce(worker, (await look()).jobs);
  });

  test("has another worker do what a worker died of, with one effect", async () => {
    const { sender, startServer, startWorker, post, look } = await open(example);
    await startServer();
    expect(await post(sender.genuine("subject-one"))).toBe(200);
    const dies = await startWorker();
    await dies.until(/^started /m);
    await dies.kill();
    expect(dies.output()).not.toContain("done");

    const lives = await startWorker();
    await lives.until(/^started /m, 60_000);
    const { jobs } = await look();
    await workedOnce(lives, jobs);
    expect((await look()).effects).toEqual(jobs.map(({ id }) => id));
  }, 120_000);

  test("does not start without its secret", async () => {
    const running = run(process.execPath, [`examples/${example.name}/server.mjs`], {
      cwd: root,
      env: { ...example.env(await freePort()), PORT: String(await freePort()) },
    });
    onTestFinished(running.kill);
    await running.until(/secret_missing/);
  });
});
