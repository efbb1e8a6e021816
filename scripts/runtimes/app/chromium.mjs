// Runs the battery in a page of headless Chromium, and prints what was seen.
//
//   chromium.mjs <executable> <folder>

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [, , executablePath, folder] = process.argv;
// Nothing is fetched from there. The scheme matters: a page without it has no WebCrypto.
const origin = "https://example.test/";
const html = "<!doctype html><title>battery</title>";

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  const served = {
    [origin]: { contentType: "text/html", body: html },
    [`${origin}bundle.mjs`]: {
      contentType: "text/javascript",
      body: readFileSync(`${folder}/bundle.browser.mjs`),
    },
    [`${origin}inputs.json`]: {
      contentType: "application/json",
      body: readFileSync(`${folder}/inputs.json`),
    },
  };
  await page.route("**/*", (route) => {
    const answer = served[route.request().url()];
    return answer === undefined ? route.abort() : route.fulfill(answer);
  });
  await page.goto(origin);
  const results = await page.evaluate(async () => {
    const { modules, runBattery } = await import("/bundle.mjs");
    return runBattery(modules, await (await fetch("/inputs.json")).json());
  });
  console.log(JSON.stringify({ results, version: browser.version() }));
} finally {
  await browser.close();
}
