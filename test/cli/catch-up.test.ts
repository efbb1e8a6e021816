import { createHmac } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  type HistoryItem,
  historyEvents,
  startVendorApi,
  type VendorApi,
} from "../../scripts/vendor-api/server.mjs";
import { toExpressHandler } from "../../src/adapters/express.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { createReceiver } from "../../src/receiver.js";
import { memoryStore } from "../../src/stores/memory.js";
import { listen } from "../helpers/listen.js";
import { cli, cliJson, startCli, temporaryFolder } from "./helpers/cli.js";
import { secrets } from "./helpers/samples.js";
import { type Recorder, startRecorder } from "./helpers/servers.js";
import { atTerminal, hasTerminal } from "./helpers/terminal.js";

const folder = temporaryFolder();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const apiKey = "ds-key-of-nobody-41";
const env = { DATASPIKE_API_KEY: apiKey, COUNTERSIGN_SECRET: secrets.dataspike };
let files = 0;
const freshFile = (): string => {
  files += 1;
  return join(folder, `progress-${files}.json`);
};
const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);

async function vendor(events: readonly object[], pageSize = 100): Promise<VendorApi> {
  const api = await startVendorApi({ dataspike: { apiKey, events, pageSize } });
  closing.push(api.close);
  return api;
}

async function recorder(statuses?: readonly number[]): Promise<Recorder> {
  const started = await startRecorder(statuses);
  closing.push(started.close);
  return started;
}

/** A real receiver behind a real server, and what it has handled. */
async function receiver(
  handle: (id: string) => unknown = () => undefined,
): Promise<{ readonly url: string; readonly handled: string[]; readonly posts: () => number }> {
  const handled: string[] = [];
  const take = async ({ id }: { readonly id: string }): Promise<void> => {
    await handle(id);
    handled.push(id);
  };
  const made = createReceiver(dataspike({ secret: secrets.dataspike }), {
    on: { DOCVER: take, AML_SCREENING: take },
    store: memoryStore(),
  });
  let posts = 0;
  const answer = toExpressHandler(made);
  const server = await listen(
    createServer((request, response) => {
      posts += 1;
      answer(request as never, response as never);
    }),
  );
  closing.push(server.close);
  return { url: `${server.url}/hook`, handled, posts: () => posts };
}

function args(api: VendorApi, url: string, ...more: readonly string[]): readonly string[] {
  return ["catch-up", "dataspike", "--forward", url, "--base-url", api.url, ...more];
}

const idOfSeen = ({ body }: Recorder["seen"][number]): string =>
  (JSON.parse(body.toString()) as { id: string }).id;

