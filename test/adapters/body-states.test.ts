import { createServer, IncomingMessage, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, Socket } from "node:net";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { serve } from "@hono/node-server";
import express from "express";
import express4 from "express4";
import fastify, { type FastifyInstance } from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import { toExpressHandler } from "../../src/adapters/express.js";
import { toFastifyPlugin } from "../../src/adapters/fastify.js";
import { toFetchHandler } from "../../src/adapters/fetch.js";
import type { Outcome } from "../../src/outcome.js";
import { validas } from "../../src/providers/validas.js";
import { createReceiver } from "../../src/receiver.js";
import { codeOf } from "../helpers/code-of.js";
import { post } from "../helpers/post.js";
import { adapters, listening, type RunningServer } from "../helpers/servers.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";

const event = { type: "created", id: "1", name: "Nives Ałtamira" };
// Written as no serialiser of ours would: whoever parses and writes it again changes it.
const text = '{ "type": "created",  "id":"1", "name":"Nives A\\u0142tamira" }\n';
const genuine = specDelivery(text);
const json = { "content-type": "application/json", ...genuine.headers };

function makeReceiver(seen: Outcome[], extra: object = {}) {
  return createReceiver(specProvider(), {
    on: { created: (received) => expect(received).toEqual(event) },
    onOutcome: (outcome) => seen.push(outcome as Outcome),
    store: false,
    deadlineMs: 500,
    ...extra,
  });
}

let running: RunningServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

type App = ReturnType<typeof express>;

async function startApp(app: App | Parameters<typeof createServer>[1]): Promise<string> {
  running = await listening(createServer(app as App));
  return running.url;
}

