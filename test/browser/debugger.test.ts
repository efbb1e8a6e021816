// The debugger page, built into one file and opened from the disk, offline.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secrets, svixHeaders } from "../cli/helpers/samples.js";
import { fixtureCases, fixtureFolders } from "../helpers/fixtures.js";
import { mac } from "../helpers/sign.js";
import { browserForTests, type Opened, overflow } from "./helpers/browser.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "countersign-debugger-"));
const file = join(folder, "debugger.html");
const { open } = browserForTests();

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts/debugger.mjs"), file]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let opened: Opened;
let page: Page;
beforeEach(async () => {
  opened = await open(pathToFileURL(file).href, { offline: true });
  page = opened.page;
});

const badge = () => page.getByRole("article").locator(".badge").first();
const heading = () => page.getByRole("article").getByRole("heading", { level: 2 });
const check = () => page.getByRole("button", { name: "Check the delivery" }).click();

/** What a person writes into the fields for options of a provider, which are labelled by where the options are. */
function fieldsOf(options: object, path: readonly string[] = []): [string, string | string[]][] {
  return Object.entries(options).flatMap(([key, value]): [string, string | string[]][] => {
    const label = [...path, key].join(".");
    if (typeof value === "string") return [[label, value]];
    const texts = Array.isArray(value) ? value.map((one) => one?.value ?? one) : [];
    if (texts.length > 0 && texts.every((one) => typeof one === "string")) return [[label, texts]];
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && Object.values(value).some((one) => typeof one === "string")
      ? fieldsOf(value, [...path, key])
      : [[label, JSON.stringify(value)]];
  });
}

async function configure(source: string, options: object): Promise<void> {
  await page.getByLabel("Provider or scheme").selectOption(source);
  const fields = fieldsOf(options);
  const variants = page.getByLabel("Configured with");
  if (await variants.isVisible()) {
    await variants.selectOption({ label: fields.map(([label]) => label).join(", ") });
  }
  for (const [label, given] of fields) {
    const [first = "", ...others] = [given].flat();
    const field = page.getByLabel(
      new RegExp(`^${label.replaceAll(".", "\\.")}(?: \\(optional\\))?$`),
    );
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      await field.selectOption(first);
    } else await field.fill(first);
    for (const [index, other] of others.entries()) {
      await page.getByRole("button", { name: "Another one" }).first().click();
      await page.getByLabel(`${label}, ${index + 2}`).fill(other);
    }
  }
}

describe("recorded deliveries", () => {
  for (const id of fixtureFolders()) {
    const cases = fixtureCases(id);
    it(`of ${id} get the verdicts that a receiver gives: all ${cases.length}`, async () => {
      for (const { name, file: recording, options, now, expect: expected } of cases) {
        await configure(id, options as object);
        const path = join(root, "fixtures", id, recording);
        const [head = ""] = readFileSync(path, "latin1").split("\r\n\r\n", 1);
        await page.getByLabel("Open a .http file").setInputFiles(path);
        await page.getByLabel("Received at").fill(String(now));
        const headers = page.getByRole("textbox", { name: "Headers" });
        await expect.poll(() => headers.inputValue()).toBe(head.replaceAll("\r\n", "\n"));
        await page.evaluate(() =>
          document.querySelector("article, [role=alert]")?.setAttribute("data-old", ""),
        );
        await check();
        await page.locator(":is(article, [role=alert]):not([data-old])").waitFor();
        if (/^secret_(?:missing|malformed|too_short)$/.test(expected.verify)) {
          await expect
            .poll(() => page.getByRole("alert").innerText(), { message: name })
            .toContain("cannot be checked");
          continue;
        }
        if (expected.verify === "ok") {
          expect(await badge().innerText(), name).toBe("authentic");
          if (expected.type !== undefined)
            expect(await heading().innerText(), name).toBe(expected.type);
        } else {
          expect(await heading().innerText(), name).toBe(expected.verify);
          const isContent = expected.verify.startsWith("payload_");
          if (isContent) expect(await badge().innerText(), name).toBe("authentic");
          else expect(await badge().innerText(), name).toMatch(/^(?:un)?explained$/);
        }
      }
      expect(opened.problems).toEqual([]);
    }, 300_000);
  }

  it("are at hand as examples, among them one that was broken on its way", async () => {
    for (const id of fixtureFolders()) {
      await page.getByLabel("Provider or scheme").selectOption(id);
      const titles = await page.getByLabel("Example").locator("option").allInnerTexts();
      expect(
        titles.some((title) => title.startsWith("genuine: ")),
        id,
      ).toBe(true);
      const broken = titles.find((title) => /written again/.test(title));
      // A token says nothing of the body.
      if (broken === undefined) {
        expect(
          titles.some((title) => /^token_/.test(title)),
          id,
        ).toBe(true);
        continue;
      }
      await page.getByLabel("Example").selectOption({ label: broken });
      const diagnosis = page.getByRole("region", { name: "Diagnosis" });
      await expect
        .poll(() => diagnosis.innerText(), { message: id })
        .toContain("body_reserialized");
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Compare");
      expect(
        await page.getByLabel("Received, beside").locator("option").first().innerText(),
      ).toMatch(/fits the signature/);
      await page.reload();
    }
    expect(opened.problems).toEqual([]);
  });
});