describe("catch-up", () => {
  it("has a receiver handle what it has missed, oldest first, and once", async () => {
    const events = historyEvents(25);
    const api = await vendor(events, 10);
    const { url, handled } = await receiver();
    const { code, stdout, stderr } = await cli(args(api, url, "--from-start"), { env });
    expect([code, stderr]).toEqual([0, expect.stringContaining("Accepted is what the receiver")]);
    expect(handled).toEqual(idsOf(events));
    expect(stdout).toMatch(/^25 accepted, none failed\n/);
    expect(stdout).toContain(`last id  ${events.at(-1)?.id}\n`);
    // What was handled before is a duplicate there, and is not handled again.
    expect((await cli(args(api, url, "--from-start"), { env })).code).toBe(0);
    expect(handled).toHaveLength(25);
  });

  it("posts each event as the vendor would: its JSON, signed now with the webhook's secret", async () => {
    const events = historyEvents(2);
    const api = await vendor(events);
    const app = await recorder();
    const before = Math.floor(Date.now() / 1000);
    await cli(args(api, `${app.url}/hook?a=b`, "--from-start"), { env });
    expect(app.seen.map(({ path }) => path)).toEqual(["/hook?a=b", "/hook?a=b"]);
    for (const [index, { headers, body }] of app.seen.entries()) {
      expect(JSON.parse(body.toString())).toEqual(events[index]);
      const [, time = "", mac] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["x-webhook-signature"])) ?? [];
      const key = Buffer.from(secrets.dataspike.slice("whsec_".length), "hex");
      expect(mac).toBe(createHmac("sha256", key).update(`${time}.`).update(body).digest("hex"));
      expect(Number(time)).toBeGreaterThanOrEqual(before);
      expect(headers["content-type"]).toBe("application/json");
    }
    expect(api.calls.map(({ headers }) => headers["ds-api-token"])).toEqual([apiKey]);
  });

  it("takes what is between --after and --until, an id or a time, of one webhook, or of the sandbox", async () => {
    const first = historyEvents(9);
    const other = historyEvents(3, {
      seed: 2,
      webhookId: "0a6fbc8e-4f0a-4a52-9d51-3f3f9a4f2b6c",
      startAt: "2026-03-02T09:00:00Z",
    });
    const sandbox = historyEvents(2, {
      seed: 3,
      webhookId: "7c1d2f52-52d4-4a3f-8f0e-2b0e6d1f9a10",
      startAt: "2026-03-03T09:00:00Z",
    }).map((event) => ({ ...event, is_sandbox: true }));
    const api = await vendor([...first, ...other, ...sandbox]);
    const ids = idsOf(first);
    const webhook = (first[0] as HistoryItem).webhook_id;
    for (const [words, expected] of [
      [["--after", ids[3] ?? "", "--until", ids[6] ?? ""], ids.slice(4, 7)],
      [["--from-start", "--until", "2026-03-01T09:00:02.500Z"], ids.slice(0, 3)],
      [["--from-start", "--webhook", webhook], ids],
      [["--from-start"], [...ids, ...idsOf(other)]],
      [["--from-start", "--sandbox"], idsOf(sandbox)],
    ] as const) {
      const app = await recorder();
      const { code } = await cli(args(api, app.url, ...words), { env });
      expect([code, app.seen.map(idOfSeen)], words.join(" ")).toEqual([0, expected]);
    }
  });

  it("goes on past an event that fails, says which, and tries it again next time", async () => {
    const events = historyEvents(8);
    const api = await vendor(events, 3);
    const bad = (events[2] as HistoryItem).id;
    let isBroken = true;
    const { url, handled, posts } = await receiver((id) => {
      if (isBroken && id === bad) throw new Error("no such account: Mirela");
    });
    const cursor = freshFile();
    const first = await cli(args(api, url, "--from-start", "--cursor", cursor), { env });
    expect(first.code).toBe(1);
    expect(first.stdout).toMatch(/^7 accepted, 1 failed\n/);
    expect(first.stdout).toContain(`failed  ${bad}  HTTP 500\n`);
    expect(first.stdout).toContain(`last id  ${events[1]?.id}\n`);
    isBroken = false;
    const second = await cli(args(api, url, "--cursor", cursor), { env });
    expect([second.code, posts()]).toEqual([0, 9]);
    expect([...handled].sort()).toEqual([...idsOf(events)].sort());
  });

  it("asks again where the receiver cannot take an event now", async () => {
    const events = historyEvents(2);
    const api = await vendor(events);
    const app = await recorder([503, 409, 502, 200, 200]);
    const { code, stderr } = await cli(args(api, app.url, "--from-start"), { env });
    expect(code).toBe(0);
    expect(app.seen.map(idOfSeen)).toEqual([0, 0, 0, 0, 1].map((index) => events[index]?.id));
    expect(stderr).toContain("cannot take it now (HTTP 503)");
  });

  it("prints JSON, a line for each event, and ids of nothing but events", async () => {
    const events = historyEvents(3);
    const api = await vendor(events);
    const app = await recorder([200, 500, 201]);
    const { code, lines, stderr } = await cliJson(args(api, app.url, "--from-start"), { env });
    const [a, b, c] = idsOf(events);
    expect([code, stderr]).toEqual([1, ""]);
    expect(lines).toEqual([
      { kind: "event", id: a, accepted: true, status: 200 },
      { kind: "event", id: b, accepted: false, status: 500 },
      { kind: "event", id: c, accepted: true, status: 201 },
      {
        ...{ kind: "summary", accepted: 2, failed: 1, leftOut: 0, before: 0 },
        ...{ lastId: a, failedIds: [b] },
        next: expect.stringMatching(`^npx countersign catch-up dataspike --after ${a} --forward `),
      },
    ]);
  });

  it("says so where nothing comes up for a webhook, which may be another one's id", async () => {
    const api = await vendor(historyEvents(3));
    const app = await recorder();
    const none = ["--from-start", "--webhook", "1ed2f903-0000-6b19-b6a5-29535bc3340e"];
    const { code, stdout, stderr } = await cli(args(api, app.url, ...none), { env });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^0 accepted, none failed\n/)]);
    expect(stderr).toContain("npx countersign webhooks dataspike list");
    // Not where there is just nothing new.
    const [, , last] = idsOf(historyEvents(3)) as [string, string, string];
    const late = await cli(args(api, app.url, "--after", last), { env });
    expect([late.code, late.stderr]).toEqual([0, ""]);
  });

  it("shows no secret, no key and nothing of a person, however it ends", async () => {
    const events = historyEvents(4);
    const api = await vendor(events);
    const hidden = [
      ...[apiKey, secrets.dataspike, secrets.dataspike.slice(6)],
      ...events.flatMap(({ payload }) => {
        const { applicant_id, id, screening_id } = payload as Record<string, string>;
        return [applicant_id, id, screening_id].filter((text) => text !== undefined);
      }),
      ...["Mirela", "Dravetz", "doc_number", "x-webhook-signature"],
    ];
    for (const statuses of [[200], [500], [401]]) {
      for (const how of [[], ["--json"]]) {
        const app = await recorder(statuses);
        const words = args(api, app.url, "--from-start", ...how);
        const { stdout, stderr } = await cli(words, { env });
        const shown = stdout + stderr + words.join(" ");
        expect(hidden.filter((text) => shown.includes(text as string))).toEqual([]);
      }
    }
  });

  it("writes what the API sent without what would steer a terminal", async () => {
    const [event] = historyEvents(1);
    const api = await vendor([{ ...event, id: "1\u001b[2J\u202e2" }]);
    const app = await recorder([500]);
    const { stdout, stderr } = await cli(args(api, app.url, "--from-start"), { env });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).toContain("1\\u001b[2J\\u202e2");
  });
});

