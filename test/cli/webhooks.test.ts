import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { startVendorApi, type VendorApi } from "../../scripts/vendor-api/server.mjs";
import { binary, cli, cliJson, startCli, temporaryFolder } from "./helpers/cli.js";
import { startRecorder } from "./helpers/servers.js";
import { atTerminal, hasTerminal } from "./helpers/terminal.js";

const folder = temporaryFolder();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const apiKey = "ds-key-of-nobody-41";
const token = "screver-token-of-nobody-42";
const env = { DATASPIKE_API_KEY: apiKey, SCREVER_TOKEN: token };
const address = "https://receiver.test/hooks?of=nobody";
let files = 0;
const freshFile = (): string => {
  files += 1;
  return join(folder, `secret-${files}.txt`);
};

interface Listed {
  readonly webhook_id: string;
  readonly _id: string;
  readonly secret: string;
}

async function vendor(
  webhooks: { readonly dataspike?: readonly object[]; readonly screver?: readonly object[] } = {},
): Promise<VendorApi> {
  const api = await startVendorApi({
    dataspike: { apiKey, webhooks: webhooks.dataspike ?? [] },
    screver: { token, webhooks: webhooks.screver ?? [] },
  });
  closing.push(api.close);
  return api;
}

const ours = {
  webhook_id: "1ed2f903-2d75-6b19-b6a5-29535bc3340e",
  webhook_url: "https://receiver.test/a",
  event_types: ["DOCVER", "AML_SCREENING"],
  enabled: true,
  is_sandbox: false,
};

function args(api: VendorApi, ...words: readonly string[]): readonly string[] {
  return ["webhooks", ...words, "--base-url", api.url];
}

const screverSecrets = ({ screver }: VendorApi) =>
  (screver.webhooks as Listed[]).map(({ secret }) => secret);

describe("webhooks list", () => {
  it("is a table of what there is, and never of secrets", async () => {
    const api = await vendor({
      dataspike: [ours, { ...ours, webhook_id: "2", enabled: false, is_sandbox: true }],
      screver: [
        {
          _id: "5d9d",
          type: "*",
          url: "https://receiver.test/s",
          createdAt: "2026-03-01T09:00:00.000Z",
        },
      ],
    });
    const first = await cli(args(api, "dataspike", "list"), { env });
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const [head, one, two] = first.stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(head).toEqual(["id", "types", "url", "state", "created"]);
    expect(one).toEqual([
      ours.webhook_id,
      "DOCVER,AML_SCREENING",
      ours.webhook_url,
      "enabled",
      "-",
    ]);
    expect(two).toEqual(["2", "DOCVER,AML_SCREENING", ours.webhook_url, "disabled sandbox", "-"]);
    const second = await cli(args(api, "screver", "list"), { env });
    expect(second.stdout).toMatch(/^5d9d +\* +https:\/\/receiver\.test\/s +- +2026-03-01T09:00/m);
    const { lines } = await cliJson(args(api, "screver", "list"), { env });
    expect(lines).toEqual([
      {
        id: "5d9d",
        types: ["*"],
        url: "https://receiver.test/s",
        created: "2026-03-01T09:00:00.000Z",
      },
    ]);
    const shown = first.stdout + second.stdout + second.stderr + JSON.stringify(lines);
    for (const hidden of [apiKey, token, ...screverSecrets(api)]) {
      expect(hidden).not.toBe("");
      expect(shown).not.toContain(hidden);
    }
  });

  it("says so where there is none, and asks for as many pages as there are", async () => {
    const screver = Array.from({ length: 130 }, (_, index) => ({
      ...{ _id: `w${index}`, type: "*", url: `https://receiver.test/${index}` },
      createdAt: new Date(1_770_000_000_000 + index).toISOString(),
    }));
    const api = await vendor({ screver });
    expect((await cli(args(api, "dataspike", "list"), { env })).stdout).toBe(
      "There is no webhook.\n",
    );
    const { lines } = await cliJson(args(api, "screver", "list"), { env });
    expect(new Set(lines.map(({ id }) => id))).toEqual(new Set(screver.map(({ _id }) => _id)));
  });

  it("writes what the API sent without what would steer a terminal", async () => {
    const api = await vendor({
      dataspike: [{ ...ours, webhook_url: "https://x.test/\u001b[2J\u202e" }],
    });
    const { stdout } = await cli(args(api, "dataspike", "list"), { env });
    expect(stdout).toContain("https://x.test/\\u001b[2J\\u202e");
  });
});

