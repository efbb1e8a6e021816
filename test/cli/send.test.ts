import { createHmac } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { toExpressHandler } from "../../src/adapters/express.js";
import type { Provider } from "../../src/provider.js";
import { cr3dentials } from "../../src/providers/cr3dentials.js";
import { dataspike, dataspikeSamples } from "../../src/providers/dataspike.js";
import { screver } from "../../src/providers/screver.js";
import { validas } from "../../src/providers/validas.js";
import { vove } from "../../src/providers/vove.js";
import { createReceiver } from "../../src/receiver.js";
import { memoryStore } from "../../src/stores/memory.js";
import { freePort, listen } from "../helpers/listen.js";
import { cli, cliJson, startCli, temporaryFolder } from "./helpers/cli.js";
import { secrets } from "./helpers/samples.js";
import { type Recorder, startRecorder } from "./helpers/servers.js";

const folder = temporaryFolder();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A real receiver behind a real server, and the types that it has handled. */
async function startReceiver(provider: Provider): Promise<{ url: string; handled: string[] }> {
  const handled: string[] = [];
  const on = Object.fromEntries(provider.types.map((type) => [type, () => handled.push(type)]));
  const receiver = createReceiver(provider, { on, store: memoryStore() });
  const server = await listen(createServer(toExpressHandler(receiver as never)));
  closing.push(server.close);
  return { url: `${server.url}/hook`, handled };
}

async function recorder(statuses?: readonly number[]): Promise<Recorder> {
  const started = await startRecorder(statuses);
  closing.push(started.close);
  return started;
}

const env = { COUNTERSIGN_SECRET: secrets.vove };

