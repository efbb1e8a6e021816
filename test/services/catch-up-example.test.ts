// The example that catches up, as its README has it run: against the built package, a process each.

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  bodyOf,
  type HistoryItem,
  historyEvents,
  startVendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { freePort } from "../helpers/listen.js";
import { readmePath } from "../helpers/readme-path.js";
import { run } from "../helpers/running.js";
import { startPostgres } from "./helpers/services.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const webhookId = "1ed2f903-2d75-6b19-b6a5-29535bc3340e";
const key = "5c".repeat(32);
const settings = {
  DATASPIKE_SECRET: `whsec_${key}`,
  DATASPIKE_API_KEY: "ds-test-key",
  DATASPIKE_WEBHOOK_ID: webhookId,
};

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("dist/ is missing: npm run build");
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function cron(env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: process.env.PATH, ...env } };
    execFile(process.execPath, ["examples/catch-up/cron.mjs"], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const fine = (recovered: number): Ended => ({
  code: 0,
  stdout: `brought back ${recovered}, failed 0\n`,
  stderr: "",
});

/** A vendor with a history, a database, and the example's two programs. */
async function open(history: readonly HistoryItem[]) {
  const engine = await startPostgres();
  onTestFinished(engine.remove);
  const api = await startVendorApi({ dataspike: { pageSize: 10, events: history } });
  onTestFinished(api.close);
  const port = await freePort();
  const env = {
    ...settings,
    DATABASE_URL: engine.url,
    DATASPIKE_BASE_URL: api.url,
    PORT: String(port),
  };
  const query = async (text: string) => {
    const client = new pg.Client(engine.url);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const url = `http://127.0.0.1:${port}${await readmePath("catch-up")}`;
  return {
    api,
    query,
    /** Ids of the events that the handler has written down, as often as it has. */
    written: async (): Promise<string[]> =>
      (await query("select event from decisions order by event")).map(({ event }) => event),
    startServer: async (more: Readonly<Record<string, string>> = {}) => {
      const server = run(process.execPath, ["examples/catch-up/startup.mjs"], {
        cwd: root,
        env: { ...env, ...more },
      });
      onTestFinished(server.kill);
      await server.until(/listening on port/);
      return server;
    },
    runCron: (more: Readonly<Record<string, string>> = {}) => cron({ ...env, ...more }),
    post: async (event: HistoryItem): Promise<number> => {
      const body = bodyOf(event);
      const timestamp = Math.floor(Date.now() / 1000);
      const signature = createHmac("sha256", Buffer.from(key, "hex"))
        .update(`${timestamp}.${body}`)
        .digest("hex");
      const headers = { "X-Webhook-Signature": `t=${timestamp},v1=${signature}` };
      return (await fetch(url, { method: "POST", headers, body })).status;
    },
  };
}

/** Those that the example has a handler for; their ids sort as they happened. */
const handled = (events: readonly HistoryItem[]): string[] =>
  events.filter(({ event_type }) => event_type === "DOCVER").map(({ id }) => id);

describe("the example that catches up", () => {
  test("brings back what came after the last known event, beside live traffic, and through a kill", async () => {
    const events = historyEvents(90, { webhookId });
    const { api, written, startServer, post } = await open(events.slice(0, 60));
    const after = { DATASPIKE_AFTER: events[9]?.id ?? "" };
    // The fourth page keeps it waiting for longer than this test lasts.
    let pages = 0;
    api.fault({ kind: "hang" }, { when: () => ++pages === 4 });
    const first = await startServer(after);
    await expect.poll(() => pages, { timeout: 20_000 }).toBe(4);
    expect(await written()).toEqual(handled(events.slice(10, 40)));
    await first.kill();

    const second = await startServer(after);
    const live = events.slice(50).map(async (event, index) => {
      if (index >= 10) api.dataspike.push(event);
      return post(event);
    });
    // 409 where the catch-up was at it.
    for (const status of await Promise.all(live)) expect([200, 409]).toContain(status);
    await second.until(/^brought back \d+, failed 0$/m);
    await second.kill();
    expect(await written()).toEqual(handled(events.slice(10)));
  });

  test("has a cron job bring back what the server missed, and try again what failed", async () => {
    const events = historyEvents(40, { webhookId });
    const [poison = "", ...others] = handled(events.slice(20));
    const { api, query, written, startServer, runCron } = await open(events.slice(0, 20));
    const server = await startServer();
    await server.until(/^brought back 14, failed 0$/m);
    for (const event of events.slice(20)) api.dataspike.push(event);

    await query(`alter table decisions add constraint poison check (event <> '${poison}')`);
    expect(await runCron()).toEqual({
      code: 1,
      stdout: `brought back ${others.length}, failed 1\n`,
      stderr: "handler_failed\n",
    });
    await query("alter table decisions drop constraint poison");
    expect(await runCron()).toEqual(fine(1));
    expect(await runCron()).toEqual(fine(0));
    expect(await written()).toEqual(handled(events));
  });

  test("leaves the events of other webhooks alone", async () => {
    const strangers = historyEvents(5, { webhookId: "0ed2f903-2d75-6b19-b6a5-29535bc3340e" });
    const { written, runCron } = await open(strangers);
    expect(await runCron()).toEqual(fine(0));
    expect(await written()).toEqual([]);
  });

  test("receives what comes while the vendor's API refuses, and says so", async () => {
    const events = historyEvents(1, { webhookId });
    const { written, startServer, runCron, post } = await open(events);
    const wrongKey = { DATASPIKE_API_KEY: "ds-other-key" };
    const server = await startServer(wrongKey);
    await server.until(/^not caught up: unauthorized$/m);
    for (const event of events) expect(await post(event)).toBe(200);
    expect(await written()).toEqual(handled(events));
    expect(await runCron(wrongKey)).toEqual({
      code: 1,
      stdout: "",
      stderr: "not caught up: unauthorized\n",
    });
  });

  test.each([
    ["DATASPIKE_SECRET", /secret_missing/],
    ["DATASPIKE_API_KEY", /secret_missing/],
    ["DATASPIKE_WEBHOOK_ID", /option_invalid/],
  ])("does not start without %s", async (name, code) => {
    const ended = await cron({
      DATABASE_URL: "postgres://127.0.0.1:1/none",
      ...settings,
      [name]: "",
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(code);
  });
});
