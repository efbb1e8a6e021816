import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { toExpressHandler } from "../../src/adapters/express.js";
import { toFetchHandler } from "../../src/adapters/fetch.js";
import type { Outcome } from "../../src/outcome.js";
import { createReceiver } from "../../src/receiver.js";
import { adapters, listening, type RunningServer } from "../helpers/servers.js";
import { specDelivery, specProvider } from "../helpers/spec-provider.js";

const maxBodyBytes = 300_000;

/** A delivery whose body has that many bytes, none like its neighbours. */
function deliveryOf(bytes: number) {
  const [start, end] = ['{"type":"created","id":"1","name":"', '"}'];
  let name = "";
  for (let index = 0; name.length < bytes; index += 1) name += `${index.toString(36)}-`;
  return specDelivery(start + name.slice(0, bytes - start.length - end.length) + end);
}

interface Seen {
  readonly outcomes: Outcome[];
  readonly bodies: Uint8Array[];
}

function makeReceiver(extra: object = {}) {
  const seen: Seen = { outcomes: [], bodies: [] };
  const receiver = createReceiver(specProvider(), {
    on: { created: (_event, message) => void seen.bodies.push(message.delivery.body) },
    onOutcome: (outcome) => seen.outcomes.push(outcome as Outcome),
    store: false,
    maxBodyBytes,
    deadlineMs: 10_000,
    ...extra,
  });
  return { receiver, seen };
}