describe("a catch-up that is ended", () => {
  it("by a power cut goes on from its cursor: each event is handled once, and most are not asked about again", async () => {
    const events = historyEvents(600);
    const api = await vendor(events, 50);
    let reached: () => void = () => undefined;
    const half = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { url, handled, posts } = await receiver((id) => {
      if (id === events[320]?.id) reached();
    });
    const cursor = freshFile();
    const running = startCli(args(api, url, "--from-start", "--cursor", cursor), { env });
    await half;
    expect((await running.kill()).code).toBe(null);
    const before = posts();
    expect(before).toBeLessThan(600);
    const { code, stdout } = await cli(args(api, url, "--cursor", cursor), { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining("none failed")]);
    expect([...handled].sort()).toEqual([...idsOf(events)].sort());
    // It is written after each page at the latest.
    expect(posts() - before).toBeLessThanOrEqual(600 - 300);
  });

  it("by Ctrl-C sees the event under way through, and says how to go on", async () => {
    const events = historyEvents(5);
    const api = await vendor(events);
    let release: () => void = () => undefined;
    let arrived: () => void = () => undefined;
    const isThere = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { url, handled } = await receiver((id) => {
      if (id !== events[2]?.id) return undefined;
      arrived();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const cursor = freshFile();
    const running = startCli(args(api, url, "--from-start", "--cursor", cursor), { env });
    await isThere;
    const ended = running.interrupt();
    await running.until(/seen through/);
    release();
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining("error: Interrupted.")]);
    expect(handled).toEqual(idsOf(events.slice(0, 3)));
    const [, words = ""] = /go on {4}npx countersign (.*)\n/.exec(stdout) ?? [];
    expect(words).toContain(`--cursor ${cursor}`);
    expect((await cli(words.split(" "), { env })).code).toBe(0);
    expect(handled).toEqual(idsOf(events));
  });

  it("by a receiver that refuses all is gone on with by the words it ends with, also without a cursor", async () => {
    const events = historyEvents(13);
    const api = await vendor(events, 5);
    const app = await recorder([200, 200, 200, 401]);
    const { code, stdout, stderr } = await cli(args(api, app.url, "--from-start"), { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("The secret here and the rec")]);
    const [, words = ""] = /go on {4}npx countersign (.*)\n/.exec(stdout) ?? [];
    expect(words).toContain(`--after ${events[2]?.id}`);
    const { url, handled } = await receiver();
    const again = words.split(" ").map((word) => (word === app.url ? url : word));
    expect((await cli(again, { env })).code).toBe(0);
    expect(handled).toEqual(idsOf(events.slice(3)));
  });

  it("by a receiver that is not there says so, with 3, and loses nothing", async () => {
    const events = historyEvents(9);
    const api = await vendor(events);
    const cursor = freshFile();
    const gone = await recorder();
    const url = gone.url;
    await gone.close();
    closing.pop();
    const more = ["--from-start", "--cursor", cursor];
    const first = await cli(args(api, url, ...more, "--patience", "0"), { env });
    expect([first.code, first.stderr]).toEqual([
      3,
      expect.stringMatching(/error: Nothing listens on .*\n {2}Start the receiver/),
    ]);
    const { url: there, handled } = await receiver();
    expect((await cli(args(api, there, ...more), { env })).code).toBe(0);
    expect([...handled].sort()).toEqual([...idsOf(events)].sort());
  });

  it("by the vendor's API keeps what it has, and says which call failed and why", async () => {
    const events = historyEvents(20);
    const isSecondPage = ({ query }: { query: Record<string, string> }) =>
      query.after !== undefined;
    const elsewhere = await recorder();
    for (const [fault, exit, words] of [
      [
        { kind: "status", status: 429, headers: { "retry-after": "3600" } },
        3,
        /The API asks for fewer calls \(history: rate_limited, HTTP 429\)\.\n {2}Try again in 3600 s/,
      ],
      [
        { kind: "status", status: 403, body: "personal" },
        2,
        /unauthorized, HTTP 403[\s\S]*DATASPIKE_API_KEY/,
      ],
      [{ kind: "redirect", location: `${elsewhere.url}/` }, 2, /redirect, which is not followed/],
      [{ kind: "stuck" }, 1, /gives nothing more \(history|catchUp: cursor_stuck\)/],
      [{ kind: "repeatPage" }, 1, /page_repeated|cursor_stuck/],
    ] as const) {
      const api = await vendor(events, 10);
      api.fault(fault, { when: isSecondPage });
      const { url, handled } = await receiver();
      const cursor = freshFile();
      const first = await cli(args(api, url, "--from-start", "--cursor", cursor), { env });
      expect([first.code, first.stderr], fault.kind).toEqual([exit, expect.stringMatching(words)]);
      expect(first.stderr).not.toMatch(/personal|^ {4}at /m);
      expect(first.stdout).toMatch(/^10 accepted/);
      expect((await cli(args(api, url, "--cursor", cursor), { env })).code).toBe(0);
      expect(handled).toEqual(idsOf(events));
    }
    expect(elsewhere.seen).toEqual([]);
  });
});

