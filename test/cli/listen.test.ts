import { once } from "node:events";
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { readHttpFile } from "../helpers/http-file.js";
import { freePort } from "../helpers/listen.js";
import { post } from "../helpers/post.js";
import { cli, cliJson, endAll, startListen, temporaryFolder } from "./helpers/cli.js";
import { secrets, svixHeaders } from "./helpers/samples.js";
import { startRecorder, startTap } from "./helpers/servers.js";

const place = temporaryFolder();
let folders = 0;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await endAll();
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function options(secret: string = secrets.vove) {
  folders += 1;
  const folder = join(place, String(folders));
  return { folder, args: ["--folder", folder], settings: { env: { COUNTERSIGN_SECRET: secret } } };
}

function kept(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".http"))
    .sort();
}

const body = '{"status":"successful","refId":"user-1"}';

describe("listen", () => {
  it("verifies, keeps and tells of each delivery, and answers as a receiver does", async () => {
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    const headers = svixHeaders(body);
    expect((await post(`${running.url}/hook`, headers, body)).status).toBe(200);
    await running.until(/authentic {2}vove {2}idv\.successful {2}user-1 {2}positive {2}200/);
    expect((await post(`${running.url}/hook`, headers, body)).status).toBe(200);
    await running.until(/authentic {2}\(a duplicate/);
    expect((await post(`${running.url}/hook`, headers, `${body} `)).status).toBe(401);
    await running.until(/refused {2}vove {2}401 {2}signature_mismatch/);
    expect((await post(`${running.url}/hook`, {}, body)).status).toBe(401);
    await running.until(/refused {2}vove {2}401 {2}signature_missing/);
    const text = svixHeaders("no json", { id: "msg_2" });
    expect((await post(running.url, text, "no json")).status).toBe(400);
    await running.until(/authentic, but unusable {2}vove {2}400 {2}payload_not_json/);
    const { code, stdout, stderr } = await running.interrupt();
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n5 deliveries, 3 refused\. They are in /);
    expect(stderr).toBe("");
    expect(kept(folder)).toHaveLength(5);
    // Bodies are kept, and not shown.
    expect(stdout).not.toContain(body);
  });

  it("keeps a delivery exactly as it came, where nobody else can read it, and out of Git", async () => {
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    const { port } = new URL(running.url);
    const bytes = Buffer.from([0x7b, 0xff, 0x0d, 0x0a, 0x00, 0x7d]);
    const head = [
      "POST /a/b?c=%20d HTTP/1.1",
      `HOST: 127.0.0.1:${port}`,
      "X-Twice: one",
      "x-other: Z\u00f6e",
      "X-twice: two",
      `content-LENGTH: ${bytes.length}`,
      "Connection: close",
    ];
    const socket = (await import("node:net")).connect(Number(port), "127.0.0.1");
    socket
      .resume()
      .write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), bytes]));
    await once(socket, "close");
    await running.until(/signature_missing/);
    const [name = ""] = kept(folder);
    expect(name).toMatch(/^\d{8}T\d{6}\.\d{3}Z-0001\.http$/);
    const stored = readFileSync(join(folder, name));
    expect(stored.toString("latin1")).toBe(
      `${head.join("\r\n")}\r\n\r\n${bytes.toString("latin1")}`,
    );
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
  });

  it("hands deliveries on byte for byte, and the application's answer back", async () => {
    const app = await startRecorder([202, 401, 200]);
    closing.push(app.close);
    const { args, settings } = options();
    const forward = `${app.url}/webhooks/vove?x=1`;
    const running = await startListen(["-p", "vove", "--forward", forward, ...args], settings);
    const exact = Buffer.from('{ "status":"successful",\r\n "refId":"us\\u0065r-1" }\n');
    const headers = { "X-First": "1", ...svixHeaders(exact), "X-Last": "Z" };
    const first = await post(`${running.url}/elsewhere`, headers, exact);
    expect(first).toMatchObject({
      status: 202,
      headers: { "content-type": "text/plain", "retry-after": "7" },
      body: "answer 1",
    });
    expect(app.seen[0]?.path).toBe("/webhooks/vove?x=1");
    expect(app.seen[0]?.body.equals(exact)).toBe(true);
    const sent = Object.keys(headers);
    expect(app.seen[0]?.pairs.map(([name]) => name).filter((name) => sent.includes(name))).toEqual(
      sent,
    );
    await running.until(/forwarded to \S+\/webhooks\/vove\?x=1: 202 in \d+ ms/);
    expect((await post(running.url, headers, exact)).status).toBe(401);
    await running.until(/it is authentic, and your application refused it/);
    // What is not authentic goes on too: the application is there to refuse it.
    expect((await post(running.url, headers, "{}")).status).toBe(200);
    await running.until(/refused {2}vove {2}200 {2}signature_mismatch/);
    expect(app.seen).toHaveLength(3);
  });

  it("waits no longer for the application once it is ended", async () => {
    const app = createServer((socket) => socket.resume().on("error", () => undefined));
    await once(app.listen(0, "127.0.0.1"), "listening");
    closing.push(async () => {
      app.close();
    });
    const { args, settings } = options();
    const forward = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
    const running = await startListen(["-p", "vove", "--forward", forward, ...args], settings);
    const sent = post(running.url, svixHeaders(body), body).catch(() => undefined);
    await once(app, "connection");
    const before = performance.now();
    const { code, stdout } = await running.interrupt();
    expect(performance.now() - before).toBeLessThan(6000);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/had not answered when this was/)]);
    await sent;
  });

  it("diagnoses no more than 60 a minute, and says how to have the rest diagnosed", async () => {
    const { args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    for (let index = 0; index < 62; index += 1) {
      expect((await post(running.url, svixHeaders("{}"), body)).status).toBe(401);
    }
    const [, command = ""] = await running.until(
      /not diagnosed, since too many fail: npx countersign (diagnose .*)\n/,
    );
    expect((await cli(command.split(" "), settings)).stdout).toMatch(/^unexplained/);
    const { stdout } = await running.interrupt();
    expect(stdout.match(/not diagnosed/g)).toHaveLength(2);
    expect(stdout).toMatch(/\n62 deliveries, 62 refused/);
  });

  it("says so when the application is not running, and has the sender try again", async () => {
    const { args, settings } = options();
    const forward = `http://127.0.0.1:${await freePort()}/`;
    const running = await startListen(["-p", "vove", "--forward", forward, ...args], settings);
    expect((await post(running.url, svixHeaders(body), body)).status).toBe(502);
    await running.until(/Nothing listens on \S+ Is your application running\?/);
  });

  it("keeps without verifying where nobody is named, and says whom it may be from", async () => {
    const { folder, args } = options();
    const running = await startListen(args);
    await running.until(/npx countersign listen --provider vove --trial/);
    expect((await post(running.url, svixHeaders(body), body)).status).toBe(200);
    await running.until(/kept, not verified[\s\S]*headers are like those of vove/);
    const [, command = ""] = await running.until(/npx countersign (verify .*)\n/);
    const { code } = await cli(command.split(" "), { env: { COUNTERSIGN_SECRET: secrets.vove } });
    expect(code).toBe(0);
    expect(kept(folder)).toHaveLength(1);
  });

  it("tells a program in lines of JSON, without headers and bodies", async () => {
    const { args, settings } = options();
    const running = await startListen(["-p", "vove", "--json", ...args], settings);
    await post(`${running.url}/hook`, svixHeaders(body), body);
    await post(`${running.url}/hook`, svixHeaders("{}"), body);
    await running.until(/signature_mismatch/);
    const { code, stdout } = await running.interrupt();
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { kind: "listening" },
      {
        kind: "delivery",
        path: "/hook",
        provider: "vove",
        outcome: { kind: "handled", status: 200 },
        message: { type: "idv.successful", subject: "user-1", decision: "positive", id: "msg_1" },
      },
      { kind: "delivery", outcome: { kind: "rejected", status: 401, code: "signature_mismatch" } },
    ]);
    expect(lines[1]).not.toHaveProperty("headers");
    expect(lines[1].message).not.toHaveProperty("event");
    expect(stdout).not.toContain("v1,");
  });

  it("shows nothing of a sender's that would steer the terminal", async () => {
    const { args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    const nasty = JSON.stringify({ status: "successful", refId: "a\u001b[2Jb\u202e" });
    await post(running.url, svixHeaders(nasty), nasty);
    await running.until(/idv\.successful/);
    await running.until(/replay/);
    expect(running.output()).toContain("a\\u001b[2Jb\\u202e");
    expect(running.output()).not.toContain("\u001b");
  });

  it("takes POST alone, and nothing beyond 8 MiB, and goes on", async () => {
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    expect((await fetch(running.url)).status).toBe(405);
    await running.until(/GET \/: answered 405/);
    const large = await post(running.url, {}, Buffer.alloc(9 * 1024 * 1024)).catch(() => undefined);
    expect([413, undefined]).toContain(large?.status);
    await running.until(/answered 413/);
    // A receiver takes up to 1 MiB; what is larger is kept, to be looked at.
    expect((await post(running.url, {}, Buffer.alloc(2 * 1024 * 1024))).status).toBe(413);
    await running.until(/body_too_large/);
    expect(kept(folder)).toHaveLength(1);
    expect((await post(running.url, svixHeaders(body), body)).status).toBe(200);
  });

  it("ends with 3 when the port is taken, with 2 when something is wrong with what it was told", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    closing.push(async () => {
      taken.close();
    });
    const { args, settings } = options();
    const { port } = taken.address() as AddressInfo;
    const busy = await cli(["listen", "--port", String(port), "-p", "vove", ...args], settings);
    expect([busy.code, busy.stderr]).toEqual([
      3,
      expect.stringContaining(`Port ${port} is taken.`),
    ]);
    for (const wrong of [
      ["--port", "99999"],
      ["--port", "many"],
      ["--forward", "localhost:3000"],
      ["--trial"],
      ["--folder", "/dev/null/folder"],
    ]) {
      const { code, stderr } = await cli(["listen", ...wrong]);
      expect([code, stderr], wrong.join(" ")).toEqual([
        2,
        expect.stringMatching(/^error: .+\n( {2}.+\n)?$/),
      ]);
    }
    expect((await cli(["listen", "-p", "vove", ...args])).code).toBe(2);
  });

  it("ends with 3, and listens no more, when the page's port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    closing.push(async () => {
      taken.close();
    });
    const { args, settings } = options();
    const { port: uiPort } = taken.address() as AddressInfo;
    const port = await freePort();
    const ports = ["--port", String(port), "--ui", "--ui-port", String(uiPort)];
    const { code, stderr } = await cli(["listen", "-p", "vove", ...ports, ...args], settings);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`Port ${uiPort} is taken.`)]);
    await expect(post(`http://127.0.0.1:${port}/`, {}, body)).rejects.toThrow();
  });

  it("invents a secret for trials, which it never prints, and which is the same the next time", async () => {
    const { folder, args } = options();
    const running = await startListen(["-p", "dataspike", "--trial", ...args]);
    const [, command = ""] = await running.until(/npx countersign (send .*)\n/);
    const [code] = [(await cli(command.split(" "))).code];
    expect(code).toBe(0);
    await running.until(/authentic {2}dataspike/);
    const secret = readFileSync(join(folder, "trial.secret"), "utf8");
    expect(secret).toMatch(/^whsec_[0-9a-f]{48}\n$/);
    expect(statSync(join(folder, "trial.secret")).mode & 0o077).toBe(0);
    const { stdout } = await running.interrupt();
    expect(stdout).not.toContain(secret.trim());
    chmodSync(join(folder, "trial.secret"), 0o644);
    const again = await startListen(["-p", "vove", "--trial", ...args]);
    expect(statSync(join(folder, "trial.secret")).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, "trial.secret"), "utf8")).toBe(secret);
    await again.interrupt();
    renameSync(join(folder, "trial.secret"), join(folder, "elsewhere"));
    symlinkSync("elsewhere", join(folder, "trial.secret"));
    const { code: refused, stderr } = await cli(["listen", "-p", "vove", "--trial", ...args]);
    expect([refused, stderr]).toEqual([2, expect.stringContaining("symbolic link")]);
  });
});