let running: RunningServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const headText = (headers: Readonly<Record<string, string>>): string =>
  `POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

/** Writes these parts, each in a packet of its own, and resolves to the answer's status. */
function write(port: number, parts: readonly (string | Uint8Array)[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("data", (data) => resolve(Number(String(data).slice(9, 12))));
    socket.once("error", reject);
    const next = (index: number): void => {
      const part = parts[index];
      if (part !== undefined) socket.write(part, () => setImmediate(next, index + 1));
    };
    next(0);
  });
}

const inParts = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_none, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
const asChunk = (part: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);

describe.each(adapters)("a body behind %s", (_name, start) => {
  it.each([
    ["whole", 100, 100],
    ["whole, of a packet", 5000, 5000],
    ["in bytes", 100, 1],
    ["in halves", 70_000, 35_000],
    ["in small parts", 20_000, 300],
    ["in large parts", 299_999, 60_000],
    ["of the limit", maxBodyBytes, 50_000],
  ])("arrives byte for byte, %s, announced or not", async (_how, bytes, size) => {
    const { receiver, seen } = makeReceiver();
    running = await start(receiver as never);
    const { headers, body } = deliveryOf(bytes);
    const exact = Buffer.from(body as string);
    expect(exact.length).toBe(bytes);
    const parts = inParts(exact, size);
    const announced = headText({ ...headers, "content-length": String(bytes) });
    const chunked = headText({ ...headers, "transfer-encoding": "chunked" });
    expect(await write(running.port, [announced, ...parts])).toBe(200);
    expect(await write(running.port, [chunked, ...parts.map(asChunk), "0\r\n\r\n"])).toBe(200);
    expect(seen.bodies).toHaveLength(2);
    for (const received of seen.bodies) {
      expect(Buffer.compare(received, exact)).toBe(0);
      // In memory of its own: whatever else the server reads and writes, it stays as it was when it was verified.
      expect(received.buffer.byteLength).toBe(bytes);
    }
  });

  it("is refused with a byte too many, announced or not", async () => {
    const { receiver, seen } = makeReceiver();
    running = await start(receiver as never);
    const { headers, body } = deliveryOf(maxBodyBytes + 1);
    const parts = inParts(Buffer.from(body as string), 60_000);
    const announced = headText({ ...headers, "content-length": String(maxBodyBytes + 1) });
    const chunked = headText({ ...headers, "transfer-encoding": "chunked" });
    expect(await write(running.port, [announced, ...parts])).toBe(413);
    expect(await write(running.port, [chunked, ...parts.map(asChunk), "0\r\n\r\n"])).toBe(413);
    expect(seen.bodies).toEqual([]);
  });
});

describe("a body over HTTP/2", () => {
  it.each([60, 120, 5000, 200_000])(
    "of %d bytes lies in memory of its own, though streams share what they are read into",
    async (bytes) => {
      const { receiver, seen } = makeReceiver();
      const handler = toExpressHandler(receiver);
      const server = createHttp2Server((request, response) => {
        void handler(request as never, response as never);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      try {
        const deliveries = [0, 1, 2].map((more) => deliveryOf(bytes + more));
        const statuses = await Promise.all(
          deliveries.map(
            ({ headers, body }) =>
              new Promise((resolve, reject) => {
                const stream = session.request({
                  ":method": "POST",
                  ":path": "/hook",
                  ...(headers as Record<string, string>),
                });
                stream.on("response", (answer) => resolve(answer[":status"])).on("error", reject);
                stream.end(body as string);
              }),
          ),
        );
        expect(statuses).toEqual([200, 200, 200]);
        const sorted = [...seen.bodies].sort((a, b) => a.length - b.length);
        expect(sorted.map((body) => Buffer.from(body).toString())).toEqual(
          deliveries.map(({ body }) => body),
        );
        for (const body of seen.bodies) expect(body.buffer.byteLength).toBe(body.length);
      } finally {
        session.destroy();
        server.close();
      }
    },
  );
});

/** A request that some code has made, whose headers may say anything. */
function requestOf(
  source: UnderlyingDefaultSource,
  headers: Readonly<Record<string, string>>,
): Request {
  const body = new ReadableStream(source, { highWaterMark: 0 });
  const init = { method: "POST", headers, body, duplex: "half" };
  return new Request("http://localhost/hook", init as RequestInit);
}

describe("a Request", () => {
  const delivery = deliveryOf(3000);
  const exact = Buffer.from(delivery.body as string);
  const signed = delivery.headers as Record<string, string>;

  it.each([
    ["exactly", { "content-length": "3000" }],
    ["too little", { "content-length": "10" }],
    ["too much", { "content-length": "200000" }],
    ["nothing", {}],
    ["no number", { "content-length": "3000 bytes" }],
    ["less than nothing", { "content-length": "-1" }],
    ["what the framing overrules", { "content-length": "10", "transfer-encoding": "chunked" }],
  ])("that announces %s is read as it comes", async (_what, announced) => {
    for (const size of [1, 700, 1500, 3000]) {
      const { receiver, seen } = makeReceiver();
      const parts = inParts(exact, size);
      const source = {
        pull: (controller: ReadableStreamDefaultController) => {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(new Uint8Array(part));
        },
      };
      const request = requestOf(source, { ...signed, ...(announced as Record<string, string>) });
      expect((await toFetchHandler(receiver)(request)).status).toBe(200);
      expect(seen.bodies.map((body) => Buffer.compare(body, exact))).toEqual([0]);
    }
  });

  it("does not change once it is verified, whatever its writer does with the memory", async () => {
    const { receiver, seen } = makeReceiver();
    const memory = new Uint8Array(exact);
    const source = {
      pull: (controller: ReadableStreamDefaultController) => {
        controller.enqueue(memory);
        controller.close();
      },
    };
    const request = requestOf(source, { ...signed, "content-length": "3000" });
    expect((await toFetchHandler(receiver)(request)).status).toBe(200);
    memory.fill(0x20);
    expect(seen.bodies.map((body) => Buffer.compare(body, exact))).toEqual([0]);
  });

  it.each([["text"], [{}], [new Uint16Array(4)], [null]])(
    "that streams %o instead of bytes cannot be read",
    async (chunk) => {
      const { receiver, seen } = makeReceiver();
      let cancelled = false;
      const source = {
        pull: (controller: ReadableStreamDefaultController) => controller.enqueue(chunk),
        cancel: () => {
          cancelled = true;
        },
      };
      const response = await toFetchHandler(receiver)(requestOf(source, signed));
      expect([response.status, seen.outcomes]).toMatchObject([
        400,
        [{ error: { code: "body_unreadable" } }],
      ]);
      expect(cancelled).toBe(true);
    },
  );

  it("beyond the limit is not read on, whatever was announced", async () => {
    for (const announced of ["10", "x", String(maxBodyBytes)]) {
      const { receiver, seen } = makeReceiver();
      let pulled = 0;
      const source = {
        pull: (controller: ReadableStreamDefaultController) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(100_000));
        },
      };
      const request = requestOf(source, { ...signed, "content-length": announced });
      expect((await toFetchHandler(receiver)(request)).status).toBe(413);
      expect(seen.outcomes).toMatchObject([{ error: { code: "body_too_large" } }]);
      expect(pulled).toBe(4);
    }
  });
});

it("is what Node read, where it came in one packet", async () => {
  const { receiver, seen } = makeReceiver();
  const handler = toExpressHandler(receiver);
  const chunks: unknown[] = [];
  running = await listening(
    createServer((request, response) => {
      const { emit } = request;
      request.emit = (name: string, ...given: unknown[]) => {
        if (name === "data") chunks.push(...given);
        return emit.call(request, name, ...given);
      };
      void handler(request, response);
    }),
  );
  const { headers, body } = deliveryOf(2000);
  const head = headText({ ...(headers as Record<string, string>), "content-length": "2000" });
  expect(await write(running.port, [`${head}${body}`])).toBe(200);
  expect(chunks).toHaveLength(1);
  expect(seen.bodies[0]).toBe(chunks[0]);
});

it("stays as it was verified, whatever another listener does with the packet", async () => {
  const { receiver, seen } = makeReceiver();
  const handler = toExpressHandler(receiver);
  const chunks: Uint8Array[] = [];
  running = await listening(
    createServer((request, response) => {
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      void handler(request, response);
    }),
  );
  const { headers, body } = deliveryOf(2000);
  const head = headText({ ...(headers as Record<string, string>), "content-length": "2000" });
  expect(await write(running.port, [`${head}${body}`])).toBe(200);
  for (const chunk of chunks) chunk.fill(0);
  expect(Buffer.from(seen.bodies[0] ?? []).toString()).toBe(body);
});
