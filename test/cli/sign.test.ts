import { createHmac } from "node:crypto";
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cli, cliJson, temporaryFolder } from "./helpers/cli.js";
import { secrets, svixHeaders } from "./helpers/samples.js";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// With what a decoder would change: an escape, a byte order mark, no newline or one.
const body = Buffer.from('\ufeff{ "name": "Zo\\u00eb" }\r\n');
const file = join(folder, "event.json");
writeFileSync(file, body);
const env = { COUNTERSIGN_SECRET: secrets.vove };
const moment = ["--at", "2026-05-04T09:04:05Z"];

describe("sign", () => {
  it("prints the headers that the sender would send", async () => {
    const { code, stdout } = await cli(["sign", file, "-p", "vove", "--id", "msg_7", ...moment], {
      env,
    });
    expect(code).toBe(0);
    const wanted = svixHeaders(body, { id: "msg_7", seconds: 1_777_885_445 });
    expect(stdout.trimEnd().split("\n")).toEqual([
      "content-type: application/json",
      ...Object.entries(wanted).map(([name, value]) => `${name}: ${value}`),
    ]);
  });

  it("prints them as JSON, also for a body from the standard input and a sender of one's own", async () => {
    const { lines } = await cliJson(["sign", "-", "--scheme", "hmac", "--header", "X-Sig"], {
      env: { COUNTERSIGN_SECRET: secrets.plain },
      input: body,
    });
    const mac = createHmac("sha256", secrets.plain).update(body).digest("hex");
    expect(lines).toEqual([{ headers: { "content-type": "application/json", "x-sig": mac } }]);
  });

  it("writes a whole delivery, which verifies, and which nobody else can read", async () => {
    const out = join(folder, "out.http");
    const url = "https://example.test/webhooks?from=vove";
    const args = ["sign", file, "-p", "vove", "--url", url];
    expect((await cli([...args, "--out", out], { env })).code).toBe(0);
    const text = readFileSync(out);
    expect(text.toString("latin1")).toMatch(
      /^POST \/webhooks\?from=vove HTTP\/1\.1\r\nHost: example\.test\r\n/,
    );
    expect(text.subarray(-body.length).equals(body)).toBe(true);
    expect(statSync(out).mode & 0o077).toBe(0);
    const { stdout } = await cli([...args, "--http"], { env });
    expect(stdout).toMatch(/^POST \/webhooks\?from=vove HTTP\/1\.1\r\n/);
    const verified = await cliJson(["verify", out, "--scheme", "svix"], { env });
    // A byte order mark is authentic, and no JSON.
    expect(verified.lines[0]).toMatchObject({ error: { code: "payload_not_json" } });
  });

  it("has a file that is there already read by nobody else, and follows no link", async () => {
    const out = join(folder, "wide.http");
    writeFileSync(out, "x".repeat(10_000), { mode: 0o644 });
    expect((await cli(["sign", file, "-p", "vove", "--out", out], { env })).code).toBe(0);
    expect(statSync(out).mode & 0o077).toBe(0);
    expect(readFileSync(out).subarray(-body.length).equals(body)).toBe(true);
    expect(readFileSync(out, "latin1")).toMatch(/^POST /);
    const link = join(folder, "link.http");
    const target = join(folder, "target");
    writeFileSync(target, "before");
    symlinkSync(target, link);
    const { code, stderr } = await cli(["sign", file, "-p", "vove", "--out", link], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("it is a symbolic link")]);
    expect(readFileSync(target, "utf8")).toBe("before");
  });

  it("prints no proof that is the secret itself, but writes it to a file", async () => {
    const settings = { env: { COUNTERSIGN_SECRET: secrets.plain } };
    const out = join(folder, "secret.http");
    for (const sender of [
      ["--scheme", "headerSecret", "--header", "x-token"],
      ["-p", "validas"],
    ]) {
      for (const how of [[], ["--http"], ["--json"]]) {
        const { code, stdout, stderr } = await cli(["sign", file, ...sender, ...how], settings);
        expect(code).toBe(2);
        expect(stdout + stderr).not.toContain(secrets.plain);
        expect(stdout + stderr).toContain("--out FILE");
      }
      expect((await cli(["sign", file, ...sender, "--out", out], settings)).code).toBe(0);
      expect((await cli(["verify", out, ...sender], settings)).stdout).not.toContain(secrets.plain);
    }
  });
});