describe("replay", () => {
  it("sends what was kept, byte for byte and header for header", async () => {
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    const exact = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x0d, 0x0a, 0x7d]);
    await post(
      `${running.url}/hook?a=b`,
      { "X-CASE": "Kept", "x-twice": ["1", "2"], ...svixHeaders(exact) },
      exact,
    );
    const [, command = ""] = await running.until(/npx countersign (replay .*)\n/);
    const file = join(folder, kept(folder)[0] ?? "");
    const tap = await startTap();
    closing.push(tap.close);
    const to = [...command.split(" ").slice(0, -1), `${tap.url}/other?e=f`];
    const { code, stdout } = await cli(to);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/200 OK {2}accepted/)]);
    // Only where it goes to is another.
    const wanted = readFileSync(file, "latin1")
      .replace("/hook?a=b", "/other?e=f")
      .replace(new URL(running.url).host, new URL(tap.url).host);
    expect(tap.bytes().toString("latin1")).toBe(wanted);
    expect(readHttpFile(file).body.equals(exact)).toBe(true);
  });

  it("keeps and sends a body that came in chunks as it came", async () => {
    const app = await startRecorder();
    closing.push(app.close);
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", "--forward", app.url, ...args], settings);
    await post(running.url, svixHeaders(body), body, { chunked: true });
    await running.until(/authentic/);
    const file = join(folder, kept(folder)[0] ?? "");
    expect((await cli(["replay", file, "--to", app.url])).code).toBe(0);
    expect(app.seen).toHaveLength(2);
    for (const { headers, body: received } of app.seen) {
      expect(headers).toMatchObject({ "transfer-encoding": "chunked" });
      expect(headers).not.toHaveProperty("content-length");
      expect(received.toString()).toBe(body);
    }
    expect((await cli(["verify", file, "-p", "vove"], settings)).code).toBe(0);
  });

  it("reports each answer, and ends with 1 when one is no success and with 3 when there is none", async () => {
    const app = await startRecorder([200, 500]);
    closing.push(app.close);
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    await post(running.url, svixHeaders(body), body);
    await running.until(/authentic/);
    const file = join(folder, kept(folder)[0] ?? "");
    const { code, lines } = await cliJson(["replay", file, file, "--to", app.url]);
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { file, status: 200 },
      { file, status: 500 },
    ]);
    const nobody = `http://127.0.0.1:${await freePort()}/`;
    expect((await cli(["replay", file, "--to", nobody])).code).toBe(3);
    expect((await cli(["replay", file])).code).toBe(2);
    const handwritten = join(folder, "handwritten");
    writeFileSync(handwritten, "POST / HTTP/1.1\nX-One: a\u0001b\n\n{}");
    const { code: refused, stderr } = await cli(["replay", handwritten, "--to", app.url]);
    expect([refused, stderr]).toEqual([2, expect.stringContaining("that HTTP does not allow")]);
  });

  it("signs an old delivery anew, its headers in their places, when it is told to", async () => {
    const { folder, args, settings } = options();
    const running = await startListen(["-p", "vove", ...args], settings);
    const old = {
      "X-Before": "1",
      ...svixHeaders(body, { seconds: 1_777_885_444 }),
      "X-After": "2",
    };
    expect((await post(running.url, old, body)).status).toBe(401);
    const [, command = ""] = await running.until(/npx countersign (replay .* --sign-again .*)\n/);
    const plain = await cli(command.replace(/ --sign-again.*/, "").split(" "));
    expect([plain.code, plain.stderr]).toEqual([1, expect.stringContaining("--sign-again")]);
    const { code } = await cli(command.split(" "), settings);
    expect(code).toBe(0);
    const files = kept(folder).map((name) => readHttpFile(join(folder, name)));
    const [first, , last] = files;
    expect(last?.headers.map(([name]) => name)).toEqual(first?.headers.map(([name]) => name));
    expect(last?.body).toEqual(first?.body);
    const id = (headers: typeof old | undefined) => headers?.["svix-id"];
    expect(Object.fromEntries(last?.headers ?? [])["svix-id"]).toBe(id(old));
  });
});