describe("webhooks create", () => {
  it("makes a webhook as it is told, and shows its secret once, with where it belongs", async () => {
    const api = await vendor();
    const words = ["dataspike", "create", "--url", address, "--event-type", "DOCVER"];
    const more = ["--event-type", "AML_SCREENING", "--sandbox", "--disabled"];
    const { code, stdout, stderr } = await cli(args(api, ...words, ...more), { env });
    expect(JSON.parse(api.calls[0]?.body ?? "")).toEqual({
      webhook_url: address,
      event_types: ["DOCVER", "AML_SCREENING"],
      is_sandbox: true,
      enabled: false,
    });
    const [made] = api.dataspike.webhooks as Listed[];
    const id = made?.webhook_id ?? "";
    expect(stdout).toBe(`Created: ${id}\n  secret  ${api.dataspike.secretOf(id)}\n`);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/shown this once.*DATASPIKE_SECRET/)]);
    const plain = await cliJson(args(api, ...words), { env });
    const [, next] = api.dataspike.webhooks as Listed[];
    const nextId = next?.webhook_id ?? "";
    expect(plain.lines).toEqual([
      { id: nextId, reused: false, secret: api.dataspike.secretOf(nextId) },
    ]);
    expect(JSON.parse(api.calls[1]?.body ?? "")).toMatchObject({
      is_sandbox: false,
      enabled: true,
    });
  });

  it("writes the secret into a new file for the user alone, and shows nothing of it", async () => {
    const api = await vendor();
    for (const how of [[], ["--json"]]) {
      const file = freshFile();
      const words = ["dataspike", "create", "--url", address, "--type", "DOCVER", "--secret-file"];
      const { code, stdout, stderr } = await cli(args(api, ...words, file, ...how), { env });
      const made = (api.dataspike.webhooks as Listed[]).at(-1)?.webhook_id ?? "";
      const secret = api.dataspike.secretOf(made) ?? "none";
      expect([code, readFileSync(file, "utf8")]).toEqual([0, `${secret}\n`]);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(stdout).toContain(made);
      expect(stdout + stderr).not.toContain(secret.slice(6));
    }
  });

  it("creates nothing where the file is there, or cannot be", async () => {
    const api = await vendor();
    const [there, link] = [freshFile(), freshFile()];
    writeFileSync(there, "a letter");
    symlinkSync(freshFile(), link);
    for (const action of [
      ["create", "--url", address, "--type", "DOCVER"],
      ["rotate", ours.webhook_id],
    ]) {
      for (const [file, reason] of [
        [there, "is there already"],
        [link, "is there already"],
        [folder, "is there already"],
        [join(folder, "nowhere", "x"), "there is no such file"],
      ] as const) {
        const words = args(api, "dataspike", ...action, "--secret-file", file);
        const { code, stderr } = await cli(words, { env });
        expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
        expect(stderr).toContain("Nothing was changed at the vendor");
      }
    }
    expect([api.calls, readFileSync(there, "utf8")]).toEqual([[], "a letter"]);
  });

  it.runIf(process.platform === "linux")(
    "shows the secret where the file cannot hold it after all",
    async () => {
      const api = await vendor();
      const words = ["dataspike", "create", "--url", address, "--type", "DOCVER", "--secret-file"];
      for (const how of [[], ["--json"]]) {
        // No file of this process may have a byte in it, as on a disk that is full.
        const script = ["-c", 'ulimit -f 0; exec "$@"', "bash", process.execPath, binary];
        const file = freshFile();
        const child = spawn("bash", [...script, ...args(api, ...words, file, ...how)], {
          env: { PATH: process.env.PATH, ...env },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8").on("data", (text: string) => {
            output += text;
          });
        }
        const [code] = (await once(child, "close")) as [number | null];
        const made = (api.dataspike.webhooks as Listed[]).at(-1)?.webhook_id ?? "";
        expect([code, output]).toEqual([1, expect.stringMatching(/could not be written/)]);
        expect(output).toContain(api.dataspike.secretOf(made) ?? "none");
        expect(existsSync(file)).toBe(false);
      }
    },
  );

  it("waits for the answer that holds the secret, in spite of Ctrl-C", async () => {
    const api = await vendor();
    api.fault({ kind: "late", ms: 1000 });
    const words = ["dataspike", "create", "--url", address, "--type", "DOCVER"];
    const running = startCli(args(api, ...words), { env });
    await vi.waitFor(() => expect(api.calls).toHaveLength(1), { timeout: 10_000 });
    const { code, stdout, stderr } = await running.interrupt();
    const [made] = api.dataspike.webhooks as Listed[];
    const secret = api.dataspike.secretOf(made?.webhook_id ?? "");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`  secret  ${secret}\n`)]);
    expect(stderr).toContain("it is waited for");
  });

  it("leaves no file behind where the vendor refuses", async () => {
    const api = await vendor();
    const file = freshFile();
    const words = [
      "dataspike",
      "create",
      "--url",
      address,
      "--type",
      "NOTHING",
      "--secret-file",
      file,
    ];
    const { code, stderr } = await cli(args(api, ...words), { env });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("webhooks.create: refused, HTTP 400"),
    ]);
    expect(existsSync(file)).toBe(false);
  });

  it("takes the one of the same type and URL where the vendor gives its secret again, unless told --new", async () => {
    const api = await vendor();
    const words = ["screver", "create", "--url", address, "--type", "surveyCompleted"];
    const first = await cli(args(api, ...words), { env });
    const [secret = "none"] = screverSecrets(api);
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringContaining(`  secret  ${secret}\n`),
    ]);
    expect(first.stderr).toContain("SCREVER_SECRET");
    const again = await cli(args(api, ...words), { env });
    expect(again.stdout).toMatch(/^It was there already: /);
    expect(again.stdout + again.stderr).not.toContain(secret);
    expect((await cliJson(args(api, ...words), { env })).lines).toEqual([
      { id: expect.any(String), reused: true },
    ]);
    const file = freshFile();
    expect((await cli(args(api, ...words, "--secret-file", file), { env })).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(`${secret}\n`);
    expect(api.screver.webhooks).toHaveLength(1);
    expect((await cli(args(api, ...words, "--new"), { env })).stdout).toMatch(/^Created: /);
    expect(api.screver.webhooks).toHaveLength(2);
  });

  it("is not done twice where the answer is lost, and says that it may have been done", async () => {
    const api = await vendor();
    api.fault({ kind: "lost" });
    const words = ["dataspike", "create", "--url", address, "--type", "DOCVER"];
    const { code, stderr } = await cli(args(api, ...words), { env });
    expect([code, api.calls.length]).toEqual([3, 1]);
    expect(stderr).toMatch(/unreachable[\s\S]*It may have been carried out all the same/);
  });
});