describe("the cursor of a catch-up", () => {
  it("is a file that nobody else can read, and is replaced as a whole", async () => {
    const api = await vendor(historyEvents(3));
    const app = await recorder();
    const inner = join(folder, "cursor");
    mkdirSync(inner);
    const cursor = join(inner, "progress.json");
    writeFileSync(cursor, "");
    chmodSync(cursor, 0o644);
    const { code } = await cli(args(api, app.url, "--from-start", "--cursor", cursor), { env });
    expect([code, statSync(cursor).mode & 0o777]).toEqual([0, 0o600]);
    expect(readdirSync(inner)).toEqual(["progress.json"]);
    expect(readFileSync(cursor, "utf8")).not.toContain("payload");
  });

  it("is refused where it is not one of this catch-up, or cannot be one, before anything is sent", async () => {
    const api = await vendor(historyEvents(3));
    const app = await recorder();
    const cursor = freshFile();
    const webhook = "1ed2f903-2d75-6b19-b6a5-29535bc3340e";
    const one = ["--from-start", "--cursor", cursor, "--webhook", webhook];
    expect((await cli(args(api, app.url, ...one), { env })).code).toBe(0);
    app.seen.length = 0;
    const [garbage, link] = [freshFile(), freshFile()];
    writeFileSync(garbage, '{"provider":"dataspike","progress":"{\\"v\\":7}"}');
    writeFileSync(`${garbage}.txt`, "a letter");
    const target = freshFile();
    symlinkSync(target, link);
    for (const [path, words] of [
      [cursor, "does not hold the progress of such a catch-up"],
      [garbage, "does not hold the progress of such a catch-up"],
      [`${garbage}.txt`, "does not hold the progress of such a catch-up"],
      [folder, "no regular file"],
      [link, "no regular file"],
      [join(folder, "nowhere", "progress.json"), "cannot be written: there is no such file"],
    ] as const) {
      const { code, stderr } = await cli(args(api, app.url, "--from-start", "--cursor", path), {
        env,
      });
      expect([code, stderr], path).toEqual([2, expect.stringContaining(words)]);
    }
    expect([app.seen, existsSync(target)]).toEqual([[], false]);
    expect(readFileSync(`${garbage}.txt`, "utf8")).toBe("a letter");
  });
});

