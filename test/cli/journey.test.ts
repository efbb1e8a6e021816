// What a new user does who has nothing but a terminal: every command below is one that the terminal has printed.

import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { toExpressHandler } from "../../src/adapters/express.js";
import { vove } from "../../src/providers/vove.js";
import { createReceiver } from "../../src/receiver.js";
import { freePort, listen } from "../helpers/listen.js";
import { post } from "../helpers/post.js";
import { cli, endAll, startCli, startListen, temporaryFolder } from "./helpers/cli.js";
import { secrets, svixHeaders } from "./helpers/samples.js";

const place = temporaryFolder();
afterEach(endAll);
afterAll(() => rmSync(place, { recursive: true, force: true }));

const words = (command: string): readonly string[] => command.trim().split(/\s+/);

function folder(name: string): string {
  const path = join(place, name);
  mkdirSync(path);
  return path;
}

it("from nothing to a delivery that is received and replayed, with an invented secret", async () => {
  const cwd = folder("trial");
  // The documented beginning, apart from the port.
  const first = await startListen([], { cwd });
  const [, trial = ""] = await first.until(/npx countersign (listen --provider \S+ --trial)/);
  await first.interrupt();

  const running = await startListen(words(trial).slice(1), { cwd });
  const [, send = ""] = await running.until(/npx countersign (send .*)\n/);
  expect((await cli(words(send), { cwd })).code).toBe(0);
  await running.until(/authentic/);
  const [, replay = ""] = await running.until(/npx countersign (replay .*)\n/);
  expect((await cli(words(replay), { cwd })).code).toBe(0);
  await running.until(/authentic {2}\(a duplicate/);
});

it("from a delivery that is refused to its cause, the fix, and a replay that is accepted", async () => {
  const cwd = folder("secret");
  const body = '{"status":"successful","refId":"user-1"}';
  const port = String(await freePort());
  // A secret of another endpoint: well-formed, and wrong.
  const wrong = { COUNTERSIGN_SECRET: "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw==" };
  const args = ["listen", "--port", port, "--provider", "vove"];
  const before = startCli(args, { cwd, env: wrong });
  const [, url = ""] = await before.until(/Listening on (\S+) /);
  expect((await post(`${url}/webhooks`, svixHeaders(body), body)).status).toBe(401);
  await before.until(/refused {2}vove {2}401 {2}signature_mismatch/);
  const [, diagnose = ""] = await before.until(/npx countersign (diagnose .*) NAME\n/);
  const [, replay = ""] = await before.until(/npx countersign (replay .*)\n/);

  // The one thing that the user brings: the secret that it might be.
  const env = { ...wrong, PRODUCTION_SECRET: secrets.vove };
  const explained = await cli([...words(diagnose), "PRODUCTION_SECRET"], { cwd, env });
  expect(explained.stdout).toMatch(/^explained[\s\S]*secret_other .*PRODUCTION_SECRET/);
  await before.interrupt();

  const after = startCli(args, { cwd, env: { COUNTERSIGN_SECRET: secrets.vove } });
  await after.until(/Listening on/);
  expect((await cli(words(replay), { cwd })).code).toBe(0);
  await after.until(/authentic {2}vove {2}idv\.successful {2}user-1 {2}positive/);
  expect((await after.interrupt()).code).toBe(0);
});

it("from a body that is changed on its way, by what the terminal says at once", async () => {
  const cwd = folder("body");
  const running = await startListen(["-p", "vove"], {
    cwd,
    env: { COUNTERSIGN_SECRET: secrets.vove },
  });
  const sent = '{"status":"successful","refId":"user-1"}';
  const changed = JSON.stringify(JSON.parse(sent), undefined, 2);
  expect((await post(running.url, svixHeaders(sent), changed)).status).toBe(401);
  await running.until(/body_reserialized/);
  await running.until(/fix {2}\S/);
  await running.until(/once that is changed, have it sent again/);
  expect((await post(running.url, svixHeaders(sent), sent)).status).toBe(200);
  await running.until(/authentic {2}vove {2}idv\.successful/);
});

it("from an application that refuses what is authentic to one that does not", async () => {
  const cwd = folder("application");
  const env = { COUNTERSIGN_SECRET: secrets.vove };
  const handled: string[] = [];
  let secret = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw==";
  const handler = () =>
    toExpressHandler(
      createReceiver(vove({ secret }), {
        on: { "idv.in_progress": ({ refId }) => handled.push(refId) },
      }),
    );
  let current = handler();
  const app = await listen(createServer((request, response) => current(request, response)));
  try {
    const forward = ["--forward", `${app.url}/webhooks`];
    const running = await startListen(["-p", "vove", ...forward], { cwd, env });
    const [, send = ""] = await running.until(/npx countersign (send .*)\n/);
    expect((await cli(words(send), { cwd, env })).code).toBe(1);
    await running.until(/authentic[\s\S]*forwarded to \S+: 401[\s\S]*your application refused it/);
    const [, replay = ""] = await running.until(/npx countersign (replay .*)\n/);
    secret = secrets.vove;
    current = handler();
    expect((await cli(words(replay), { cwd })).code).toBe(0);
    await running.until(/forwarded to \S+: 200/);
    expect(handled).toHaveLength(1);
  } finally {
    await app.close();
  }
});
