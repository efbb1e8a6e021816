// The whole way: the built command receives real requests, and its page shows, replays and hands them out.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { cli, endAll, startListen, temporaryFolder } from "../cli/helpers/cli.js";
import { secrets, svixHeaders } from "../cli/helpers/samples.js";
import { startRecorder } from "../cli/helpers/servers.js";
import { post } from "../helpers/post.js";
import { browserForTests } from "./helpers/browser.js";

const { open } = browserForTests();
const place = temporaryFolder();
afterEach(endAll);
afterAll(() => rmSync(place, { recursive: true, force: true }));

it("from the command on the empty page to a delivery that is explained, replayed and diagnosed as a file", async () => {
  const cwd = place;
  const env = { COUNTERSIGN_SECRET: secrets.vove };
  const app = await startRecorder();
  const args = ["--provider", "vove", "--forward", `${app.url}/hook`, "--ui", "--ui-port", "0"];
  const running = await startListen(args, { cwd, env });
  const [, ui = ""] = await running.until(/(http:\/\/127\.0\.0\.1:\d+\/)\s/);
  const { page, problems } = await open(ui, { permissions: ["clipboard-read", "clipboard-write"] });
  const rows = page.getByRole("list", { name: "Deliveries" }).getByRole("button");
  const heading = page.getByRole("article").getByRole("heading", { level: 2 });

  const command = await page.getByRole("region", { name: "Command" }).innerText();
  expect(command).toMatch(/^npx countersign send http:\/\/127\.0\.0\.1:\d+\/ --provider vove$/);
  expect((await cli(command.split(" ").slice(2), { cwd, env })).code).toBe(0);
  await expect.poll(() => rows.count()).toBe(1);
  expect(await rows.first().innerText()).toMatch(/^idv\.\S+\s+\S+\s+200\s+authentic\s+vove/);
  expect(await page.locator(".forwarded").innerText()).toMatch(/the app answered 200/);

  const sent = '{\n  "status": "successful",\n  "refId": "user-1"\n}';
  const received = JSON.stringify(JSON.parse(sent));
  expect((await post(`${running.url}/webhooks`, svixHeaders(sent), received)).status).toBe(200);
  await expect.poll(() => rows.count()).toBe(2);
  await rows.first().click();
  await expect.poll(() => heading.innerText()).toBe("signature_mismatch");
  expect(await page.getByRole("region", { name: "Diagnosis" }).innerText()).toContain(
    "body_reserialized",
  );
  expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Compare");

  // The app gets the very bytes once more.
  await page.getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => rows.count()).toBe(3);
  await expect.poll(() => app.seen.length).toBe(3);
  expect(app.seen[2]?.body.equals(app.seen[1]?.body ?? Buffer.alloc(0))).toBe(true);
  expect(app.seen[2]?.headers["svix-signature"]).toBe(app.seen[1]?.headers["svix-signature"]);
  await expect.poll(() => page.locator("article").innerText()).toMatch(/Replay of/);

  // What is copied is a file for the other commands.
  await page.getByRole("button", { name: "Copy as .http" }).click();
  await expect.poll(() => page.locator(".said").allInnerTexts()).toContain("Copied");
  const file = join(place, "copied.http");
  writeFileSync(file, await page.evaluate(() => navigator.clipboard.readText()));
  const diagnosed = await cli(["diagnose", file, "--provider", "vove"], { cwd, env });
  expect(diagnosed.stdout).toContain("body_reserialized");

  await running.interrupt();
  await expect.poll(() => page.locator(".connection").innerText()).toBe("reconnecting");
  // The server is gone, which is no fault of the page.
  expect(problems.filter((one) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/.test(one))).toEqual([]);
  await app.close();
});

it("verifies nothing where no sender is named, and says so", async () => {
  const running = await startListen(["--ui", "--ui-port", "0"], { cwd: place });
  const [, ui = ""] = await running.until(/(http:\/\/127\.0\.0\.1:\d+\/)\s/);
  const { page } = await open(ui);
  await expect.poll(() => page.locator(".empty").innerText()).toMatch(/No sender was named/);
  expect((await post(`${running.url}/a`, {}, "hello")).status).toBe(200);
  const row = page.getByRole("list", { name: "Deliveries" }).getByRole("button");
  await expect.poll(() => row.first().innerText()).toMatch(/^\/a\s+200\s+captured/);
});