describe("webhooks rotate", () => {
  it("gives the new secret, and says that the old one is void", async () => {
    const api = await vendor({ dataspike: [ours] });
    const old = api.dataspike.secretOf(ours.webhook_id) ?? "none";
    const shown = await cli(args(api, "dataspike", "rotate", ours.webhook_id), { env });
    const secret = api.dataspike.secretOf(ours.webhook_id) ?? "none";
    expect(secret).not.toBe(old);
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringContaining(`  secret  ${secret}\n`),
    ]);
    expect(shown.stdout).toContain("The old secret is void at once");
    const file = freshFile();
    const words = ["dataspike", "rotate", ours.webhook_id, "--secret-file", file];
    const kept = await cli(args(api, ...words), { env });
    const newest = api.dataspike.secretOf(ours.webhook_id) ?? "none";
    expect(readFileSync(file, "utf8")).toBe(`${newest}\n`);
    expect(kept.stdout + kept.stderr).not.toContain(newest.slice(6));
  });
});

describe("webhooks delete", () => {
  it("deletes where it is told so, and not where nobody can be asked", async () => {
    const api = await vendor({
      dataspike: [ours],
      screver: [{ _id: "5d9d", type: "*", url: address }],
    });
    const asked = await cli(args(api, "dataspike", "delete", ours.webhook_id), { env });
    expect([asked.code, asked.stderr, api.calls]).toEqual([
      2,
      expect.stringContaining("--yes"),
      [],
    ]);
    const done = await cli(args(api, "dataspike", "delete", ours.webhook_id, "--yes"), { env });
    expect([done.code, done.stdout]).toEqual([0, `Deleted: ${ours.webhook_id}\n`]);
    const { lines } = await cliJson(args(api, "screver", "delete", "5d9d", "--yes"), { env });
    expect(lines).toEqual([{ id: "5d9d", deleted: true }]);
    expect([api.dataspike.webhooks, api.screver.webhooks]).toEqual([[], []]);
    const gone = await cli(args(api, "screver", "delete", "5d9d", "--yes"), { env });
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("not_found, HTTP 404")]);
  });

  it.runIf(hasTerminal)("asks at a terminal, and takes y or the id for a yes", async () => {
    for (const [keys, exit, left] of [
      ["n\r", 2, 1],
      ["\r", 2, 1],
      ["\u0003", 130, 1],
      ["y\r", 0, 0],
      [`${ours.webhook_id}\r`, 0, 0],
    ] as const) {
      const api = await vendor({ dataspike: [ours] });
      const { code, output } = await atTerminal(args(api, "dataspike", "delete", ours.webhook_id), {
        ...{ env, keys, asks: /Type its id, or y: / },
      });
      expect([code, api.dataspike.webhooks.length], output).toEqual([exit, left]);
    }
  });
});

