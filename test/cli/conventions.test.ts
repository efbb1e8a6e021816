import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixtureFolders } from "../helpers/fixtures.js";
import { binary, cli, cliJson, temporaryFolder } from "./helpers/cli.js";
import { httpFile, secrets, svixHeaders } from "./helpers/samples.js";
import { startRecorder } from "./helpers/servers.js";
import { atTerminal, hasTerminal } from "./helpers/terminal.js";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const body = '{"status":"successful","refId":"user-1"}';
const good = join(folder, "good.http");
writeFileSync(good, httpFile(svixHeaders(body), body));
const bad = join(folder, "bad.http");
writeFileSync(bad, httpFile(svixHeaders("{}"), body));
const env = { COUNTERSIGN_SECRET: secrets.vove };

const commands = [
  ...["listen", "send", "replay", "verify", "diagnose", "drift", "sign"],
  ...["catch-up", "webhooks", "providers"],
];

/** What each command needs to get as far as its work. */
const plain: Readonly<Record<string, readonly string[]>> = {
  send: ["http://127.0.0.1:1/", "-p", "vove"],
  replay: [good, "--to", "http://127.0.0.1:1/"],
  verify: [bad, "-p", "vove"],
  diagnose: [bad, "-p", "vove"],
  drift: [bad, "-p", "vove"],
  sign: [good, "-p", "vove"],
  "catch-up": [
    ...["dataspike", "--after", "x", "--forward", "http://127.0.0.1:1/"],
    ...["--base-url", "http://127.0.0.1:1/"],
  ],
  webhooks: ["screver", "rotate", "x"],
  providers: ["vove"],
};

