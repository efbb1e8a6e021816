import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { isClientError } from "../../src/client/client-error.js";
import { type ClientOptions, dataspikeClient } from "../../src/clients/dataspike.js";
import { screverClient } from "../../src/clients/screver.js";
import { validasClient } from "../../src/clients/validas.js";
import { collect } from "./helpers/clients.js";
import { scripted } from "./helpers/scripted.js";

let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
const server = await scripted((request, response) => answer(request, response));
let raw = Buffer.alloc(0);
const wire = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () => socket.end(raw));
}).listen(0, "127.0.0.1");
await once(wire, "listening");
const { port } = wire.address() as AddressInfo;
afterAll(async () => {
  await server.close();
  wire.close();
});

/** Every call of every client. */
function callsOf(baseUrl: string): readonly (() => Promise<unknown>)[] {
  const shared: ClientOptions & { baseUrl: string } = {
    ...{ baseUrl, retries: 1, retryDelayMs: 0, maxRetryAfterMs: 0, timeoutMs: 5000 },
  };
  const dataspike = dataspikeClient({ apiKey: "k", ...shared });
  const { webhooks } = screverClient({ token: "t", ...shared });
  const validas = validasClient({ apiKey: "k", ...shared });
  const hook = { webhook_url: "https://a.test", event_types: ["DOCVER"] };
  return [
    () => collect(dataspike.history.events()),
    () => dataspike.webhooks.list(),
    () => dataspike.webhooks.create(hook),
    () => dataspike.webhooks.delete("1"),
    () => dataspike.webhooks.rotateSecret("1"),
    () => webhooks.get("1"),
    () => webhooks.update("1", {}),
    () => collect(webhooks.all()),
    () => webhooks.ensure({ type: "*", url: "https://a.test" }),
    () => validas.settings.get(),
    () => validas.test(),
  ];
}

/** Whether a call comes to an end of one of the two kinds that there are. */
async function endsWell(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    return isClientError(error) && error.cause === undefined && error.code !== "aborted";
  }
}

const indexes = fc.nat(callsOf(server.url).length - 1);
const id = fc.oneof(fc.string(), fc.constant("1"), fc.jsonValue());
const almost = fc.oneof(
  fc.record({ data: fc.array(fc.record({ id })), has_next: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({ resources: fc.array(fc.record({ _id: id, secret: id })), total: fc.double() }),
  fc.record({ webhooks: fc.array(fc.record({ webhook_id: id })), id, hmac_signing_secret: id }),
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  almost.map((value) => Buffer.from(JSON.stringify(value))),
);
const headers = fc.record(
  {
    "retry-after": fc.oneof(fc.stringMatching(/^[!-~]{0,12}$/), fc.nat().map(String)),
    "content-type": fc.stringMatching(/^[!-~]{1,12}$/),
    "content-encoding": fc.constantFrom("gzip", "br", "deflate", "odd"),
    location: fc.stringMatching(/^[!-~]{1,12}$/),
    date: fc.stringMatching(/^[!-~]{1,12}$/),
  },
  { requiredKeys: [] },
);
const status = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(200, 201, 204) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
);

it("any answer gives what is documented, or one kind of error", { timeout: 60_000 }, async () => {
  const calls = callsOf(server.url);
  await fc.assert(
    fc.asyncProperty(indexes, status, headers, body, async (index, status, headers, body) => {
      answer = (_request, response) => response.writeHead(status, headers).end(body);
      return endsWell(calls[index] as () => Promise<unknown>);
    }),
    { numRuns: 300 },
  );
});

it("any bytes instead of an answer give one kind of error", { timeout: 60_000 }, async () => {
  const calls = callsOf(`http://127.0.0.1:${port}`);
  const start = fc.constantFrom(
    "",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
  );
  const length = fc.constantFrom("", "\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5\r\n");
  await fc.assert(
    fc.asyncProperty(indexes, start, length, body, async (index, start, length, body) => {
      raw = Buffer.concat([Buffer.from(start + length), body]);
      return endsWell(calls[index] as () => Promise<unknown>);
    }),
    { numRuns: 150 },
  );
});

it("anything that a fetch of the user's own gives or throws ends in one kind of error", async () => {
  const odd = fc.oneof(
    fc.anything(),
    fc.record({ status: fc.anything(), body: fc.anything(), headers: fc.anything() }),
  );
  const call = async (fetch: () => Promise<never>) => {
    const { webhooks } = screverClient({ token: "t", fetch, retries: 1, retryDelayMs: 0 });
    return (await endsWell(() => webhooks.get("1"))) && endsWell(() => webhooks.delete("1"));
  };
  await fc.assert(
    fc.asyncProperty(odd, async (value) => {
      const given = await call(async () => value as never);
      return given && call(() => Promise.reject(value));
    }),
  );
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );
  expect(await call(() => Promise.reject(hostile))).toBe(true);
});