describe("webhooks that cannot be set up so", () => {
  const made = ["--url", address, "--type", "DOCVER"];
  it.each([
    [["vove", "list"], /VOVE ID[\s\S]*dashboard[\s\S]*This command is for dataspike, screver/],
    [["cr3dentials", "list"], /Partner Portal/],
    [["validas", "create", ...made], /bodies are not published/],
    [["nobody", "list"], /There is no provider nobody/],
    [["dataspike", "rename"], /Allowed choices are list, create, delete, rotate/],
    [["dataspike", "list", "x"], /“list” takes no id/],
    [["dataspike", "list", "--yes"], /--yes goes with delete/],
    [
      ["dataspike", "delete", "x", "--secret-file", "y"],
      /--secret-file goes with create and rotate/,
    ],
    [["dataspike", "delete", "--yes"], /Which one\?/],
    [["dataspike", "delete", "..", "--yes"], /--id: expected/],
    [["dataspike", "rotate", " "], /Which one\?/],
    [["screver", "rotate", "x"], /documents no call[\s\S]*Create another/],
    [["dataspike", "create", "--type", "DOCVER"], /Which address\?/],
    [["dataspike", "create", "--url", address], /Which events\?[\s\S]*AML_SCREENING, DOCVER/],
    [
      ["dataspike", "create", "--url", "http://receiver.test", "--type", "DOCVER"],
      /has to begin with https/,
    ],
    [["dataspike", "create", ...made, "--new"], /--new means nothing/],
    [["screver", "create", ...made, "--sandbox"], /--sandbox means nothing/],
    [["screver", "create", ...made, "--type", "*"], /has one type/],
    [["dataspike", "list", "--token", apiKey], /stays in the shell's history/],
    [["dataspike", "list", "--api-key", apiKey], /stays in the shell's history/],
    [["dataspike", "list", "--base-url", "http://api.test"], /--base-url: expected/],
  ] as const)("as %j says why, with 2", async (words, reason) => {
    const { code, stdout, stderr } = await cli(
      [
        "webhooks",
        ...words,
        ...(words.includes("--base-url" as never) ? [] : ["--base-url", "http://127.0.0.1:1"]),
      ],
      { env, cwd: folder },
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
    expect(stdout + stderr).not.toContain(apiKey);
  });

  it("say of a failing call which it was and why, and nothing that was sent or answered", async () => {
    const elsewhere = await startRecorder();
    closing.push(elsewhere.close);
    for (const [fault, exit, reason] of [
      [
        { kind: "status", status: 401, body: "secret-answer" },
        2,
        /webhooks\.list: unauthorized, HTTP 401.*\n {2}It came from SCREVER_TOKEN/,
      ],
      [{ kind: "status", status: 400, body: "secret-answer" }, 1, /refused, HTTP 400/],
      [
        { kind: "status", status: 503, headers: { "retry-after": "7200" } },
        3,
        /server_failed, HTTP 503/,
      ],
      [
        { kind: "status", status: 429, headers: { "retry-after": "7200" } },
        3,
        /Try again in 7200 s/,
      ],
      [{ kind: "redirect", location: `${elsewhere.url}/` }, 2, /not followed/],
    ] as const) {
      const api = await vendor();
      api.fault(fault);
      const { code, stdout, stderr } = await cli(args(api, "screver", "list"), { env });
      expect([code, stderr], fault.kind).toEqual([exit, expect.stringMatching(reason)]);
      expect(stdout + stderr).not.toMatch(/secret-answer|-of-nobody-4|127\.0\.0\.1|^ {4}at /m);
      api.fault(fault);
      const json = await cliJson(args(api, "screver", "list"), { env });
      const code2 = { 1: "refused", 2: "usage", 3: "unreachable" }[exit];
      expect(json).toMatchObject({ code: exit, stderr: "", lines: [{ error: { code: code2 } }] });
    }
    expect(elsewhere.seen).toEqual([]);
  });

  it("say which variable the token belongs in, and take it from a file", async () => {
    const api = await vendor();
    const none = await cli(args(api, "screver", "list"));
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("SCREVER_TOKEN is not set"),
    ]);
    const file = freshFile();
    writeFileSync(file, `${token}\n`);
    expect((await cli(args(api, "screver", "list", "--api-key-file", file))).code).toBe(0);
    const blank = await cli(args(api, "screver", "list"), { env: { SCREVER_TOKEN: " " } });
    expect([blank.code, blank.stderr]).toEqual([
      2,
      expect.stringContaining("SCREVER_TOKEN is blank"),
    ]);
  });

  it.runIf(hasTerminal)("ask for the token at a terminal, and do not show it", async () => {
    const api = await vendor();
    const { code, output } = await atTerminal(args(api, "screver", "list"), { keys: `${token}\r` });
    expect([code, output]).toEqual([0, expect.stringContaining("Screver's token (not shown): ")]);
    expect(output).not.toContain(token);
  });
});

it("the examples of the help get as far as the missing key", async () => {
  const { stdout } = await cli(["webhooks", "--help"]);
  const examples = [...stdout.matchAll(/npx countersign (webhooks .+)$/gm)];
  expect(examples.length).toBeGreaterThanOrEqual(4);
  for (const [, words = ""] of examples) {
    const { stderr } = await cli(words.split(" "), { cwd: folder });
    expect(stderr, words).toMatch(/There is no .*: [A-Z_]+ is not set/);
  }
});