describe("a catch-up that cannot begin", () => {
  const plain = [
    "dataspike",
    "--forward",
    "http://127.0.0.1:1/",
    "--base-url",
    "http://127.0.0.1:1",
  ];
  const begun = [...plain, "--after", "x"];
  it.each([
    [
      ["screver", "--forward", "http://127.0.0.1:1/", "--after", "x"],
      {},
      /Screver documents no history[\s\S]*There is one for dataspike/,
    ],
    [
      ["nobody", "--forward", "http://127.0.0.1:1/", "--after", "x"],
      {},
      /There is no provider nobody/,
    ],
    [["dataspike"], {}, /Where to\?[\s\S]*--forward/],
    // What is misspelt is named, and not what is missing for it.
    [
      ["dataspike", "--foward", "http://127.0.0.1:1/", "--after", "x"],
      {},
      /option '--foward'[\s\S]*Did you mean --forward/,
    ],
    [plain, {}, /After which event\?[\s\S]*--from-start/],
    [[...plain, "--cursor", "none.json"], {}, /After which event\?/],
    [[...begun, "--from-start"], {}, /not both/],
    [[...plain, "--after", " "], {}, /--after is blank/],
    [[...begun, "--until", "2026-13-45"], {}, /--until takes/],
    [[...begun, "--until", "2026-03-01T09:00"], {}, /--until takes/],
    [[...begun, "--patience", "soon"], {}, /--patience takes/],
    [
      ["dataspike", "--after", "x", "--forward", "http://receiver.test/"],
      {},
      /has to begin with https/,
    ],
    [["dataspike", "--after", "x", "--forward", "https://u:p@receiver.test/"], {}, /no password/],
    [[...begun, "--base-url", "http://api.test"], {}, /--base-url: expected an https address/],
    [begun, { DATASPIKE_API_KEY: "" }, /from DATASPIKE_API_KEY is blank/],
    [begun, { DATASPIKE_API_KEY: "kéy" }, /from DATASPIKE_API_KEY holds a character/],
    [begun, { COUNTERSIGN_SECRET: "whsec_zz" }, /secret/i],
    [[...begun, "--api-key", apiKey], {}, /stays in the shell's history[\s\S]*--api-key-file/],
    [[...begun, "--secret", "x-secret"], {}, /stays in the shell's history/],
    [[...begun, "--api-key-file", "none"], {}, /none cannot be read/],
  ] as const)("as %j says why, with 2", async (words, more, reason) => {
    const { code, stdout, stderr } = await cli(["catch-up", ...words], {
      cwd: folder,
      env: { ...env, ...more },
    });
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
    expect(stdout + stderr).not.toContain(apiKey);
  });

  it("says which variable the key belongs in, and takes it from a file", async () => {
    const none = await cli(["catch-up", ...begun], {
      env: { COUNTERSIGN_SECRET: secrets.dataspike },
    });
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/DATASPIKE_API_KEY is not set[\s\S]*--api-key-file/),
    ]);
    const file = join(folder, "key.txt");
    writeFileSync(file, `${apiKey}\n`);
    const api = await vendor(historyEvents(1));
    const app = await recorder();
    const { code } = await cli(args(api, app.url, "--from-start", "--api-key-file", file), {
      env: { COUNTERSIGN_SECRET: secrets.dataspike },
    });
    expect([code, app.seen.length]).toEqual([0, 1]);
  });

  it.runIf(hasTerminal)(
    "asks for the key at a terminal, does not show it, and rewrites its line",
    async () => {
      const api = await vendor(historyEvents(3));
      const app = await recorder();
      const { code, output } = await atTerminal(args(api, app.url, "--from-start"), {
        env: { COUNTERSIGN_SECRET: secrets.dataspike },
        keys: `${apiKey}\r`,
      });
      expect([code, output]).toEqual([
        0,
        expect.stringContaining("Dataspike's API key (not shown): "),
      ]);
      expect(output).toContain("\r\u001b[2K  2 accepted, 0 failed, up to ");
      expect(output).not.toContain(apiKey);
    },
  );
});

it("the examples of the help get as far as the missing key, or the missing progress", async () => {
  const { stdout } = await cli(["catch-up", "--help"]);
  const examples = [...stdout.matchAll(/npx countersign (catch-up .+)$/gm)];
  expect(examples.length).toBeGreaterThanOrEqual(3);
  for (const [, words = ""] of examples) {
    const { stdout: json, stderr } = await cli(words.split(" "), { cwd: folder });
    const isFirst = /--after|--from-start/.test(words);
    expect(stderr + json, words).toMatch(isFirst ? /There is no API key/ : /After which event/);
  }
});
