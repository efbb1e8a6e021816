// Takes the README's picture of the inspector: a real `listen --ui`, real deliveries of an invented person, and Chromium.
// `npm run build` comes first.
//
//   node scripts/inspector-picture.mjs [file] [--dark] [--phone]     docs/inspector.png by default

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vove, voveSamples } from "countersign/providers/vove";
import { signDelivery } from "countersign/testing";
import { chromium } from "playwright-core";
import { findChromium } from "./runtimes/find-chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const flags = process.argv.slice(2);
const file = flags.find((flag) => !flag.startsWith("-")) ?? `${root}/docs/inspector.png`;
const isPhone = flags.includes("--phone");
const secret = "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiBubyBvbmU=";
const provider = vove({ secret });

const folder = mkdtempSync(join(tmpdir(), "countersign-picture-"));
const args = ["listen", "--provider", "vove", "--port", "0", "--ui", "--ui-port", "0", "--json"];
const listening = spawn(process.execPath, [`${root}/dist/cli/main.js`, ...args], {
  cwd: folder,
  env: { PATH: process.env.PATH, COUNTERSIGN_SECRET: secret },
  stdio: ["ignore", "pipe", "inherit"],
});
const { url, ui } = await new Promise((resolve) => {
  listening.stdout.once("data", (line) => resolve(JSON.parse(line)));
});

/** Sends an event, and perhaps what became of it on its way. */
async function send(event, { ageSeconds = 0, change = (body) => body } = {}) {
  const text = typeof event === "string" ? event : JSON.stringify(event);
  const { headers, body } = signDelivery(provider, text, {
    now: () => Date.now() - ageSeconds * 1000,
  });
  const sent = change(Buffer.from(body).toString());
  await fetch(`${url}/webhooks/vove`, { method: "POST", headers, body: sent });
}

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  await send(voveSamples["idv.in_progress"]);
  await send(voveSamples["idv.successful"]);
  await send(voveSamples["user.aml.no_match"]);
  await send(voveSamples["kyb.case.completed"], { ageSeconds: 3600 });
  await send(voveSamples["idv.pending"], {
    change: (body) => body.replace("pending", "successful"),
  });
  const spaced = `{"refId": "user-1042", "status": "successful", "name": "Zoé Marchetti-Okoye"}`;
  await send(spaced, { change: (body) => JSON.stringify(JSON.parse(body)) });
  const page = await browser.newPage({
    viewport: isPhone ? { width: 375, height: 812 } : { width: 1180, height: 740 },
    deviceScaleFactor: 2,
    colorScheme: flags.includes("--dark") ? "dark" : "light",
    locale: "en-GB",
  });
  await page.goto(ui);
  await page.locator(".row").nth(5).waitFor();
  if (isPhone) await page.locator(".row").first().click();
  await page.getByRole("region", { name: "Differences" }).waitFor();
  await page.screenshot({ path: file });
} finally {
  await browser.close();
  listening.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
}