describe.each([
  ["Express 5", express],
  ["Express 4", express4],
])("%s", (_version, framework) => {
  const exact: readonly (readonly [string, (app: App) => void])[] = [
    ["above express.json()", () => undefined],
    ["below express.raw() of every type", (app) => app.use(framework.raw({ type: () => true }))],
    [
      "below express.raw() of this type",
      (app) => app.use(framework.raw({ type: "application/json" })),
    ],
    ["below a parser of another type", (app) => app.use(framework.urlencoded({ extended: true }))],
    ["below express.text()", (app) => app.use(framework.text({ type: () => true }))],
    [
      "below express.json() that keeps rawBody",
      (app) =>
        app.use(
          framework.json({
            verify: (request: IncomingMessage & { rawBody?: unknown }, _response, bytes) => {
              request.rawBody = bytes;
            },
          }),
        ),
    ],
    [
      "below middleware that pauses the request",
      (app) =>
        app.use((request, _response, next) => {
          request.pause();
          setTimeout(next, 10);
        }),
    ],
    [
      "below middleware that takes its time",
      (app) => app.use((_request, _response, next) => void setTimeout(next, 10)),
    ],
    [
      "below a platform that keeps rawBody as text",
      (app) =>
        app.use((request: IncomingMessage & { rawBody?: unknown }, _response, next) => {
          let read = "";
          request.setEncoding("utf8").on("data", (part) => {
            read += part;
          });
          request.on("end", () => {
            request.rawBody = read;
            next();
          });
        }),
    ],
  ];

  it.each(exact)("gets the exact bytes %s", async (_name, prepare) => {
    const seen: Outcome[] = [];
    const app = framework();
    prepare(app);
    app.post("/hook", toExpressHandler(makeReceiver(seen)));
    app.use(framework.json());
    const { status } = await post(await startApp(app), json, text);
    expect([status, seen[0]?.kind]).toEqual([200, "handled"]);
  });

  const gone: readonly (readonly [string, (app: App) => void])[] = [
    ["express.json()", (app) => app.use(framework.json())],
    [
      "express.json() and express.raw()",
      (app) => app.use(framework.json(), framework.raw({ type: () => true })),
    ],
    [
      "middleware that read the stream",
      (app) =>
        app.use((request: IncomingMessage, _response, next) => {
          request.on("data", () => undefined).on("end", next);
        }),
    ],
    [
      "middleware that is still reading the stream",
      (app) =>
        app.use((request: IncomingMessage, _response, next) => {
          request.once("data", () => next());
        }),
    ],
    [
      "middleware that asks for text instead of bytes",
      (app) =>
        app.use((request: IncomingMessage, _response, next) => {
          request.setEncoding("utf8");
          next();
        }),
    ],
    [
      "middleware that left an empty rawBody",
      (app) =>
        app.use((request: IncomingMessage & { rawBody?: unknown }, _response, next) => {
          request.rawBody = Buffer.alloc(0);
          next();
        }),
    ],
    [
      "middleware that put an object there",
      (app) =>
        app.use((request: IncomingMessage & { body?: unknown }, _response, next) => {
          request.body = { type: "created" };
          next();
        }),
    ],
    [
      "middleware that put an array there",
      (app) =>
        app.use((request: IncomingMessage & { body?: unknown }, _response, next) => {
          request.body = [];
          next();
        }),
    ],
  ];

  it.each(gone)(
    "says that the body is gone below %s, and never checks an empty one",
    async (_name, prepare) => {
      const seen: Outcome[] = [];
      const app = framework();
      prepare(app);
      app.post("/hook", toExpressHandler(makeReceiver(seen)));
      const { status } = await post(await startApp(app), json, text);
      expect(status).toBe(500);
      expect(seen).toMatchObject([{ error: { code: "body_already_parsed" } }]);
      expect((seen[0] as { error: Error }).error.message).toContain(
        "above app.use(express.json())",
      );
    },
  );

  it("does not take a chunked body that a parser has read for an empty one", async () => {
    const seen: Outcome[] = [];
    const app = framework();
    app.use(framework.json());
    app.post("/hook", toExpressHandler(makeReceiver(seen)));
    const { status } = await post(await startApp(app), json, text, { chunked: true });
    expect([status, seen[0]]).toMatchObject([500, { error: { code: "body_already_parsed" } }]);
  });

  it("does not take a chunked body that something else has read for an empty one", async () => {
    const seen: Outcome[] = [];
    const app = framework();
    app.use((request: IncomingMessage, _response, next) => {
      request.on("data", () => undefined).on("end", next);
    });
    app.post("/hook", toExpressHandler(makeReceiver(seen)));
    const { status } = await post(await startApp(app), json, text, { chunked: true });
    expect([status, seen[0]]).toMatchObject([500, { error: { code: "body_already_parsed" } }]);
  });

  it("accepts no empty body where nothing was sent, parsers or not", async () => {
    for (const prepare of [
      () => undefined,
      (app: App) => app.use(framework.json()),
      (app: App) => app.use(framework.raw({ type: () => true })),
    ]) {
      const seen: Outcome[] = [];
      const app = framework();
      prepare(app);
      app.post("/hook", toExpressHandler(makeReceiver(seen)));
      const { status } = await post(await startApp(app), json, "");
      expect([status, (seen[0] as { error?: { code: string } }).error?.code]).toEqual([
        401,
        "signature_mismatch",
      ]);
      await running?.close();
      running = undefined;
    }
  });

  it("refuses a compressed body, also where a parser has inflated it", async () => {
    for (const prepare of [
      () => undefined,
      (app: App) => app.use(framework.raw({ type: () => true })),
    ]) {
      const seen: Outcome[] = [];
      const app = framework();
      prepare(app);
      app.post("/hook", toExpressHandler(makeReceiver(seen)));
      const { status } = await post(
        await startApp(app),
        { ...json, "content-encoding": "gzip" },
        gzipSync(text),
      );
      expect([status, seen[0]]).toMatchObject([415, { error: { code: "encoding_unsupported" } }]);
      await running?.close();
      running = undefined;
    }
  });

  it("leaves the bytes to what comes after, and keeps parsers from reading again", async () => {
    const app = framework();
    const bodies: unknown[] = [];
    const handler = toExpressHandler(makeReceiver([]));
    app.use((request, response, next) => {
      response.on("finish", () =>
        framework.json()(request, response, (error?: unknown) =>
          bodies.push(error ?? request.body),
        ),
      );
      next();
    });
    app.post("/hook", handler);
    expect((await post(await startApp(app), json, text)).status).toBe(200);
    await expect.poll(() => bodies).toHaveLength(1);
    expect(Buffer.from(bodies[0] as Uint8Array).toString()).toBe(text);
  });
});

