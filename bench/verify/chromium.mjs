// Measures in a page of headless Chromium, which has no node:crypto.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { bundle } from "../lib/bundle.mjs";

// Nothing is fetched from there. The scheme matters: a page without it has no WebCrypto.
const origin = "https://example.test/";

export async function measureChromium(executablePath, folder, settings) {
  const outfile = join(folder, "verify.browser.mjs");
  await bundle(folder, "bench/verify/measure.mjs", outfile, ["browser"]);
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
      "--js-flags=--expose-gc",
    ],
  });
  try {
    const page = await browser.newPage();
    await page.route("**/*", (route) =>
      route.request().url().endsWith("bundle.mjs")
        ? route.fulfill({ contentType: "text/javascript", body: readFileSync(outfile) })
        : route.fulfill({ contentType: "text/html", body: "<!doctype html><title>bench</title>" }),
    );
    await page.goto(origin);
    const result = await page.evaluate(async (given) => {
      const { measureVerify } = await import("/bundle.mjs");
      return measureVerify(given);
    }, settings);
    return { ...result, version: browser.version() };
  } finally {
    await browser.close();
  }
}
