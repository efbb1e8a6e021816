import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type FixtureCase, fixtureCases, fixtureFolders } from "../helpers/fixtures.js";
import { cli, cliJson, temporaryFolder } from "./helpers/cli.js";
import { httpFile, secrets, svixHeaders } from "./helpers/samples.js";

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keep(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface FactoryOptions {
  readonly secret?: unknown;
  readonly signingSecret?: unknown;
  readonly header?: { readonly name: string; readonly value: string };
  readonly bearer?: { readonly token?: string; readonly jwks?: object } & Record<string, unknown>;
  readonly [option: string]: unknown;
}

/** The factory's options as the command line takes them; `undefined` for those it has no flags for. */
function flagsOf(
  options: FactoryOptions,
): { args: string[]; env: Record<string, string> } | undefined {
  const { secret, signingSecret, header, bearer, ...others } = options;
  const args = Object.entries(others).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const own = secret ?? signingSecret;
  if (own !== undefined && typeof own !== "string") return undefined;
  if (header !== undefined) {
    const place = own === undefined ? "COUNTERSIGN_SECRET" : "COUNTERSIGN_HEADER_SECRET";
    const env = {
      ...(own === undefined ? {} : { COUNTERSIGN_SECRET: own }),
      [place]: header.value,
    };
    return { args: ["--header", header.name, ...args], env };
  }
  if (bearer?.token !== undefined) return { args, env: { COUNTERSIGN_SECRET: bearer.token } };
  if (bearer?.jwks !== undefined) {
    const { issuer, audience, jwks } = bearer;
    const file = keep("jwks.json", JSON.stringify(jwks));
    return {
      args: ["--issuer", String(issuer), "--audience", String(audience), "--jwks", file],
      env: {},
    };
  }
  return own === undefined ? undefined : { args, env: { COUNTERSIGN_SECRET: own } };
}

/** For each form of configuration, one delivery that is accepted and one for each way of refusing. */
function chosen(provider: string): readonly FixtureCase[] {
  const seen = new Set<string>();
  return fixtureCases(provider).filter(({ options, expect: { verify } }) => {
    const form = `${Object.keys(options as object).sort()} ${verify}`;
    if (seen.has(form) || flagsOf(options as FactoryOptions) === undefined) return false;
    return seen.add(form);
  });
}

describe("verify", () => {
  for (const provider of fixtureFolders()) {
    it.each(chosen(provider))(
      `says of ${provider}'s recorded delivery $name what the library says`,
      async ({ file, options, now, expect: wanted }) => {
        const { args, env } = flagsOf(options as FactoryOptions) ?? { args: [], env: {} };
        const { code, lines, stderr } = await cliJson(
          ["verify", join(fixtures, provider, file), "-p", provider, "--at", String(now), ...args],
          { env },
        );
        if (wanted.verify === "secret_too_short") {
          expect(code).toBe(2);
          expect(lines[0]?.error).toMatchObject({ code: "usage" });
        } else if (wanted.verify === "ok") {
          expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
          const { id, type, subject, decision } = wanted;
          const facts = Object.entries({ id, type, subject, decision });
          expect(lines[0]).toMatchObject({
            verdict: "authentic",
            message: Object.fromEntries(facts.filter(([, value]) => value !== undefined)),
          });
        } else {
          expect(code).toBe(1);
          expect(lines[0]).toMatchObject({ verdict: "refused", error: { code: wanted.verify } });
        }
      },
    );
  }

  const body = '{"status":"successful","refId":"user-1"}';
  const env = { COUNTERSIGN_SECRET: secrets.vove };

  it("prints type, subject and decision, and the event only when it is asked for", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    const plain = await cli(["verify", file, "-p", "vove"], { env });
    expect(plain).toMatchObject({ code: 0, stderr: "" });
    expect(plain.stdout).toMatch(/^authentic {2}vove {2}idv\.successful {2}user-1 {2}positive\n/);
    expect(plain.stdout).toMatch(/^ {2}secret {3}COUNTERSIGN_SECRET$/m);
    expect(plain.stdout).not.toContain('successful"');
    const { stdout } = await cli(["verify", file, "-p", "vove", "--event"], { env });
    expect(stdout).toContain(JSON.stringify(JSON.parse(body), undefined, 2));
  });

  it("reads the standard input, and headers and body on their own, as lines or as JSON", async () => {
    const headers = svixHeaders(body);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
    const bodyFile = keep("body", body);
    const forms: readonly (readonly [readonly string[], string?])[] = [
      [["-"], httpFile(headers, body)],
      [[], httpFile(headers, body)],
      [["--headers", keep("lines", lines.join("")), "--body", bodyFile]],
      [["--headers", keep("object", JSON.stringify(headers)), "--body", bodyFile]],
      [["--headers", keep("pairs", JSON.stringify(Object.entries(headers))), "--body", "-"], body],
    ];
    for (const [args, input] of forms) {
      const options = input === undefined ? { env } : { env, input };
      const { code, lines: printed } = await cliJson(["verify", ...args, "-p", "vove"], options);
      expect([code, printed[0]?.verdict], args.join(" ")).toEqual([0, "authentic"]);
    }
  });

  it("takes secrets from a named variable, from several, and from a file with a line break", async () => {
    const file = keep("good.http", httpFile(svixHeaders(body), body));
    const secretFile = keep("secret", `${secrets.vove}\n`);
    const other = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw==";
    const named = await cliJson(
      ["verify", file, "-p", "vove", "--secret-env", "OLD", "--secret-env", "NEW"],
      { env: { OLD: other, NEW: secrets.vove } },
    );
    expect(named.lines[0]).toMatchObject({
      message: { delivery: { secret: { index: 1, label: "NEW" } } },
    });
    const filed = await cliJson(["verify", file, "-p", "vove", "--secret-file", secretFile]);
    expect(filed.code).toBe(0);
  });

  it("verifies for senders of the user's own, by every scheme", async () => {
    const { createHmac } = await import("node:crypto");
    const mac = (text: string, encoding: "hex" | "base64") =>
      createHmac("sha256", secrets.plain).update(text).digest(encoding);
    const seconds = Math.floor(Date.now() / 1000);
    const forms: readonly (readonly [Record<string, string>, readonly string[], string])[] = [
      [svixHeaders(body), ["svix"], secrets.vove],
      [
        { "X-Sig": `sha256=${mac(body, "hex")}` },
        ["hmac", "--header", "x-sig", "--prefix", "sha256="],
        secrets.plain,
      ],
      [
        { "X-Sig": mac(body, "base64") },
        ["hmac", "--header", "x-sig", "--encoding", "base64"],
        secrets.plain,
      ],
      [
        { "X-Sig": `t=${seconds},v1=${mac(`${seconds}.${body}`, "hex")}` },
        ["stampedHmac", "--header", "X-Sig"],
        secrets.plain,
      ],
      [
        { "X-Token": `Token ${secrets.plain}` },
        ["headerSecret", "--header", "x-token", "--prefix", "Token "],
        secrets.plain,
      ],
    ];
    for (const [headers, args, secret] of forms) {
      const file = keep("own.http", httpFile(headers, body));
      const run = (path: string, value: string) =>
        cliJson(["verify", path, "--scheme", ...args], { env: { COUNTERSIGN_SECRET: value } });
      expect((await run(file, secret)).code, args.join(" ")).toBe(0);
      const { code, lines } = await run(file, `${secrets.vove.slice(0, -6)}AAAA==`);
      expect([code, lines[0]?.verdict], args.join(" ")).toEqual([1, "refused"]);
    }
  });

  it("says how a recorded delivery is checked when it is too old", async () => {
    const file = keep("old.http", httpFile(svixHeaders(body, { seconds: 1_777_885_444 }), body));
    const { code, stdout, stderr } = await cli(["verify", file, "-p", "vove"], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^refused {2}vove {2}timestamp_too_old: /);
    expect(stderr).toContain("--at");
    const stored = keep("20260504T090404.000Z-0001.http", readFileSync(file));
    for (const at of ["received", "2026-05-04T09:04:05Z", "1777885445"]) {
      expect((await cli(["verify", stored, "-p", "vove", "--at", at], { env })).code).toBe(0);
    }
    const unknown = await cli(["verify", file, "-p", "vove", "--at", "received"], { env });
    expect(unknown.code).toBe(2);
  });

  it("calls an authentic delivery authentic, though its event cannot be read", async () => {
    const file = keep("text.http", httpFile(svixHeaders("no json"), "no json"));
    const { code, stdout } = await cli(["verify", file, "-p", "vove"], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^authentic, but unusable {2}vove {2}payload_not_json/);
  });

  it("points from a refused delivery to its diagnosis, with the same options", async () => {
    const file = keep("bad.http", httpFile(svixHeaders("{}"), body));
    const args = ["-p", "vove", "--secret-env", "MINE"];
    const { stderr } = await cli(["verify", file, ...args], { env: { MINE: secrets.vove } });
    expect(stderr).toBe(
      `Why: npx countersign diagnose ${file} --provider vove --secret-env MINE\n`,
    );
  });
});