describe("a Node request", () => {
  it("is answered when it is cut off", async () => {
    const seen: Outcome[] = [];
    // Not by its deadline.
    const receiver = makeReceiver(seen, { deadlineMs: 60_000 });
    const url = new URL(await startApp(toExpressHandler(receiver) as App));
    const socket = connect(Number(url.port), url.hostname);
    socket.write("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    await expect
      .poll(() => seen)
      .toMatchObject([{ status: 400, error: { code: "body_unreadable" } }]);
  });

  it("is answered when it never ends", async () => {
    const seen: Outcome[] = [];
    const url = new URL(
      await startApp(toExpressHandler(makeReceiver(seen, { deadlineMs: 50 })) as App),
    );
    const socket = connect(Number(url.port), url.hostname);
    socket.write("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
    const answer = await new Promise<string>((resolve) =>
      socket.once("data", (data) => resolve(String(data))),
    );
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(seen).toMatchObject([{ error: { code: "body_unreadable" } }]);
  });

  it("that is gone before anybody reads it is answered", async () => {
    const seen: Outcome[] = [];
    const handler = toExpressHandler(makeReceiver(seen, { deadlineMs: 60_000 }));
    const url = new URL(
      await startApp(((request: IncomingMessage, response: never) => {
        request.once("close", () => void handler(request, response));
      }) as never),
    );
    const socket = connect(Number(url.port), url.hostname);
    socket.write("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    await expect.poll(() => seen).toMatchObject([{ error: { code: "body_unreadable" } }]);
  });

  it.each(adapters)("with a doubled proof is refused, behind %s", async (name, start) => {
    const seen: Outcome[] = [];
    running = await start(makeReceiver(seen) as never);
    const value = genuine.headers["x-signature"];
    const { status } = await post(running.url, { ...json, "x-signature": [value, value] }, text);
    // The fetch API joins the two before anybody sees them.
    const [expected, code] =
      name === "fetch" ? [401, "signature_malformed"] : [400, "header_duplicated"];
    expect([status, seen[0]]).toMatchObject([expected, { error: { code } }]);
  });

  it("of HTTP/2 that was read before is gone, though nothing announced it", async () => {
    const seen: Outcome[] = [];
    const handler = toExpressHandler(makeReceiver(seen));
    const server = createHttp2Server((request, response) => {
      request
        .on("data", () => undefined)
        .on("end", () => void handler(request as never, response as never));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const status = await new Promise((resolve) => {
        const stream = session.request({ ":method": "POST", ":path": "/hook", ...json });
        stream.on("response", (headers) => resolve(headers[":status"]));
        stream.end(text);
      });
      expect([status, seen[0]]).toMatchObject([500, { error: { code: "body_already_parsed" } }]);
    } finally {
      session.destroy();
      server.close();
    }
  });

  it("with two bearer tokens is refused, though Node itself drops the second", async () => {
    const seen: Outcome[] = [];
    const provider = validas({ bearer: { token: "a-token-of-some-length" } });
    const receiver = createReceiver(provider, {
      onOutcome: (outcome) => seen.push(outcome as Outcome),
    });
    const url = await startApp(toExpressHandler(receiver) as App);
    const authorization = ["Bearer a-token-of-some-length", "Bearer another"];
    const { status } = await post(url, { authorization }, "{}");
    expect([status, seen[0]]).toMatchObject([400, { error: { code: "header_duplicated" } }]);
  });

  it.each(adapters)(
    "of 20 MB is refused without being read whole, behind %s",
    async (_name, start) => {
      const seen: Outcome[] = [];
      running = await start(makeReceiver(seen, { maxBodyBytes: 1000 }) as never);
      const { port } = running;
      const before = process.memoryUsage().rss;
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1");
        socket.write("POST /hook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
        let sent = 0;
        const write = () => {
          while (sent < 320 && !socket.destroyed) {
            sent += 1;
            if (!socket.write(chunk)) return;
          }
        };
        socket.on("drain", write);
        socket.once("data", (data) => {
          resolve(String(data));
          socket.destroy();
        });
        socket.on("error", reject);
        write();
      });
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer.toLowerCase()).toContain("connection: close");
      expect(seen).toMatchObject([
        { error: { code: "body_too_large", details: { maxBodyBytes: 1000 } } },
      ]);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    },
  );
});

it.each([undefined, null, {}, specProvider()])(
  "no adapter is made of what is no receiver: %o",
  async (odd) => {
    expect(await codeOf(() => toExpressHandler(odd as never))).toBe("option_invalid");
    expect(await codeOf(() => toFetchHandler(odd as never))).toBe("option_invalid");
    expect(await codeOf(() => toFastifyPlugin(odd as never, { path: "/hook" }))).toBe(
      "option_invalid",
    );
  },
);

describe("a stream", () => {
  const response = { headersSent: false, writeHead: () => ({ end: () => undefined }) };
  const streamed = (options: object) =>
    Object.assign(new Readable({ read: () => undefined, ...options }), {
      method: "POST",
      headers: { "content-length": "10" },
    });
  const receive = (request: Readable, seen: Outcome[], extra: object = {}) =>
    toExpressHandler(makeReceiver(seen, { deadlineMs: 60_000, ...extra }))(
      request as never,
      response as never,
    );
  const begun = () => new Promise((resolve) => setImmediate(resolve));

  it.each([
    ["closes without an error", {}, undefined],
    ["fails without closing", { emitClose: false }, new Error("reset")],
  ])("that %s before its end is unreadable", async (_name, options, error) => {
    const seen: Outcome[] = [];
    const request = streamed(options);
    const answered = receive(request, seen);
    await begun();
    request.destroy(error);
    await answered;
    expect(seen).toMatchObject([{ error: { code: "body_unreadable" } }]);
  });

  it("that is too long is let be: nobody listens, it stands still, and its later errors end no process", async () => {
    const seen: Outcome[] = [];
    const request = streamed({});
    const names = ["data", "end", "close", "error"];
    const before = names.map((name) => request.listenerCount(name));
    const answered = receive(request, seen, { maxBodyBytes: 10 });
    await begun();
    request.push("eleven long");
    await answered;
    expect(seen).toMatchObject([{ error: { code: "body_too_large" } }]);
    expect(request.isPaused()).toBe(true);
    const one = names.map((name) => (name === "error" ? 1 : 0));
    expect(names.map((name, at) => request.listenerCount(name) - (before[at] ?? 0))).toEqual(one);
    expect(() => request.emit("error", new Error("late"))).not.toThrow();
  });

  it.each([undefined, null, {}])("is read where a parser left %o for its body", async (left) => {
    const seen: Outcome[] = [];
    const request = Object.assign(streamed({}), { body: left });
    const answered = receive(request, seen);
    await begun();
    request.push("{}");
    request.push(null);
    await answered;
    expect(seen).toMatchObject([{ error: { code: "signature_missing" } }]);
  });

  it("that nothing announced may be empty", async () => {
    for (const headers of [{}, { "content-length": "0" }]) {
      const seen: Outcome[] = [];
      await receive(Object.assign(streamed({}), { headers, body: "", httpVersionMajor: 1 }), seen);
      expect(seen).toMatchObject([{ error: { code: "signature_missing" } }]);
    }
  });

  it("that something has paused is woken", async () => {
    const seen: Outcome[] = [];
    const request = streamed({});
    request.pause();
    const answered = receive(request, seen);
    await begun();
    request.push("{}");
    request.push(null);
    await answered;
    expect(seen).toMatchObject([{ error: { code: "signature_missing" } }]);
  });
});

describe("the Express handler", () => {
  const request = () =>
    Object.assign(Object.create(null), { method: "POST", headers: {} }) as IncomingMessage;

  it("hands what it cannot answer to next, and otherwise drops the connection", async () => {
    const handler = toExpressHandler(makeReceiver([]));
    const response = {
      headersSent: false,
      writeHead: () => {
        throw new Error("broken");
      },
      destroyed: false,
      destroy() {
        this.destroyed = true;
      },
    };
    const errors: unknown[] = [];
    await handler(request(), response as never, (error) => errors.push(error));
    expect(errors).toEqual([new Error("broken")]);
    await handler(request(), response as never);
    expect(response.destroyed).toBe(true);
  });

  it("does not answer a second time", async () => {
    const seen: Outcome[] = [];
    const app = express();
    app.post("/hook", (_request, response, next) => {
      response.status(202).end();
      next();
    });
    app.post("/hook", toExpressHandler(makeReceiver(seen)));
    expect((await post(await startApp(app), json, text)).status).toBe(202);
    await expect.poll(() => seen).toHaveLength(1);
  });

  it("takes a request that a platform has put together, without raw headers", async () => {
    const seen: Outcome[] = [];
    const made = Object.assign(new IncomingMessage(new Socket()), {
      method: "POST",
      headers: json,
    });
    made.push(text);
    made.push(null);
    const response = { headersSent: false, writeHead: () => ({ end: () => undefined }) };
    await toExpressHandler(makeReceiver(seen))(made, response as never);
    expect(seen).toMatchObject([{ kind: "handled" }]);
  });

  it("does not take an empty body for what a platform has parsed without a length", async () => {
    const seen: Outcome[] = [];
    const made = Object.assign(new IncomingMessage(new Socket()), {
      method: "POST",
      headers: genuine.headers,
      body: event,
      _body: true,
    });
    const response = { headersSent: false, writeHead: () => ({ end: () => undefined }) };
    await toExpressHandler(makeReceiver(seen))(made, response as never);
    expect(seen).toMatchObject([{ error: { code: "body_already_parsed" } }]);
  });

  it("answers nothing, and calls nobody, where something else has answered", async () => {
    const calls: unknown[] = [];
    const response = { headersSent: true, writeHead: (...head: unknown[]) => calls.push(head) };
    const seen: Outcome[] = [];
    await toExpressHandler(makeReceiver(seen))(request(), response as never, (error) =>
      calls.push(error),
    );
    expect(seen).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  it("takes a request without a method for no POST", async () => {
    const seen: Outcome[] = [];
    const written: unknown[] = [];
    const response = {
      headersSent: false,
      writeHead: (...head: unknown[]) => {
        written.push(head);
        return { end: () => undefined };
      },
    };
    await toExpressHandler(makeReceiver(seen))(
      { headers: {} } as IncomingMessage,
      response as never,
    );
    expect(written).toMatchObject([[405, { allow: "POST" }]]);
  });
});

describe("Fastify 5", () => {
  async function startFastify(
    prepare: (app: FastifyInstance) => unknown,
    seen: Outcome[],
    prefix?: string,
  ) {
    const app = fastify();
    app.post("/json", async ({ body }) => ({ got: body }));
    await prepare(app);
    const plugin = toFastifyPlugin(makeReceiver(seen), { path: "/hook" });
    await app.register(plugin, prefix === undefined ? {} : { prefix });
    await app.ready();
    running = await listening(app.server as Server);
    return running.url;
  }

  it.each([
    ["as it is", () => undefined],
    [
      "beside a parser of the application's own",
      (app: FastifyInstance) =>
        app.addContentTypeParser("*", { parseAs: "string" }, (_request, _body, done) =>
          done(null, "own"),
        ),
    ],
    [
      "below a hook that takes its time",
      (app: FastifyInstance) =>
        app.addHook("onRequest", (_request, _reply, done) => void setTimeout(done, 10)),
    ],
    [
      "beside a GET route at the same path",
      (app: FastifyInstance) => app.get("/hook", async () => "mine"),
    ],
  ])("gets the exact bytes %s", async (_name, prepare) => {
    const seen: Outcome[] = [];
    const url = await startFastify(prepare, seen);
    expect((await post(url, json, text)).status).toBe(200);
    expect(seen).toMatchObject([{ kind: "handled" }]);
  });

  it("leaves all other routes their parsers", async () => {
    const url = await startFastify(() => undefined, []);
    const answer = await post(
      url.replace("/hook", "/json"),
      { "content-type": "application/json" },
      '{"a":1}',
    );
    expect(JSON.parse(answer.body)).toEqual({ got: { a: 1 } });
    const refused = await post(
      url.replace("/hook", "/json"),
      { "content-type": "application/json" },
      "{",
    );
    expect(refused.status).toBe(400);
  });

  it.each([
    ["on its own", () => undefined],
    [
      "beside a GET route of the whole path",
      (app: FastifyInstance) => app.get("/webhooks/hook", async () => "mine"),
    ],
    [
      "beside a GET route of the path without it",
      (app: FastifyInstance) => app.get("/hook", async () => "mine"),
    ],
  ])("takes its prefix, %s", async (_name, prepare) => {
    const seen: Outcome[] = [];
    const url = await startFastify(prepare, seen, "/webhooks");
    expect((await post(url.replace("/hook", "/webhooks/hook"), json, text)).status).toBe(200);
    expect(seen).toMatchObject([{ kind: "handled" }]);
  });

  it("says at start that its path is taken", async () => {
    const app = fastify();
    app.post("/hook", async () => "mine");
    await expect(async () => {
      await app.register(toFastifyPlugin(makeReceiver([]), { path: "/hook" }));
      await app.ready();
    }).rejects.toMatchObject({ code: "FST_ERR_DUPLICATED_ROUTE" });
    await app.close();
  });

  it("says that the body is gone where a hook has read it", async () => {
    const seen: Outcome[] = [];
    const url = await startFastify(
      (app) =>
        app.addHook(
          "onRequest",
          ({ raw }, _reply, done) => void raw.on("data", () => undefined).on("end", () => done()),
        ),
      seen,
    );
    expect((await post(url, json, text)).status).toBe(500);
    expect(seen).toMatchObject([{ error: { code: "body_already_parsed" } }]);
  });

  it("takes an injected request", async () => {
    const seen: Outcome[] = [];
    const app = fastify();
    await app.register(toFastifyPlugin(makeReceiver(seen), { path: "/hook" }));
    const response = await app.inject({
      method: "POST",
      url: "/hook",
      headers: json,
      payload: text,
    });
    expect([response.statusCode, response.body]).toEqual([200, ""]);
    await app.close();
  });

  it.each([undefined, {}, { path: "hook" }, { path: 5 }, { path: "/hook", prefix: "/a" }])(
    "refuses the options %o",
    async (options) => {
      expect(await codeOf(() => toFastifyPlugin(makeReceiver([]), options as never))).toBe(
        "option_invalid",
      );
    },
  );
});

describe("fetch", () => {
  const url = "https://example.test/hook";
  const request = (body: BodyInit | null = text, init: object = {}) =>
    new Request(url, { method: "POST", headers: json, body, ...init });
  const stream = (parts: readonly (string | Error)[]) => {
    const left = [...parts];
    return new ReadableStream({
      pull(controller) {
        const part = left.shift();
        if (part === undefined) controller.close();
        else if (part instanceof Error) controller.error(part);
        else controller.enqueue(Buffer.from(part));
      },
    });
  };
  const half = { duplex: "half" };

  it.each([
    ["text", () => request()],
    ["bytes", () => request(Buffer.from(text))],
    ["a stream in many parts", () => request(stream([...text]), half)],
    ["a clone", () => request().clone()],
  ])("gets the exact bytes of %s", async (_name, make) => {
    const seen: Outcome[] = [];
    const response = await toFetchHandler(makeReceiver(seen))(make(), "env", {
      waitUntil: () => undefined,
    });
    expect([response.status, await response.text(), seen[0]?.kind]).toEqual([200, "", "handled"]);
  });

  it.each([
    ["has been read as JSON", async (read: Request) => void (await read.json())],
    ["has been read as text", async (read: Request) => void (await read.text())],
    ["is being read", async (read: Request) => void read.body?.getReader()],
  ])("says so when the body %s", async (_name, use) => {
    const seen: Outcome[] = [];
    const used = request();
    await use(used);
    expect((await toFetchHandler(makeReceiver(seen))(used)).status).toBe(500);
    expect(seen).toMatchObject([{ error: { code: "body_already_parsed" } }]);
  });

  it("accepts no delivery without a body", async () => {
    const seen: Outcome[] = [];
    expect((await toFetchHandler(makeReceiver(seen))(request(null))).status).toBe(401);
    expect(seen).toMatchObject([{ error: { code: "signature_mismatch" } }]);
  });

  it("stops reading at the limit, and when the stream breaks", async () => {
    const seen: Outcome[] = [];
    let read = 0;
    let cancelled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        read += 1;
        controller.enqueue(new Uint8Array(1000));
      },
      cancel: () => {
        cancelled += 1;
        return Promise.reject(new Error("cannot"));
      },
    });
    const handler = toFetchHandler(makeReceiver(seen, { maxBodyBytes: 5000 }));
    expect((await handler(request(endless, half))).status).toBe(413);
    expect(read).toBeLessThan(10);
    expect(cancelled).toBe(1);
    expect((await handler(request(stream(["{", new Error("reset")]), half))).status).toBe(400);
    expect(seen).toMatchObject([
      { error: { code: "body_too_large" } },
      { error: { code: "body_unreadable" } },
    ]);
  });

  it("works below Hono, before anything reads the request", async () => {
    const seen: Outcome[] = [];
    const app = new Hono();
    const handler = toFetchHandler(makeReceiver(seen));
    app.post("/hook", (context) => handler(context.req.raw));
    app.post("/parsed", async (context) => {
      await context.req.json();
      return handler(context.req.raw);
    });
    const server = await new Promise<Server>((resolve) => {
      const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () =>
        resolve(started as Server),
      );
    });
    running = await listening(server);
    expect((await post(running.url, json, text)).status).toBe(200);
    expect((await post(running.url.replace("hook", "parsed"), json, text)).status).toBe(500);
    expect(seen).toMatchObject([{ kind: "handled" }, { error: { code: "body_already_parsed" } }]);
  });
});