describe("a pasted delivery", () => {
  const body = '{"status":"successful","refId":"user-1042"}';

  it("may be a whole request", async () => {
    const headers = Object.entries(svixHeaders(body)).map(([name, value]) => `${name}: ${value}`);
    await page.getByLabel("Provider or scheme").selectOption("vove");
    await page.getByLabel("secret", { exact: true }).fill(secrets.vove);
    await page
      .getByRole("textbox", { name: "Headers" })
      .fill(`POST /hooks HTTP/1.1\n${headers.join("\n")}\n\n${body}`);
    expect(await page.locator("form").getByLabel("Body", { exact: true }).inputValue()).toBe(body);
    await check();
    await expect.poll(() => badge().innerText()).toBe("authentic");
    expect(await heading().innerText()).toBe("idv.successful");
    expect(opened.problems).toEqual([]);
  });

  it("may have a body in base64, or of a file, byte for byte", async () => {
    const bytes = Buffer.from('{"a":1}\r\n');
    await configure("hmac", { secret: secrets.plain, header: "x-sign" });
    await page
      .getByRole("textbox", { name: "Headers" })
      .fill(`X-Sign: ${mac(secrets.plain, "hex", bytes)}`);
    await page.getByRole("radio", { name: "Base64" }).check();
    await page.locator("form").getByLabel("Body", { exact: true }).fill(bytes.toString("base64"));
    await check();
    await expect.poll(() => badge().innerText()).toBe("authentic");

    const path = join(folder, "body.json");
    writeFileSync(path, Buffer.concat([bytes, Buffer.from(" ")]));
    await page.getByRole("radio", { name: "File" }).check();
    await page.locator("form").getByLabel("Body", { exact: true }).setInputFiles(path);
    await expect.poll(() => page.getByText("body.json: 10 B").isVisible()).toBe(true);
    await check();
    await expect.poll(() => badge().innerText()).toBe("explained");
    expect(await page.getByRole("region", { name: "Diagnosis" }).innerText()).toContain(
      "body_newline_changed",
    );
    expect(opened.problems).toEqual([]);
  });

  it.each([
    ["svix", { secret: secrets.vove }, svixHeaders(body)],
    [
      "hmac",
      { secret: secrets.plain, header: "x-s", prefix: "sha256=", encoding: "base64" },
      { "x-s": `sha256=${mac(secrets.plain, "base64", body)}` },
    ],
    ["headerSecret", { secret: secrets.plain, header: "x-key" }, { "x-key": secrets.plain }],
    ["bearerToken", { token: secrets.plain }, { authorization: `Bearer ${secrets.plain}` }],
  ])("may be of a sender that there is only a scheme for: %s", async (scheme, options, headers) => {
    await configure(scheme, options);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    await page.getByRole("textbox", { name: "Headers" }).fill(lines.join("\n"));
    await page.locator("form").getByLabel("Body", { exact: true }).fill(body);
    await check();
    await expect.poll(() => badge().innerText()).toBe("authentic");
    await page.getByRole("textbox", { name: "Headers" }).fill("x-other: 1");
    await check();
    await expect.poll(() => badge().innerText()).not.toBe("authentic");
    expect(opened.problems).toEqual([]);
  });

  it("is explained by another sender, whose it looks like", async () => {
    await configure("vove", { secret: secrets.vove });
    const recording = join(root, "fixtures/dataspike/docver-pending.http");
    await page.getByLabel("Open a .http file").setInputFiles(recording);
    const headers = page.getByRole("textbox", { name: "Headers" });
    await expect.poll(() => headers.inputValue()).toContain("Host:");
    await check();
    await expect.poll(() => badge().innerText()).toBe("explained");
    const diagnosis = page.getByRole("region", { name: "Diagnosis" });
    expect(await diagnosis.innerText()).toContain("other_provider");
  });

  it("is explained by another secret that was given for the search", async () => {
    const headers = Object.entries(svixHeaders(body)).map(([name, value]) => `${name}: ${value}`);
    await configure("vove", { secret: "whsec_b3RoZXItc2VjcmV0LW9mLW5vYm9keS1hdC1hbGw=" });
    await page.getByRole("textbox", { name: "Headers" }).fill(headers.join("\n"));
    await page.locator("form").getByLabel("Body", { exact: true }).fill(body);
    await check();
    await expect.poll(() => badge().innerText()).toBe("unexplained");
    await page.getByLabel("Other secrets").fill(`\n${secrets.vove}\n`);
    await check();
    await expect.poll(() => badge().innerText()).toBe("explained");
    expect(await page.getByRole("region", { name: "Diagnosis" }).innerText()).toContain(
      "secret_other",
    );
  });

  it.each([
    ["no secret", async () => undefined, /secret/],
    [
      "a malformed header",
      async () => page.getByRole("textbox", { name: "Headers" }).fill("what is this"),
      /not a header/,
    ],
    [
      "a time that is none",
      async () => page.getByLabel("Received at").fill("yesterday"),
      /neither a date/,
    ],
  ])("cannot be checked with %s, and the page says so", async (name, spoil, expected) => {
    await page.getByLabel("Provider or scheme").selectOption("vove");
    if (name !== "no secret") await page.getByLabel("secret", { exact: true }).fill(secrets.vove);
    await spoil();
    await check();
    await expect.poll(() => page.getByRole("alert").innerText()).toMatch(expected);
    expect(opened.problems).toEqual([]);
  });
});

