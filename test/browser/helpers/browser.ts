import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { findChromium } from "../../../scripts/runtimes/find-chromium.mjs";

/** A page, and whatever in it was not as it should be. */
export interface Opened {
  readonly page: Page;
  /** Errors, what the page's policy has refused, and requests that leave the page's own address. */
  readonly problems: readonly string[];
}

/** Has one browser for all tests of a file; each page is of a context of its own. */
export function browserForTests(): {
  open(url: string, options?: BrowserContextOptions): Promise<Opened>;
} {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: findChromium() ?? "",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
    });
  });
  afterAll(() => browser?.close());
  return {
    open: async (url, options = {}) => {
      const context = await browser.newContext({
        locale: "en-GB",
        timezoneId: "UTC",
        viewport: { width: 1280, height: 800 },
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      const problems: string[] = [];
      page.on("console", (message) => {
        if (message.type() !== "log") problems.push(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => problems.push(error.message));
      const own = new URL(url);
      page.on("request", (request) => {
        const asked = new URL(request.url());
        const isOwn = own.protocol === "file:" ? asked.href === own.href : asked.host === own.host;
        if (!isOwn && !["data:", "blob:"].includes(asked.protocol)) problems.push(request.url());
      });
      await page.addInitScript(() =>
        document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
          // biome-ignore lint/suspicious/noConsole: how the test hears of it
          console.error(`policy: ${violatedDirective} ${blockedURI}`),
        ),
      );
      await page.goto(url);
      return { page, problems };
    },
  };
}

/** How much wider than the window a page is. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
