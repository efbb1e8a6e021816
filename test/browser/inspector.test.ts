// The inspector page over captures that the tests make, in a browser.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Capture } from "../../src/cli/captures.js";
import { parseHttpFile } from "../../src/cli/http-file.js";
import { diagnose } from "../../src/diagnose.js";
import { vove } from "../../src/providers/vove.js";
import { capture, startPage } from "../cli/helpers/captured.js";
import { secrets, svixHeaders } from "../cli/helpers/samples.js";
import { browserForTests, type Opened, overflow } from "./helpers/browser.js";

const { open } = browserForTests();
const phone = { viewport: { width: 375, height: 812 }, hasTouch: true };
const sent = '{\n  "status": "successful",\n  "refId": "user-1042"\n}';

let server: Awaited<ReturnType<typeof startPage>>;
beforeEach(async () => {
  server = await startPage();
});
afterEach(() => server.close());

/** A delivery whose body was parsed and written again, and what countersign says of it. */
async function reserialized(changes: Partial<Capture> = {}): Promise<Capture> {
  const headers = Object.entries(svixHeaders(sent));
  const body = Buffer.from(JSON.stringify(JSON.parse(sent)));
  const { verdict, findings, error } = await diagnose(
    { headers, body },
    vove({ secret: secrets.vove }),
  );
  const { code = "", message = "" } = error ?? {};
  return capture({
    ...{ headers, body, diagnosis: { verdict, findings } },
    outcome: { kind: "rejected", status: 401, code, message },
    ...changes,
  });
}

const unexplained = () =>
  capture({
    provider: "screver",
    outcome: { kind: "rejected", status: 401, code: "signature_mismatch", message: "No." },
    diagnosis: { verdict: "unexplained", findings: [] },
  });

const authentic = (changes: Partial<Capture> = {}) =>
  capture({
    message: {
      ...{ id: "msg_1", type: "idv.successful", subject: "user-1042", decision: "positive" },
      event: { status: "successful", refId: "user-1042" },
    },
    ...changes,
  });

const rows = (page: Page) => page.getByRole("list", { name: "Deliveries" }).getByRole("button");
const heading = (page: Page) => page.getByRole("article").getByRole("heading", { level: 2 });
const focused = (page: Page) =>
  page.evaluate(
    () =>
      document.activeElement?.getAttribute("data-id") ??
      document.activeElement?.getAttribute("aria-label"),
  );

async function openPage(options?: Parameters<typeof open>[1]): Promise<Opened> {
  const opened = await open(server.url, options);
  await expect.poll(() => opened.page.locator(".connection").textContent()).toBe("live");
  return opened;
}