describe("the page", () => {
  it("forbids itself every address, and is one file", () => {
    const html = readFileSync(file, "utf8");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]+=*'; style-src 'sha256-/,
    );
    expect(policy).not.toMatch(/connect-src|unsafe|https?:|\*/);
    expect(html.match(/\b(?:src|href)="(?!data:)[^"]*"/g)).toBeNull();
    for (const name of ["preact", "jose", "zod", "@noble/hashes"]) {
      expect(html, name).toContain(`\n${name}\n`);
    }
  });

  it("can send nothing, even if its own code tried", async () => {
    const outcomes = await page.evaluate(async () => [
      await fetch("https://example.test/").catch(() => "refused"),
      navigator.sendBeacon("https://example.test/", "x") ? "queued" : "refused",
      await new Promise((resolve) => {
        const image = new Image();
        image.onerror = () => resolve("refused");
        image.src = "https://example.test/x.png";
      }),
    ]);
    expect(outcomes[0]).toBe("refused");
    expect(outcomes[2]).toBe("refused");
    expect(
      opened.problems.filter((one) => /^error: policy: (?:connect|img)-src/.test(one)).length,
    ).toBeGreaterThanOrEqual(2);
  });

  it("keeps no secret: not in storage, not in the address, not as a password", async () => {
    await configure("vove", { secret: secrets.vove });
    await page.getByLabel("Other secrets").fill(secrets.plain);
    await page.locator("form").getByLabel("Body", { exact: true }).fill("{}");
    await page.getByRole("button", { name: "Dark theme" }).click();
    await check();
    await badge().waitFor();
    const kept = await page.evaluate(async () =>
      JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        await indexedDB.databases(),
        location.href,
        history.state,
        document.querySelectorAll("[type=password]").length,
      ]),
    );
    expect(kept).not.toContain("whsec_");
    expect(kept).not.toContain(secrets.plain);
    expect(JSON.parse(kept)[0]).toEqual({ "countersign.theme": "dark" });
    expect(JSON.parse(kept)[6]).toBe(0);
    // What is typed is not to be read over a shoulder.
    const masked = await page
      .getByLabel("secret", { exact: true })
      .evaluate((field) => getComputedStyle(field).getPropertyValue("-webkit-text-security"));
    expect(masked).toBe("disc");
    await page.reload();
    expect(
      await page
        .locator("input, textarea")
        .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value).join("")),
    ).not.toContain("whsec_");
    expect(opened.problems).toEqual([]);
  });

  it("fits a phone, and goes to the verdict", async () => {
    await page.setViewportSize({ width: 375, height: 812 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByLabel("Provider or scheme").selectOption("vove");
    await page.getByLabel("Example").selectOption({ index: 1 });
    await badge().waitFor();
    await expect
      .poll(() => badge().evaluate((element) => element.getBoundingClientRect().top))
      .toBeLessThan(812);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(opened.problems).toEqual([]);
  });
});
