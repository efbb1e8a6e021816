import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cli, cliJson, temporaryFolder } from "./helpers/cli.js";
import { httpFile, secrets, svixHeaders } from "./helpers/samples.js";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keep(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const env = { COUNTERSIGN_SECRET: secrets.vove };
const body = '{"status":"successful","refId":"user-1"}';
const pretty = JSON.stringify(JSON.parse(body), undefined, 2);

const codes = (lines: readonly Record<string, unknown>[]) =>
  ((lines[0]?.findings ?? []) as { code: string }[]).map(({ code }) => code);

describe("diagnose", () => {
  it("finds nothing wrong with a genuine delivery", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    const { code, stdout } = await cli(["diagnose", file, "-p", "vove"], { env });
    expect([code, stdout]).toEqual([0, "authentic  vove\n"]);
  });

  it("names the mistake and the fix, in words and as JSON", async () => {
    const file = keep("pretty.http", httpFile(svixHeaders(body), pretty));
    const { code, stdout, stderr } = await cli(["diagnose", file, "-p", "vove"], { env });
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(
      /^explained {2}vove {2}signature_mismatch: .+\n {2}body_reserialized {2}\S.+\n {4}fix {2}\S.+\n/,
    );
    const { lines } = await cliJson(["diagnose", file, "-p", "vove"], { env });
    expect(lines[0]).toMatchObject({
      verdict: "explained",
      provider: "vove",
      error: { code: "signature_mismatch" },
    });
    expect(codes(lines)[0]).toBe("body_reserialized");
  });

  it("says what is wrong with a secret that the provider refuses", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    for (const [secret, finding] of [
      [`"${secrets.vove}"`, "secret_quoted"],
      [` ${secrets.vove} `, "secret_whitespace"],
    ] as const) {
      const settings = { env: { COUNTERSIGN_SECRET: secret } };
      const { code, lines } = await cliJson(["diagnose", file, "-p", "vove"], settings);
      expect([code, codes(lines)]).toEqual([1, [finding]]);
    }
  });

  it("tries other secrets, and names the one that fits by where it came from", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    const other = { COUNTERSIGN_SECRET: "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw==" };
    const alone = await cli(["diagnose", file, "-p", "vove"], { env: other });
    expect(alone.code).toBe(1);
    expect(alone.stdout).toMatch(/^unexplained {2}vove/);
    expect(alone.stderr).toContain("--other-secret-env");
    const { lines, code } = await cliJson(
      ["diagnose", file, "-p", "vove", "--other-secret-env", "STAGING"],
      { env: { ...other, STAGING: secrets.vove } },
    );
    expect([code, codes(lines)]).toEqual([1, ["secret_other"]]);
    expect(JSON.stringify(lines)).toContain("STAGING");
    const stored = keep("staging.secret", `${secrets.vove}\n`);
    const filed = await cliJson(["diagnose", file, "-p", "vove", "--other-secret-file", stored], {
      env: other,
    });
    expect(codes(filed.lines)).toEqual(["secret_other"]);
  });

  it("recognises another vendor's delivery, and does without a vendor", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    const wrong = await cliJson(["diagnose", file, "-p", "dataspike"], {
      env: { COUNTERSIGN_SECRET: secrets.dataspike },
    });
    expect(codes(wrong.lines)[0]).toBe("other_provider");
    const own = keep("own.http", httpFile(svixHeaders(body), pretty));
    const generic = await cliJson(["diagnose", own, "--scheme", "svix"], { env });
    expect(codes(generic.lines)[0]).toBe("body_reserialized");
  });

  it("takes what came in at the standard input, or in two files, as of another time", async () => {
    const headers = svixHeaders(body, { seconds: 1_777_885_444 });
    const piped = await cliJson(["diagnose", "-", "-p", "vove"], {
      env,
      input: httpFile(headers, body),
    });
    expect(codes(piped.lines)).toEqual(["delivery_stale"]);
    const split = await cli(
      [
        ...["diagnose", "-p", "vove", "--at", "1777885445"],
        ...[
          "--headers",
          keep("headers.json", JSON.stringify(headers)),
          "--body",
          keep("body", body),
        ],
      ],
      { env },
    );
    expect(split.code).toBe(0);
  });

  it("says so when a file holds another number of bytes than it announces", async () => {
    const file = keep("edited.http", `${httpFile(svixHeaders(body), body)}\n`);
    const { code, stderr } = await cli(["diagnose", file, "-p", "vove"], { env });
    expect([code, stderr]).toEqual([
      0,
      `Content-Length announces ${body.length} bytes: the 1 after them are left out.\n`,
    ]);
  });

  it.each([
    [[], "Which delivery?|request line"],
    [["nowhere.http"], "no such file"],
    [["--headers", "x"], "both --headers FILE and --body FILE"],
    [["x.http", "--headers", "x", "--body", "y"], "either a .http file"],
  ])("refuses %j", async (args, reason) => {
    const { code, stderr } = await cli(["diagnose", ...args, "-p", "vove"], { env });
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });
});