describe("the page", () => {
  it("says how to get a first delivery, and shows it the moment it comes", async () => {
    const { page, problems } = await openPage();
    await expect
      .poll(() => page.getByRole("heading", { level: 2 }).textContent())
      .toMatch(/^Nothing/);
    server.log.add(authentic({ id: "c-1" }));
    await expect.poll(() => heading(page).textContent()).toBe("idv.successful");
    const row = rows(page).first();
    expect(await row.innerText()).toMatch(
      /^idv\.successful\s+user-1042\s+200\s+authentic\s+vove\s+23 B\s+14:\d\d:\d\d$/,
    );
    server.log.add(unexplained());
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(await rows(page).first().innerText()).toContain("unexplained");
    expect(problems).toEqual([]);
  });

  it("shows verdict, cause, fix, headers, message, and the body in every form", async () => {
    server.log.add(await reserialized());
    server.log.add(authentic());
    const { page, problems } = await openPage();
    await expect.poll(() => heading(page).textContent()).toBe("idv.successful");
    const message = page.getByRole("region", { name: /^Message/ });
    expect(await message.innerText()).toMatch(/Decision\s+positive\s+Subject\s+user-1042/);
    expect(await page.getByRole("region", { name: "Event" }).innerText()).toContain(
      '"refId": "user-1042"',
    );

    await rows(page).nth(1).click();
    await expect.poll(() => heading(page).textContent()).toBe("signature_mismatch");
    const diagnosis = page.getByRole("region", { name: "Diagnosis" });
    expect(await diagnosis.innerText()).toContain("body_reserialized");
    expect(await diagnosis.innerText()).toContain("express.json()");
    expect(await page.locator(".headers").innerText()).toContain("svix-signature");

    // What was found is shown first: the body that the signature fits, and where the received one differs from it.
    const selected = page.getByRole("tab", { selected: true });
    expect(await selected.innerText()).toBe("Compare");
    const differences = page.getByRole("region", { name: "Differences" });
    expect((await differences.locator("ins").allTextContents()).join("")).toBe("↵\n···↵\n···↵\n");
    expect(await differences.locator("del").count()).toBe(0);
    expect(await page.getByLabel("Received, beside").locator("option").first().innerText()).toMatch(
      /fits the signature/,
    );

    await page.getByRole("tab", { name: "Pretty" }).click();
    expect(await page.getByRole("region", { name: "Body, indented" }).innerText()).toBe(sent);
    await page.getByRole("tab", { name: "As received" }).click();
    expect(await page.getByRole("region", { name: "Body as received" }).innerText()).toBe(
      '{"status":"successful","refId":"user-1042"}',
    );
    await page.getByRole("tab", { name: "Bytes" }).click();
    expect(await page.getByRole("region", { name: "Bytes of the body" }).innerText()).toMatch(
      /^000000 {2}7b 22 73 74 61 74 75 73 {2}22 3a 22 73 75 63 63 65 {2}\{"status":"succe/,
    );
    expect(problems).toEqual([]);
  });

  it("says where an event does not fit its schema", async () => {
    const outcome = {
      kind: "rejected",
      status: 422,
      code: "payload_invalid",
      message: "It does not fit.",
    };
    server.log.add(capture({ outcome }));
    const { page } = await openPage();
    await expect.poll(() => heading(page).textContent()).toBe("payload_invalid");
    expect(await rows(page).first().innerText()).toMatch(/422\s+authentic/);
    expect(await page.getByRole("region", { name: "Diagnosis" }).innerText()).toContain(
      "It does not fit.",
    );
  });

  it("filters by text, verdict and provider", async () => {
    for (const one of [
      authentic(),
      unexplained(),
      await reserialized(),
      authentic({ provider: "acme" }),
    ]) {
      server.log.add(one);
    }
    const { page, problems } = await openPage();
    await expect.poll(() => rows(page).count()).toBe(4);
    await page.getByLabel("Filter by verdict").selectOption("explained");
    await expect.poll(() => rows(page).count()).toBe(1);
    await expect.poll(() => heading(page).textContent()).toBe("signature_mismatch");
    await page.getByLabel("Filter by verdict").selectOption("");
    await page.getByLabel("Filter by provider").selectOption("acme");
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByLabel("Filter by provider").selectOption("");
    await page.getByLabel("Filter by text").fill("SUCCESSFUL svix-id");
    await expect.poll(() => page.locator(".count").innerText()).toBe("1 of 4");
    await page.getByLabel("Filter by text").fill("nothing has this");
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await expect.poll(() => rows(page).count()).toBe(4);
    // What comes is filtered as well.
    await page.getByLabel("Filter by verdict").selectOption("unexplained");
    await expect.poll(() => rows(page).count()).toBe(1);
    server.log.add(authentic());
    server.log.add(unexplained());
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it("keeps what is being read while others come", async () => {
    server.log.add(await reserialized());
    server.log.add(authentic());
    const { page } = await openPage();
    await rows(page).nth(1).click();
    await expect.poll(() => heading(page).textContent()).toBe("signature_mismatch");
    server.log.add(authentic({ id: "newer" }));
    await expect.poll(() => rows(page).count()).toBe(3);
    expect(await heading(page).textContent()).toBe("signature_mismatch");
  });

  it("replays, and shows what came of it", async () => {
    server.log.add(await reserialized({ id: "c-1" }));
    const { page, problems } = await openPage();
    await page.getByRole("button", { name: "Replay" }).click();
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(server.replayed).toEqual(["c-1"]);
    await expect
      .poll(() => page.locator("article .facts").first().innerText())
      .toMatch(/Replay of\s+c-1/);
    expect(problems).toEqual([]);
  });

  it("says why a replay failed", async () => {
    await server.close();
    server = await startPage({
      replay: async () => {
        throw new Error("http://127.0.0.1:9 refused the connection.");
      },
    });
    server.log.add(authentic());
    const { page } = await openPage();
    await page.getByRole("button", { name: "Replay" }).click();
    await expect
      .poll(() => page.locator(".said-failed").innerText())
      .toBe("http://127.0.0.1:9 refused the connection.");
  });

  it("copies and saves a delivery as a .http file", async () => {
    const one = await reserialized();
    server.log.add(one);
    const { page, problems } = await openPage({
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.getByRole("button", { name: "Copy as .http" }).click();
    await expect.poll(() => page.locator(".said").allInnerTexts()).toContain("Copied");
    const copied = parseHttpFile(
      Buffer.from(await page.evaluate(() => navigator.clipboard.readText())),
    );
    expect(Buffer.from(copied.body).equals(one.body)).toBe(true);
    expect(copied.headers).toEqual([...one.headers, ["Content-Length", String(one.body.length)]]);

    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const saved = parseHttpFile(readFileSync(await (await downloading).path()));
    expect(Buffer.from(saved.body).equals(one.body)).toBe(true);
    expect(problems).toEqual([]);
  });

  it("saves bytes that cannot be copied as text", async () => {
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    server.log.add(capture({ body }));
    const { page } = await openPage();
    const copy = page.getByRole("button", { name: "Copy as .http" });
    await expect.poll(() => copy.isDisabled()).toBe(true);
    expect(await page.getByRole("tab").allInnerTexts()).toEqual(["Bytes"]);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const saved = parseHttpFile(readFileSync(await (await downloading).path()));
    expect(Buffer.from(saved.body).equals(body)).toBe(true);
  });

  it("takes nothing of a delivery for markup, and hides nothing in it", async () => {
    const evil = `<img src="x" onerror="document.title='broken'"><script>document.title='broken'</script>\u202ecod`;
    const body = Buffer.from(JSON.stringify({ [evil]: evil, javascript: "javascript:alert(1)" }));
    server.log.add(
      capture({
        ...{ id: evil, path: `/${evil}`, provider: evil, body, file: evil, replayOf: evil },
        headers: [["X-Evil", evil]],
        outcome: { kind: "rejected", status: 401, code: evil, message: evil, hint: evil },
        diagnosis: {
          verdict: "explained",
          findings: [{ code: evil as never, summary: evil, fix: evil }],
        },
        message: { id: evil, type: evil, subject: evil, event: { [evil]: evil } },
        forwarded: { ms: 1, error: evil },
      }),
    );
    const { page, problems } = await openPage();
    await expect.poll(() => heading(page).textContent()).toBe(evil);
    for (const name of ["Pretty", "As received", "Bytes", "Compare"]) {
      await page.getByRole("tab", { name }).click();
      expect(await page.locator("img, #app script, iframe").count()).toBe(0);
    }
    await page.getByRole("tab", { name: "As received" }).click();
    expect(await page.locator(".unseen").first().innerText()).toBe("U+202E");
    expect(await page.title()).toBe("countersign inspector");
    expect(problems).toEqual([]);
  });

  it("stays quick with a body of a mebibyte", async () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({
      index,
      name: `somebody ${index}`,
    }));
    const body = Buffer.from(JSON.stringify(list));
    server.log.add({ ...unexplained(), body: Buffer.concat([body, Buffer.alloc(0)]) });
    const { page, problems } = await openPage();
    await expect.poll(() => page.getByRole("tab").count()).toBe(4);
    for (const name of ["Bytes", "Compare", "As received", "Pretty"]) {
      const started = performance.now();
      await page.getByRole("tab", { name }).click();
      await page.getByRole("tabpanel").locator("pre, p").first().waitFor();
      expect(performance.now() - started, name).toBeLessThan(15_000);
    }
    await page.getByRole("button", { name: /^Show all/ }).click();
    expect(problems).toEqual([]);
  });

  it("finds its way back when the command is started anew, with the token of the new run", async () => {
    server.log.add(authentic({ id: "of the first run" }));
    const { page } = await openPage();
    await expect.poll(() => rows(page).count()).toBe(1);
    const port = Number(new URL(server.url).port);
    await server.close();
    await expect.poll(() => page.locator(".connection").innerText()).toBe("reconnecting");
    server = await startPage({ port });
    server.log.add(authentic({ id: "of the second" }));
    await expect
      .poll(() => page.locator(".connection").innerText(), { timeout: 20_000 })
      .toBe("live");
    await expect.poll(() => rows(page).first().getAttribute("data-id")).toBe("of the second");
    await page.getByRole("button", { name: "Replay" }).click();
    await expect.poll(() => server.replayed).toEqual(["of the second"]);
  });
});

describe("the keyboard", () => {
  it("reaches everything: filter, list, delivery, views", async () => {
    for (const id of ["a", "b", "c"]) server.log.add(authentic({ id }));
    server.log.add(await reserialized({ id: "d" }));
    const { page, problems } = await openPage();
    await expect.poll(() => rows(page).count()).toBe(4);
    const current = () => page.locator("[aria-current=true]").getAttribute("data-id");

    await page.keyboard.press("/");
    await expect.poll(() => focused(page)).toBe("Filter by text");
    await page.keyboard.type("idv");
    await expect.poll(() => rows(page).count()).toBe(3);
    await page.keyboard.press("Escape");
    await expect.poll(() => rows(page).count()).toBe(4);
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("d");
    for (const [key, id] of [
      ["ArrowDown", "c"],
      ["j", "b"],
      ["End", "a"],
      ["ArrowDown", "a"],
      ["k", "b"],
      ["Home", "d"],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => focused(page), { message: key }).toBe(id);
      expect(await current(), key).toBe(id);
    }
    await expect.poll(() => heading(page).textContent()).toBe("signature_mismatch");

    // One Tab leaves the list, whatever its length.
    await page.keyboard.press("Tab");
    const name = () => page.evaluate(() => document.activeElement?.textContent);
    await expect.poll(name).toBe("Replay");
    const seen: (string | null | undefined)[] = [];
    for (let count = 0; count < 5; count += 1) {
      await page.keyboard.press("Tab");
      seen.push((await focused(page)) ?? (await name()));
    }
    expect(seen.slice(0, 3)).toEqual(["Copy as .http", "Save", "Compare"]);
    expect(seen[4]).toBe("Differences");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Home");
    expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Pretty");
    await page.keyboard.press("ArrowLeft");
    expect(await name()).toBe("Compare");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await name()).toBe("As received");
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("d");
    expect(problems).toEqual([]);
  });

  it("shows where it is", async () => {
    server.log.add(authentic());
    const { page } = await openPage();
    await expect.poll(() => rows(page).count()).toBe(1);
    for (let count = 0; count < 9; count += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
        return `${outlineStyle} ${outlineWidth}`;
      });
      expect(outline).toBe("solid 2px");
    }
  });
});