describe("send", () => {
  const receivers: readonly (readonly [string, Provider, string, readonly string[]])[] = [
    ["vove", vove({ secret: secrets.vove }) as never, secrets.vove, []],
    ["dataspike", dataspike({ secret: secrets.dataspike }) as never, secrets.dataspike, []],
    ["screver", screver({ secret: secrets.plain }) as never, secrets.plain, []],
    ["cr3dentials", cr3dentials({ signingSecret: secrets.plain }) as never, secrets.plain, []],
    [
      "cr3dentials",
      cr3dentials({ header: { name: "x-key", value: secrets.plain } }) as never,
      secrets.plain,
      ["--header", "X-Key"],
    ],
    ["validas", validas({ bearer: { token: secrets.plain } }) as never, secrets.plain, []],
  ];

  it.each(receivers)(
    "delivers every sample of %s to a real receiver, and a new message each time",
    async (name, provider, secret, args) => {
      const { url, handled } = await startReceiver(provider);
      const settings = { env: { COUNTERSIGN_SECRET: secret } };
      const types = name === "vove" ? provider.types.slice(0, 3) : provider.types;
      for (const type of types) {
        const { code, lines } = await cliJson(
          ["send", url, "-p", name, "--type", type, ...args],
          settings,
        );
        expect([code, lines[0]?.status], type).toEqual([0, 200]);
      }
      expect(handled).toEqual(types);
      await cli(["send", url, "-p", name, "--type", types[0] ?? "", ...args], settings);
      expect(handled).toHaveLength(types.length + 1);
    },
  );

  it("delivers duplicates that are handled once", async () => {
    const { url, handled } = await startReceiver(dataspike({ secret: secrets.dataspike }) as never);
    const { code, lines } = await cliJson(["send", url, "-p", "dataspike", "--duplicate", "4"], {
      env: { COUNTERSIGN_SECRET: secrets.dataspike },
    });
    expect(code).toBe(0);
    expect(lines.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(handled).toEqual([Object.keys(dataspikeSamples)[0]]);
  });

  it.each(["body", "empty", "signature", "timestamp", "id", "unsigned"])(
    "ends with 0 when a receiver refuses a delivery with --tamper %s, and with 1 when it does not",
    async (how) => {
      const sound = await startReceiver(vove({ secret: secrets.vove }) as never);
      const args = ["-p", "vove", "--tamper", how];
      const refused = await cli(["send", sound.url, ...args], { env });
      expect(refused.code).toBe(0);
      expect(refused.stdout).toContain("Refused, as a forged delivery should be.");
      expect(sound.handled).toEqual([]);
      const careless = await recorder();
      const accepted = await cli(["send", careless.url, ...args], { env });
      expect(accepted.code).toBe(1);
      expect(accepted.stdout).toContain(
        "Accepted a forged delivery: the receiver does not verify.",
      );
    },
  );

  it("forges what there is: not the body where the proof does not cover it", async () => {
    const { url } = await startReceiver(validas({ bearer: { token: secrets.plain } }) as never);
    const settings = { env: { COUNTERSIGN_SECRET: secrets.plain } };
    expect((await cli(["send", url, "-p", "validas", "--tamper"], settings)).code).toBe(0);
    const body = await cli(["send", url, "-p", "validas", "--tamper", "body"], settings);
    expect(body.code).toBe(2);
    const id = await cli(["send", url, "-p", "screver", "--tamper", "id"], settings);
    expect([id.code, id.stderr]).toEqual([2, expect.stringContaining("has no id to forge")]);
    const failing = await recorder([500]);
    expect((await cli(["send", failing.url, "-p", "screver", "--tamper"], settings)).code).toBe(1);
  });

  it("sends stale deliveries, which are signed well, where the time is signed", async () => {
    const { url } = await startReceiver(vove({ secret: secrets.vove }) as never);
    expect((await cli(["send", url, "-p", "vove", "--stale"], { env })).code).toBe(0);
    const lax = await startReceiver(
      vove({ secret: secrets.vove, toleranceSeconds: false }) as never,
    );
    expect((await cli(["send", lax.url, "-p", "vove", "--stale"], { env })).code).toBe(1);
    const fresh = await cli(["send", url, "-p", "vove", "--stale", "60"], { env });
    expect(fresh.code).toBe(1);
    const unstamped = await cli(["send", url, "-p", "screver", "--stale"], {
      env: { COUNTERSIGN_SECRET: secrets.plain },
    });
    expect([unstamped.code, unstamped.stderr]).toEqual([
      2,
      expect.stringContaining("signs no time"),
    ]);
  });

  it("tries again as the sender does until it is accepted: one id, and a proof of its own each time", async () => {
    const app = await recorder([503, 500, 200]);
    const args = ["send", app.url, "-p", "vove", "--retry", "--speed", "200"];
    const { code, lines } = await cliJson(args, { env });
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { attempt: "attempt 1 of 8", status: 503, waitedSeconds: 0 },
      { attempt: "attempt 2 of 8", status: 500, waitedSeconds: 5 },
      { attempt: "attempt 3 of 8", status: 200, waitedSeconds: 300 },
    ]);
    expect(app.seen).toHaveLength(3);
    expect(new Set(app.seen.map(({ headers }) => headers["svix-id"])).size).toBe(1);
    expect(new Set(app.seen.map(({ body }) => body.toString())).size).toBe(1);
    const key = Buffer.from(secrets.vove.slice(6), "base64");
    for (const { headers, body } of app.seen) {
      const mac = createHmac("sha256", key)
        .update(`${headers["svix-id"]}.${headers["svix-timestamp"]}.`)
        .update(body);
      expect(headers["svix-signature"]).toBe(`v1,${mac.digest("base64")}`);
    }
    // 300 seconds pass between the second and the third, 200 times as fast.
    const times = app.seen.map(({ headers }) => Number(headers["svix-timestamp"]));
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(1);
  });

  it("gives up when the schedule ends", async () => {
    const app = await recorder([500]);
    const args = ["-p", "screver", "--retry", "--schedule", "0,0.1", "--speed", "10"];
    const settings = { env: { COUNTERSIGN_SECRET: secrets.plain } };
    const { code, stderr } = await cli(["send", app.url, ...args], settings);
    expect([code, app.seen.length]).toEqual([1, 3]);
    expect(stderr).toContain("gives up");
    const nowhere = `http://127.0.0.1:${await freePort()}/`;
    const unreached = await cliJson(["send", nowhere, ...args], settings);
    expect(unreached.code).toBe(3);
    expect(unreached.lines).toHaveLength(3);
  });

  it("guesses no schedule that is not documented", async () => {
    const { code, stderr } = await cli(
      ["send", "http://127.0.0.1:1/", "-p", "screver", "--retry"],
      {
        env: { COUNTERSIGN_SECRET: secrets.plain },
      },
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("--schedule")]);
  });

  it("ends at once with Ctrl-C between two attempts", async () => {
    const app = await recorder([500]);
    const running = startCli(["send", app.url, "-p", "vove", "--retry"], { env });
    await running.until(/attempt 1 of 8: 500/);
    const { code, stderr } = await running.interrupt();
    expect([code, stderr]).toEqual([130, expect.not.stringContaining("    at ")]);
  });

  it("sends an event of one's own byte for byte, for any scheme, to the path that was given", async () => {
    const app = await recorder();
    const body = Buffer.from('{ "b": 1.0,\r\n"a": "\\u00e9" }\n');
    const file = join(folder, "own.json");
    writeFileSync(file, body);
    const { code } = await cli(
      ["send", `${app.url}/a/b?c=d`, "--scheme", "hmac", "--header", "x-sig", "--body", file],
      { env: { COUNTERSIGN_SECRET: secrets.plain } },
    );
    expect(code).toBe(0);
    expect(app.seen[0]).toMatchObject({
      path: "/a/b?c=d",
      headers: {
        "x-sig": createHmac("sha256", secrets.plain).update(body).digest("hex"),
        "content-type": "application/json",
        "content-length": String(body.length),
      },
    });
    expect(app.seen[0]?.body.equals(body)).toBe(true);
  });

  it("says what a refusal means, and ends with 1; and with 3 when nobody listens", async () => {
    const app = await recorder([401]);
    const refused = await cli(["send", app.url, "-p", "vove"], { env });
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/401 Unauthorized {2}refused/);
    expect(refused.stderr).toContain("npx countersign listen");
    const port = await freePort();
    const nobody = await cli(["send", `http://127.0.0.1:${port}/`, "-p", "vove"], { env });
    expect(nobody.code).toBe(3);
    expect(nobody.stderr).toBe(
      `error: Nothing listens on 127.0.0.1:${port}.\n  Start the server, or check the address.\n`,
    );
  });

  it.each([
    [["--type", "idv.unheard_of"], "has no event"],
    [["--duplicate", "1"], "--duplicate takes"],
    [["--duplicate", "2", "--retry"], "cannot be used with"],
    [["--tamper", "gently"], "Allowed choices"],
    [["--speed", "2"], "go with --retry"],
    [["--retry", "--speed", "0"], "--speed takes"],
    [["--retry", "--schedule", "5,,6"], "--schedule takes"],
    [["--stale", "soon"], "--stale takes"],
    [["--body", "no-such-file.json"], "no such file"],
    [["--type", "idv.pending", "--body", "x"], "not both"],
  ])("refuses %j", async (args, reason) => {
    const { code, stderr } = await cli(["send", "http://127.0.0.1:1/", "-p", "vove", ...args], {
      env,
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });
});
