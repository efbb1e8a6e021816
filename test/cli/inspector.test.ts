import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startInspector } from "../../src/cli/inspector.js";
import { capture, startPage } from "./helpers/captured.js";

type Headers = Readonly<Record<string, string>>;
type Page = Awaited<ReturnType<typeof startPage>>;

const pages: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(pages.splice(0).map((page) => page.close())));

async function start(given: Parameters<typeof startPage>[0] = {}): Promise<Page> {
  const page = await startPage(given);
  pages.push(page);
  return page;
}

/** A request that no browser would send so: any host, any origin. */
async function ask(
  { url }: Page,
  path: string,
  { method = "GET", headers = {} as Headers } = {},
): Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }> {
  const { hostname, port } = new URL(url);
  const outgoing = request({ hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    if (path === "/api/stream" && response.statusCode === 200) break;
  }
  outgoing.destroy();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

async function tokenOf(page: Page): Promise<string> {
  const { text } = await ask(page, "/");
  return /countersign-token" content="([0-9a-f]{64})"/.exec(text)?.[1] ?? "";
}

const portOf = ({ url }: Page): string => new URL(url).port;

describe("the host of a request", () => {
  const paths = ["/", "/inspector.js", "/api/stream", "/api/captures/c-1", "/nothing"];

  it.each(["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])("may be %s", async (name) => {
    const page = await start();
    const headers = { host: `${name}:${portOf(page)}` };
    expect((await ask(page, "/", { headers })).status).toBe(200);
    expect((await ask(page, "/api/stream", { headers })).status).toBe(200);
  });

  it.each([
    "rebound.example.test:PORT",
    "rebound.example.test",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1:PORT.example.test",
    "127.0.0.2:PORT",
    "localhost.example.test:PORT",
    "user@127.0.0.1:PORT",
  ])("may not be %j: DNS rebinding", async (host) => {
    const page = await start();
    page.log.add(capture({ id: "c-1" }));
    for (const path of paths) {
      const headers = { host: host.replace("PORT", portOf(page)) };
      const answer = await ask(page, path, { headers });
      expect(answer.status, path).toBe(403);
      expect(answer.text, path).toBe('{"error":"wrong host"}');
    }
  });
});

describe("another site's page", () => {
  it.each([
    { origin: "https://example.test" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("gets no data: %j", async (headers) => {
    const page = await start();
    page.log.add(capture({ id: "c-1" }));
    for (const path of ["/api/stream", "/api/captures/c-1"]) {
      const answer = await ask(page, path, { headers });
      expect([answer.status, answer.text]).toEqual([403, '{"error":"wrong origin"}']);
    }
  });
});

describe("a replay", () => {
  const replayOf = (page: Page, headers: Headers, method = "POST") =>
    ask(page, "/api/captures/c-1/replay", { method, headers });

  it("takes place for the page, with its token", async () => {
    const page = await start();
    page.log.add(capture({ id: "c-1" }));
    const headers = {
      origin: `http://127.0.0.1:${portOf(page)}`,
      "x-countersign-token": await tokenOf(page),
    };
    const { status, text } = await replayOf(page, headers);
    expect([status, text]).toEqual([200, '{"id":"again-c-1"}']);
    expect(page.replayed).toEqual(["c-1"]);
  });

  it("takes place for nobody else", async () => {
    const page = await start();
    const other = await start();
    page.log.add(capture({ id: "c-1" }));
    const token = await tokenOf(page);
    const origin = `http://127.0.0.1:${portOf(page)}`;
    const wrong: readonly Headers[] = [
      {},
      { origin },
      { "x-countersign-token": token },
      { origin, "x-countersign-token": "" },
      { origin, "x-countersign-token": token.slice(1) },
      { origin, "x-countersign-token": `${token}0` },
      { origin, "x-countersign-token": await tokenOf(other) },
      { origin: "https://example.test", "x-countersign-token": token },
      { origin: "null", "x-countersign-token": token },
      { origin: `https://127.0.0.1:${portOf(page)}`, "x-countersign-token": token },
      // The same machine, but another name than the request went to.
      { origin: `http://localhost:${portOf(page)}`, "x-countersign-token": token },
      { origin, "x-countersign-token": token, "sec-fetch-site": "cross-site" },
    ];
    for (const headers of wrong) {
      expect((await replayOf(page, headers)).status, JSON.stringify(headers)).toBe(403);
    }
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS"]) {
      const answer = await replayOf(page, { origin, "x-countersign-token": token }, method);
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    }
    expect(page.replayed).toEqual([]);
  });

  it("says why it failed, and that there is no such delivery", async () => {
    const page = await start({
      replay: async () => {
        throw new Error("the app could not be reached");
      },
    });
    page.log.add(capture({ id: "c-1" }));
    const headers = {
      origin: `http://127.0.0.1:${portOf(page)}`,
      "x-countersign-token": await tokenOf(page),
    };
    const failed = await replayOf(page, headers);
    expect([failed.status, failed.text]).toEqual([502, '{"error":"the app could not be reached"}']);
    const none = await ask(page, "/api/captures/c-9/replay", { method: "POST", headers });
    expect(none.status).toBe(404);
  });

  it("waits for no more than eight others", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const page = await start({ replay: () => held.then(() => capture({ id: "again" })) });
    page.log.add(capture({ id: "c-1" }));
    const headers = {
      origin: `http://127.0.0.1:${portOf(page)}`,
      "x-countersign-token": await tokenOf(page),
    };
    const replays = Array.from({ length: 9 }, () => replayOf(page, headers));
    const first = await Promise.race(replays);
    expect(first.status).toBe(503);
    release();
    const statuses = (await Promise.all(replays)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
  });
});

describe("every answer", () => {
  it("forbids foreign scripts, addresses, frames and caches", async () => {
    const page = await start();
    page.log.add(capture({ id: "c-1" }));
    const paths = ["/", "/inspector.js", "/inspector.css", "/icon.svg", "/api/stream"];
    for (const path of [...paths, "/api/captures/c-1", "/nothing"]) {
      const { headers } = await ask(page, path);
      expect(headers, path).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
      });
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(Object.keys(headers).filter((name) => /^access-control/.test(name))).toEqual([]);
    }
  });

  it("is of a type of its own, and none is a page but the page", async () => {
    const page = await start();
    page.log.add(capture({ id: "c-1", body: Buffer.from("<script>alert(1)</script>") }));
    const typeOf = async (path: string) => (await ask(page, path)).headers["content-type"];
    expect(await typeOf("/")).toBe("text/html; charset=utf-8");
    expect(await typeOf("/inspector.js")).toBe("text/javascript; charset=utf-8");
    expect(await typeOf("/api/captures/c-1")).toBe("application/json; charset=utf-8");
    expect((await ask(page, "/api/captures/c-1")).text).not.toContain("<script");
  });

  it.each([
    ["/..%2f..%2fpackage.json", 404],
    ["/../package.json", 404],
    ["/inspector.js/../../main.js", 404],
    ["/api/captures/%E0%A4%A", 404],
    ["/api/captures/", 404],
    ["/api/captures/c-404", 404],
    ["/api/captures/__proto__", 404],
  ])("for %s is %i", async (path, status) => {
    expect((await ask(await start(), path)).status).toBe(status);
  });

  it("is 405 for what is neither GET nor a replay", async () => {
    const page = await start();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await ask(page, "/", { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
    }
  });
});

describe("the captures", () => {
  it("come as data: the bytes in base64, whatever they are", async () => {
    const page = await start();
    const body = Buffer.from([0, 255, 60, 115, 99, 114]);
    page.log.add(capture({ id: "a b/c", body, outcome: { kind: "captured", status: 200 } }));
    const { text } = await ask(page, `/api/captures/${encodeURIComponent("a b/c")}`);
    const sent = JSON.parse(text);
    expect(Buffer.from(sent.bodyBase64, "base64").equals(body)).toBe(true);
    expect(sent).toMatchObject({ id: "a b/c", verdict: "captured", findings: [] });
  });

  it("are all told to a page that comes, newest first, without their bodies and the token", async () => {
    const page = await start();
    const token = await tokenOf(page);
    page.log.add(capture({ id: "first" }));
    page.log.add(
      capture({
        id: "second",
        outcome: { kind: "rejected", status: 401, code: "signature_mismatch" },
        diagnosis: {
          verdict: "explained",
          findings: [{ code: "body_empty", summary: "y", fix: "z" }],
        },
      }),
    );
    page.log.add(
      capture({
        id: "third",
        outcome: { kind: "rejected", status: 422, code: "payload_invalid" },
      }),
    );
    const { text } = await ask(page, "/api/stream");
    const { captures } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "");
    expect(captures.map(({ id, verdict }: Record<string, string>) => [id, verdict])).toEqual([
      ["third", "authentic"],
      ["second", "explained"],
      ["first", "authentic"],
    ]);
    expect(captures[0]).not.toHaveProperty("bodyBase64");
    expect(text).not.toContain(token);
  });

  it("are told to sixteen pages at a time", async () => {
    const page = await start();
    const { hostname, port } = new URL(page.url);
    const follow = async (): Promise<IncomingMessage> => {
      const options = { hostname, port, path: "/api/stream", agent: false };
      const [response] = await once(request(options).end(), "response");
      return response as IncomingMessage;
    };
    const open = await Promise.all(Array.from({ length: 16 }, follow));
    expect(open.map(({ statusCode }) => statusCode)).toEqual(Array(16).fill(200));
    const tooMany = await follow();
    expect(tooMany.statusCode).toBe(503);
    tooMany.resume();
    open[0]?.destroy();
    await expect.poll(async () => (await ask(page, "/api/stream")).status).toBe(200);
    for (const response of open) response.destroy();
  });
});

describe("the server", () => {
  it("is on loopback alone", async () => {
    const page = await start();
    expect(new URL(page.url).hostname).toBe("127.0.0.1");
    // On Linux, all of 127.0.0.0/8 is this machine: a server on every address would answer there too.
    const socket = connect({ host: "127.0.0.2", port: Number(portOf(page)), timeout: 2000 });
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(?:ECONNREFUSED|EADDRNOTAVAIL)$/),
    });
  });

  it.each(["0.0.0.0", "::", "192.168.1.2", "example.test", ""])(
    "refuses to be at %j",
    async (host) => {
      const { log } = await start();
      const started = startInspector({ log, replay: async () => capture(), host });
      await expect(started).rejects.toThrow("on loopback only");
    },
  );

  it("says when its port is taken", async () => {
    const page = await start();
    await expect(startPage({ port: Number(portOf(page)) })).rejects.toThrow("is taken");
  });

  it("has another token in every run", async () => {
    const tokens = await Promise.all([start().then(tokenOf), start().then(tokenOf)]);
    expect(tokens[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it("ends while pages follow it", async () => {
    const page = await startPage();
    const { hostname, port } = new URL(page.url);
    const options = { hostname, port, path: "/api/stream", agent: false };
    const [response] = (await once(request(options).end(), "response")) as [IncomingMessage];
    response.resume();
    const ended = once(response, "close");
    await page.close();
    await ended;
  });
});