describe("the looks", () => {
  const background = (page: Page) =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  it("follow the system, and the toggle, which is remembered", async () => {
    server.log.add(authentic());
    const { page } = await openPage({ colorScheme: "dark" });
    const dark = await background(page);
    const toggle = page.getByRole("button", { name: "Dark theme" });
    expect(await toggle.getAttribute("aria-pressed")).toBe("true");
    await toggle.click();
    const light = await background(page);
    expect(light).not.toBe(dark);
    expect(await toggle.getAttribute("aria-pressed")).toBe("false");
    await page.reload();
    await expect.poll(() => background(page)).toBe(light);
    // Back to what the system has, and so the system is followed again.
    await toggle.click();
    expect(await background(page)).toBe(dark);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await background(page)).toBe(light);
  });

  it.each(["light", "dark"] as const)("have enough contrast in %s", async (colorScheme) => {
    server.log.add(authentic());
    server.log.add(unexplained());
    server.log.add(await reserialized());
    const { page } = await openPage({ colorScheme });
    await expect.poll(() => heading(page).textContent()).toBe("signature_mismatch");
    const poor = await page.evaluate(() => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const rgb = (color: string): readonly number[] => {
        if (canvas === null) return [];
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const luminance = (color: readonly number[]): number => {
        const [r = 0, g = 0, b = 0] = color.map((value) => {
          const part = value / 255;
          return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (element: Element): readonly number[] => {
        for (let at: Element | null = element; at !== null; at = at.parentElement) {
          const color = rgb(getComputedStyle(at).backgroundColor);
          if ((color[3] ?? 0) > 0) return color;
        }
        return [255, 255, 255];
      };
      return [...document.querySelectorAll("body *")]
        .filter((element) =>
          [...element.childNodes].some(
            (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
          ),
        )
        .filter(
          (element) =>
            element.checkVisibility() && !element.matches(".off-screen, option, optgroup"),
        )
        .map((element) => {
          const [a, b] = [
            luminance(rgb(getComputedStyle(element).color)),
            luminance(behind(element)),
          ];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return { ratio, what: `${element.className}: ${element.textContent?.slice(0, 20)}` };
        })
        .filter(({ ratio }) => ratio < 4.5)
        .map(({ ratio, what }) => `${ratio.toFixed(2)} ${what}`);
    });
    expect(poor).toEqual([]);
  });

  it("fit a phone: the list, then the delivery, and back", async () => {
    const { page, problems } = await openPage(phone);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    server.log.add(authentic());
    server.log.add(
      await reserialized({
        path: `/webhooks/${"a-long-path".repeat(20)}`,
        headers: [["X-Long", "z".repeat(2000)]],
      }),
    );
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await heading(page).isVisible()).toBe(false);
    await rows(page).first().tap();
    await expect.poll(() => heading(page).isVisible()).toBe(true);
    expect(await rows(page).first().isVisible()).toBe(false);
    for (const name of ["Pretty", "As received", "Bytes", "Compare"]) {
      await page.getByRole("tab", { name }).tap();
      expect(await overflow(page), name).toBeLessThanOrEqual(0);
    }
    await page.getByRole("button", { name: "All deliveries" }).tap();
    await expect.poll(() => rows(page).first().isVisible()).toBe(true);
    expect(problems).toEqual([]);
  });
});