describe("help", () => {
  it("lists every command, the exit codes, and where secrets come from", async () => {
    const { code, stdout } = await cli(["--help"]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    expect(stdout).toMatch(/Exit codes: 0 .* 1 .* 2 .* 3 /s);
    expect(stdout).toContain("COUNTERSIGN_SECRET");
    expect((await cli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(commands)("of %s has examples, and none with a secret", async (command) => {
    for (const args of [
      [command, "--help"],
      ["help", command],
    ]) {
      const { code, stdout } = await cli(args);
      expect(code).toBe(0);
      const [, examples = ""] = /\nExamples:\n([\s\S]*?)(?:\n\n|\n?$)/.exec(stdout) ?? [];
      expect(examples.trim().split("\n").length).toBeGreaterThanOrEqual(2);
      expect(examples).toMatch(new RegExp(`npx countersign ${command}`));
      expect(stdout).not.toMatch(/whsec_|--secret /);
    }
  });

  it.each(commands)("of %s has no example that is refused for its words", async (command) => {
    const { stdout } = await cli([command, "--help"]);
    const examples = [...stdout.matchAll(/npx countersign (.+)$/gm)].map(([, words = ""]) => words);
    for (const words of examples) {
      // Only whether the words mean something: what they name is not there.
      if (command === "listen") continue;
      const { stderr } = await cli([...words.split(" "), "--json"], { input: "" });
      expect(stderr, words).not.toMatch(/unknown option|unknown command/i);
    }
  });
});

describe("a mistake", () => {
  it.each([
    [[], "Which command?"],
    [["verfy"], "Unknown command 'verfy'."],
    [["verify", "--frobnicate"], "Unknown option '--frobnicate'."],
    [["verify", good, good, "-p", "vove"], "Too many arguments"],
    [["drift", good], "Who sent them?"],
    [["drift", "-p", "vove"], "Missing required argument 'files'."],
    [["drift", join(folder, "none.http"), "-p", "vove"], "there is no such file"],
    [["drift", good, "-p", "nobody"], "There is no provider nobody."],
    [["drift", good, "-p", "vove", "--set", "expect=everything"], "--expect: expected"],
    [["send"], "Missing required argument 'url'."],
    [["verify", good], "Who sends?"],
    [["verify", good, "-p", "vove", "--scheme", "svix"], "not both"],
    [["verify", good, "-p", "nobody"], "There is no provider nobody."],
    [["verify", good, "-p", "../vove"], "There is no provider ../vove."],
    [["verify", good, "--scheme", "md5"], "Allowed choices"],
    [["verify", good, "--scheme", "hmac"], "--header: expected a header name"],
    [["verify", good, "-p", "vove", "--set", "expect=everything"], "--expect: expected"],
    [["verify", good, "-p", "vove", "--set", "nonsense"], "--set takes option=value"],
    [["verify", good, "-p", "vove", "--tolerance", "-1"], "--tolerance takes"],
    [["verify", good, "-p", "vove", "--prefix", "x"], "go with --scheme"],
    [["verify", good, "-p", "vove", "--at", "noon"], "--at takes"],
    [["verify", folder, "-p", "vove"], "it is a folder"],
    [["verify", good, "-p", "validas", "--issuer", "https://x.test/"], "--audience: expected"],
  ])("%j ends with 2, in one line of plain words and one of what to do", async (args, reason) => {
    const { code, stderr } = await cli(args, { env });
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
    const lines = stderr.slice(stderr.indexOf("error: ")).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(2);
    expect(stderr).not.toMatch(/^ {4}at |WebhookError|TypeError/m);
    if (args.length === 0) return;
    const json = await cliJson(args, { env });
    expect(json).toMatchObject({ code: 2, stderr: "", lines: [{ error: { code: "usage" } }] });
  });

  it("with a secret says which, and where the vendor shows it", async () => {
    for (const [value, reason] of [
      ["", "is blank"],
      [`'${secrets.vove}'`, "has quotes around it"],
      [`${secrets.vove}\n`, "has white space around it"],
      ["whsec_c2hvcnQ=", "too short"],
      ["whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "a key of asymmetric signatures"],
    ] as const) {
      const { code, stderr } = await cli(["verify", good, "-p", "vove"], {
        env: { COUNTERSIGN_SECRET: value },
      });
      expect([code, stderr], value).toEqual([2, expect.stringContaining(reason)]);
      expect(stderr).toContain("Webhooks section of the dashboard");
      if (value !== "") expect(stderr).not.toContain(value.trim());
    }
    const none = await cli(["verify", good, "-p", "vove"]);
    expect(none.stderr).toMatch(/COUNTERSIGN_SECRET is not set[\s\S]*--secret-file/);
    const unset = await cli(["verify", good, "-p", "vove", "--secret-env", "NOWHERE"], { env });
    expect(unset.stderr).toContain("NOWHERE");
  });
});

describe("a secret", () => {
  it.each(Object.keys(plain).filter((command) => command !== "providers"))(
    "is not taken by %s as an argument, and not repeated",
    async (command) => {
      for (const args of [
        ["--secret", secrets.plain],
        [`--secret=${secrets.plain}`],
        ["--set", `secret=${secrets.plain}`],
        ["--set", `header.value=${secrets.plain}`],
        ["--set", `bearer.token=${secrets.plain}`],
      ]) {
        const { code, stdout, stderr } = await cli([command, ...(plain[command] ?? []), ...args], {
          env,
        });
        // Without a look at who sends, replay sends before it could read the settings.
        if (command === "replay" && args[0] === "--set") continue;
        expect([code, stdout + stderr]).toEqual([2, expect.not.stringContaining(secrets.plain)]);
      }
    },
  );

  it.each(Object.keys(plain))("and what it would sign are not printed by %s", async (command) => {
    // “sign” prints a signature, as it is told to.
    const right = svixHeaders(body)["svix-signature"].slice(3);
    for (const how of [[], ["--json"]]) {
      const { stdout, stderr } = await cli([command, ...(plain[command] ?? []), ...how], { env });
      for (const hidden of [secrets.vove, secrets.vove.slice(6), right]) {
        expect(stdout + stderr).not.toContain(hidden);
      }
    }
  });

  it.runIf(hasTerminal)("is asked for at a terminal, and not shown", async () => {
    const args = ["verify", good, "-p", "vove"];
    const { code, output } = await atTerminal(args, { keys: `x\u007f${secrets.vove}\r` });
    expect([code, output]).toEqual([0, expect.stringContaining("authentic")]);
    expect(output).not.toContain(secrets.vove);
    const interrupted = await atTerminal(args, { keys: "whsec_\u0003" });
    expect(interrupted.code).toBe(130);
  });
});

describe("colours", () => {
  it.each(Object.keys(plain))("are not in what %s sends into a pipe", async (command) => {
    const { stdout, stderr } = await cli([command, ...(plain[command] ?? [])], {
      env: { ...env, TERM: "xterm" },
    });
    expect(stdout + stderr).not.toContain("\u001b");
  });

  it.runIf(hasTerminal)("are there at a terminal, and not with NO_COLOR", async () => {
    const args = ["diagnose", bad, "-p", "vove"];
    const coloured = await atTerminal(args, { env });
    expect(coloured).toMatchObject({
      code: 1,
      output: expect.stringContaining("\u001b[31munexplained"),
    });
    for (const more of [{ NO_COLOR: "1" }, { TERM: "dumb" }] as Record<string, string>[]) {
      expect((await atTerminal(args, { env: { ...env, ...more } })).output).not.toContain("\u001b");
    }
  });
});

describe("waiting", () => {
  it.runIf(hasTerminal)("is counted down at a terminal, and nowhere else", async () => {
    const args = ["send", "http://127.0.0.1:1/", "-p", "vove", "--retry", "--schedule", "1.2"];
    const watched = await atTerminal(args, { env });
    const cleared = "\r\u001b[2K";
    expect(watched.output).toContain(`${cleared}  attempt 2 of 2 in 1.2 s${cleared}`);
    expect(watched.code).toBe(3);
    const piped = await cli(args, { env });
    expect(piped.stdout + piped.stderr).not.toMatch(/\r| in 1/);
  });
});

describe("providers", () => {
  it("lists all that there are, with events, retries and where the secret is found", async () => {
    const { code, lines } = await cliJson(["providers"]);
    expect(code).toBe(0);
    expect(lines.map(({ name }) => name)).toEqual([...fixtureFolders()].sort());
    for (const { name, title, types, secret, secretSource, docs } of lines) {
      expect(types, String(name)).not.toEqual([]);
      for (const text of [title, secret, secretSource]) expect(String(text)).not.toBe("");
      expect(secretSource).toMatch(/read \d{4}-\d\d-\d\d/);
      expect(docs).toMatch(/^https:/);
    }
    const { stdout } = await cli(["providers"]);
    expect(stdout.match(/^\S+ +\S.* \d+ events, /gm)).toHaveLength(lines.length);
    const one = await cli(["providers", "vove"]);
    expect(one.stdout).toContain("after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h");
    expect((await cli(["providers", "nobody"])).code).toBe(2);
  });
});

describe("long lines", () => {
  it("are broken where the width is known, and never into a pipe", async () => {
    const file = join(folder, "pretty.http");
    const pretty = JSON.stringify(JSON.parse(body), undefined, 2);
    writeFileSync(file, httpFile(svixHeaders(body), pretty));
    const args = ["diagnose", file, "-p", "vove"];
    const widest = ({ stdout }: { stdout: string }) =>
      Math.max(...stdout.split("\n").map((line) => line.length));
    expect(widest(await cli(args, { env }))).toBeGreaterThan(200);
    const narrow = await cli(args, { env: { ...env, COLUMNS: "90" } });
    expect(widest(narrow)).toBeLessThanOrEqual(90);
    const words = (text: string) => text.split(/\s+/).join(" ");
    expect(words(narrow.stdout)).toBe(words((await cli(args, { env })).stdout));
  });
});

describe("a reader that goes away", () => {
  it("ends the command without a word", () => {
    const command = `"${process.execPath}" "${binary}" providers --json | head -c 1`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${command}`], {
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "{", stderr: "" });
  });

  it("leaves no impression that all was well, before that is known", async () => {
    const app = await startRecorder([500]);
    const child = spawn(process.execPath, [binary, "replay", good, good, "--to", app.url]);
    child.stdout.destroy();
    const [code] = await once(child, "close");
    await app.close();
    expect(code).toBe(1);
  });
});
